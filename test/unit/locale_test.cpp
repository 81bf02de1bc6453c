// Spelling of locales.
#include <gtest/gtest.h>

#include "core/locale.hpp"
#include "reading.hpp"

using namespace bpt::core;
using bpt::test::Reading;
using bpt::test::TestArena;

TEST(Locale, HasOneSpelling)
{
	TestArena arena;
	EXPECT_EQ(canonical_locale(arena, "pt"), "pt");
	EXPECT_EQ(canonical_locale(arena, "PT-br"), "pt_BR");
	EXPECT_EQ(canonical_locale(arena, "zh-hant-TW"), "zh_Hant_TW");
	EXPECT_EQ(canonical_locale(arena, "de_CH_1996"), "de_CH_1996");
	for (const char *const wrong :
		 {"", "p", "pt_", "_pt", "p1", "pt BR", "pt.UTF-8", "português", "pt__BR", "abcdefghi"})
		EXPECT_EQ(canonical_locale(arena, wrong), "") << wrong;
	EXPECT_EQ(canonical_locale(arena, std::string(64, 'a')), "");
}

TEST(Locale, WidensPartByPart)
{
	EXPECT_EQ(wider_locale("zh_Hant_TW"), "zh_Hant");
	EXPECT_EQ(wider_locale("zh_Hant"), "zh");
	EXPECT_EQ(wider_locale("zh"), "");
}

TEST(Locale, IsCheckedInTranslations)
{
	EXPECT_EQ(Reading("TRANSLATION OF p INTO 'pt BR' (LABEL 'x');").list(),
			  "1:23 wrong_locale: \"pt BR\" is not a locale\n");
	EXPECT_EQ(Reading("TRANSLATION OF p INTO 'pt-br' (LABEL 'x');").document->translations[0].locale, "pt_BR");
}
