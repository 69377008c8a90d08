#include "base/text_table.h"

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

TEST(TextTableTest, OfNothingIsEmpty) {
  EXPECT_EQ(TextTable({Align::kLeft}, {}), "");
}

}  // namespace
}  // namespace lenslet
