#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/testing/layer_case.h"

namespace lenslet::layers {
namespace {

using ::testing::IsEmpty;

TEST(ResizeTest, InfersTheOutput) {
  const Layer twice = Resize({.mode = ResizeMode::kLinear, .scale = {2}});
  LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info, twice.Infer({Shape{4, 5, 3}}));
  EXPECT_EQ(info.output, Shape({8, 10, 3}));
  EXPECT_THAT(info.parameters, IsEmpty());
  EXPECT_EQ(info.cost.multiply_adds, 4 * 240);
  // Positions depend on others, at distances that differ.
  EXPECT_EQ(info.reach, Reach::kAll);
  EXPECT_EQ(twice.type(), "Resize");
  EXPECT_EQ(twice.Details(), "linear, half_pixel, by [2]");
  EXPECT_FALSE(twice.IsReshape(/*training=*/true));
  EXPECT_TRUE(EpilogueOf(twice).empty());
  const Layer sizes =
      Resize({.coordinates = ResizeCoordinates::kAsymmetric, .output = {2, 3}});
  EXPECT_EQ(sizes.Infer({Shape{4, 5, 3}})->output, Shape({2, 3, 3}));
  EXPECT_EQ(sizes.Details(),
            "nearest, asymmetric, round_prefer_floor, to [2, 3]");
}

TEST(ResizeTest, KernelsOfAllBackends) {
  for (const ResizeMode mode : {ResizeMode::kNearest, ResizeMode::kLinear}) {
    KernelCase c =
        LayerCase(Resize({.mode = mode, .scale = {1.5f}}), {4, 3, 3}, 16);
    c.rounding_error = 8 * 0x1p-24;
    CheckOnAllBackends(c);
  }
}

TEST(ResizeTest, SaysWhatIsWrong) {
  const auto code = absl::StatusCode::kInvalidArgument;
  const Layer layer = Resize({.scale = {2, 2}});
  const auto error =
      StatusIs(code,
               "scale has 2 numbers; expected one for all axes, or one for "
               "each of 1");
  EXPECT_THAT(layer.Infer({}), StatusIs(code, "has 0 inputs; expected 1"));
  EXPECT_THAT(layer.Infer({Shape{4, 3}}), error);
  for (Backend backend : kBackends) {
    EXPECT_THAT(layer.MakeKernel(backend, {Shape{4, 3}}, 1), error);
  }
}

}  // namespace
}  // namespace lenslet::layers
