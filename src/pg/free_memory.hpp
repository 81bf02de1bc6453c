// When memory that this process has freed goes back to the system.
//
// PostgreSQL frees whole blocks. glibc gives some of that back at once, which costs a process that works through one batch
// after the other a tenth of its time for page faults, and keeps the rest for ever: everything below the last block that is
// in use. A worker keeps it while it works, and gives back all of it when it rests. Where the library of C has no such calls
// nothing happens.
#pragma once
#include "pg/postgres.hpp"

#if defined(__GLIBC__)
extern "C" {
#include <malloc.h>
}
#endif

namespace bpt::pg {

/// Has freed memory kept, up to a bound, for the rest of the process.
inline void keep_free_memory()
{
#if defined(__GLIBC__)
	constexpr int most = 16 * 1024 * 1024;
	(void)mallopt(M_TRIM_THRESHOLD, most);
	(void)mallopt(M_MMAP_THRESHOLD, most);
#endif
}

/// Gives back what is free: some 100 µs, and page faults as soon as it is needed again.
inline void give_back_free_memory()
{
#if defined(__GLIBC__)
	(void)malloc_trim(0);
#endif
}

} // namespace bpt::pg
