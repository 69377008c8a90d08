#include "lenslet/ops/pad/pad.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

class PadBackendTest : public ::testing::TestWithParam<Backend> {};

INSTANTIATE_TEST_SUITE_P(Backends, PadBackendTest,
                         ::testing::ValuesIn(kBackends), [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// numpy.pad([[0, 1, 2], [3, 4, 5]], ((1, 0), (2, 1)), mode), written out:
//
//              0 0 0 0 0 0     5 4 3 4 5 4     0 0 0 1 2 2
//   0 1 2      0 0 0 1 2 0     2 1 0 1 2 1     0 0 0 1 2 2
//   3 4 5      0 0 3 4 5 0     5 4 3 4 5 4     3 3 3 4 5 5
//              constant        reflect         edge
TEST_P(PadBackendTest, IsNumpys) {
  const Tensor x = Tensor::Of({1, 2, 3, 1}, {0, 1, 2, 3, 4, 5});
  const auto pad = [&](PaddingMode mode) {
    return Pad(x, {{1, 2}, {0, 1}}, mode, GetParam());
  };
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y, pad(PaddingMode::kZero));
  LENSLET_EXPECT_OK(AllClose(y,
                             Tensor::Of({1, 3, 6, 1}, {0, 0, 0, 0, 0, 0,  //
                                                       0, 0, 0, 1, 2, 0,  //
                                                       0, 0, 3, 4, 5, 0}),
                             {}));
  LENSLET_ASSERT_OK_AND_ASSIGN(y, pad(PaddingMode::kReflect));
  LENSLET_EXPECT_OK(AllClose(y,
                             Tensor::Of({1, 3, 6, 1}, {5, 4, 3, 4, 5, 4,  //
                                                       2, 1, 0, 1, 2, 1,  //
                                                       5, 4, 3, 4, 5, 4}),
                             {}));
  LENSLET_ASSERT_OK_AND_ASSIGN(y, pad(PaddingMode::kReplicate));
  LENSLET_EXPECT_OK(AllClose(y,
                             Tensor::Of({1, 3, 6, 1}, {0, 0, 0, 1, 2, 2,  //
                                                       0, 0, 0, 1, 2, 2,  //
                                                       3, 3, 3, 4, 5, 5}),
                             {}));
}

// Two images of one row and two channels: pixels go as a whole.
TEST_P(PadBackendTest, ChannelsAndImagesDoNotMix) {
  const Tensor x = Tensor::Of({2, 2, 2}, {1, 10, 2, 20, 3, 30, 4, 40});
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y,
      Pad(x, Padding(Axes{1}, Axes{0}), PaddingMode::kReflect, GetParam()));
  LENSLET_EXPECT_OK(AllClose(y,
                             Tensor::Of({2, 3, 2}, {2, 20, 1, 10, 2, 20,  //
                                                    4, 40, 3, 30, 4, 40}),
                             {}));
}

TEST_P(PadBackendTest, WithoutNumbersItCopies) {
  Tensor x({2, 2, 3, 4, 1});
  FillIota(0, x.span());
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y,
                               Pad(x, {}, PaddingMode::kZero, GetParam()));
  LENSLET_EXPECT_OK(AllClose(y, x, {}));
}

// Each of these is one where a kernel can go wrong in a way of its own; each
// in all modes.
std::vector<KernelCase> Cases() {
  std::vector<KernelCase> cases;
  for (const PaddingMode mode :
       {PaddingMode::kZero, PaddingMode::kReflect, PaddingMode::kReplicate}) {
    const auto add = [&](const std::string& name, const Padding& padding,
                         const Shape& image, int64_t images, int64_t copies) {
      const PadSpec spec = {.mode = mode, .padding = padding};
      cases.push_back({.name = std::string(Name(mode)) + name,
                       .make =
                           [spec, image](Backend backend, int64_t images) {
                             return MakePadKernel(backend, spec, image, images);
                           },
                       .inputs = {image},
                       .output = *OutputShape(spec, image),
                       .images = images,
                       // Copies of one number: the products, by 1, of its
                       // gradient.
                       .terms = copies});
    };
    add("OneSide", {{0, 0}, {0, 2}}, {3, 4, 2}, 2, 3);
    add("AllSides", {{1, 2}, {2, 3}}, {4, 5, 3}, 2, 12);
    add("Line", Padding(Axes{3}, Axes{2}), {5, 17}, 3, 4);
    add("Clip", {{1, 0, 2}, {1, 1, 0}}, {2, 3, 4, 2}, 1, 12);
    add("AsFarAsAReflectionGoes", {3, 1}, {4, 2, 1}, 2, 8);
    add("None", {}, {2, 3, 1}, 2, 1);
    if (mode == PaddingMode::kReflect) continue;
    add("OnePixel", {{2, 3}, {1, 2}}, {1, 1, 3}, 1, 24);
  }
  return cases;
}

class PadCaseTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, PadCaseTest, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(PadCaseTest, BackendsAgreeWithReference) {
  for (const Backend backend :
       {Backend::kXnnpack, Backend::kLanes, Backend::kDirect}) {
    CheckAgainstReference(GetParam(), backend);
  }
}

TEST_P(PadCaseTest, Gradients) {
  for (Backend backend : kTrainingBackends) CheckGradients(GetParam(), backend);
}

TEST(PadSpecTest, CostsNothingButTheWay) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Cost cost, ComputeCost({.padding = {{1, 0}, {0, 2}}}, {3, 4, 2}));
  EXPECT_EQ(cost.multiply_adds, 0);
  EXPECT_EQ(cost.other_operations, 0);
  EXPECT_EQ(cost.bytes(), (3 * 4 * 2 + 4 * 6 * 2) * 4);
}

struct Rejected {
  std::string name;
  PadSpec spec;
  Shape image;
  std::string message;
};

class PadRejectedTest : public ::testing::TestWithParam<Rejected> {};

INSTANTIATE_TEST_SUITE_P(
    Cases, PadRejectedTest,
    ::testing::ValuesIn(std::vector<Rejected>{
        {"NoSpatialDimensions",
         {},
         {3},
         "an image of shape [3] has 1 dimension; padding needs 1 to 3 spatial "
         "ones and channels"},
        {"FourSpatialDimensions",
         {},
         {1, 2, 3, 4, 5},
         "an image of shape [1, 2, 3, 4, 5] has 5 dimensions"},
        {"OtherDimensions",
         {.padding = {{1, 1}, {0}}},
         {3, 3, 1},
         "padding after [0] has 1 number; expected 2, one for each spatial "
         "dimension of the image"},
        {"NegativePadding",
         {.padding = {{0, -1}, {0, 0}}},
         {3, 3, 1},
         "padding before [0, -1] has -1; expected a number in [0, 2147483647]"},
        {"HugePadding",
         {.padding = {{0, 0}, {int64_t{1} << 62, 0}}},
         {3, 3, 1},
         "padding after [4611686018427387904, 0] has 4611686018427387904"},
        {"ReflectionAsLargeAsTheInput",
         {.mode = PaddingMode::kReflect, .padding = {{2, 3}, {0, 0}}},
         {3, 3, 1},
         "padding before [2, 3] reflects 3 positions of axis 1; expected at "
         "most 2, as the input is [3, 3]"},
        {"EmptyImage",
         {.padding = {1, 1}},
         {3, 0, 1},
         "an image of shape [3, 0, 1] has 0; expected a number in [1, "
         "2147483647]"},
        {"NoChannels",
         {.padding = {1, 1}},
         {3, 3, 0},
         "an image of shape [3, 3, 0] has 0"},
        {"TooManyElements",
         {.padding = {2147483647, 2147483647, 2147483647}},
         {1, 1, 1, 1},
         "more elements than 64 bits can count"},
    }),
    [](const auto& info) { return info.param.name; });

TEST_P(PadRejectedTest, SaysWhy) {
  const Rejected& r = GetParam();
  for (Backend backend : kBackends) {
    EXPECT_THAT(
        MakePadKernel(backend, r.spec, r.image, 1),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(r.message)));
  }
}

TEST(PadTest, TheSimpleCallNamesTheWrongArgument) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Pad(Tensor({1, 3, 3, 1}, ElementType::kUint8), {1, 1}),
              StatusIs(code, HasSubstr("x is uint8 [1, 3, 3, 1]; expected "
                                       "float32 [N, ..., C]")));
  EXPECT_THAT(Pad(Tensor({0, 3, 3, 1}), {1, 1}),
              StatusIs(code, HasSubstr("x of shape [0, 3, 3, 1] holds no "
                                       "images")));
  EXPECT_THAT(Pad(Tensor({1, 3, 3, 1}), {1, 1, 1}),
              StatusIs(code, HasSubstr("padding before [1, 1, 1] has 3")));
}

}  // namespace
}  // namespace lenslet
