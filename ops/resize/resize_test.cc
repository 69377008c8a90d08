#include "lenslet/ops/resize/resize.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
using Mode = ResizeMode;
using Coordinates = ResizeCoordinates;
using Rounding = ResizeRounding;

std::vector<float> Resized(const std::vector<float>& x, const ResizeSpec& spec,
                           Backend backend = Backend::kReference) {
  Tensor tensor({1, static_cast<int64_t>(x.size()), 1});
  std::copy(x.begin(), x.end(), tensor.data());
  absl::StatusOr<Tensor> y = Resize(tensor, spec, backend);
  LENSLET_EXPECT_OK(y);
  return y.ok() ? std::vector<float>(y->span().begin(), y->span().end())
                : std::vector<float>();
}

// Two positions at 0 and 1, twice as many outputs:
//   half_pixel   -1/4  1/4  3/4  5/4
//   asymmetric    0    1/2  1    3/2
//   align_corners 0    1/3  2/3  1
TEST(ResizeTest, InterpolatesBetweenPositions) {
  for (Backend backend : kBackends) {
    const auto resized = [&](Coordinates coordinates) {
      return Resized(
          {0, 12},
          {.mode = Mode::kLinear, .coordinates = coordinates, .scale = {2}},
          backend);
    };
    EXPECT_THAT(resized(Coordinates::kHalfPixel), ElementsAre(0, 3, 9, 12));
    EXPECT_THAT(resized(Coordinates::kAsymmetric), ElementsAre(0, 6, 12, 12));
    EXPECT_THAT(resized(Coordinates::kAlignCorners),
                ElementsAre(0, testing::FloatEq(4), testing::FloatEq(8), 12));
  }
}

//   1 2      1  1.5  2  2    in each row; between rows, the mean
//   3 4      2  2.5  3  3
//            3  3.5  4  4
//            3  3.5  4  4
TEST(ResizeTest, InterpolatesAlongBothAxes) {
  for (Backend backend : kBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        Tensor y, Resize(Tensor::Of({1, 2, 2, 1}, {1, 2, 3, 4}),
                         {.mode = Mode::kLinear,
                          .coordinates = Coordinates::kAsymmetric,
                          .output = {4, 4}},
                         backend));
    LENSLET_EXPECT_OK(
        AllClose(y, Tensor::Of({1, 4, 4, 1}, {1, 1.5f, 2, 2, 2, 2.5f, 3, 3, 3,
                                              3.5f, 4, 4, 3, 3.5f, 4, 4})));
  }
}

TEST(ResizeTest, TakesTheNearestPosition) {
  for (Backend backend : kBackends) {
    const auto resized = [&](ResizeSpec spec) {
      return Resized({1, 2, 3, 4}, spec, backend);
    };
    EXPECT_THAT(resized({.scale = {2}}), ElementsAre(1, 1, 2, 2, 3, 3, 4, 4));
    // At 1/2 and 5/2.
    EXPECT_THAT(resized({.output = {2}}), ElementsAre(1, 3));
    EXPECT_THAT(
        resized({.rounding = Rounding::kRoundPreferCeil, .output = {2}}),
        ElementsAre(2, 4));
    EXPECT_THAT(resized({.rounding = Rounding::kFloor, .scale = {0.5f}}),
                ElementsAre(1, 3));
    EXPECT_THAT(resized({.rounding = Rounding::kCeil, .scale = {0.5f}}),
                ElementsAre(2, 4));
    // At 0, 4/3, 8/3.
    EXPECT_THAT(resized({.coordinates = Coordinates::kAsymmetric,
                         .rounding = Rounding::kFloor,
                         .output = {3}}),
                ElementsAre(1, 2, 3));
    EXPECT_THAT(
        resized({.coordinates = Coordinates::kAsymmetric, .output = {3}}),
        ElementsAre(1, 2, 4));
    // One position: the middle, or the first.
    EXPECT_THAT(resized({.output = {1}}), ElementsAre(2));
    EXPECT_THAT(
        resized({.coordinates = Coordinates::kPytorchHalfPixel, .output = {1}}),
        ElementsAre(1));
    EXPECT_THAT(
        resized({.coordinates = Coordinates::kAlignCorners, .output = {1}}),
        ElementsAre(1));
  }
}

// Two outputs read each position; with weights of 1, 3/4, 1/4 and 1/4, 3/4, 1.
TEST(ResizeTest, CollectsGradients) {
  const Tensor x = Tensor::Of({1, 2, 1}, {0, 0});
  const Tensor dy = Tensor::Of({1, 4, 1}, {1, 10, 100, 1000});
  for (Backend backend : kTrainingBackends) {
    const auto gradient = [&](Mode mode) {
      return (*GradientsOnce(
          *MakeResizeKernel(backend, {.mode = mode, .scale = {2}}, {2, 1}),
          {&x}, {}, dy))[0]
          .Clone();
    };
    LENSLET_EXPECT_OK(
        AllClose(gradient(Mode::kNearest), Tensor::Of({1, 2, 1}, {11, 1100})));
    LENSLET_EXPECT_OK(AllClose(gradient(Mode::kLinear),
                               Tensor::Of({1, 2, 1}, {33.5f, 1077.5f})));
  }
}

// 10 * 0.7 is a little less than 7 in double.
TEST(ResizeTest, SizesAreThoseOfFloats) {
  EXPECT_EQ(*OutputShape({.scale = {0.7f}}, {10, 3}), Shape({7, 3}));
  EXPECT_EQ(*OutputShape({.scale = {0.6f, 2}}, {5, 4, 3}), Shape({3, 8, 3}));
  EXPECT_EQ(*OutputShape({.output = {2}}, {5, 4, 6, 3}), Shape({2, 2, 2, 3}));
}

// Weights are rounded to floats, products and sums too: a few units of numbers
// up to 1. Up to (1 + scale)^3 outputs read a position.
KernelCase ResizeCase(const std::string& name, const Shape& image,
                      const ResizeSpec& spec) {
  return {
      .name = name,
      .make = [=](Backend backend,
                  int64_t) { return MakeResizeKernel(backend, spec, image); },
      .inputs = {image},
      .output = *OutputShape(spec, image),
      .images = 3,
      .terms = 128,
      .rounding_error = 8 * 0x1p-24};
}

std::vector<KernelCase> Cases() {
  return {
      ResizeCase("NearestTwice", {5, 3, 19}, {.scale = {2}}),
      ResizeCase("NearestLess", {7, 9, 3}, {.output = {3, 4}}),
      ResizeCase("NearestOfASequence", {11, 2},
                 {.coordinates = Coordinates::kAsymmetric, .scale = {1.7f}}),
      ResizeCase("LinearTwice", {5, 3, 19},
                 {.mode = Mode::kLinear, .scale = {2}}),
      ResizeCase("LinearCorners", {3, 4, 5},
                 {.mode = Mode::kLinear,
                  .coordinates = Coordinates::kAlignCorners,
                  .output = {7, 2}}),
      ResizeCase("LinearOfASequence", {9, 16},
                 {.mode = Mode::kLinear, .scale = {0.4f}}),
      ResizeCase("LinearOfAClip", {2, 3, 2, 3},
                 {.mode = Mode::kLinear,
                  .coordinates = Coordinates::kPytorchHalfPixel,
                  .scale = {2, 1.5f, 3}}),
      ResizeCase("LinearOfOneAxis", {4, 3, 2},
                 {.mode = Mode::kLinear, .scale = {1, 3}}),
      ResizeCase("LinearOfOnePosition", {1, 1, 2},
                 {.mode = Mode::kLinear, .output = {3}}),
  };
}

class ResizeCaseTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, ResizeCaseTest, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(ResizeCaseTest, AllAgreeWithReference) {
  for (Backend backend : kBackends) CheckAgainstReference(GetParam(), backend);
}

TEST_P(ResizeCaseTest, Gradients) {
  for (Backend backend : kTrainingBackends) CheckGradients(GetParam(), backend);
}

TEST(ResizeTest, Cost) {
  LENSLET_ASSERT_OK_AND_ASSIGN(Cost cost,
                               ComputeCost({.scale = {2}}, {4, 7, 3}));
  EXPECT_EQ(cost.multiply_adds, 0);
  EXPECT_EQ(cost.bytes(), (84 + 4 * 84) * 4);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      cost, ComputeCost({.mode = Mode::kLinear, .scale = {2}}, {4, 7, 3}));
  EXPECT_EQ(cost.multiply_adds, 4 * 4 * 84);
}

TEST(ResizeTest, NamesWhatIsOutOfRange) {
  for (Backend backend : kBackends) {
    const auto expect = [&](const ResizeSpec& spec, const Shape& image,
                            const std::string& message) {
      EXPECT_THAT(MakeResizeKernel(backend, spec, image),
                  StatusIs(kInvalid, HasSubstr(message)));
      EXPECT_THAT(ComputeCost(spec, image),
                  StatusIs(kInvalid, HasSubstr(message)));
    };
    expect({}, {4, 3}, "it has neither scale nor output; expected one of them");
    expect({.scale = {2}, .output = {2}}, {4, 3},
           "it has both scale and output; expected one of them");
    expect({.scale = {2, 2}}, {4, 3},
           "scale has 2 numbers; expected one for all axes, or one for each of "
           "1");
    expect({.scale = {-2}}, {4, 3},
           "scale is [-2]; expected finite numbers above 0");
    expect({.scale = {NAN}}, {4, 3},
           "scale is [nan]; expected finite numbers above 0");
    expect({.scale = {0.1f}}, {4, 3},
           "scale is [0.1], which makes 0 of 4 positions; expected 1 to "
           "2147483647");
    expect({.output = {4, 0}}, {4, 4, 3},
           "output is [4, 0]; expected numbers in [1, 2147483647]");
    expect({.scale = {2}}, {4},
           "an image of shape [4] has 1 dimension; resizing needs 1 to 3 "
           "spatial ones and channels");
    expect({.scale = {2}}, {4, 0},
           "resizing of an image of shape [4, 0], which has no elements");
    const int64_t large = int64_t{1} << 30;
    expect({.output = {large}}, {1, 1, large}, "");
  }
}

TEST(ResizeTest, TheSimpleCallNamesTheWrongArgument) {
  EXPECT_THAT(Resize(Tensor({2}, ElementType::kUint8), {.scale = {2}}),
              StatusIs(kInvalid, HasSubstr("x is uint8 [2]; expected")));
}

}  // namespace
}  // namespace lenslet
