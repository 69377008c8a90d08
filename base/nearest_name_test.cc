#include "lenslet/base/nearest_name.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace lenslet {
namespace {

const std::vector<std::string> kLayers = {"conv1", "conv2", "pool1", "linear"};

TEST(NearestNameTest, FindsTheNameBehindATypo) {
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
}

TEST(DidYouMeanTest, EndsAMessage) {
  EXPECT_EQ(DidYouMean("pol1", kLayers), "; did you mean \"pool1\"?");
  EXPECT_EQ(DidYouMean("softmax", kLayers), "");
}

}  // namespace
}  // namespace lenslet
