#include "lenslet/ops/activation/activation.h"

#include <cmath>
#include <limits>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/activation/activation_case.h"
#include "lenslet/ops/layout_adapter.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsNan;
using ::testing::Not;

// XNNPACK has none of them.
bool HasNoKernel(Backend backend, ActivationKind kind) {
  return backend == Backend::kXnnpack &&
         (kind == ActivationKind::kGelu || kind == ActivationKind::kSoftplus ||
          kind == ActivationKind::kHardSigmoid);
}

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

// At 0: leaky relu's and ELU's kink, GELU's and SiLU's zero, and
// softplus(0) = log 2. exp(-log 3) - 1 = -2/3. Phi(1) = 0.8413447, so that
// gelu(1) = Phi(1) and gelu(-1) = Phi(1) - 1. silu(log 3) = 3/4 log 3, and
// softplus(log 3) = log 4.
TEST_P(ActivationBackendTest, ComputesTheFunctionsAfterRelu) {
  const float log3 = std::log(3.0f);
  const Tensor x = Tensor::Of({3}, {-log3, 0, log3});
  // Some roundings of numbers up to 2.
  const Tolerance tolerance = {.absolute = 16 * 0x1p-24};
  LENSLET_EXPECT_OK(AllClose(*LeakyRelu(x, 0.25f, GetParam()),
                             Tensor::Of({3}, {-log3 / 4, 0, log3})));
  LENSLET_EXPECT_OK(AllClose(*LeakyRelu(x, 2.0f, GetParam()),
                             Tensor::Of({3}, {-log3 * 2, 0, log3})));
  LENSLET_EXPECT_OK(AllClose(*Elu(x, 1.5f, GetParam()),
                             Tensor::Of({3}, {-1, 0, log3}), tolerance));
  LENSLET_EXPECT_OK(AllClose(*Silu(x, GetParam()),
                             Tensor::Of({3}, {-log3 / 4, 0, log3 * 3 / 4}),
                             tolerance));
  if (HasNoKernel(GetParam(), ActivationKind::kGelu)) return;
  const Tensor ones = Tensor::Of({3}, {-1, 0, 1});
  LENSLET_EXPECT_OK(AllClose(*Gelu(ones, GetParam()),
                             Tensor::Of({3}, {-0.15865525f, 0, 0.84134475f}),
                             tolerance));
  LENSLET_EXPECT_OK(AllClose(
      *Softplus(x, GetParam()),
      Tensor::Of({3}, {std::log(4.0f / 3), std::log(2.0f), std::log(4.0f)}),
      tolerance));
}

//            ____ max                   ____ 1              / y = x
//           /                          /                   /
//   min ___/                   0 _____/            0 _____,'
//      min  max                  -3    3             -3    3
//        clip                 hard sigmoid          hard swish
TEST_P(ActivationBackendTest, ComputesThePiecewiseFunctions) {
  const Tensor x = Tensor::Of({7}, {-7, -3, -1.5, 0, 1.5, 3, 7});
  LENSLET_EXPECT_OK(AllClose(*Clip(x, 0, 6, GetParam()),
                             Tensor::Of({7}, {0, 0, 0, 0, 1.5, 3, 6})));
  LENSLET_EXPECT_OK(AllClose(*Clip(x, -2, 2, GetParam()),
                             Tensor::Of({7}, {-2, -2, -1.5, 0, 1.5, 2, 2})));
  // A third is no float, and x / 6 is rounded.
  const Tolerance tolerance = {.absolute = 8 * 0x1p-24};
  LENSLET_EXPECT_OK(AllClose(*HardSwish(x, GetParam()),
                             Tensor::Of({7}, {0, 0, -0.375, 0, 1.125, 3, 7}),
                             tolerance));
  if (HasNoKernel(GetParam(), ActivationKind::kHardSigmoid)) return;
  LENSLET_EXPECT_OK(AllClose(*HardSigmoid(x, 1.0f / 6, 0.5f, GetParam()),
                             Tensor::Of({7}, {0, 0, 0.25, 0.5, 0.75, 1, 1}),
                             tolerance));
  LENSLET_EXPECT_OK(AllClose(*HardSigmoid(x, 0.25f, 0.125f, GetParam()),
                             Tensor::Of({7}, {0, 0, 0, 0.125, 0.5, 0.875, 1})));
}

TEST_P(ActivationBackendTest, HasLimitsAtInfinity) {
  const float infinity = std::numeric_limits<float>::infinity();
  const Tensor x =
      Tensor::Of({6}, {-infinity, -1000, -100, 100, 1000, infinity});
  // What a backend may leave where the function is almost 0: 87 times the
  // sigmoid of -87.
  const Tolerance tolerance = {.absolute = 1e-30};
  const auto expect = [&](absl::StatusOr<Tensor> y, float below) {
    LENSLET_ASSERT_OK(y);
    LENSLET_EXPECT_OK(AllClose(
        *y, Tensor::Of({6}, {below, below, below, 100, 1000, infinity}),
        tolerance));
  };
  expect(Elu(x, 3.0f, GetParam()), -3);
  expect(Silu(x, GetParam()), 0);
  expect(HardSwish(x, GetParam()), 0);
  LENSLET_EXPECT_OK(AllClose(*Clip(x, -1, 6, GetParam()),
                             Tensor::Of({6}, {-1, -1, -1, 6, 6, 6})));
  LENSLET_EXPECT_OK(
      AllClose(*LeakyRelu(x, 0.5f, GetParam()),
               Tensor::Of({6}, {-infinity, -500, -50, 100, 1000, infinity})));
  if (HasNoKernel(GetParam(), ActivationKind::kGelu)) return;
  expect(Gelu(x, GetParam()), 0);
  expect(Softplus(x, GetParam()), 0);
  LENSLET_EXPECT_OK(AllClose(*HardSigmoid(x, 0.2f, 0.5f, GetParam()),
                             Tensor::Of({6}, {0, 0, 0, 1, 1, 1})));
}

TEST(ActivationTest, NanStaysNanByTheReference) {
  const Tensor x = Tensor::Of({3}, {-1, NAN, 1});
  for (const ActivationKind kind : kActivationKinds) {
    SCOPED_TRACE(Name(kind));
    auto kernel =
        *MakeActivationKernel(Backend::kReference, {.kind = kind}, {3}, 1);
    Tensor y({1, 3});
    KernelBuffers buffers;
    buffers.inputs = {x.data()};
    buffers.output = y.data();
    LENSLET_ASSERT_OK(kernel->Bind(std::move(buffers)));
    kernel->Forward(1);
    EXPECT_THAT(y.span(), ElementsAre(Not(IsNan()), IsNan(), Not(IsNan())));
  }
}

// They are gone from dx / dy, too.
TEST(ActivationTest, GradientsHaveLimitsAtInfinity) {
  const float infinity = std::numeric_limits<float>::infinity();
  const Tensor x = Tensor::Of({1, 4}, {-infinity, -1000, 1000, infinity});
  const Tensor dy = Tensor::Of({1, 4}, {2, 3, 4, 5});
  for (const Backend backend : kTrainingBackends) {
    for (const ActivationKind kind : kActivationKinds) {
      if (HasNoKernel(backend, kind)) continue;
      SCOPED_TRACE(absl::StrCat(Name(kind), ", ", Name(backend)));
      std::unique_ptr<Kernel> kernel = AdaptLayout(
          Layout::kImages,
          *MakeActivationKernel(backend, {.kind = kind, .slope = 0.5f}, {4}, 1),
          {{4}}, {4}, 1);
      Tensor y({1, 4});
      Tensor dx({1, 4});
      KernelBuffers buffers;
      buffers.inputs = {x.data()};
      buffers.output = y.data();
      buffers.output_gradient = dy.data();
      buffers.input_gradients = {dx.data()};
      LENSLET_ASSERT_OK(kernel->Bind(std::move(buffers)));
      kernel->Forward(1);
      kernel->Backward(1, {});
      const bool saturates =
          kind == ActivationKind::kSigmoid || kind == ActivationKind::kTanh ||
          kind == ActivationKind::kClip || kind == ActivationKind::kHardSigmoid;
      const float below = kind == ActivationKind::kLeakyRelu ? 0.5f : 0.0f;
      LENSLET_EXPECT_OK(AllClose(
          dx,
          Tensor::Of({1, 4}, {2 * below, 3 * below, saturates ? 0.0f : 4.0f,
                              saturates ? 0.0f : 5.0f}),
          {.absolute = 1e-30}));
    }
  }
}

TEST_P(ActivationBackendTest, TakesZerosAndDenormals) {
  // Denormals, of which a half is one, too.
  const float tiny = 0x1p-140f;
  const Tensor x = Tensor::Of({4}, {-tiny, -0.0f, 0.0f, tiny});
  const bool xnnpack = GetParam() == Backend::kXnnpack;
  // XNNPACK's ELU errs by some roundings of alpha, and its vectors take
  // denormals for zeros.
  LENSLET_EXPECT_OK(AllClose(*Elu(x, 1.0f, GetParam()), x,
                             {.absolute = xnnpack ? 4 * 0x1p-24 : 0}));
  LENSLET_EXPECT_OK(AllClose(*LeakyRelu(x, 0.5f, GetParam()),
                             Tensor::Of({4}, {-tiny / 2, 0, 0, tiny}),
                             {.absolute = xnnpack ? 0x1p-126 : 0}));
  const Tensor half = Tensor::Of({4}, {-tiny / 2, 0, 0, tiny / 2});
  // To the next denormal.
  const Tolerance tolerance = {.absolute = 0x1p-149};
  LENSLET_EXPECT_OK(AllClose(*Silu(x, GetParam()), half, tolerance));
  if (HasNoKernel(GetParam(), ActivationKind::kGelu)) return;
  LENSLET_EXPECT_OK(AllClose(*Gelu(x, GetParam()), half, tolerance));
}

struct ActivationCase {
  ActivationSpec spec;
  KernelCase kernel;

  friend void PrintTo(const ActivationCase& c, std::ostream* os) {
    *os << c.kernel.name;
  }
};

std::vector<ActivationCase> Cases() {
  std::vector<ActivationSpec> specs;
  for (ActivationKind kind : kActivationKinds) specs.push_back({.kind = kind});
  specs.push_back({.kind = ActivationKind::kLeakyRelu, .slope = 0.0f});
  specs.push_back({.kind = ActivationKind::kLeakyRelu, .slope = 1.5f});
  specs.push_back({.kind = ActivationKind::kElu, .alpha = 0.3f});
  specs.push_back({.kind = ActivationKind::kElu, .alpha = 2.5f});
  specs.push_back({.kind = ActivationKind::kClip, .min = -3.0f, .max = 3.5f});
  specs.push_back({.kind = ActivationKind::kHardSigmoid,
                   .hard_slope = 0.2f,
                   .offset = 0.4f});
  std::vector<ActivationCase> cases;
  for (size_t i = 0; i < specs.size(); ++i) {
    const ActivationSpec spec = specs[i];
    for (const Shape& image : {Shape{1}, Shape{28, 28, 6}, Shape{17}}) {
      const KernelCase c = ActivationKernelCase(
          absl::StrCat(Name(spec.kind), "_", image.elements(), "_", i), spec,
          image, /*images=*/2);
      cases.push_back({spec, c});
    }
  }
  return cases;
}

class ActivationCaseTest : public ::testing::TestWithParam<ActivationCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, ActivationCaseTest,
                         ::testing::ValuesIn(Cases()), [](const auto& info) {
                           return info.param.kernel.name;
                         });

TEST_P(ActivationCaseTest, XnnpackAgreesWithReference) {
  CheckAgainstReference(GetParam().kernel, Backend::kXnnpack,
                        !HasNoKernel(Backend::kXnnpack, GetParam().spec.kind));
}

TEST_P(ActivationCaseTest, LanesAgreeWithReference) {
  CheckAgainstReference(GetParam().kernel, Backend::kLanes);
}

TEST_P(ActivationCaseTest, DirectAgreesWithReference) {
  CheckAgainstReference(GetParam().kernel, Backend::kDirect);
}

TEST_P(ActivationCaseTest, Gradients) {
  for (Backend backend : kTrainingBackends) {
    if (HasNoKernel(backend, GetParam().spec.kind)) continue;
    CheckGradients(GetParam().kernel, backend);
  }
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

TEST(ActivationTest, RejectsParametersOutOfTheirRange) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto code = absl::StatusCode::kInvalidArgument;
  for (Backend backend : kBackends) {
    for (const float slope : {-0.5f, -infinity, infinity, nan}) {
      const ActivationSpec spec = {.kind = ActivationKind::kLeakyRelu,
                                   .slope = slope};
      const auto error =
          StatusIs(code, absl::StrCat("slope is ", slope,
                                      "; expected a finite number of at "
                                      "least 0"));
      EXPECT_THAT(MakeActivationKernel(backend, spec, {2}, 1), error);
      EXPECT_THAT(LeakyRelu(Tensor({2}), slope, backend), error);
      EXPECT_THAT(ComputeCost(spec, {2}), error);
    }
    for (const float alpha : {-1.0f, 0.0f, infinity, nan}) {
      const ActivationSpec spec = {.kind = ActivationKind::kElu,
                                   .alpha = alpha};
      const auto error =
          StatusIs(code, absl::StrCat("alpha is ", alpha,
                                      "; expected a finite number above 0"));
      EXPECT_THAT(MakeActivationKernel(backend, spec, {2}, 1), error);
      EXPECT_THAT(Elu(Tensor({2}), alpha, backend), error);
      EXPECT_THAT(ComputeCost(spec, {2}), error);
    }
    const auto expect = [&](const ActivationSpec& spec,
                            absl::string_view message) {
      EXPECT_THAT(MakeActivationKernel(backend, spec, {2}, 1),
                  StatusIs(code, message));
      EXPECT_THAT(Activate(Tensor({2}), spec, backend),
                  StatusIs(code, message));
      EXPECT_THAT(ComputeCost(spec, {2}), StatusIs(code, message));
    };
    expect({.kind = ActivationKind::kClip, .min = nan},
           "min is nan; expected a finite number");
    expect({.kind = ActivationKind::kClip, .max = infinity},
           "max is inf; expected a finite number");
    expect({.kind = ActivationKind::kClip, .min = 6},
           "min is 6; expected a number below max, which is 6");
    for (const float slope : {-1.0f, 0.0f, infinity, nan}) {
      expect({.kind = ActivationKind::kHardSigmoid, .hard_slope = slope},
             absl::StrCat("slope is ", slope,
                          "; expected a finite number above 0"));
    }
    expect({.kind = ActivationKind::kHardSigmoid, .offset = infinity},
           "offset is inf; expected a finite number");
    // Others do not look at them.
    LENSLET_EXPECT_OK(MakeActivationKernel(backend,
                                           {.kind = ActivationKind::kTanh,
                                            .slope = -1.0f,
                                            .alpha = -1.0f,
                                            .min = 7,
                                            .hard_slope = -1.0f},
                                           {2}, 1));
  }
}

TEST(ActivationTest, XnnpackSaysWhatItLacks) {
  const auto code = absl::StatusCode::kUnimplemented;
  EXPECT_THAT(Gelu(Tensor({2}), Backend::kXnnpack),
              StatusIs(code, "XNNPACK has no gelu"));
  EXPECT_THAT(Softplus(Tensor({2}), Backend::kXnnpack),
              StatusIs(code, "XNNPACK has no softplus"));
  EXPECT_THAT(HardSigmoid(Tensor({2}), 1.0f, 0.0f, Backend::kXnnpack),
              StatusIs(code, "XNNPACK has no hard_sigmoid"));
  EXPECT_THAT(Elu(Tensor({2}), 1e-40f, Backend::kXnnpack),
              StatusIs(code, HasSubstr("XNNPACK has no elu of this kind")));
}

TEST(ActivationTest, TheSimpleCallNamesTheWrongArgument) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Relu(Tensor({2}, ElementType::kUint8)),
              StatusIs(code, HasSubstr("x is uint8 [2]; expected float32")));
  EXPECT_THAT(Relu(Tensor(Shape())),
              StatusIs(code, HasSubstr("x is float32 []; expected float32 "
                                       "[N, ...]")));
}

}  // namespace
}  // namespace lenslet
