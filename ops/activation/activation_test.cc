#include "ops/activation/activation.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ops/testing/kernel_checks.h"
#include "tensor/all_close.h"
#include "tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

class ActivationBackendTest : public ::testing::TestWithParam<Backend> {};

INSTANTIATE_TEST_SUITE_P(Backends, ActivationBackendTest,
                         ::testing::ValuesIn(kBackends), [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// With e^(log 3) = 3: sigmoid(log 3) = 3/4, sigmoid(-log 3) = 1/4, and
// tanh(log 3) = (3 - 1/3) / (3 + 1/3) = 4/5.
TEST_P(ActivationBackendTest, ComputesItsFunction) {
  const float log3 = std::log(3.0f);
  const Tensor x = Tensor::Of({3}, {-log3, 0, log3});
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor sigmoid, Sigmoid(x, GetParam()));
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor tanh, Tanh(x, GetParam()));
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor relu, Relu(x, GetParam()));
  // A few roundings of numbers up to 1.
  const Tolerance tolerance = {.absolute = 4 * 0x1p-24};
  LENSLET_EXPECT_OK(
      AllClose(sigmoid, Tensor::Of({3}, {0.25, 0.5, 0.75}), tolerance));
  LENSLET_EXPECT_OK(AllClose(tanh, Tensor::Of({3}, {-0.8, 0, 0.8}), tolerance));
  LENSLET_EXPECT_OK(AllClose(relu, Tensor::Of({3}, {0, 0, log3})));
}

TEST_P(ActivationBackendTest, SaturatesWithoutNan) {
  const Tensor x = Tensor::Of({2}, {-1000, 1000});
  const Tolerance tolerance = {.absolute = 1e-30};
  LENSLET_EXPECT_OK(
      AllClose(*Sigmoid(x, GetParam()), Tensor::Of({2}, {0, 1}), tolerance));
  LENSLET_EXPECT_OK(
      AllClose(*Tanh(x, GetParam()), Tensor::Of({2}, {-1, 1}), tolerance));
}

// Away from the kink of relu.
void FillAwayFromZero(Random& random, double scale, absl::Span<float> values) {
  for (float& value : values) {
    const double magnitude = scale * (2 * kStep + random.Uniform());
    value = static_cast<float>(random.Below(2) == 0 ? magnitude : -magnitude);
  }
}

std::vector<KernelCase> Cases() {
  std::vector<KernelCase> cases;
  for (ActivationKind kind : kActivationKinds) {
    for (const Shape& image : {Shape{1}, Shape{28, 28, 6}, Shape{17}}) {
      KernelCase c = {.name = absl::StrCat(Name(kind), "_", image.elements()),
                      .make =
                          [kind, image](Backend backend, int64_t images) {
                            return MakeActivationKernel(backend, {.kind = kind},
                                                        image, images);
                          },
                      .inputs = {image},
                      .output = image,
                      .images = 2};
      if (kind == ActivationKind::kRelu) {
        c.fill_input = FillAwayFromZero;
      } else {
        // |sigmoid'''| <= 1/8, |tanh'''| <= 2. XNNPACK's sigmoid is within
        // 2 ulp; tanh doubles that, of numbers up to 1.
        c.third_derivative = kind == ActivationKind::kSigmoid ? 0.125 : 2;
        c.function_error = 4 * 0x1p-23;
      }
      cases.push_back(c);
    }
  }
  return cases;
}

class ActivationCaseTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, ActivationCaseTest,
                         ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(ActivationCaseTest, XnnpackAgreesWithReference) {
  CheckAgainstReference(GetParam(), Backend::kXnnpack);
}

TEST_P(ActivationCaseTest, LanesAgreeWithReference) {
  CheckAgainstReference(GetParam(), Backend::kLanes);
}

TEST_P(ActivationCaseTest, DirectAgreesWithReference) {
  CheckAgainstReference(GetParam(), Backend::kDirect);
}

TEST_P(ActivationCaseTest, Gradients) {
  for (Backend backend : kTrainingBackends) CheckGradients(GetParam(), backend);
}

TEST(ActivationTest, Cost) {
  LENSLET_ASSERT_OK_AND_ASSIGN(Cost cost, ComputeCost(ActivationSpec(), {7}));
  EXPECT_EQ(cost.multiply_adds, 0);
  EXPECT_EQ(cost.other_operations, 7);
  EXPECT_EQ(cost.bytes(), 2 * 7 * 4);
}

TEST(ActivationTest, RejectsWhatHasNoElements) {
  for (Backend backend : kBackends) {
    EXPECT_THAT(MakeActivationKernel(backend, ActivationSpec(), {2, 0}, 1),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("sigmoid of an image of shape [2, 0], "
                                   "which has no elements")));
  }
}

TEST(ActivationTest, TheSimpleCallNamesTheWrongArgument) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Relu(Tensor({2}, ElementType::kInt8)),
              StatusIs(code, HasSubstr("x is int8 [2], expected float32")));
  EXPECT_THAT(Relu(Tensor(Shape())),
              StatusIs(code, HasSubstr("x is float32 [], expected float32 "
                                       "[N, ...]")));
}

}  // namespace
}  // namespace lenslet
