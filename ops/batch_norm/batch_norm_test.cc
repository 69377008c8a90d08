#include "lenslet/ops/batch_norm/batch_norm.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/batch_norm/batch_norm_case.h"
#include "lenslet/ops/layout_adapter.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

constexpr double kRoundoff = 0x1p-24;

// Those that normalize by a block's own statistics.
constexpr Backend kOwnStatistics[] = {Backend::kReference, Backend::kLanes};

// By hand, two images of two channels, with epsilon = 15/16:
//
//   channel   x        mean   variance   deviation           z           y
//      0      0, 3.5   1.75    49/16     sqrt(64/16) = 2   -7/8, 7/8   8 z + 1
//      1      5, 5     5       0         sqrt(15/16)        0, 0       100 z -
//      2
TEST(BatchNormTest, NormalizesByItsOwnMeanAndVariance) {
  const Tensor x = Tensor::Of({2, 2}, {0, 5, 3.5, 5});
  const Tensor scale = Tensor::Of({2}, {8, 100});
  const Tensor shift = Tensor::Of({2}, {1, -2});
  for (const Backend backend : kOwnStatistics) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        Tensor y, BatchNorm(x, scale, shift, 15.0 / 16, backend));
    LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({2, 2}, {-6, -2, 8, -2}),
                               {.relative = 4 * kRoundoff}));
  }
}

// Of the same, by the mean 2 and the variance 3 + 1/16: deviation 2.
TEST(BatchNormTest, NormalizesByAGivenMeanAndVariance) {
  const Tensor x = Tensor::Of({2, 1, 1}, {0, 3.5});
  for (const Backend backend : kBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        Tensor y,
        BatchNormBy(x, Tensor::Of({1}, {8}), Tensor::Of({1}, {1}),
                    Tensor::Of({1}, {2}), Tensor::Of({1}, {49.0 / 16}),
                    15.0 / 16, backend));
    LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({2, 1, 1}, {-7, 7}),
                               {.relative = 4 * kRoundoff}));
  }
}

// A kernel in training, with blocks as images whatever its layout is.
class Trained {
 public:
  Trained(Backend backend, const BatchNormSpec& spec, const Shape& image,
          int64_t images)
      : x(*image.WithOuter(images)),
        y(*image.WithOuter(images)),
        dy(*image.WithOuter(images)),
        dx(*image.WithOuter(images)),
        images_(images),
        kernel_(AdaptLayout(Layout::kImages,
                            *MakeBatchNormKernel(backend, spec, image, images),
                            {image}, image, images)) {
    for (int i = 0; i < 4; ++i) {
      parameters.emplace_back(Shape{spec.channels});
      gradients.emplace_back(Shape{spec.channels});
    }
    for (float& scale : parameters[0].span()) scale = 1;
    for (float& variance : parameters[3].span()) variance = 1;
    KernelBuffers buffers = {.inputs = {x.data()},
                             .parameters = {},
                             .output = y.data(),
                             .training = true,
                             .output_gradient = dy.data(),
                             .input_gradients = {dx.data()}};
    for (Tensor& parameter : parameters) {
      buffers.parameters.push_back(parameter.data());
    }
    LENSLET_EXPECT_OK(kernel_->Bind(std::move(buffers)));
    LENSLET_EXPECT_OK(kernel_->ParametersChanged());
  }

  void Run() {
    kernel_->Forward(images_);
    kernel_->Backward(images_, {gradients[0].data(), gradients[1].data(),
                                gradients[2].data(), gradients[3].data()});
  }
  void RunWithoutGradients() {
    kernel_->Forward(images_);
    kernel_->Backward(images_, {nullptr, nullptr, nullptr, nullptr});
  }

  Tensor x;
  Tensor y;
  Tensor dy;
  Tensor dx;
  std::vector<Tensor> parameters;
  std::vector<Tensor> gradients;

 private:
  const int64_t images_;
  const std::unique_ptr<Kernel> kernel_;
};

// By hand: 3 images of 2 positions, numbers 1 2 3 4 5 9. Mean 4, squared
// differences 9 4 1 0 1 25 = 40: variance 40/6, unbiased 40/5 = 8. With
// momentum 1/4 the averages, 0 and 1 so far, are to move by 1 and 7/4, which
// three images ask for.
TEST(BatchNormTest, AsksItsAveragesToMove) {
  for (const Backend backend : kOwnStatistics) {
    Trained kernel(backend, {.channels = 1, .momentum = 0.25}, {2, 1}, 3);
    std::copy_n(Tensor::Of({6}, {1, 2, 3, 4, 5, 9}).data(), 6, kernel.x.data());
    kernel.gradients[2].data()[0] = 100;  // Added to what is there.
    kernel.Run();
    EXPECT_NEAR(kernel.gradients[2].data()[0], 100 + 3, 103 * kRoundoff);
    EXPECT_NEAR(kernel.gradients[3].data()[0], 5.25, 6 * kRoundoff);
  }
}

TEST(BatchNormTest, OneNumberAsksOnlyTheMeanToMove) {
  for (const Backend backend : kOwnStatistics) {
    Trained kernel(backend, {.channels = 1}, {1}, 1);
    kernel.x.data()[0] = 5;
    kernel.dy.data()[0] = 3;
    kernel.parameters[1].data()[0] = 7;
    kernel.Run();
    EXPECT_EQ(kernel.y.data()[0], 7);
    // 3 - 3, divided by sqrt(epsilon): three roundings of 949.
    EXPECT_NEAR(kernel.dx.data()[0], 0, 3 * 949 * kRoundoff);
    EXPECT_EQ(kernel.gradients[0].data()[0], 0);
    EXPECT_EQ(kernel.gradients[1].data()[0], 3);
    EXPECT_NEAR(kernel.gradients[2].data()[0], 0.5, kRoundoff);
    EXPECT_EQ(kernel.gradients[3].data()[0], 0);
  }
}

// Its deviation is sqrt(epsilon): a mean that is off would show.
TEST(BatchNormTest, AConstantBecomesTheShift) {
  for (const Backend backend : kOwnStatistics) {
    Trained kernel(backend, {.channels = 2}, {9, 5, 2}, 19);
    Random random(/*seed=*/1);
    std::fill(kernel.x.span().begin(), kernel.x.span().end(), 1234.567f);
    FillUniform(-1, 1, random, kernel.dy.span());
    kernel.Run();
    EXPECT_THAT(kernel.y.span(), Each(0.0f));
    EXPECT_THAT(kernel.gradients[0].span(), Each(0.0f));
    for (const float dx : kernel.dx.span()) EXPECT_TRUE(std::isfinite(dx));
  }
}

// From 4096 on, 2^-11 lies between neighboring floats: x is exact, and so are
// its differences.
TEST(BatchNormTest, ALargeMeanCostsNoAccuracy) {
  for (const Backend backend : kOwnStatistics) {
    Trained near_zero(backend, {.channels = 1}, {40, 40, 1}, 19);
    Trained far(backend, {.channels = 1}, {40, 40, 1}, 19);
    Random random(/*seed=*/2);
    for (int64_t i = 0; i < near_zero.x.shape().elements(); ++i) {
      near_zero.x.data()[i] = static_cast<float>(random.Below(4096)) / 2048;
      far.x.data()[i] = 4096 + near_zero.x.data()[i];
    }
    near_zero.Run();
    far.Run();
    // Differences of up to 2, whose sums go through 16 additions: the mean is
    // off by 18 roundings at most, as below, of a deviation of 1 / sqrt(3).
    LENSLET_EXPECT_OK(
        AllClose(far.y, near_zero.y,
                 {.absolute = 40 * kRoundoff, .relative = 40 * kRoundoff}));
  }
}

TEST(BatchNormTest, GradientsThatAreNotWantedMayBeNull) {
  for (const Backend backend : kOwnStatistics) {
    Trained all(backend, {.channels = 3}, {4, 3}, 5);
    Trained none(backend, {.channels = 3}, {4, 3}, 5);
    Random random(/*seed=*/3);
    FillUniform(-1, 1, random, all.x.span());
    FillUniform(-1, 1, random, all.dy.span());
    std::copy_n(all.x.data(), 60, none.x.data());
    std::copy_n(all.dy.data(), 60, none.dy.data());
    all.Run();
    none.RunWithoutGradients();
    LENSLET_EXPECT_OK(AllClose(none.dx, all.dx, {}));
  }
}

// What the last group's missing images hold must not matter, and their
// gradients are zero, though the averages in dx are not.
TEST(BatchNormTest, MissingImagesDoNotCount) {
  const int64_t images = 19;
  const Shape block = {32, 3};
  Tensor x(block), y(block), dy(block), dx(block);
  Random random(/*seed=*/4);
  FillUniform(-1, 1, random, x.span());
  FillUniform(-1, 1, random, dy.span());
  ClearMissingLanes(images, 3, dy.data());
  const Tensor scale = Tensor::Of({3}, {1, 2, 3});
  const Tensor zero({3});
  const auto run = [&](float missing) {
    for (int64_t element = 0; element < 3; ++element) {
      for (int64_t lane = 3; lane < kLanes; ++lane) {
        x.data()[(3 + element) * kLanes + lane] = missing;
      }
    }
    auto kernel =
        *MakeBatchNormKernel(Backend::kLanes, {.channels = 3}, {3}, images);
    LENSLET_EXPECT_OK(kernel->Bind(
        {.inputs = {x.data()},
         .parameters = {scale.data(), zero.data(), zero.data(), zero.data()},
         .output = y.data(),
         .training = true,
         .output_gradient = dy.data(),
         .input_gradients = {dx.data()}}));
    std::vector<Tensor> gradients(4);
    for (Tensor& gradient : gradients) gradient = Tensor({3});
    kernel->Forward(images);
    for (int64_t element = 0; element < 3; ++element) {
      for (int64_t lane = 3; lane < kLanes; ++lane) {
        EXPECT_EQ(y.data()[(3 + element) * kLanes + lane], 0);
      }
    }
    kernel->Backward(images, {gradients[0].data(), gradients[1].data(),
                              gradients[2].data(), gradients[3].data()});
    std::vector<float> results(dx.span().begin(), dx.span().end());
    for (const Tensor& gradient : gradients) {
      results.insert(results.end(), gradient.span().begin(),
                     gradient.span().end());
    }
    return results;
  };
  const std::vector<float> results = run(0);
  EXPECT_EQ(results, run(1000));
  for (int64_t element = 0; element < 3; ++element) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const float value = results[(3 + element) * kLanes + lane];
      EXPECT_EQ(value != 0, lane < 3) << value;
    }
  }
}

KernelCase Case(const std::string& name, const Shape& image, int64_t images,
                bool training = true) {
  return BatchNormCase(name, image, images, training);
}

std::vector<KernelCase> TrainingCases() {
  return {
      Case("OneChannel", {4, 3, 1}, 2),
      Case("OddSizes", {5, 3, 7}, 3),
      Case("Features", {17}, 16),
      Case("BlockThatIsNotFull", {2, 5}, 19),
      Case("OnePositionEach", {1, 1, 4}, 11),
      Case("LargeMap", {28, 28, 6}, 2),
      Case("OneImage", {6, 6, 3}, 1),
  };
}

class BatchNormTrainingTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, BatchNormTrainingTest,
                         ::testing::ValuesIn(TrainingCases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(BatchNormTrainingTest, LanesAgreeWithReference) {
  CheckAgainstReference(GetParam(), Backend::kLanes);
}

TEST_P(BatchNormTrainingTest, Gradients) {
  for (const Backend backend : kOwnStatistics) {
    CheckGradients(GetParam(), backend);
  }
}

std::vector<KernelCase> InferenceCases() {
  return {
      Case("OneNumber", {1}, 1, /*training=*/false),
      Case("OddSizes", {5, 3, 7}, 3, /*training=*/false),
      Case("OffTheVectorWidth", {2, 33}, 2, /*training=*/false),
      Case("BlockThatIsNotFull", {2, 5}, 19, /*training=*/false),
  };
}

class BatchNormInferenceTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, BatchNormInferenceTest,
                         ::testing::ValuesIn(InferenceCases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(BatchNormInferenceTest, BackendsAgreeWithReference) {
  for (const Backend backend :
       {Backend::kXnnpack, Backend::kLanes, Backend::kDirect}) {
    CheckAgainstReference(GetParam(), backend);
  }
}

TEST(BatchNormTest, OtherBackendsDoNotTrain) {
  for (const Backend backend : {Backend::kXnnpack, Backend::kDirect}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        auto kernel, MakeBatchNormKernel(backend, {.channels = 1}, {1}, 1));
    KernelBuffers buffers;
    buffers.training = true;
    EXPECT_THAT(kernel->Bind(buffers),
                StatusIs(absl::StatusCode::kUnimplemented,
                         HasSubstr("trains in lanes or on the reference")));
  }
}

TEST(BatchNormTest, Cost) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Cost cost, ComputeCost(BatchNormSpec{.channels = 6}, {28, 28, 6}));
  EXPECT_EQ(cost.multiply_adds, 28 * 28 * 6);
  EXPECT_EQ(cost.parameter_bytes, 4 * 6 * 4);
  EXPECT_EQ(cost.input_bytes, 28 * 28 * 6 * 4);
  EXPECT_EQ(cost.output_bytes, 28 * 28 * 6 * 4);
}

TEST(BatchNormTest, RejectsWrongSpecs) {
  const auto code = absl::StatusCode::kInvalidArgument;
  for (const Backend backend : kBackends) {
    const auto make = [&](const BatchNormSpec& spec, const Shape& image) {
      return MakeBatchNormKernel(backend, spec, image, 1);
    };
    EXPECT_THAT(
        make({.channels = 0}, {0}),
        StatusIs(
            code,
            HasSubstr("channels is 0; expected a number in [1, 2147483647]")));
    EXPECT_THAT(make({.channels = 3}, {2, 4}),
                StatusIs(code, HasSubstr("input has 4 channels; expected 3")));
    EXPECT_THAT(make({.channels = 3}, {0, 3}),
                StatusIs(code, HasSubstr("shape [0, 3] has no channels")));
    EXPECT_THAT(make({.channels = 3}, {}),
                StatusIs(code, HasSubstr("shape [] has no channels")));
    for (const double epsilon : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
      EXPECT_THAT(make({.channels = 3, .epsilon = epsilon}, {3}),
                  StatusIs(code, absl::StrCat("epsilon is ", epsilon,
                                              "; expected a positive number")));
    }
    for (const double momentum : {-0.5, 1.5, std::nan("")}) {
      EXPECT_THAT(
          make({.channels = 3, .momentum = momentum}, {3}),
          StatusIs(code, absl::StrCat("momentum is ", momentum,
                                      "; expected a number in [0, 1]")));
    }
  }
}

TEST(BatchNormTest, TheSimpleCallNamesTheWrongArgument) {
  const auto code = absl::StatusCode::kInvalidArgument;
  const Tensor x({2, 3});
  const Tensor good({3});
  EXPECT_THAT(BatchNorm(Tensor({3}), good, good),
              StatusIs(code, HasSubstr("x is float32 [3]; expected float32 "
                                       "[N, ..., channels]")));
  EXPECT_THAT(BatchNorm(x, Tensor({3, 1}), good),
              StatusIs(code, HasSubstr("scale is float32 [3, 1]")));
  EXPECT_THAT(BatchNorm(x, good, Tensor({2})),
              StatusIs(code, HasSubstr("shift has shape [2]; expected [3], one "
                                       "number for each channel of x")));
  EXPECT_THAT(BatchNormBy(x, good, good, Tensor({4}), good),
              StatusIs(code, HasSubstr("mean has shape [4]; expected [3], one "
                                       "number for each channel of x")));
  EXPECT_THAT(BatchNormBy(x, good, good, good, Tensor({4})),
              StatusIs(code, HasSubstr("variance has shape [4]; expected [3], "
                                       "one number for each channel of x")));
}

}  // namespace
}  // namespace lenslet
