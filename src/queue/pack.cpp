// Writing and reading packs of row changes (pack.hpp).
//
// Of each change: the size of the payload as a number, 0 if it has none, the key with its zero byte, the payload (numbers:
// number.hpp). Locks: none.
#include "pg/postgres.hpp"

#include "queue/number.hpp"
#include "queue/pack.hpp"

namespace bpt::queue {

namespace {

void append_number(StringInfo body, uint64 number)
{
	enlargeStringInfo(body, kMostNumber);
	body->len += put_number(body->data + body->len, number);
}

[[noreturn]] void broken()
{
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("the changes of an event are not readable")));
}

uint64 next_number(Unpacking *from)
{
	uint64 number = 0;
	if (!take_number(&from->at, from->end, &number))
		broken();
	return number;
}

const char *take_bytes(Unpacking *from, Size size)
{
	const char *const bytes = from->at;
	if (static_cast<Size>(from->end - bytes) < size)
		broken();
	from->at += size;
	return bytes;
}

} // namespace

void pack_change(StringInfo more, const Event &event)
{
	append_number(more, event.payload == nullptr ? 0 : VARSIZE(event.payload));
	appendBinaryStringInfo(more, event.key, static_cast<int>(strlen(event.key)) + 1);
	if (event.payload != nullptr)
		appendBinaryStringInfo(more, reinterpret_cast<const char *>(event.payload),
							   static_cast<int>(VARSIZE(event.payload)));
}

Unpacking unpack(const bytea *more, int64 event_id)
{
	const char *const begin = VARDATA_ANY(more);
	return {begin, begin + VARSIZE_ANY_EXHDR(more), event_id};
}

Unpacking unpack(const Event &event)
{
	return event.more == nullptr ? Unpacking{} : unpack(event.more, event.id);
}

bool next_change(Unpacking *from, Event *event)
{
	if (from->at == from->end)
		return false;
	const Size size = next_number(from);
	event->id = ++from->id;
	event->key = from->at;
	const void *const zero = memchr(from->at, '\0', static_cast<Size>(from->end - from->at));
	if (zero == nullptr)
		broken();
	from->at = static_cast<const char *>(zero) + 1;
	event->payload = nullptr;
	if (size > 0)
	{
		// Copied: it must be aligned to be read.
		const char *const bytes = take_bytes(from, size);
		event->payload = static_cast<Jsonb *>(palloc(size));
		memcpy(event->payload, bytes, size);
	}
	return true;
}

} // namespace bpt::queue
