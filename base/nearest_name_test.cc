#include "lenslet/base/nearest_name.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lenslet {
namespace {

const std::vector<std::string> kLayers = {"conv1", "conv2", "pool1", "linear"};

TEST(NearestNameTest, FindsTheNameOfATypo) {
  EXPECT_EQ(NearestName("conv22", kLayers), "conv2");
  EXPECT_EQ(NearestName("pol1", kLayers), "pool1");
  EXPECT_EQ(NearestName("Liner", kLayers), "linear");
  // Neighbors that changed places are one mistake.
  EXPECT_EQ(NearestName("pol1o", {"pool1"}), "");
  EXPECT_EQ(NearestName("opol1", kLayers), "pool1");
  EXPECT_EQ(NearestName("olop1", kLayers), "");
}

TEST(NearestNameTest, TakesTheFirstOfEquallyNearNames) {
  EXPECT_EQ(NearestName("conv3", kLayers), "conv1");
}

TEST(NearestNameTest, FindsNothingNear) {
  EXPECT_EQ(NearestName("softmax", kLayers), "");
  EXPECT_EQ(NearestName("conv1", {}), "");
  EXPECT_EQ(NearestName("", kLayers), "");
  EXPECT_EQ(NearestName("b", {"a"}), "");
  EXPECT_EQ(NearestName("A", {"a"}), "a");
}

TEST(DidYouMeanTest, EndsAMessage) {
  EXPECT_EQ(DidYouMean("pol1", kLayers), "; did you mean \"pool1\"?");
  EXPECT_EQ(DidYouMean("softmax", kLayers), "");
}

TEST(OneOfNamesTest, ListsTheNearestFirst) {
  EXPECT_EQ(OneOfNames("pol", kLayers),
            "one of \"pool1\", \"conv1\", \"conv2\", \"linear\"");
  EXPECT_EQ(OneOfNames("x", {}), "none");
  EXPECT_EQ(OneOfNames("x", {"a\n"}), "one of \"a\\n\"");
}

TEST(DidYouMeanOneOfTest, ListsNamesIfNoneIsNear) {
  EXPECT_EQ(DidYouMeanOneOf("pol1", kLayers), "; did you mean \"pool1\"?");
  EXPECT_EQ(DidYouMeanOneOf("softmax", {"a", "b"}),
            "; expected one of \"a\", \"b\"");
}

TEST(OneOfNamesTest, ListsAtMostTen) {
  std::vector<std::string> names;
  for (int i = 0; i < 11; ++i) names.push_back(std::string(i + 1, 'a'));
  EXPECT_THAT(OneOfNames("aaaaaaaaaaa", names),
              ::testing::StartsWith("one of \"aaaaaaaaaaa\", "));
  EXPECT_THAT(OneOfNames("a", names), ::testing::EndsWith("\" and 1 other"));
  names.push_back(std::string(100000, 'b'));
  EXPECT_THAT(OneOfNames("b", names), ::testing::EndsWith(" and 2 others"));
}

}  // namespace
}  // namespace lenslet
