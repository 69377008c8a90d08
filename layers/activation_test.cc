#include "layers/activation.h"

#include <memory>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "layers/testing/layer_case.h"
#include "ops/run_once.h"
#include "tensor/tensor.h"

namespace lenslet::layers {
namespace {

using ::testing::IsEmpty;

TEST(ActivationTest, InfersTheSameShape) {
  const Sigmoid sigmoid;
  const Tanh tanh;
  const Relu relu;
  for (const Activation* layer :
       std::vector<const Activation*>{&sigmoid, &tanh, &relu}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(LayerInfo info, layer->Infer({Shape{4, 3}}));
    EXPECT_EQ(info.output, Shape({4, 3}));
    EXPECT_THAT(info.parameters, IsEmpty());
    EXPECT_EQ(info.cost.multiply_adds, 0);
    EXPECT_EQ(info.cost.bytes(), 2 * 12 * 4);
    EXPECT_FALSE(layer->IsReshape(/*training=*/true));
  }
  EXPECT_EQ(sigmoid.type(), "Sigmoid");
  EXPECT_EQ(tanh.type(), "Tanh");
  EXPECT_EQ(relu.type(), "Relu");
}

// At 0 all three are known exactly, and differ from each other together with 1.
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
}

// Away from the kink of relu.
void FillAwayFromZero(Random& random, double scale, absl::Span<float> values) {
  for (float& value : values) {
    const double magnitude = scale * (2 * kStep + random.Uniform());
    value = static_cast<float>(random.Below(2) == 0 ? magnitude : -magnitude);
  }
}

TEST(ActivationTest, KernelsOfAllBackends) {
  // The bounds of ops/activation's test: |sigmoid'''| <= 1/8, |tanh'''| <= 2,
  // XNNPACK's functions are within 4 ulp of numbers up to 1.
  KernelCase sigmoid = LayerCase(std::make_shared<Sigmoid>(), {3, 7});
  sigmoid.third_derivative = 0.125;
  sigmoid.function_error = 4 * 0x1p-23;
  CheckOnAllBackends(sigmoid);
  KernelCase tanh = LayerCase(std::make_shared<Tanh>(), {3, 7});
  tanh.third_derivative = 2;
  tanh.function_error = 4 * 0x1p-23;
  CheckOnAllBackends(tanh);
  KernelCase relu = LayerCase(std::make_shared<Relu>(), {3, 7});
  relu.fill_input = FillAwayFromZero;
  CheckOnAllBackends(relu);
}

TEST(ActivationTest, SaysWhatIsWrongWithItsInputs) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Tanh().Infer({}), StatusIs(code, "has 0 inputs, expected 1"));
  EXPECT_THAT(Tanh().Infer({Shape{1}, Shape{1}}),
              StatusIs(code, "has 2 inputs, expected 1"));
  const auto no_elements =
      StatusIs(code, "tanh of an image of shape [2, 0], which has no elements");
  EXPECT_THAT(Tanh().Infer({Shape{2, 0}}), no_elements);
  for (Backend backend : kBackends) {
    EXPECT_THAT(Tanh().MakeKernel(backend, {}, 1),
                StatusIs(code, "has 0 inputs, expected 1"));
    EXPECT_THAT(Tanh().MakeKernel(backend, {Shape{2, 0}}, 1), no_elements);
  }
}

}  // namespace
}  // namespace lenslet::layers
