#include "base/printable.h"

#include <string>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

TEST(PrintableTest, LeavesPrintableAsciiAlone) {
  EXPECT_EQ(Printable("layer \"a\\b\": it's ~5%"), "layer \"a\\b\": it's ~5%");
  EXPECT_EQ(Printable(""), "");
}

TEST(PrintableTest, EscapesTheRest) {
  EXPECT_EQ(Printable("\x1b[2J\n\t"), "\\x1b[2J\\n\\t");
  EXPECT_EQ(Printable(absl::string_view("a\0b\x7f\x80\xff", 6)),
            "a\\x00b\\x7f\\x80\\xff");
}

TEST(PrintableTest, LeavesOutTheMiddleOfALongText) {
  const std::string whole = "begin" + std::string(990, 'x') + "end!!";
  EXPECT_EQ(Printable(whole), whole);
  const std::string shortened =
      Printable("begin" + std::string(1'000'000, 'x') + "end");
  EXPECT_LE(shortened.size(), 1000);
  EXPECT_THAT(shortened, StartsWith("beginxxx"));
  EXPECT_THAT(shortened, EndsWith("xxxend"));
  EXPECT_NE(shortened.find("x ... x"), std::string::npos);
}

TEST(PrintableTest, IsShortAfterEscapingToo) {
  EXPECT_LE(Printable(std::string(900, '\x01')).size(), 1000);
}

}  // namespace
}  // namespace lenslet
