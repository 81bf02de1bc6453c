// Forgetting what was loaded of a version whose publish is rolled back (publish_abort.hpp).
//
// The notes live in the top transaction's memory; the callbacks allocate nothing and look nothing up.
#include "engine/publish_abort.hpp"

#include "expr/definition.hpp"

namespace bpt::engine {

namespace {

struct Note
{
	int64 process_def_id;
	SubTransactionId subtransaction;
	Note *next;
};

Note *notes = nullptr;
bool is_registered = false;

void at_end(XactEvent event, void *)
{
	if (event == XACT_EVENT_ABORT)
		for (const Note *note = notes; note != nullptr; note = note->next)
			expr::forget(note->process_def_id);
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE)
		notes = nullptr;
}

void at_subtransaction_end(SubXactEvent event, SubTransactionId own, SubTransactionId parent, void *)
{
	if (event != SUBXACT_EVENT_ABORT_SUB && event != SUBXACT_EVENT_COMMIT_SUB)
		return;
	for (Note **link = &notes; *link != nullptr;)
	{
		Note *const note = *link;
		if (note->subtransaction == own && event == SUBXACT_EVENT_ABORT_SUB)
		{
			expr::forget(note->process_def_id);
			*link = note->next;
			continue;
		}
		if (note->subtransaction == own)
			note->subtransaction = parent;
		link = &note->next;
	}
}

} // namespace

void note_published(int64 process_def_id)
{
	if (!is_registered)
	{
		RegisterXactCallback(at_end, nullptr);
		RegisterSubXactCallback(at_subtransaction_end, nullptr);
		is_registered = true;
	}
	Note *const note = static_cast<Note *>(MemoryContextAlloc(TopTransactionContext, sizeof(Note)));
	*note = {process_def_id, GetCurrentSubTransactionId(), notes};
	notes = note;
}

} // namespace bpt::engine
