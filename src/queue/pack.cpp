// Writing and reading packs of row changes (pack.hpp).
//
// Of each change: a variable-length number with the distance to the id before it and two flags, the key with its zero
// byte, the hashes if any is not 0, the payload if there is one. Numbers have seven bits a byte, the lowest first.
#include "pg/postgres.hpp"

#include "queue/pack.hpp"

namespace bpt::queue {

namespace {

constexpr uint64 kHasHashes = 1;
constexpr uint64 kHasPayload = 2;
constexpr int kFlagBits = 2;

void put_number(StringInfo body, uint64 number)
{
	for (; number >= 0x80; number >>= 7)
		appendStringInfoCharMacro(body, static_cast<char>(number | 0x80));
	appendStringInfoCharMacro(body, static_cast<char>(number));
}

[[noreturn]] void broken()
{
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("bpt: an event is broken")));
}

uint64 take_number(Unpacking *from)
{
	uint64 number = 0;
	for (int shift = 0; shift < 64; shift += 7)
	{
		if (from->at == from->end)
			broken();
		const auto byte = static_cast<unsigned char>(*from->at++);
		number |= static_cast<uint64>(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0)
			return number;
	}
	broken();
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

void pack_change(StringInfo body, int64 after, const Event &event)
{
	uint64 flags = event.payload == nullptr ? 0 : kHasPayload;
	for (int i = 0; i < event.count; i++)
		if (event.hashes[i] != 0)
			flags |= kHasHashes;
	put_number(body, (static_cast<uint64>(event.id - after) << kFlagBits) | flags);
	appendBinaryStringInfo(body, event.key, static_cast<int>(strlen(event.key)) + 1);
	if ((flags & kHasHashes) != 0)
		appendBinaryStringInfo(body, reinterpret_cast<const char *>(event.hashes),
							   event.count * static_cast<int>(sizeof(int32)));
	if (event.payload != nullptr)
	{
		put_number(body, VARSIZE(event.payload));
		appendBinaryStringInfo(body, reinterpret_cast<const char *>(event.payload),
							   static_cast<int>(VARSIZE(event.payload)));
	}
}

Unpacking unpack(const bytea *body, int64 pack_id)
{
	const char *const begin = VARDATA_ANY(body);
	return {begin, begin + VARSIZE_ANY_EXHDR(body), pack_id};
}

bool next_change(Unpacking *from, Event *event)
{
	if (from->at == from->end)
		return false;
	const uint64 head = take_number(from);
	from->id += static_cast<int64>(head >> kFlagBits);
	event->id = from->id;
	event->key = from->at;
	const void *const zero = memchr(from->at, '\0', static_cast<Size>(from->end - from->at));
	if (zero == nullptr)
		broken();
	from->at = static_cast<const char *>(zero) + 1;
	const Size hashes = static_cast<Size>(event->count) * sizeof(int32);
	event->hashes = static_cast<int32 *>(palloc0(Max(hashes, sizeof(int32))));
	if ((head & kHasHashes) != 0)
		memcpy(event->hashes, take_bytes(from, hashes), hashes);
	event->payload = nullptr;
	if ((head & kHasPayload) != 0)
	{
		// Copied: it must be aligned to be read.
		const Size size = take_number(from);
		event->payload = static_cast<Jsonb *>(palloc(size));
		memcpy(event->payload, take_bytes(from, size), size);
	}
	return true;
}

} // namespace bpt::queue
