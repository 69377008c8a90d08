#include "lenslet/base/text_table.h"

#include "gtest/gtest.h"

namespace lenslet {
namespace {

TEST(TextTableTest, AlignsColumnsAndEndsNoLineInASpace) {
  EXPECT_EQ(TextTable({Align::kLeft, Align::kRight, Align::kLeft},
                      {{"name", "count", "note"},
                       {"a", "1", ""},
                       {"longer", "1,000", "x"},
                       {"", "", ""}}),
            "name    count  note\n"
            "a           1\n"
            "longer  1,000  x\n"
            "\n");
}

TEST(TextTableTest, CountsCharactersRatherThanBytes) {
  EXPECT_EQ(TextTable({Align::kLeft, Align::kRight},
                      {{"H\u00fcte", "1"}, {"Hats", "\u2014"}}),
            "H\u00fcte  1\n"
            "Hats  \u2014\n");
}

TEST(TextTableTest, OfNothingIsEmpty) {
  EXPECT_EQ(TextTable({Align::kLeft}, {}), "");
}

}  // namespace
}  // namespace lenslet
