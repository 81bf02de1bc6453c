// Columns of type bigint[] without NULLs.
#pragma once
#include "pg/postgres.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/array.h"
}

namespace bpt::pg {

/// The array's items, in the current memory context.
inline int64 *int8_items(Datum array, int *count)
{
	ArrayType *const copy = DatumGetArrayTypePCopy(array);
	*count = ArrayGetNItems(ARR_NDIM(copy), ARR_DIMS(copy));
	return reinterpret_cast<int64 *>(ARR_DATA_PTR(copy));
}

/// An array of these items.
inline Datum int8_array(const int64 *items, int count)
{
	Datum *const elements = static_cast<Datum *>(palloc(sizeof(Datum) * static_cast<Size>(count + 1)));
	for (int i = 0; i < count; i++)
		elements[i] = Int64GetDatum(items[i]);
	return PointerGetDatum(construct_array(elements, count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

} // namespace bpt::pg
