// Names of languages, as in TRANSLATION and bpt.locale: a language, and perhaps a script, a region or a variant.
#pragma once
#include "core/arena.hpp"

namespace bpt::core {

/// The one spelling of a locale: 'pt', 'pt_BR', 'zh_Hant_TW', whether it is written with "-" or "_", in whatever case. Empty
/// if the text is no locale.
std::string_view canonical_locale(Arena &arena, std::string_view text);

/// The locale to be asked next: without its last part; empty when there is none left.
std::string_view wider_locale(std::string_view locale);

} // namespace bpt::core
