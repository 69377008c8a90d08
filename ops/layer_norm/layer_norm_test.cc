#include "lenslet/ops/layer_norm/layer_norm.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr Backend kComputing[] = {Backend::kReference, Backend::kLanes,
                                  Backend::kDirect};

//   row      mean  variance   z            scale 2 3, bias 10 20
//   1 3      2     1          -1 1         8 23
//   6 2      4     4           1 -1        12 17
TEST(LayerNormTest, NormalizesEachPosition) {
  for (Backend backend : kComputing) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        Tensor y,
        LayerNorm(Tensor::Of({1, 2, 2}, {1, 3, 6, 2}), Tensor::Of({2}, {2, 3}),
                  Tensor::Of({2}, {10, 20}), {.epsilon = 1e-9}, backend));
    LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 2, 2}, {8, 23, 12, 17}),
                               {.absolute = 1e-5}));
  }
}

// Of both images together, mean and variance would be others.
//   1 3 1 3: mean 2, variance 1;  0 0 4 4: mean 2, variance 4
TEST(LayerNormTest, NormalizesAllOfAnImage) {
  for (Backend backend : kComputing) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        Tensor y, LayerNorm(Tensor::Of({2, 2, 2}, {1, 3, 1, 3, 0, 0, 4, 4}),
                            Tensor::Of({2, 2}, {1, 2, 3, 4}),
                            Tensor::Of({2, 2}, {0, 0, 0, 0.5f}),
                            {.axis = 0, .epsilon = 1e-9}, backend));
    LENSLET_EXPECT_OK(
        AllClose(y, Tensor::Of({2, 2, 2}, {-1, 2, -3, 4.5f, -1, -2, 3, 4.5f}),
                 {.absolute = 1e-5}));
  }
}

// Numbers of one size have no variance; epsilon keeps them finite.
TEST(LayerNormTest, TakesEqualNumbers) {
  for (Backend backend : kComputing) {
    LENSLET_EXPECT_OK(AllClose(
        *LayerNorm(Tensor::Of({1, 3}, {7, 7, 7}), Tensor::Of({3}, {1, 1, 1}),
                   Tensor::Of({3}, {1, 2, 3}), {}, backend),
        Tensor::Of({1, 3}, {1, 2, 3})));
  }
}

// Numbers from scale / 2 to scale, with alternating signs, so that no row has a
// variance below (1/2)^2 * 8/9, that of three numbers.
void FillAlternating(Random& random, double scale, absl::Span<float> x) {
  for (size_t i = 0; i < x.size(); ++i) {
    const double sign = i % 2 == 0 ? scale : -scale;
    x[i] = static_cast<float>(sign * (0.5 + random.Uniform() / 2));
  }
}

// A bound on the third derivative by one of m inputs of 1; ops/batch_norm's
// test, whose formula is the same, derives it.
double ThirdDerivative(double m) {
  const double steepest = 2.13;  // 1 / deviation.
  const double q1 = 4 / m;
  const double q2 = 2 / m;
  const double second =
      q2 / 2 * std::pow(steepest, 3) + 3 * q1 * q1 / 4 * std::pow(steepest, 5);
  const double third = 9 * q1 * q2 / 4 * std::pow(steepest, 5) +
                       15 * q1 * q1 * q1 / 8 * std::pow(steepest, 7);
  return 2 * third + 3 * second;
}

// Errors in units of 2^-24, for inputs of up to 1: sums in double have none.
// The mean's rounding and the difference's, 1 and 2, times 2.13; z of up
// to 4.3, with the deviation's rounding and two products: 4.3 * 3; and a sum of
// up to 5.3: 25 together. dx: 2.13 times the roundings of g, the averages and
// their sum, of up to 8 each, and 25 of z: 2.13 * (5 * 8 + 25). Parameters: 25
// for each row.
KernelCase LayerNormCase(const std::string& name, const Shape& image,
                         const LayerNormSpec& spec) {
  const Shape features = *FeatureShape(spec, image);
  return {.name = name,
          .make =
              [=](Backend backend, int64_t) {
                return MakeLayerNormKernel(backend, spec, image);
              },
          .inputs = {image},
          .output = image,
          .parameters = {features, features},
          .images = 3,
          .scaled_third_derivative =
              ThirdDerivative(static_cast<double>(features.elements())),
          .function_error = 25 * 0x1p-24,
          .input_gradient_error = 140 * 0x1p-24,
          .parameter_gradient_error =
              25 * 0x1p-24 * (image.elements() / features.elements()),
          .fill_input = FillAlternating};
}

std::vector<KernelCase> Cases() {
  return {LayerNormCase("Vector", {17}, {}),
          LayerNormCase("TwoFeatures", {3, 5, 2}, {}),
          LayerNormCase("Channels", {3, 5, 19}, {}),
          LayerNormCase("RowsOfAnImage", {3, 4, 2}, {.axis = 1}),
          LayerNormCase("WholeImage", {4, 5, 3}, {.axis = 0}),
          LayerNormCase("LargeEpsilon", {2, 8}, {.epsilon = 0.5}),
          LayerNormCase("FiveAxes", {2, 1, 3, 2, 4}, {.axis = 2})};
}

class LayerNormCaseTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, LayerNormCaseTest, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(LayerNormCaseTest, AllAgreeWithReference) {
  CheckAgainstReference(GetParam(), Backend::kLanes);
  CheckAgainstReference(GetParam(), Backend::kDirect);
  CheckAgainstReference(GetParam(), Backend::kXnnpack, /*expect_kernel=*/false);
}

TEST_P(LayerNormCaseTest, Gradients) {
  CheckGradients(GetParam(), Backend::kReference);
  CheckGradients(GetParam(), Backend::kLanes);
}

TEST(LayerNormTest, Cost) {
  LENSLET_ASSERT_OK_AND_ASSIGN(Cost cost, ComputeCost(LayerNormSpec(), {4, 7}));
  EXPECT_EQ(cost.multiply_adds, 2 * 28);
  EXPECT_EQ(cost.other_operations, 3 * 28);
  EXPECT_EQ(cost.bytes(), (28 + 7 + 7 + 28) * 4);
}

TEST(LayerNormTest, NamesWhatIsOutOfRange) {
  for (Backend backend : kBackends) {
    const auto expect = [&](const LayerNormSpec& spec, const Shape& image,
                            const std::string& message) {
      EXPECT_THAT(MakeLayerNormKernel(backend, spec, image),
                  StatusIs(kInvalid, message));
      EXPECT_THAT(ComputeCost(spec, image), StatusIs(kInvalid, message));
    };
    expect({.epsilon = 0}, {2},
           "epsilon is 0; expected a finite number above 0");
    expect({.epsilon = NAN}, {2},
           "epsilon is nan; expected a finite number above 0");
    expect({.axis = 2}, {4, 3},
           "axis is 2; expected one of the 2 axes of an image of shape [4, 3]");
    expect({.axis = -1}, {4},
           "axis is -1; expected one of the 1 axes of an image of shape [4]");
    expect({}, Shape(), "input is one number; expected [..., channels]");
    expect({}, {2, 0},
           "layer normalization of an image of shape [2, 0], which has no "
           "elements");
  }
}

TEST(LayerNormTest, TheSimpleCallNamesTheWrongArgument) {
  const Tensor x({1, 4, 3});
  EXPECT_THAT(LayerNorm(Tensor(Shape()), Tensor({3}), Tensor({3})),
              StatusIs(kInvalid, HasSubstr("x is float32 []; expected")));
  EXPECT_THAT(LayerNorm(x, Tensor({4}), Tensor({3})),
              StatusIs(kInvalid,
                       "scale is float32 [4]; expected float32 [3], the sizes "
                       "of the features of x"));
  EXPECT_THAT(LayerNorm(x, Tensor({3}), Tensor({3}, ElementType::kUint8)),
              StatusIs(kInvalid, HasSubstr("bias is uint8 [3]")));
  EXPECT_THAT(LayerNorm(x, Tensor({3}), Tensor({3}), {}, Backend::kXnnpack),
              StatusIs(absl::StatusCode::kUnimplemented,
                       "XNNPACK has no layer normalization"));
}

}  // namespace
}  // namespace lenslet
