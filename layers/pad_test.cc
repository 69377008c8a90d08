#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/testing/layer_case.h"
#include "lenslet/ops/window.h"

namespace lenslet::layers {
namespace {

using ::testing::IsEmpty;

TEST(PadTest, InfersOutputAndCost) {
  const Layer layer = Pad({.padding = {{1, 0}, {0, 2}}});
  LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info, layer.Infer({Shape{7, 8, 4}}));
  EXPECT_EQ(info.output, Shape({8, 10, 4}));
  EXPECT_THAT(info.parameters, IsEmpty());
  EXPECT_EQ(info.cost.multiply_adds, 0);
  EXPECT_EQ(info.cost.bytes(), (7 * 8 * 4 + 8 * 10 * 4) * 4);
  // For receptive fields: an output depends on one position.
  EXPECT_EQ(info.reach, Reach::kWindow);
  EXPECT_EQ(info.window, (Window{.kernel = {1, 1},
                                 .stride = {1, 1},
                                 .dilation = {1, 1},
                                 .padding = {{1, 0}, {0, 2}}}));
  EXPECT_EQ(layer.type(), "Pad");
  EXPECT_FALSE(layer.IsReshape(/*training=*/true));
}

TEST(PadTest, OneNumberStandsForAllAxes) {
  const Layer both = Pad({.padding = {2}});
  EXPECT_EQ(both.Infer({Shape{5, 3}})->output, Shape({9, 3}));
  EXPECT_EQ(both.Infer({Shape{5, 6, 3}})->output, Shape({9, 10, 3}));
  EXPECT_EQ(both.Infer({Shape{5, 6, 7, 3}})->output, Shape({9, 10, 11, 3}));
  const Layer after = Pad({.padding = Padding(Axes{}, Axes{1})});
  EXPECT_EQ(after.Infer({Shape{5, 6, 3}})->output, Shape({6, 7, 3}));
}

TEST(PadTest, KernelsOfAllBackends) {
  for (const PaddingMode mode :
       {PaddingMode::kZero, PaddingMode::kReflect, PaddingMode::kReplicate}) {
    // A corner and its 8 copies flow together.
    CheckOnAllBackends(
        LayerCase(Pad({.mode = mode, .padding = {2}}), {4, 3, 3}, /*terms=*/9));
  }
}

struct RejectedPad {
  std::string name;
  PadSpec options;
  std::vector<Shape> inputs;
  std::string message;
};

class PadRejectedTest : public ::testing::TestWithParam<RejectedPad> {};

INSTANTIATE_TEST_SUITE_P(
    Cases, PadRejectedTest,
    ::testing::ValuesIn(std::vector<RejectedPad>{
        {"NoInput", {.padding = {1}}, {}, "has 0 inputs; expected 1"},
        {"FlatInput",
         {.padding = {1}},
         {{784}},
         "an image of shape [784] has 1 dimension; padding needs 1 to 3 "
         "spatial ones and channels"},
        {"ScalarInput",
         {.padding = {1}},
         {Shape()},
         "an image of shape [] has 0 dimensions; padding needs 1 to 3 spatial "
         "ones and channels"},
        {"TwoNumbersForThreeAxes",
         {.padding = {1, 1}},
         {{4, 4, 4, 1}},
         "padding before [1, 1] has 2 numbers; expected 3, one for each "
         "spatial dimension of the image"},
        {"NegativePadding",
         {.padding = {-1}},
         {{4, 4, 1}},
         "padding before [-1, -1] has -1; expected a number in [0, "
         "2147483647]"},
        {"ReflectionAsLargeAsTheInput",
         {.mode = PaddingMode::kReflect, .padding = {3}},
         {{4, 3, 1}},
         "padding before [3, 3] reflects 3 positions of axis 1; expected at "
         "most 2, as the input is [4, 3]"},
    }),
    [](const auto& info) { return info.param.name; });

TEST_P(PadRejectedTest, SaysWhy) {
  const Layer layer = Pad(GetParam().options);
  const auto error =
      StatusIs(absl::StatusCode::kInvalidArgument, GetParam().message);
  EXPECT_THAT(layer.Infer(GetParam().inputs), error);
  for (Backend backend : kBackends) {
    EXPECT_THAT(layer.MakeKernel(backend, GetParam().inputs, 1), error);
  }
}

}  // namespace
}  // namespace lenslet::layers
