// Utility statements of publishing (ddl.hpp). Locks: those of the statements.
#include "engine/ddl.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
}

#include "pg/bracket.hpp"
#include "pg/rows.hpp"

namespace bpt::engine {

void run_ddl(const char *sql)
{
	const auto run = [&] {
		const int result = SPI_execute(sql, false, 0);
		if (result < 0)
			elog(ERROR, "bpt: \"%s\" failed: %s", sql, SPI_result_code_string(result));
	};
	pg::with_fixed_path(
		[&] { pg::as_user(pg::extension_owner(), SECURITY_LOCAL_USERID_CHANGE, [&] { pg::with_spi(run); }); });
}

void depend_on_extension(Oid catalog, Oid object)
{
	Oid const extension = get_extension_oid("bpt", false);
	if (list_member_oid(getAutoExtensionsOfObject(catalog, object), extension))
		return;
	ObjectAddress dependent;
	ObjectAddress referenced;
	ObjectAddressSet(dependent, catalog, object);
	ObjectAddressSet(referenced, ExtensionRelationId, extension);
	recordDependencyOn(&dependent, &referenced, DEPENDENCY_AUTO_EXTENSION);
}

} // namespace bpt::engine
