// Testing changed rows and queueing events (capture.hpp).
#include "pg/postgres.hpp"

#include "entity/capture.hpp"
#include "entity/correlation.hpp"
#include "entity/payload.hpp"
#include "pg/bracket.hpp"

extern "C" {
#include "utils/datum.h"
}

namespace bpt::entity {

namespace {

enum class Verdict : std::uint8_t
{
	no,
	yes,
	untested,
};

struct Pair
{
	TupleTableSlot *row;
	TupleTableSlot *old;
};

/// A column of the row at hand, for the expressions of a row condition.
Datum fetch_column(void *context, const expr::Slot &slot, bool *isnull)
{
	const Pair *const pair = static_cast<const Pair *>(context);
	TupleTableSlot *const from = slot.kind == expr::SlotKind::row_new   ? pair->row
								 : slot.kind == expr::SlotKind::row_old ? pair->old
																		: nullptr;
	if (from == nullptr)
		elog(ERROR, "bpt: a row condition reads what is no column of the row");
	return slot_getattr(from, slot.index, isnull);
}

/// Whether one of the columns of UPDATE OF (…) has another value now.
bool has_changed(Plan *plan, const Test &test, const Pair &pair)
{
	for (int i = 0; i < test.column_count; i++)
	{
		Column &column = plan->columns[test.columns[i] - 1];
		bool old_null = false;
		bool new_null = false;
		Datum const before = slot_getattr(pair.old, test.columns[i], &old_null);
		Datum const after = slot_getattr(pair.row, test.columns[i], &new_null);
		if (old_null != new_null)
			return true;
		if (old_null || datum_image_eq(before, after, column.by_value, column.length))
			continue;
		if (!column.has_equal || !DatumGetBool(FunctionCall2Coll(&column.equal, column.collation, before, after)))
			return true;
	}
	return false;
}

/// One statement's rows against one plan.
struct Work
{
	Plan *plan;
	const Batch &batch;
	int tests;
	Test **test;       // those of the operation
	Verdict *verdicts; // by test, then row
	int32 *hashes;     // likewise
	int at_test;       // how far the subtransaction got
	int at_row;

	int cell(int t, int row) const { return t * batch.count + row; }

	/// False if the row is of no concern whatever the condition says: its columns are as they were, or were not there.
	bool concerns(const Test &t, int row) const
	{
		if (!t.only_changed)
			return true;
		return batch.olds[row] != nullptr && has_changed(plan, t, {batch.rows[row], batch.olds[row]});
	}

	/// Tests one row completely. May raise what the condition raises.
	void judge(int t, int row)
	{
		const Test &one = *test[t];
		Pair pair{batch.rows[row], batch.olds[row]};
		if (!concerns(one, row))
			return;
		if (one.plan->row_condition != nullptr && !expr::holds(one.plan->row_condition, {fetch_column, &pair}))
			return;
		if (hash_of_row(one, pair.row, &hashes[cell(t, row)]))
			verdicts[cell(t, row)] = Verdict::yes;
	}

	/// Leaves the test of a row to delivery.
	void leave(int t, int row)
	{
		const Test &one = *test[t];
		if (!concerns(one, row))
			return;
		hashes[cell(t, row)] = kAnyHash;
		if (one.plan != nullptr && one.builtin_hashes && !hash_of_row(one, batch.rows[row], &hashes[cell(t, row)]))
			return;
		verdicts[cell(t, row)] = Verdict::untested;
	}
};

/// True if the test needs neither the owner's rights nor a subtransaction.
bool is_simple(const Test &test)
{
	return test.builtin_hashes && (test.plan->row_condition == nullptr || expr::is_plain(test.plan->row_condition));
}

/// Inside as_owner: keeps what runs from leaving temporary tables and the like in the session of whoever changed the row.
void restrict_session()
{
	Oid user = InvalidOid;
	int security = 0;
	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(user, security | SECURITY_RESTRICTED_OPERATION);
}

/// Tests what may raise, beginning at w.at_test; null when all is done.
ErrorData *judge_in_subtransaction(Work &w, const bool *careful)
{
	return pg::in_subtransaction([&w, careful] {
		XactReadOnly = true;
		for (; w.at_test < w.tests; w.at_test++)
		{
			w.at_row = 0;
			if (careful[w.at_test])
				expr::as_owner(w.test[w.at_test]->definition, [&w] {
					restrict_session();
					for (; w.at_row < w.batch.count; w.at_row++)
						w.judge(w.at_test, w.at_row);
				});
		}
	});
}

/// Fills the verdicts of the whole batch.
void judge_all(Work &w)
{
	bool *const careful = static_cast<bool *>(palloc0(static_cast<Size>(w.tests)));
	bool any_careful = false;
	for (int t = 0; t < w.tests; t++)
	{
		if (w.test[t]->plan == nullptr)
			for (int row = 0; row < w.batch.count; row++)
				w.leave(t, row);
		else if (is_simple(*w.test[t]))
			for (int row = 0; row < w.batch.count; row++)
				w.judge(t, row);
		else
			careful[t] = any_careful = true;
	}
	if (!any_careful)
		return;
	while (w.at_test < w.tests)
	{
		ErrorData *const error = judge_in_subtransaction(w, careful);
		if (error == nullptr)
			break;
		if (fails_statement(error))
			ReThrowError(error);
		FreeErrorData(error);
		for (; w.at_row < w.batch.count; w.at_row++)
			w.leave(w.at_test, w.at_row);
		w.at_test++;
	}
}

/// Queues one row for the clauses that it passed; nothing if there is none.
void queue_row(const Work &w, char operation, int row, Selection *selection, queue::EventWriter **writer,
			   MemoryContext writer_context)
{
	queue::Event event;
	bool launches = true;
	for (int t = 0; t < w.tests; t++)
	{
		const Verdict verdict = w.verdicts[w.cell(t, row)];
		if (verdict == Verdict::no)
			continue;
		if (event.count == 0)
		{
			event.event_defs = static_cast<int64 *>(palloc(sizeof(int64) * static_cast<Size>(w.tests)));
			event.versions = static_cast<int32 *>(palloc(sizeof(int32) * static_cast<Size>(w.tests)));
			event.hashes = static_cast<int32 *>(palloc(sizeof(int32) * static_cast<Size>(w.tests)));
		}
		event.event_defs[event.count] = w.test[t]->event_def_id;
		event.versions[event.count] = w.test[t]->version;
		event.hashes[event.count] = w.hashes[w.cell(t, row)];
		event.count++;
		event.untested = event.untested || verdict == Verdict::untested;
		launches = launches && w.test[t]->launches;
		event.in_order = event.in_order || w.test[t]->in_order;
	}
	if (event.count == 0)
		return;
	event.may_share = launches && !event.in_order && !event.untested;
	// An event is untested as a whole: then delivery tests all its clauses again and needs what they read.
	clear(w.plan, selection);
	for (int t = 0; t < w.tests; t++)
		if (w.verdicts[w.cell(t, row)] != Verdict::no)
			select(w.plan, *w.test[t], !event.untested, selection);
	event.entity_id = w.plan->entity_id;
	event.operation = operation;
	event.key = key_text(w.plan, w.batch.rows[row]);
	event.payload = payload_of(w.plan, *selection, w.batch.rows[row], w.batch.olds[row]);
	if (*writer == nullptr)
		*writer = pg::in_context(writer_context, [] { return queue::open_events(); });
	queue::add_event(*writer, &event);
}

} // namespace

bool fails_statement(const ErrorData *error)
{
	if (error->sqlerrcode == ERRCODE_DATA_CORRUPTED || error->sqlerrcode == ERRCODE_INDEX_CORRUPTED)
		return true;
	return pg::must_reach_caller(error) &&
		   ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_TO_CATEGORY(ERRCODE_INTERNAL_ERROR);
}

bool needs_old(const Plan *plan, char operation)
{
	for (int i = 0; i < plan->test_count; i++)
	{
		const Test &test = plan->tests[i];
		if (test.operation == operation &&
			(test.only_changed || test.plan == nullptr || !test.plan->old_columns.empty()))
			return true;
	}
	return false;
}

void capture(Plan *plan, char operation, const Batch &batch, queue::EventWriter **writer, MemoryContext writer_context)
{
	Work w{plan, batch, 0, nullptr, nullptr, nullptr, 0, 0};
	w.test = static_cast<Test **>(palloc(sizeof(Test *) * static_cast<Size>(Max(plan->test_count, 1))));
	for (int i = 0; i < plan->test_count; i++)
		if (plan->tests[i].operation == operation)
			w.test[w.tests++] = &plan->tests[i];
	if (w.tests == 0 || batch.count == 0)
		return;
	const Size cells = static_cast<Size>(w.tests) * static_cast<Size>(batch.count);
	w.verdicts = static_cast<Verdict *>(palloc0(sizeof(Verdict) * cells));
	w.hashes = static_cast<int32 *>(palloc0(sizeof(int32) * cells));
	judge_all(w);

	Selection selection = new_selection(plan);
	const int level = begin_output();
	for (int row = 0; row < batch.count; row++)
		queue_row(w, operation, row, &selection, writer, writer_context);
	end_output(level);
}

} // namespace bpt::entity
