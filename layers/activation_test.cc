#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/testing/layer_case.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet::layers {
namespace {

using ::testing::IsEmpty;

TEST(ActivationTest, InfersTheSameShape) {
  const Layer sigmoid = Sigmoid();
  const Layer tanh = Tanh();
  const Layer relu = Relu();
  const Layer leaky_relu = LeakyRelu();
  const Layer elu = Elu();
  const Layer gelu = Gelu();
  const Layer silu = Silu();
  const Layer softplus = Softplus();
  const Layer clip = Clip();
  const Layer hard_sigmoid = HardSigmoid();
  const Layer hard_swish = HardSwish();
  for (const Layer& layer : {sigmoid, tanh, relu, leaky_relu, elu, gelu, silu,
                             softplus, clip, hard_sigmoid, hard_swish}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info, layer.Infer({Shape{4, 3}}));
    EXPECT_EQ(info.output, Shape({4, 3}));
    EXPECT_THAT(info.parameters, IsEmpty());
    EXPECT_EQ(info.cost.multiply_adds, 0);
    EXPECT_EQ(info.cost.bytes(), 2 * 12 * 4);
    EXPECT_FALSE(layer.IsReshape(/*training=*/true));
  }
  EXPECT_EQ(sigmoid.type(), "Sigmoid");
  EXPECT_EQ(tanh.type(), "Tanh");
  EXPECT_EQ(relu.type(), "Relu");
  EXPECT_EQ(leaky_relu.type(), "LeakyRelu");
  EXPECT_EQ(elu.type(), "Elu");
  EXPECT_EQ(gelu.type(), "Gelu");
  EXPECT_EQ(silu.type(), "Silu");
  EXPECT_EQ(softplus.type(), "Softplus");
  EXPECT_EQ(clip.type(), "Clip");
  EXPECT_EQ(hard_sigmoid.type(), "HardSigmoid");
  EXPECT_EQ(hard_swish.type(), "HardSwish");
  EXPECT_EQ(Clip(-1, 1.5f).Details(), "to [-1, 1.5]");
  EXPECT_EQ(HardSigmoid(0.2f, 0.25f).Details(), "slope 0.2, offset 0.25");
}

TEST(ActivationTest, OffersWhatOtherKernelsCanComputeInTraining) {
  EXPECT_EQ(EpilogueOf(Sigmoid()).activation->kind, ActivationKind::kSigmoid);
  EXPECT_EQ(EpilogueOf(Tanh()).activation->kind, ActivationKind::kTanh);
  EXPECT_EQ(EpilogueOf(Relu()).activation->kind, ActivationKind::kRelu);
  EXPECT_EQ(EpilogueOf(LeakyRelu(0.5f)).activation->kind,
            ActivationKind::kLeakyRelu);
  EXPECT_EQ(EpilogueOf(LeakyRelu(0.5f)).activation->slope, 0.5f);
  EXPECT_EQ(EpilogueOf(Elu(2.0f)).activation->kind, ActivationKind::kElu);
  EXPECT_EQ(EpilogueOf(Elu(2.0f)).activation->alpha, 2.0f);
  EXPECT_EQ(EpilogueOf(Clip(-1, 2)).activation->min, -1.0f);
  EXPECT_EQ(EpilogueOf(Clip(-1, 2)).activation->max, 2.0f);
  EXPECT_EQ(EpilogueOf(HardSigmoid(0.25f)).activation->hard_slope, 0.25f);
  EXPECT_TRUE(EpilogueOf(HardSwish()).empty());
  EXPECT_TRUE(EpilogueOf(Gelu()).empty());
  EXPECT_TRUE(EpilogueOf(Silu()).empty());
  EXPECT_TRUE(EpilogueOf(Softplus()).empty());
}

// At numbers where each is known.
TEST(ActivationTest, EachComputesItsOwnFunction) {
  const auto at = [](const Layer& layer, float value) {
    auto kernel = *layer.MakeKernel(Backend::kReference, {Shape{1}}, 1);
    const Tensor x = Tensor::Of({1, 1}, {value});
    Tensor y({1, 1});
    EXPECT_THAT(RunOnce(std::move(kernel), {&x}, {}, y), IsOk());
    return y.data()[0];
  };
  EXPECT_EQ(at(Sigmoid(), 0), 0.5f);
  EXPECT_EQ(at(Tanh(), 0), 0.0f);
  EXPECT_EQ(at(Tanh(), 1), 0.76159416f);
  EXPECT_EQ(at(Relu(), 0), 0.0f);
  EXPECT_EQ(at(Relu(), 1), 1.0f);
  EXPECT_EQ(at(LeakyRelu(), -1), -0.01f);
  EXPECT_EQ(at(LeakyRelu(0.5f), -1), -0.5f);
  EXPECT_EQ(at(Elu(), -1), -0.63212056f);
  EXPECT_EQ(at(Elu(2.0f), -1), 2 * -0.63212056f);
  EXPECT_EQ(at(Gelu(), 1), 0.84134475f);
  EXPECT_EQ(at(Silu(), 1), 0.73105858f);
  EXPECT_EQ(at(Softplus(), 0), 0.69314718f);
  EXPECT_EQ(at(Clip(), 7), 6.0f);
  EXPECT_EQ(at(Clip(-2, 3), -7), -2.0f);
  EXPECT_EQ(at(HardSigmoid(), 0), 0.5f);
  EXPECT_EQ(at(HardSigmoid(0.25f, 0.125f), 1), 0.375f);
  EXPECT_EQ(at(HardSwish(), 1.5f), 1.125f);
}

// Away from the kink of relu.
void FillAwayFromZero(Random& random, double scale, absl::Span<float> values) {
  for (float& value : values) {
    const double magnitude = scale * (2 * kStep + random.Uniform());
    value = static_cast<float>(random.Below(2) == 0 ? magnitude : -magnitude);
  }
}

// Below the kinks of hard swish, at 3.
void FillSmall(Random& random, double scale, absl::Span<float> values) {
  for (float& value : values) {
    value = static_cast<float>(0.7 * scale * (2 * random.Uniform() - 1));
  }
}

TEST(ActivationTest, KernelsOfAllBackends) {
  // The bounds of ops/activation's test: |sigmoid'''| <= 1/8, |tanh'''| <= 2,
  // XNNPACK's functions are within 4 ulp of numbers up to 1.
  KernelCase sigmoid = LayerCase(Sigmoid(), {3, 7});
  sigmoid.third_derivative = 0.125;
  sigmoid.function_error = 4 * 0x1p-23;
  CheckOnAllBackends(sigmoid);
  KernelCase tanh = LayerCase(Tanh(), {3, 7});
  tanh.third_derivative = 2;
  tanh.function_error = 4 * 0x1p-23;
  CheckOnAllBackends(tanh);
  KernelCase relu = LayerCase(Relu(), {3, 7});
  relu.fill_input = FillAwayFromZero;
  CheckOnAllBackends(relu);
  KernelCase leaky_relu = LayerCase(LeakyRelu(0.3f), {3, 7});
  leaky_relu.fill_input = FillAwayFromZero;
  CheckOnAllBackends(leaky_relu);
  // All are within 16 units of numbers up to 4.
  KernelCase elu = LayerCase(Elu(1.5f), {3, 7});
  elu.fill_input = FillAwayFromZero;
  elu.third_derivative = 1.5;
  elu.function_error = 4 * 16 * 0x1p-24;
  CheckOnAllBackends(elu);
  KernelCase silu = LayerCase(Silu(), {3, 7});
  silu.third_derivative = 0.31;
  silu.function_error = 4 * 16 * 0x1p-24;
  CheckOnAllBackends(silu);
  KernelCase clip = LayerCase(Clip(0, 6), {3, 7});
  clip.fill_input = FillAwayFromZero;
  CheckOnAllBackends(clip);
  KernelCase hard_swish = LayerCase(HardSwish(), {3, 7});
  hard_swish.fill_input = FillSmall;
  hard_swish.function_error = 4 * 16 * 0x1p-24;
  CheckOnAllBackends(hard_swish);
}

// GELU, softplus and hard sigmoid have no kernel on XNNPACK. The kinks of this
// one are beyond the numbers of the checks.
TEST(ActivationTest, KernelsOfAllOtherBackends) {
  for (const auto& layer : {Gelu(), Softplus(), HardSigmoid(0.1f)}) {
    KernelCase c = LayerCase(layer, {3, 7});
    c.third_derivative = 0.8;
    c.function_error = 4 * 16 * 0x1p-24;
    CheckAgainstReference(c, Backend::kXnnpack, /*expect_kernel=*/false);
    for (Backend backend : {Backend::kLanes, Backend::kDirect}) {
      CheckAgainstReference(c, backend);
    }
    for (Backend backend : {Backend::kReference, Backend::kLanes}) {
      CheckGradients(c, backend);
    }
  }
}

TEST(ActivationTest, SaysWhatIsWrongWithItsInputs) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Tanh().Infer({}), StatusIs(code, "has 0 inputs; expected 1"));
  EXPECT_THAT(Tanh().Infer({Shape{1}, Shape{1}}),
              StatusIs(code, "has 2 inputs; expected 1"));
  const auto no_elements =
      StatusIs(code, "tanh of an image of shape [2, 0], which has no elements");
  EXPECT_THAT(Tanh().Infer({Shape{2, 0}}), no_elements);
  EXPECT_THAT(
      LeakyRelu(-1.0f).Infer({Shape{2}}),
      StatusIs(code, "slope is -1; expected a finite number of at least 0"));
  EXPECT_THAT(Elu(0.0f).Infer({Shape{2}}),
              StatusIs(code, "alpha is 0; expected a finite number above 0"));
  EXPECT_THAT(
      Clip(2, 1).Infer({Shape{2}}),
      StatusIs(code, "min is 2; expected a number below max, which is 1"));
  EXPECT_THAT(HardSigmoid(0).Infer({Shape{2}}),
              StatusIs(code, "slope is 0; expected a finite number above 0"));
  for (Backend backend : kBackends) {
    EXPECT_THAT(Tanh().MakeKernel(backend, {}, 1),
                StatusIs(code, "has 0 inputs; expected 1"));
    EXPECT_THAT(Tanh().MakeKernel(backend, {Shape{2, 0}}, 1), no_elements);
  }
}

}  // namespace
}  // namespace lenslet::layers
