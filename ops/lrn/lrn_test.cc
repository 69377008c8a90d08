#include "lenslet/ops/lrn/lrn.h"

#include <cmath>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/lrn/negative_power.h"
#include "lenslet/ops/testing/instruction_sets.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr Backend kComputing[] = {Backend::kReference, Backend::kLanes,
                                  Backend::kDirect};

// With alpha = size, the divisors are 1 + sums of squares, to the power of 1/2:
//
//   x   squares   window of 3, sums      y
//   1   1         1 + 4 = 5              1 / sqrt(6)
//   2   4         1 + 4 + 4 = 9          2 / sqrt(10)
//   2   4         4 + 4 = 8              2 / 3
TEST(LrnTest, DividesByTheNeighbors) {
  for (Backend backend : kComputing) {
    LENSLET_EXPECT_OK(AllClose(
        *Lrn(Tensor::Of({1, 3}, {1, 2, 2}),
             {.size = 3, .alpha = 3, .beta = 0.5f}, backend),
        Tensor::Of({1, 3},
                   {1 / std::sqrt(6.0f), 2 / std::sqrt(10.0f), 2 / 3.0f}),
        {.absolute = 32 * 0x1p-24}));
  }
}

// A window of 2 has the channel and the next, which the last lacks.
TEST(LrnTest, EvenWindowsHaveMoreAfterTheChannel) {
  for (Backend backend : kComputing) {
    LENSLET_EXPECT_OK(AllClose(
        *Lrn(Tensor::Of({1, 2}, {1, 2}), {.size = 2, .alpha = 2, .beta = 1},
             backend),
        Tensor::Of({1, 2}, {1 / 6.0f, 2 / 5.0f}), {.absolute = 32 * 0x1p-24}));
  }
}

TEST(LrnTest, PositionsDoNotMix) {
  const LrnSpec spec = {.size = 5, .alpha = 5, .beta = 1, .bias = 2};
  for (Backend backend : kComputing) {
    LENSLET_EXPECT_OK(AllClose(
        *Lrn(Tensor::Of({2, 2, 1}, {1, 2, 3, 4}), spec, backend),
        Tensor::Of({2, 2, 1}, {1 / 3.0f, 2 / 6.0f, 3 / 11.0f, 4 / 18.0f}),
        {.absolute = 32 * 0x1p-24}));
  }
}

TEST(NegativePowerTest, IsAsAccurateAsPromised) {
  for (const float beta : {0.0f, 0.5f, 0.75f, 2.0f}) {
    ForEachInstructionSet([&](const std::string& name) {
      SCOPED_TRACE(name);
      Tensor s({16 * 100});
      Tensor y({16 * 100});
      for (int i = 0; i < 1600; ++i) {
        s.data()[i] = static_cast<float>(std::exp(i / 80.0 - 10));
      }
      NegativePower(1600, beta, s.data(), y.data());
      for (int i = 0; i < 1600; ++i) {
        const double expected = std::pow(double{s.data()[i]}, -double{beta});
        const double log = std::abs(std::log(double{s.data()[i]}));
        ASSERT_NEAR(y.data()[i], expected,
                    (8 + beta * (6 + 11 * log)) * 0x1p-24 * expected)
            << s.data()[i] << " to the power of -" << beta;
      }
    });
  }
}

// With a = alpha / size and numbers whose a * x^2 / s is at most 1, the third
// derivative of x * s^-beta by any of the window's numbers is at most
//   a * beta * (6 + 36 * (beta + 1) + 8 * (beta + 1) * (beta + 2)),
// of a bias of 1. The functions err by some 16 units of 2^-24, sums and
// products by a few more.
KernelCase LrnCase(const std::string& name, const Shape& image,
                   const LrnSpec& spec) {
  const double a = spec.alpha / static_cast<double>(spec.size);
  const double beta = spec.beta;
  return {.name = name,
          .make = [=](Backend backend,
                      int64_t) { return MakeLrnKernel(backend, spec, image); },
          .inputs = {image},
          .output = image,
          .images = 3,
          .terms = spec.size,
          .third_derivative =
              a * beta * (6 + 36 * (beta + 1) + 8 * (beta + 1) * (beta + 2)),
          .rounding_error = 48 * 0x1p-24};
}

std::vector<KernelCase> Cases() {
  return {LrnCase("Defaults", {3, 5, 19}, {}),
          LrnCase("Strong", {3, 2, 7}, {.alpha = 0.5f}),
          LrnCase("Even", {2, 8}, {.size = 4, .alpha = 0.5f, .beta = 0.5f}),
          LrnCase("WiderThanChannels", {4, 3}, {.size = 11, .alpha = 1}),
          LrnCase("OfItself", {2, 2, 17}, {.size = 1, .alpha = 0.1f}),
          LrnCase("LargeBias", {5, 6},
                  {.size = 3, .alpha = 0.25f, .beta = 1, .bias = 2}),
          LrnCase("Vector", {33}, {.size = 3, .alpha = 0.25f})};
}

class LrnCaseTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, LrnCaseTest, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(LrnCaseTest, AllAgreeWithReference) {
  CheckAgainstReference(GetParam(), Backend::kLanes);
  CheckAgainstReference(GetParam(), Backend::kDirect);
  CheckAgainstReference(GetParam(), Backend::kXnnpack, /*expect_kernel=*/false);
}

TEST_P(LrnCaseTest, Gradients) {
  CheckGradients(GetParam(), Backend::kReference);
  CheckGradients(GetParam(), Backend::kLanes);
}

TEST(LrnTest, Cost) {
  LENSLET_ASSERT_OK_AND_ASSIGN(Cost cost, ComputeCost(LrnSpec(), {4, 7}));
  EXPECT_EQ(cost.multiply_adds, 5 * 28);
  EXPECT_EQ(cost.other_operations, 2 * 28);
  EXPECT_EQ(cost.bytes(), 2 * 28 * 4);
  EXPECT_EQ(ComputeCost({.size = 100}, {4, 7})->multiply_adds, 7 * 28);
}

TEST(LrnTest, NamesWhatIsOutOfRange) {
  for (Backend backend : kBackends) {
    const auto expect = [&](const LrnSpec& spec, const Shape& image,
                            const std::string& message) {
      EXPECT_THAT(MakeLrnKernel(backend, spec, image),
                  StatusIs(kInvalid, message));
      EXPECT_THAT(ComputeCost(spec, image), StatusIs(kInvalid, message));
    };
    expect({.size = 0}, {2}, "size is 0; expected a number in [1, 2147483647]");
    expect({.alpha = -1}, {2},
           "alpha is -1; expected a finite number of at least 0");
    expect({.beta = NAN}, {2},
           "beta is nan; expected a finite number of at least 0");
    expect({.bias = 0}, {2}, "bias is 0; expected a finite number above 0");
    expect({}, Shape(), "input is one number; expected [..., channels]");
    expect({}, {2, 0},
           "local response normalization of an image of shape [2, 0], which "
           "has no elements");
  }
}

TEST(LrnTest, TheSimpleCallNamesTheWrongArgument) {
  EXPECT_THAT(Lrn(Tensor({2}, ElementType::kUint8)),
              StatusIs(kInvalid, HasSubstr("x is uint8 [2]; expected")));
  EXPECT_THAT(Lrn(Tensor({1, 2}), {}, Backend::kXnnpack),
              StatusIs(absl::StatusCode::kUnimplemented,
                       "XNNPACK has no local response normalization"));
}

}  // namespace
}  // namespace lenslet
