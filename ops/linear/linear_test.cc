#include "lenslet/ops/linear/linear.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/activation/activation.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/testing/instruction_sets.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

class LinearBackendTest : public ::testing::TestWithParam<Backend> {};

INSTANTIATE_TEST_SUITE_P(Backends, LinearBackendTest,
                         ::testing::ValuesIn(kBackends), [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// By hand:
//
//           1 2       x = (1, 10):  1+20  3+40  5+60
//   weight  3 4       x = (0, -1):  -2    -4    -6
//           5 6       bias:         100   200   300
TEST_P(LinearBackendTest, MultipliesRowsByAMatrix) {
  const Tensor x = Tensor::Of({2, 2}, {1, 10, 0, -1});
  const Tensor weight = Tensor::Of({3, 2}, {1, 2, 3, 4, 5, 6});
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y, Linear(x, weight, GetParam()));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({2, 3}, {21, 43, 65, -2, -4, -6})));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      y, Linear(x, weight, Tensor::Of({3}, {100, 200, 300}), GetParam()));
  LENSLET_EXPECT_OK(
      AllClose(y, Tensor::Of({2, 3}, {121, 243, 365, 98, 196, 294})));
}

TEST_P(LinearBackendTest, TakesInnerDimensionsAsRows) {
  const Tensor x = Tensor::Of({1, 2, 1, 2}, {1, 2, 3, 4});
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Tensor y, Linear(x, Tensor::Of({1, 2}, {1, 1}), GetParam()));
  LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 2, 1, 1}, {3, 7})));
}

KernelCase Case(const std::string& name, int64_t in, int64_t out,
                int64_t images, const Shape& outer = {}, bool has_bias = true) {
  const LinearSpec spec = {
      .input_features = in, .output_features = out, .has_bias = has_bias};
  std::vector<int64_t> dims(outer.dims().begin(), outer.dims().end());
  dims.push_back(in);
  const Shape image = *Shape::Create(dims);
  KernelCase c = {.name = name,
                  .make =
                      [spec, image](Backend backend, int64_t images) {
                        return MakeLinearKernel(backend, spec, image, images);
                      },
                  .inputs = {image},
                  .output = *OutputShape(spec, image),
                  .parameters = {*WeightShape(spec)},
                  .images = images,
                  .terms = std::max({in, out, outer.elements()})};
  if (has_bias) c.parameters.push_back({out});
  return c;
}

std::vector<KernelCase> Cases() {
  return {
      Case("OneByOne", 1, 1, 1),
      Case("OneInput", 1, 5, 2),
      Case("OneOutput", 7, 1, 3),
      Case("SixteenBySixteen", 16, 16, 4),
      Case("OffTheVectorWidth", 17, 33, 5),
      Case("LeNetFirst", 400, 120, 16),
      Case("LeNetSecond", 120, 84, 3),
      Case("LeNetLast", 84, 10, 3),
      Case("FewOutputs", 503, 10, 2),
      Case("FewVectorsOfOutputs", 34, 55, 2),
      Case("NoBias", 6, 5, 2, {}, /*has_bias=*/false),
      Case("RowsOfPixels", 3, 4, 2, {5, 2}),
  };
}

class LinearCaseTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, LinearCaseTest, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(LinearCaseTest, XnnpackAgreesWithReference) {
  CheckAgainstReference(GetParam(), Backend::kXnnpack);
}

TEST_P(LinearCaseTest, LanesAgreeWithReference) {
  CheckAgainstReference(GetParam(), Backend::kLanes);
}

TEST_P(LinearCaseTest, DirectAgreesWithReference) {
  CheckAgainstReference(GetParam(), Backend::kDirect);
}

TEST_P(LinearCaseTest, Gradients) {
  for (Backend backend : kTrainingBackends) CheckGradients(GetParam(), backend);
}

// To the last bit, as executors choose one or the other.
TEST(LinearTest, AppliesAnActivationAsTheActivationKernelWould) {
  for (const Backend backend : {Backend::kLanes, Backend::kDirect}) {
    for (const ActivationKind kind : kActivationKinds) {
      if (!GradientFromOutput(kind)) continue;
      SCOPED_TRACE(absl::StrCat(Name(backend), ", ", Name(kind)));
      const auto run = [&](std::optional<ActivationSpec> activation) {
        Tensor x({3, 5});
        Tensor weight({19, 5});
        Tensor bias({19});
        Random random(/*seed=*/4);
        for (Tensor* tensor : {&x, &weight, &bias}) {
          FillUniform(-1, 1, random, tensor->span());
        }
        Tensor y({3, 19});
        EXPECT_THAT(
            RunOnce(*MakeLinearKernel(
                        backend, {.input_features = 5, .output_features = 19},
                        {5}, 3, {.activation = activation}),
                    {&x}, {&weight, &bias}, y),
            IsOk());
        return y;
      };
      const ActivationSpec activation = {
          .kind = kind, .slope = 0.25f, .alpha = 2.0f};
      const Tensor sums = run({});
      Tensor expected(sums.shape());
      EXPECT_THAT(RunOnce(*MakeActivationKernel(backend, activation, {19}, 3),
                          {&sums}, {}, expected),
                  IsOk());
      LENSLET_EXPECT_OK(AllClose(run(activation), expected, {}));
    }
  }
}

TEST(LinearTest, OtherBackendsApplyNoActivation) {
  for (const Backend backend : {Backend::kReference, Backend::kXnnpack}) {
    EXPECT_THAT(
        MakeLinearKernel(backend, {.input_features = 1, .output_features = 1},
                         {1}, 1,
                         {.activation = ActivationSpec{ActivationKind::kTanh}}),
        StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("kernels of ")));
  }
}

TEST(LinearTest, AppliesOnlyActivationsWithAGradientFromTheOutput) {
  for (const Backend backend : {Backend::kLanes, Backend::kDirect}) {
    const auto make = [&](const ActivationSpec& activation) {
      return MakeLinearKernel(backend,
                              {.input_features = 1, .output_features = 1}, {1},
                              1, {.activation = activation});
    };
    for (const ActivationKind kind : kActivationKinds) {
      if (GradientFromOutput(kind)) continue;
      EXPECT_THAT(
          make({.kind = kind}),
          StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("kernels of ")));
    }
    EXPECT_THAT(make({.kind = ActivationKind::kElu, .alpha = 0.0f}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("alpha is 0; ")));
  }
}

TEST(LinearSpecTest, Cost) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Cost cost,
      ComputeCost({.input_features = 400, .output_features = 120}, {400}));
  EXPECT_EQ(cost.multiply_adds, 48000);
  EXPECT_EQ(cost.input_bytes, 400 * 4);
  EXPECT_EQ(cost.parameter_bytes, (48000 + 120) * 4);
  EXPECT_EQ(cost.output_bytes, 120 * 4);
}

TEST(LinearTest, RejectsWrongSpecs) {
  const auto code = absl::StatusCode::kInvalidArgument;
  for (Backend backend : kBackends) {
    const auto make = [&](int64_t in, int64_t out, const Shape& image) {
      return MakeLinearKernel(
          backend, {.input_features = in, .output_features = out}, image, 1);
    };
    EXPECT_THAT(
        make(0, 1, {0}),
        StatusIs(
            code,
            HasSubstr(
                "input_features is 0; expected a number in [1, 2147483647]")));
    EXPECT_THAT(make(1, -2, {1}),
                StatusIs(code, HasSubstr("output_features is -2")));
    EXPECT_THAT(make(3, 2, {5}),
                StatusIs(code, HasSubstr("input has 5 features; expected "
                                         "3")));
    EXPECT_THAT(make(3, 2, {}),
                StatusIs(code, HasSubstr("shape [] has no features")));
    EXPECT_THAT(
        make(1 << 30, 1 << 30, {1 << 20, 1 << 30}),
        StatusIs(code, HasSubstr("more multiply-adds than 64 bits can count")));
  }
}

TEST(LinearTest, TheSimpleCallNamesTheWrongArgument) {
  const auto code = absl::StatusCode::kInvalidArgument;
  const Tensor x({2, 3});
  EXPECT_THAT(Linear(Tensor({3}), Tensor({4, 3})),
              StatusIs(code, HasSubstr("x is float32 [3]; expected float32 "
                                       "[N, ..., in]")));
  EXPECT_THAT(Linear(x, Tensor({3})),
              StatusIs(code, HasSubstr("weight is float32 [3]")));
  EXPECT_THAT(Linear(x, Tensor({4, 2})),
              StatusIs(code, HasSubstr("input has 3 features; expected "
                                       "2")));
  EXPECT_THAT(Linear(x, Tensor({4, 3}), Tensor({3})),
              StatusIs(code, HasSubstr("bias has shape [3]; expected [4] for a "
                                       "weight of shape [4, 3]")));
}

// Sums of few outputs have the same order in vectors of any width.
TEST(LinearTest, HasTheSameBitsOnDirectWithAnyVectorsAndMultiplyAdds) {
  Tensor x({2, 67});
  Tensor weight({37, 67});
  Tensor bias({37});
  Random random(/*seed=*/5);
  for (Tensor* tensor : {&x, &weight, &bias}) {
    FillUniform(-1, 1, random, tensor->span());
  }
  std::vector<Tensor> results;
  ForEachInstructionSet([&](const std::string& name) {
    if (!HasFusedMultiplyAdd(name)) return;
    results.push_back(*Linear(x, weight, bias, Backend::kDirect));
  });
  for (const Tensor& result : results) {
    LENSLET_EXPECT_OK(AllClose(result, results[0], {}));
  }
}

}  // namespace
}  // namespace lenslet
