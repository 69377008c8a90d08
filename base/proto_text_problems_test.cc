#include "lenslet/base/proto_text_problems.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/type.pb.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Messages(const MendedText& mended) {
  std::vector<std::string> messages;
  for (const TextProblem& problem : mended.problems) {
    messages.push_back(
        absl::StrCat(ToString("t", problem.place), ": ", problem.message));
  }
  return messages;
}

TEST(ParseAndFindProblemsTest, ReadsAGoodText) {
  google::protobuf::Duration duration;
  const MendedText mended =
      ParseAndFindProblems("seconds: 3\nnanos: 4", "t", duration);
  EXPECT_TRUE(mended.complete);
  EXPECT_THAT(mended.problems, IsEmpty());
  EXPECT_THAT(mended.gaps, IsEmpty());
  EXPECT_EQ(duration.seconds(), 3);
  EXPECT_EQ(duration.nanos(), 4);
}

TEST(ParseAndFindProblemsTest, PlacesAreThoseOfTheTextAsItWas) {
  google::protobuf::Type type;
  const std::string text =
      "\tfields { nme: 'a' numbr: x } nam: 'b' fields { number: 7 }";
  const MendedText mended = ParseAndFindProblems(text, "t", type);
  EXPECT_TRUE(mended.complete);
  // The tab goes on to column 9. Names are put right and leave no gap.
  ASSERT_EQ(mended.problems.size(), 4);
  EXPECT_EQ(mended.problems[0].place, (TextPlace{.line = 1, .column = 18}));
  EXPECT_EQ(mended.problems[1].place, (TextPlace{.line = 1, .column = 27}));
  EXPECT_EQ(mended.problems[2].place, (TextPlace{.line = 1, .column = 34}));
  EXPECT_EQ(mended.problems[3].place, (TextPlace{.line = 1, .column = 38}));
  EXPECT_THAT(mended.gaps, ElementsAre(TextPlace{.line = 1, .column = 34}));
  EXPECT_EQ(type.name(), "b");
  EXPECT_EQ(type.fields(0).name(), "a");
  // Behind two names that have become longer.
  const std::vector<FieldStep> path = {
      {google::protobuf::Type::kFieldsFieldNumber, 1},
      {.number = google::protobuf::Field::kNumberFieldNumber}};
  EXPECT_EQ(FindPlace(type, mended, path),
            (TextPlace{.line = 1, .column = 56}));
}

TEST(ParseAndFindProblemsTest, GoesOnAfterListsAndLooseSymbols) {
  google::protobuf::Type type;
  const MendedText mended = ParseAndFindProblems(
      "oneofs: ['a', 3, 'b']\n) name: 'x'\n= syntax: SYNTAX_PROTO4", "t", type);
  EXPECT_TRUE(mended.complete);
  EXPECT_THAT(
      Messages(mended),
      ElementsAre("t:1:15: oneofs[1] is 3; expected text in quotes",
                  "t:2:1: expected the name of a field, got \")\"",
                  "t:3:1: expected the name of a field, got \"=\"",
                  "t:3:11: there is no syntax \"SYNTAX_PROTO4\"; did you mean "
                  "\"SYNTAX_PROTO2\"?"));
  EXPECT_EQ(type.name(), "x");
}

TEST(ParseAndFindProblemsTest, ClosesABlockBeforeAFieldOfTheOuterOne) {
  google::protobuf::Type type;
  const MendedText mended = ParseAndFindProblems(
      "fields { number: 1\nfields { number: 2 }\nname: 'x'", "t", type);
  EXPECT_TRUE(mended.complete);
  EXPECT_THAT(Messages(mended),
              ElementsAre("t:2:1: fields has no field \"fields\"; close "
                          "the block \"fields\" of line 1 with \"}\" before "
                          "it"));
  EXPECT_THAT(mended.gaps, IsEmpty());
  EXPECT_EQ(type.fields_size(), 2);
  EXPECT_EQ(type.name(), "x");
}

TEST(ParseAndFindProblemsTest, BytesThatAreNotTextAreTheOnlyProblem) {
  google::protobuf::Type type;
  const MendedText mended =
      ParseAndFindProblems(absl::StrCat(") ( ] x: y\n ", "\x01"), "t", type);
  EXPECT_FALSE(mended.complete);
  EXPECT_THAT(Messages(mended),
              ElementsAre("t:2:2: byte 0x01 is not text; expected UTF-8"));
}

// Each would take minutes if the time rose with the square of the size.
TEST(ParseAndFindProblemsTest, LongLinesTakeNoLonger) {
  for (const std::string part :
       {"x ", "name: 'a' ", "fields { } ", "name: 3\t", "{ ", "'", "] ", "\xff",
        "fields { number: x } ", "["}) {
    std::string text;
    while (text.size() + part.size() <= kMaxProtoTextBytes) text += part;
    google::protobuf::Type type;
    const MendedText mended = ParseAndFindProblems(text, "t", type);
    EXPECT_EQ(mended.problems.empty(), part == "fields { } ") << part;
    EXPECT_LE(mended.problems.size(), 3) << part;
  }
}

TEST(ParseAndFindProblemsTest, GivesUpAfterMany) {
  std::string text;
  for (int i = 0; i < 2 * kMaxProblems; ++i) text += "wrong: 1\n";
  google::protobuf::Duration duration;
  const MendedText mended = ParseAndFindProblems(text, "t", duration);
  EXPECT_FALSE(mended.complete);
  EXPECT_EQ(mended.problems.size(), kMaxProblems);
}

}  // namespace
}  // namespace lenslet
