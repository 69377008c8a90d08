#include "lenslet/base/text_fault.h"

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/field_rules_test.pb.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/random.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct FaultyText {
  std::string name;
  std::string text;
  std::string problem;  // "LINE:COLUMN: message"
};

void PrintTo(const FaultyText& faulty, std::ostream* os) { *os << faulty.name; }

std::vector<FaultyText> FaultyTexts() {
  return {
      // Signs of other languages.
      {"EqualsSign", "count = 3",
       "1:7: expected \":\" after count, got \"=\"; write count: 3"},
      {"EqualsSignAndText", "name = 'a'",
       "1:6: expected \":\" after name, got \"=\"; write name: 'a'"},
      {"EqualsSignOfABlock", "part = { size: 3 }",
       "1:6: expected \"{\" after part, got \"=\""},
      {"NoColon", "count 3",
       "1:7: expected \":\" after count, got \"3\"; write count: 3"},
      {"SlashComment", "// A comment.\ncount: 3",
       "1:1: comments start with \"#\", not with \"//\""},
      {"SlashCommentAfterAValue", "count: 3 // A comment.",
       "1:10: comments start with \"#\", not with \"//\""},
      {"StarComment", "part { /* A comment. */ }",
       "1:8: comments start with \"#\", not with \"/*\""},
      {"Parentheses", "shape: (5, 5)",
       "1:8: shape is (5, 5); expected a list in brackets: shape: [5, 5]"},
      {"BracesOfAList", "shape: {5, 5}",
       "1:8: shape is {5, 5}; expected a list in brackets: shape: [5, 5]"},
      {"ParenthesesOfANumber", "count: (5)",
       "1:8: count is (5); expected a whole number: count: 5"},
      {"ListForANumber", "count: [5]",
       "1:8: count is [5]; expected a whole number: count: 5"},
      {"ListForAText", "name: ['a']",
       "1:7: name is ['a']; expected text in quotes: name: 'a'"},
      {"NoBrackets", "shape: 5, 7",
       "1:11: a list is in brackets: shape: [5, 7]"},
      {"NoBracketsOfThree", "shape: 5, 7, 9",
       "1:11: a list is in brackets: shape: [5, 7, 9]"},
      {"DecimalComma", "rate: 0,5",
       "1:9: rate is 0,5; expected a decimal point: 0.5"},
      {"TwoValues", "count: 5, 6",
       "1:11: count has several values; expected one"},
      {"Product", "shape: 5x7",
       "1:8: shape is 5x7; expected a list: shape: [5, 7]"},
      {"ProductInAList", "shape: [5x7]",
       "1:9: shape[0] is 5x7; expected a whole number"},
      {"Unit", "count: 10k", "1:8: count is 10k; expected a whole number"},
      {"Json", "{ \"count\": 3 }",
       "1:1: expected the name of a field (this is not JSON: name: value, "
       "without braces around all), got \"{\""},
      {"QuotedName", "\"count\": 3",
       "1:1: the name of a field is in quotes; write count:"},
      {"Yaml", "- count: 3", "1:1: expected the name of a field, got \"-\""},
      {"Extension", "[foo.bar] { }",
       "1:1: expected the name of a field, got \"[\""},
      {"Number", "1: 'a'", "1:1: expected the name of a field, got \"1\""},

      // Characters.
      {"CurlyQuotes",
       "name: \xe2\x80\x9c"
       "a\xe2\x80\x9d",
       "1:7: the character \xe2\x80\x9c (U+201C) is not \"; write \""},
      {"CurlyApostrophes",
       "part { }\nname: \xe2\x80\x98"
       "a\xe2\x80\x99",
       "2:7: the character \xe2\x80\x98 (U+2018) is not '; write '"},
      {"LongMinus",
       "rate: \xe2\x88\x92"
       "1",
       "1:7: the character \xe2\x88\x92 (U+2212) is not -; write -"},
      {"WideColon", "rate\xef\xbc\x9a 1",
       "1:5: the character \xef\xbc\x9a (U+FF1A) is not :; write :"},
      {"NoBreakSpace",
       "rate:\xc2\xa0"
       "1",
       "1:6: the white space is U+00A0; expected a space"},
      {"Letter", "r\xc3\xa9te: 1",
       "1:2: the character \xc3\xa9 (U+00E9) is outside of quotes"},
      {"SecondByteOrderMark", "rate: 1\n\xef\xbb\xbfrate: 1",
       "2:1: a byte order mark is inside the text; expected it only at the "
       "start"},
      {"Utf16", "\xff\xfer", "1:1: the text is UTF-16; expected UTF-8"},
      {"Latin1", "name: 'caf\xe9' ]",
       "1:11: byte 0xe9 is not text; expected UTF-8"},
      {"Latin1InAComment", "# caf\xe9\n]",
       "2:1: expected the name of a field, got \"]\""},
      {"Escape", "count: 3 \x1b[0m",
       "1:10: byte 0x1b is not text; expected UTF-8"},
      {"AfterATab", "\tcount: x", "1:16: count is x; expected a whole number"},

      // What has no end.
      {"OpenQuote", "name: 'a\ncount: 3",
       "1:7: the quotation mark is not closed on its line"},
      {"OpenQuoteBeforeOthers", "name: 'a\npart { size: 3 } parts { x: 'b' }",
       "1:7: the quotation mark is not closed on its line"},
      {"OpenBlock", "count: 3\npart {\n  size: 3\n",
       "4:1: the block \"part\" of line 2 has no end; expected a field or "
       "\"}\""},
      {"OpenBlockBeforeAField", "part {\n  size: 3\ncount: 3\n",
       "3:1: part has no field \"count\"; close the block "
       "\"part\" of line 1 with \"}\" before it"},
      {"FieldInAnotherBlock", "part { count: 3 }",
       "1:8: part has no field \"count\"; it is a field of "
       "ruleds: write it outside of \"part\""},
      {"OpenList", "shape: [5, 5\n",
       "2:1: the list \"shape\" of line 1 has no end; expected \",\" or "
       "\"]\""},
      {"OpenListBeforeAField", "shape: [5, 5\ncount: 3",
       "2:1: expected \",\" or \"]\" in the list \"shape\", got \"count\""},
      {"WrongEndOfABlock", "part <\nsize: 3 }",
       "2:9: expected \">\", the end of the block \"part\" of line 1, got "
       "\"}\""},
      {"WrongEndOfAList", "shape: [5, 5)",
       "1:13: expected \",\" or \"]\" in the list \"shape\", got \")\""},
      {"EndOfNoBlock", "part { } }",
       "1:10: \"}\" closes nothing: no block is open"},
      {"LastComma", "shape: [5, 5,]",
       "1:14: the list \"shape\" ends with a comma; expected a whole number "
       "after it"},
      {"NoComma", "shape: [5 5]",
       "1:11: expected \",\" or \"]\" in the list \"shape\", got \"5\""},
      {"TwoCommas", "count: 3,, rate: 1",
       "1:10: expected the name of a field, got \",\""},
      {"NoEndOfTheName", "par",
       "1:1: ruleds have no field \"par\"; "
       "did you mean \"part\"?"},

      // Values.
      {"NoValue", "count:", "1:7: count has no value; expected a whole number"},
      {"NoValueBeforeAField", "count:\nrate: 1",
       "2:1: count has no value; expected a whole number"},
      {"NoValueInABlock", "part { size: }",
       "1:14: size has no value; expected a number"},
      {"OnlyAName", "count",
       "1:6: count has no value; expected a whole number"},
      {"NoBlock", "part",
       "1:5: part has no value; expected a block: part { "
       "... }"},
      {"NumberForABlock", "part: 5",
       "1:7: part is 5; expected a block: part { ... }"},
      {"WordForABlock", "part: 'Size'",
       "1:7: part is 'Size'; expected a block: part { ... }"},
      {"BlockForANumber", "count { }",
       "1:7: expected \":\" after count, got \"{\"; write count: 1"},
      {"BlockForAText", "name: { a: 1 }",
       "1:7: expected text in quotes, got \"{\""},
      {"Quotes", "count: '5'", "1:8: count is '5'; expected 5 without quotes"},
      {"QuotedWord", "count: 'five'",
       "1:8: count is 'five'; expected a whole number"},
      {"KnownWord", "count: many",
       "1:8: count is many; expected 1000, for example"},
      {"QuotedValue", "color: \"Blue\"",
       "1:8: color is \"Blue\"; expected BLUE without quotes"},
      {"UnknownQuotedValue", "color: 'pink'",
       "1:8: color is 'pink'; expected one of: RED, BLUE"},
      {"LowerCaseValue", "color: blue",
       "1:8: there is no color \"blue\"; did you mean \"BLUE\"?"},
      {"UnknownValue", "color: PINK",
       "1:8: there is no color \"PINK\"; expected one of: RED, BLUE"},
      {"Fraction", "count: 2.5", "1:8: count is 2.5; expected a whole number"},
      {"PlusSign", "rate: +1", "1:7: rate is +1; expected a number"},
      {"TwoPoints", "rate: 1.2.3", "1:7: rate is 1.2.3; expected a number"},
      {"NoExponent", "rate: 1e", "1:7: rate is 1e; expected a number"},
      {"LeadingZero", "count: 08", "1:8: count is 08; expected a whole number"},
      {"HexadecimalRate", "rate: 0x10", "1:7: rate is 0x10; expected a number"},
      {"Division", "rate: 1/2", "1:8: expected the name of a field, got \"/\""},
      {"TooLarge", "count: 9223372036854775808",
       "1:8: count is 9223372036854775808; expected a whole number in "
       "[-9223372036854775808, 9223372036854775807]"},
      {"TooSmall", "shape: [-9223372036854775809]",
       "1:9: shape[0] is -9223372036854775809; expected a whole number in "
       "[-9223372036854775808, 9223372036854775807]"},
      {"UnquotedText", "name: a/b.c",
       "1:7: name is a/b.c; expected text in quotes"},
      {"UnknownEscape", "name: 'C:\\data'",
       "1:7: the text in quotes has an unknown escape; write \\\\ for a "
       "backslash"},
      {"Twice", "name: 'a' name: 'b'",
       "1:11: the field \"name\" is given twice; expected it once"},
  };
}

std::string ProblemOf(absl::string_view text) {
  RuledProto message;
  TextLocations locations;
  const std::optional<TextProblem> problem =
      ParseOrFindProblem(text, "", message, locations);
  if (!problem) return "";
  return absl::StrCat(problem->place.line, ":", problem->place.column, ": ",
                      problem->message);
}

class FaultyTextTest : public ::testing::TestWithParam<FaultyText> {};

INSTANTIATE_TEST_SUITE_P(Texts, FaultyTextTest,
                         ::testing::ValuesIn(FaultyTexts()),
                         [](const auto& info) { return info.param.name; });

TEST_P(FaultyTextTest, SaysWhereAndWhy) {
  EXPECT_EQ(ProblemOf(GetParam().text), GetParam().problem);
}

TEST(TextFaultTest, AcceptsAByteOrderMarkAtTheStart) {
  EXPECT_EQ(ProblemOf("\xef\xbb\xbf"
                      "count: 3"),
            "");
  EXPECT_EQ(ProblemOf("\xef\xbb\xbf"
                      "count: x"),
            "1:8: count is x; expected a whole number");
}

TEST(TextFaultTest, FindsNothingInGoodTexts) {
  for (const absl::string_view text :
       {"", "count: 3, rate: .5; name: 'a' \"b\"",
        "shape: [] part < size: -1 >", "shape: 1 shape: [0x10, 010]",
        "parts [{}, { size: inf }] part: {}", "color: BLUE rate: 1e3f",
        "color: -1", "count: 0 count: 0"}) {
    EXPECT_EQ(ProblemOf(text), "");
    EXPECT_FALSE(FindTextFault(text, *RuledProto::descriptor())) << text;
  }
}

TEST(TextFaultTest, ExplainsWhatTextFormatRejectsAndNothingElse) {
  const std::vector<std::string> parts = {"count",
                                          "rate",
                                          "shape",
                                          "part",
                                          "parts",
                                          "color",
                                          "name",
                                          "free",
                                          ":",
                                          ": ",
                                          "{",
                                          "}",
                                          "[",
                                          "]",
                                          ",",
                                          ";",
                                          "'a'",
                                          "\"",
                                          "5",
                                          "-",
                                          "0",
                                          "1.5",
                                          "08",
                                          "BLUE",
                                          "size",
                                          "\n",
                                          " ",
                                          "#",
                                          "true",
                                          "=",
                                          "(",
                                          "1e",
                                          "count: 3 ",
                                          "name: 'a' ",
                                          "part { ",
                                          "} ",
                                          "shape: [1, 2] "};
  Random random(11);
  int good = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (int64_t i = random.Below(8); i >= 0; --i) {
      text += parts[random.Below(parts.size())];
    }
    const std::string problem = ProblemOf(text);
    const bool has_fault =
        FindTextFault(text, *RuledProto::descriptor()).has_value();
    EXPECT_EQ(has_fault, !problem.empty()) << text;
    if (problem.empty()) ++good;
    EXPECT_THAT(problem, Not(HasSubstr("text format")));
  }
  EXPECT_GT(good, 500);
}

}  // namespace
}  // namespace lenslet
