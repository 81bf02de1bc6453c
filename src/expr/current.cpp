// The current work, and how an abort puts it back (current.hpp).
//
// One saved value for each open subtransaction, in a stack that only grows; nothing is looked up or allocated at abort.
#include "pg/postgres.hpp"

#include "expr/current.hpp"

namespace bpt::expr {

constinit Current current = {};

namespace {

struct Saved
{
	SubTransactionId subtransaction;
	Current value;
};
Saved *saved = nullptr;
int count = 0;
int room = 0;

/// Remembers what is current as a subtransaction begins.
void push(SubTransactionId subtransaction)
{
	if (count == room)
	{
		const int more = room == 0 ? 16 : room * 2;
		const Size bytes = sizeof(Saved) * static_cast<Size>(more);
		saved = static_cast<Saved *>(saved == nullptr ? MemoryContextAlloc(TopMemoryContext, bytes)
													  : repalloc(saved, bytes));
		room = more;
	}
	saved[count++] = {subtransaction, current};
}

/// Takes off what was remembered for a subtransaction, putting it back after an abort.
void pop(SubTransactionId subtransaction, bool restore)
{
	while (count > 0 && saved[count - 1].subtransaction >= subtransaction)
	{
		count--;
		if (restore && saved[count].subtransaction == subtransaction)
			current = saved[count].value;
	}
}

extern "C" {

static void on_subtransaction(SubXactEvent event, SubTransactionId own, SubTransactionId, void *)
{
	switch (event)
	{
	case SUBXACT_EVENT_START_SUB:
		push(own);
		break;
	case SUBXACT_EVENT_COMMIT_SUB:
		pop(own, false);
		break;
	case SUBXACT_EVENT_ABORT_SUB:
		pop(own, true);
		break;
	case SUBXACT_EVENT_PRE_COMMIT_SUB:
		break;
	}
}

static void on_transaction(XactEvent event, void *)
{
	switch (event)
	{
	case XACT_EVENT_ABORT:
	case XACT_EVENT_PARALLEL_ABORT:
		current = Current{};
		count = 0;
		break;
	case XACT_EVENT_COMMIT:
	case XACT_EVENT_PARALLEL_COMMIT:
	case XACT_EVENT_PREPARE:
		count = 0;
		break;
	case XACT_EVENT_PRE_COMMIT:
	case XACT_EVENT_PARALLEL_PRE_COMMIT:
	case XACT_EVENT_PRE_PREPARE:
		break;
	}
}

} // extern "C"

} // namespace

void register_current_callbacks()
{
	RegisterSubXactCallback(on_subtransaction, nullptr);
	RegisterXactCallback(on_transaction, nullptr);
}

} // namespace bpt::expr
