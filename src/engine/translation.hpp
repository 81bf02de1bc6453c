// Translations: texts of a process in other languages, and which of them a session sees (bpt.locale).
//
// Always holds: stored locales are in their one spelling. A translation of one process into one locale is replaced as a
// whole. Locks: the process's name.
#pragma once
#include "engine/candidate.hpp"

namespace bpt::engine {

/// Adds the name locks of the processes that translations may be of.
void add_names_of_translations(Checked &checked, core::Vec<uint32> &names);
/// Finds the process of a translation, and everything that is wrong with it.
void check_translation(Checked &checked, TranslationCandidate &translation);
/// Writes a checked translation. True if it is new or changed.
bool store_translation(const TranslationCandidate &translation);
/// Drops a translation of a process. For its owner and administrators.
void drop_translation(const char *process, const char *locale);

/// The text that the session's language has for a property of a process (activity 0) or an activity; null: none, and
/// where `original` is given, none for a text that reads so. `locale`: set to the language it is in.
char *translated(int64 process_def_id, int64 activity_def_id, const char *property, const char *original,
				 const char **locale);

} // namespace bpt::engine
