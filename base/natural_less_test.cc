#include "lenslet/base/natural_less.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace lenslet {
namespace {

TEST(NaturalLessTest, ComparesNumbersByTheirValue) {
  const std::vector<std::string> names = {
      "",   "0",   "00", "1",   "2",    "002", "10",    "A",      "a",
      "a1", "a1b", "a2", "a2b", "a2b3", "a10", "a10b2", "a010b3", "b"};
  for (const std::string& a : names) {
    EXPECT_FALSE(NaturalLess(a, a)) << a;
    for (const std::string& b : names) {
      EXPECT_NE(a == b, NaturalLess(a, b) != NaturalLess(b, a))
          << a << " " << b;
    }
  }
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"2", "10"},           {"a2", "a10"},
      {"img9.x", "img10.a"}, {"9", "a"},
      {"a", "a1"},           {"002", "10"},
      {"1", "01a"},          {"99999999999999999999", "100000000000000000000"},
      {"a1b9", "a1b10"}};
  for (const auto& [before, after] : pairs) {
    EXPECT_TRUE(NaturalLess(before, after)) << before << " " << after;
  }
}

}  // namespace
}  // namespace lenslet
