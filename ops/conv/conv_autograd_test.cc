#include "lenslet/ops/conv/conv_autograd.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/autograd.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/gradient_check.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Variables = const std::vector<Variable>&;

struct AutogradCase {
  const char* name;
  Shape x;
  Shape filter;
  ConvOptions options = {};
};

const std::vector<AutogradCase>& AutogradCases() {
  static const auto& cases = *new std::vector<AutogradCase>{
      {"one pixel", {1, 1, 1, 1}, {1, 1, 1, 1}},
      {"the book's", {1, 4, 5, 1}, {1, 1, 2, 1}},
      {"channels", {2, 3, 4, 2}, {3, 2, 2, 2}},
      {"padding and stride",
       {1, 4, 5, 2},
       {2, 3, 3, 2},
       {.stride = {2, 1}, .padding = {1, 2}}},
      {"groups", {1, 3, 3, 4}, {2, 2, 2, 2}, {.groups = 2}},
      {"reflect",
       {1, 3, 3, 1},
       {1, 2, 2, 1},
       {.padding = {1, 1}, .padding_mode = PaddingMode::kReflect}},
      {"flip and dilation",
       {1, 4, 4, 1},
       {1, 2, 2, 1},
       {.dilation = {2, 2}, .flip = true}}};
  return cases;
}

std::vector<Tensor> ConvValues(const AutogradCase& test, bool bias) {
  Random random(/*seed=*/3);
  std::vector<Tensor> values;
  values.push_back(Tensor(test.x));
  values.push_back(Tensor(test.filter));
  if (bias) values.push_back(Tensor({test.filter.dim(0)}));
  for (Tensor& value : values) FillUniform(-1, 1, random, value.span());
  return values;
}

// The loss is linear in each element, so that differences are exact but for
// rounding. Values are in [-1, 1], and the outputs, at most 70, sums of at most
// 18 products and a bias: the loss is below 70 * 1.5 * 19 = 2000, though rarely
// a tenth of that, and rounded as the outputs are by 2^-24 of it. The
// difference of two, over 2h = 1/32, is off by 4 * 32 * 200 * 2^-24 = 1.6e-3.
constexpr double kDifference = 2e-3;

TEST(ConvAutogradTest, GradientsAreThoseOfDifferences) {
  for (const AutogradCase& test : AutogradCases()) {
    for (Backend backend :
         {Backend::kReference, Backend::kXnnpack, Backend::kLanes}) {
      ConvOptions options = test.options;
      options.backend = backend;
      SCOPED_TRACE(std::string(test.name) + std::string(Name(backend)));
      EXPECT_THAT(CheckGradients(
                      [&](Variables v) { return Conv2d(v[0], v[1], options); },
                      ConvValues(test, /*bias=*/false), kDifference),
                  IsEmpty());
      EXPECT_THAT(
          CheckGradients(
              [&](Variables v) { return Conv2d(v[0], v[1], v[2], options); },
              ConvValues(test, /*bias=*/true), kDifference),
          IsEmpty());
    }
  }
}

// Bit for bit what the kernel gives, run as kernel.h describes it.
TEST(ConvAutogradTest, GradientsAreThoseOfTheKernel) {
  Random random(/*seed=*/4);
  Tensor x({2, 5, 4, 2});
  Tensor filter({3, 3, 2, 2});
  Tensor bias({3});
  Tensor dy({2, 5, 3, 3});
  for (Tensor* tensor : {&x, &filter, &bias, &dy}) {
    FillUniform(-1, 1, random, tensor->span());
  }
  const ConvSpec spec = {.input_channels = 2,
                         .output_channels = 3,
                         .window = {.kernel = {3, 2}, .padding = {1, 0}}};
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<Kernel> kernel,
      MakeConvKernel(Backend::kReference, spec, {5, 4, 2}, /*images=*/2));
  Tensor y(dy.shape()), dx(x.shape()), dw(filter.shape()), db(bias.shape());
  LENSLET_ASSERT_OK(kernel->Bind({.inputs = {x.data()},
                                  .parameters = {filter.data(), bias.data()},
                                  .output = y.data(),
                                  .training = true,
                                  .output_gradient = dy.data(),
                                  .input_gradients = {dx.data()}}));
  LENSLET_ASSERT_OK(kernel->ParametersChanged());
  kernel->Forward(2);
  kernel->Backward(2, {dw.data(), db.data()});

  const Variable x_variable = x;
  const Variable filter_variable = filter;
  const Variable bias_variable = bias;
  const Variable y_variable =
      Conv2d(x_variable, filter_variable, bias_variable, {.padding = {1, 0}});
  LENSLET_EXPECT_OK(AllClose(y_variable.value(), y));
  Sum(dy * y_variable).Backward();
  LENSLET_EXPECT_OK(AllClose(x_variable.gradient(), dx));
  LENSLET_EXPECT_OK(AllClose(filter_variable.gradient(), dw));
  LENSLET_EXPECT_OK(AllClose(bias_variable.gradient(), db));
}

TEST(ConvAutogradTest, TakesTensorsAndAVariableTwice) {
  // y = x * k * k for one pixel: dy/dk = 2 x k.
  const Tensor x = Tensor::Of({1, 1, 1, 1}, {3});
  const Variable k = Tensor::Of({1, 1, 1, 1}, {5});
  Sum(Conv2d(Conv2d(x, k), k)).Backward();
  EXPECT_THAT(k.gradient().span(), ElementsAre(30));
}

TEST(ConvAutogradDeathTest, AbortsWithTheOperatorsMessage) {
  const Variable x(Tensor({1, 3, 3, 2}));
  EXPECT_DEATH(Conv2d(x, Tensor({1, 2, 2, 1})),
               "input has 2 channels; expected 1");
  const Variable y =
      Conv2d(x, Tensor({1, 2, 2, 2}), {.backend = Backend::kDirect});
  EXPECT_DEATH(Sum(y).Backward(), "direct kernels are for inference only");
}

}  // namespace
}  // namespace lenslet
