// Giving memory that this process has freed back to the system.
//
// PostgreSQL frees whole blocks, but glibc keeps most of what it gets: everything below the last block that is in use, and
// more of it the larger the blocks were. Costs some 100 µs, and page faults as soon as that memory is needed again: for
// moments at which nothing is to be done. Where the library of C has no such call nothing happens.
#pragma once
#include "pg/postgres.hpp"

#if defined(__GLIBC__)
extern "C" {
#include <malloc.h>
}
#endif

namespace bpt::pg {

inline void give_back_free_memory()
{
#if defined(__GLIBC__)
	(void)malloc_trim(0);
#endif
}

} // namespace bpt::pg
