#include "ops/pool/pool.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ops/layout_adapter.h"
#include "ops/testing/kernel_checks.h"
#include "tensor/all_close.h"
#include "tensor/fill.h"
#include "tensor/lanes.h"
#include "tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

Tensor Iota(const Shape& shape) {
  Tensor x(shape);
  FillIota(0, x.span());
  return x;
}

class PoolBackendTest : public ::testing::TestWithParam<Backend> {
 protected:
  PoolOptions Options(PoolOptions options = {}) {
    options.backend = GetParam();
    return options;
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, PoolBackendTest,
                         ::testing::ValuesIn(kBackends), [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// By hand:
//
//   0 1 2                 4 5             (0+1+3+4)/4  (1+2+4+5)/4     2 3
//   3 4 5     maximum:    7 8    average: (3+4+6+7)/4  (4+5+7+8)/4  =  5 6
//   6 7 8
TEST_P(PoolBackendTest, TakesTheMaximumOrTheAverageOfEachWindow) {
  const Tensor x = Iota({1, 3, 3, 1});
  const PoolOptions options = Options({.stride = {1, 1}});
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor max, MaxPool2d(x, {2, 2}, options));
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor average, AvgPool2d(x, {2, 2}, options));
  LENSLET_EXPECT_OK(AllClose(max, Tensor::Of({1, 2, 2, 1}, {4, 5, 7, 8})));
  LENSLET_EXPECT_OK(AllClose(average, Tensor::Of({1, 2, 2, 1}, {2, 3, 5, 6})));
}

// The book's 4x4 image of 0..15. The stride is the window's size by default.
TEST_P(PoolBackendTest, StridesAndPads) {
  const Tensor x = Iota({1, 4, 4, 1});
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y, MaxPool2d(x, {3, 3}, Options()));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 1, 1, 1}, {10})));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      y, MaxPool2d(x, {3, 3}, Options({.stride = {2, 2}, .padding = {1, 1}})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 2, 2, 1}, {5, 7, 13, 15})));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      y, MaxPool2d(x, {2, 3}, Options({.stride = {2, 3}, .padding = {0, 1}})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 2, 2, 1}, {5, 7, 13, 15})));
}

// Channels [0..15] and [1..16] do not mix.
TEST_P(PoolBackendTest, PoolsEachChannelOnItsOwn) {
  Tensor x({1, 4, 4, 2});
  for (int i = 0; i < 16; ++i) {
    x.data()[2 * i] = i;
    x.data()[2 * i + 1] = i + 1;
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y,
      MaxPool2d(x, {3, 3}, Options({.stride = {2, 2}, .padding = {1, 1}})));
  LENSLET_EXPECT_OK(
      AllClose(y, Tensor::Of({1, 2, 2, 2}, {5, 6, 7, 8, 13, 14, 15, 16})));
}

// Padding never wins over negative numbers.
TEST_P(PoolBackendTest, LeavesPaddingOutOfAMaximum) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y, MaxPool2d(Tensor::Of({1, 1, 2, 1}, {-3, -5}), {1, 2},
                          Options({.stride = {1, 1}, .padding = {0, 1}})));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 1, 3, 1}, {-3, -3, -5})));
}

TEST(PoolTest, AnAverageCountsPaddingOrNot) {
  const Tensor x = Tensor::Of({1, 1, 2, 1}, {6, 12});
  const PoolOptions options = {.stride = {1, 1}, .padding = {0, 1}};
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor counted, AvgPool2d(x, {1, 2}, options));
  LENSLET_EXPECT_OK(AllClose(counted, Tensor::Of({1, 1, 3, 1}, {3, 9, 6})));
  for (Backend backend : kBackends) {
    PoolOptions uncounted = options;
    uncounted.count_padding = false;
    uncounted.backend = backend;
    LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y, AvgPool2d(x, {1, 2}, uncounted));
    LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 1, 3, 1}, {6, 9, 12})));
  }
}

// Numbers that all differ by more than a finite difference moves them, so that
// no step changes which one is the largest.
void FillDistinct(Random& random, double scale, absl::Span<float> values) {
  const int64_t size = values.size();
  const double gap = 4 * kStep * scale;
  for (int64_t i = 0; i < size; ++i) values[i] = (i - size / 2) * gap;
  for (int64_t i = size - 1; i > 0; --i) {
    std::swap(values[i], values[random.Below(i + 1)]);
  }
}

KernelCase Case(const std::string& name, PoolKind kind, const Window& window,
                const Shape& image, int64_t images, bool count_padding = true) {
  const PoolSpec spec = {
      .kind = kind, .window = window, .count_padding = count_padding};
  int64_t taps = 1;
  for (int64_t size : window.kernel) taps *= size;
  KernelCase c = {.name = name,
                  .make =
                      [spec, image](Backend backend, int64_t images) {
                        return MakePoolKernel(backend, spec, image, images);
                      },
                  .inputs = {image},
                  .output = *OutputShape(spec, image),
                  .images = images,
                  .terms = taps};
  if (kind == PoolKind::kMax) c.fill_input = FillDistinct;
  return c;
}

// What both backends have.
std::vector<KernelCase> Cases() {
  std::vector<KernelCase> cases;
  for (PoolKind kind : {PoolKind::kMax, PoolKind::kAverage}) {
    const std::string prefix = kind == PoolKind::kMax ? "Max" : "Average";
    const auto add = [&](const std::string& name, const Window& window,
                         const Shape& image, int64_t images) {
      cases.push_back(Case(prefix + name, kind, window, image, images,
                           /*count_padding=*/false));
    };
    add("OfTwoPixels", {.kernel = {1, 2}}, {1, 2, 1}, 1);
    add("LeNetFirst", {.kernel = {2, 2}}, {28, 28, 6}, 2);
    add("LeNetSecond", {.kernel = {2, 2}}, {10, 10, 16}, 2);
    add("LeavesARest", {.kernel = {2, 3}}, {5, 7, 3}, 2);
    add("Overlapping", {.kernel = {3, 3}, .stride = {1, 2}}, {6, 7, 5}, 2);
    add("StrideAboveKernel", {.kernel = {1, 2}, .stride = {2, 3}}, {5, 8, 17},
        1);
    add("Padded",
        {.kernel = {3, 3}, .stride = {2, 2}, .padding = {{1, 0}, {2, 1}}},
        {5, 6, 4}, 2);
    add("WholeImage", {.kernel = {7, 5}}, {7, 5, 33}, 3);
    add("OneDimension", {.kernel = {3}, .stride = {2}}, {9, 4}, 2);
  }
  cases.push_back(Case("AverageCountsPaddingWhereThereIsNone",
                       PoolKind::kAverage, {.kernel = {2, 2}}, {4, 4, 2}, 1));
  cases.push_back(Case("MaxDilated", PoolKind::kMax,
                       {.kernel = {2, 3}, .stride = {1, 1}, .dilation = {3, 2}},
                       {8, 7, 3}, 2));
  return cases;
}

// What XNNPACK lacks.
std::vector<KernelCase> ReferenceOnlyCases() {
  return {
      Case("OnePixel", PoolKind::kMax, {.kernel = {1, 1}}, {1, 1, 1}, 1),
      Case("OnePixelAverage", PoolKind::kAverage, {.kernel = {1, 1}}, {1, 1, 1},
           1),
      Case("AverageCountsPadding", PoolKind::kAverage,
           {.kernel = {3, 2}, .stride = {2, 1}, .padding = {1, 1}}, {5, 4, 3},
           2),
      Case("AverageDilated", PoolKind::kAverage,
           {.kernel = {2, 2}, .dilation = {2, 1}}, {6, 5, 2}, 1),
      Case("MaxDilatedAndPadded", PoolKind::kMax,
           {.kernel = {2, 2},
            .stride = {1, 1},
            .dilation = {2, 2},
            .padding = {1, 1}},
           {5, 4, 2}, 2),
      Case("Clip", PoolKind::kMax, {.kernel = {2, 2, 2}}, {4, 4, 2, 2}, 1),
  };
}

class PoolCaseTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, PoolCaseTest, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(PoolCaseTest, XnnpackAgreesWithReference) {
  CheckAgainstReference(GetParam(), Backend::kXnnpack);
}

TEST_P(PoolCaseTest, LanesAgreeWithReference) {
  CheckAgainstReference(GetParam(), Backend::kLanes);
}

TEST_P(PoolCaseTest, DirectAgreesWithReference) {
  CheckAgainstReference(GetParam(), Backend::kDirect);
}

TEST_P(PoolCaseTest, Gradients) {
  for (Backend backend : kTrainingBackends) CheckGradients(GetParam(), backend);
}

class PoolReferenceOnlyTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, PoolReferenceOnlyTest,
                         ::testing::ValuesIn(ReferenceOnlyCases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(PoolReferenceOnlyTest, Gradients) {
  CheckGradients(GetParam(), Backend::kReference);
}

TEST_P(PoolReferenceOnlyTest, LanesAgreeWithReference) {
  CheckAgainstReference(GetParam(), Backend::kLanes);
  CheckGradients(GetParam(), Backend::kLanes);
}

TEST_P(PoolReferenceOnlyTest, DirectAgreesWithReference) {
  CheckAgainstReference(GetParam(), Backend::kDirect);
}

TEST_P(PoolReferenceOnlyTest, XnnpackSaysThatItHasNone) {
  CheckAgainstReference(GetParam(), Backend::kXnnpack,
                        /*expect_kernel=*/false);
}

// Of equal taps, the first gets the gradient, and only it.
TEST_P(PoolBackendTest, GivesTheGradientOfATieToTheFirst) {
  if (!CanTrain(GetParam())) GTEST_SKIP() << "for inference only";
  const PoolSpec spec = {.window = {.kernel = {2, 2}}};
  const Tensor x = Tensor::Of({1, 2, 2, 1}, {1, 7, 7, 7});
  const Tensor dy = Tensor::Of({1, 1, 1, 1}, {3});
  Tensor y({1, 1, 1, 1});
  Tensor dx({1, 2, 2, 1});
  LENSLET_ASSERT_OK_AND_ASSIGN(auto kernel,
                               MakePoolKernel(GetParam(), spec, {2, 2, 1}, 1));
  kernel = AdaptLayout(Layout::kImages, std::move(kernel), {{2, 2, 1}},
                       {1, 1, 1}, 1);
  LENSLET_ASSERT_OK(kernel->Bind({.inputs = {x.data()},
                                  .parameters = {},
                                  .output = y.data(),
                                  .output_gradient = dy.data(),
                                  .input_gradients = {dx.data()}}));
  kernel->Forward(1);
  kernel->Backward(1, {});
  LENSLET_EXPECT_OK(AllClose(dx, Tensor::Of({1, 2, 2, 1}, {0, 3, 0, 0})));
}

TEST(PoolSpecTest, Cost) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Cost cost, ComputeCost({.window = {.kernel = {2, 2}}}, {28, 28, 6}));
  EXPECT_EQ(cost.multiply_adds, 0);
  EXPECT_EQ(cost.other_operations, 14 * 14 * 6 * 4);
  EXPECT_EQ(cost.input_bytes, 28 * 28 * 6 * 4);
  EXPECT_EQ(cost.parameter_bytes, 0);
  EXPECT_EQ(cost.output_bytes, 14 * 14 * 6 * 4);
}

struct Rejected {
  std::string name;
  Window window;
  Shape image;
  std::string message;
};

class PoolRejectedTest : public ::testing::TestWithParam<Rejected> {};

INSTANTIATE_TEST_SUITE_P(
    Cases, PoolRejectedTest,
    ::testing::ValuesIn(std::vector<Rejected>{
        {"NoKernel", {}, {3, 3, 1}, "kernel is empty"},
        {"ZeroStride",
         {.kernel = {2, 2}, .stride = {0, 1}},
         {3, 3, 1},
         "stride [0, 1] has 0, which is not in [1, 2147483647]"},
        {"WindowAboveImage",
         {.kernel = {2, 4}},
         {3, 3, 1},
         "covers 4 positions of axis 1, more than the padded input's 3"},
        {"PaddingAsLargeAsTheWindow",
         {.kernel = {2, 2}, .padding = {{0, 0}, {0, 2}}},
         {3, 3, 1},
         "padding [0, 2] is not smaller than the window, which covers 2 "
         "positions of axis 1"},
        {"WindowOnPaddingAlone",
         {.kernel = {2, 2},
          .stride = {1, 1},
          .dilation = {1, 30},
          .padding = {{0, 29}, {0, 29}}},
         {28, 28, 1},
         "dilation [1, 30] is larger than the input [28, 28] on axis 1"},
        {"OtherDimensions",
         {.kernel = {2, 2}},
         {9, 1},
         "an image of shape [9, 1] has 2 dimensions"},
        {"NoChannels",
         {.kernel = {2, 2}},
         {3, 3, 0},
         "an image of shape [3, 3, 0] has no channels"},
    }),
    [](const auto& info) { return info.param.name; });

TEST_P(PoolRejectedTest, SaysWhy) {
  const Rejected& r = GetParam();
  for (Backend backend : kBackends) {
    EXPECT_THAT(
        MakePoolKernel(backend, {.window = r.window}, r.image, 1),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(r.message)));
  }
}

TEST(PoolTest, TheSimpleCallNamesTheWrongArgument) {
  EXPECT_THAT(MaxPool2d(Tensor({3, 3}), {2, 2}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("x is float32 [3, 3], expected float32 [N, H, "
                                 "W, C]")));
  EXPECT_THAT(
      AvgPool2d(Tensor({1, 3, 3, 1}), {4, 4}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("kernel [4, 4]")));
}

}  // namespace
}  // namespace lenslet
