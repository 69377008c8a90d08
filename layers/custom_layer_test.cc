#include "lenslet/layers/custom_layer.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/fastest_backend.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/layers/testing/layer_case.h"
#include "lenslet/layers/testing/scaled_product.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/fill.h"

namespace lenslet {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

Layer Product() { return layers::Custom(std::make_shared<ScaledProduct>()); }

// y = round(x).
class RoundOperator : public CustomInferenceOperator {
 public:
  std::string Kind() const override { return "Round"; }
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override {
    return LayerInfo{.output = inputs[0]};
  }
  void Forward(const ForwardBlock& block) const override {
    const View<const float> x = block.inputs[0];
    for (int64_t i = 0; i < x.size(); ++i) block.output[i] = std::round(x[i]);
  }
};

Layer Round() { return layers::Custom(std::make_shared<RoundOperator>()); }

// In training, x and noise; in inference, x.
class NoiseOperator : public CustomOperator {
 public:
  std::string Kind() const override { return "Noise"; }
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override {
    return LayerInfo{.output = inputs[0]};
  }
  void Forward(const ForwardBlock& block) const override {
    Random random(block.seed);
    for (int64_t i = 0; i < block.output.size(); ++i) {
      const double noise = block.training ? random.Uniform() : 0;
      block.output[i] = static_cast<float>(block.inputs[0][i] + noise);
    }
  }
  // Not the gradient: what Forward() added.
  void Backward(const BackwardBlock& block) const override {
    Random random(block.seed);
    for (int64_t i = 0; i < block.output.size(); ++i) {
      block.input_gradients[0][i] = static_cast<float>(random.Uniform());
    }
  }
};

// Claims whatever it is told to.
class ClaimingOperator : public CustomInferenceOperator {
 public:
  explicit ClaimingOperator(LayerInfo info, std::string kind = "Claim",
                            int inputs = 1)
      : info_(std::move(info)), kind_(std::move(kind)), inputs_(inputs) {}
  std::string Kind() const override { return kind_; }
  int InputCount() const override { return inputs_; }
  absl::StatusOr<LayerInfo> Infer(absl::Span<const Shape>) const override {
    return info_;
  }
  void Forward(const ForwardBlock&) const override {}

 private:
  const LayerInfo info_;
  const std::string kind_;
  const int inputs_;
};

Layer Claiming(LayerInfo info, std::string kind = "Claim", int inputs = 1) {
  return layers::Custom(std::make_shared<ClaimingOperator>(
      std::move(info), std::move(kind), inputs));
}

TEST(CustomLayerTest, HasTheFactsOfItsOperator) {
  const Layer product = Product();
  EXPECT_EQ(product.type(), "ScaledProduct");
  EXPECT_EQ(product.Details(), "");
  EXPECT_FALSE(product.IsReshape(/*training=*/true));
  EXPECT_TRUE(EpilogueOf(product).empty());
  LENSLET_ASSERT_OK_AND_ASSIGN(const LayerInfo info,
                               product.Infer({Shape{4, 3}, Shape{4, 3}}));
  EXPECT_EQ(info.output, Shape({4, 3}));
  ASSERT_EQ(info.parameters.size(), 1);
  EXPECT_EQ(info.parameters[0].name, "scale");
  EXPECT_EQ(info.parameters[0].shape, Shape({3}));
  EXPECT_EQ(info.reach, Reach::kPosition);
  EXPECT_EQ(info.cost.other_operations, 24);
  EXPECT_EQ(info.cost.input_bytes, 2 * 12 * 4);
  EXPECT_EQ(info.cost.parameter_bytes, 3 * 4);
  EXPECT_EQ(info.cost.output_bytes, 12 * 4);
  for (const Backend backend : kBackends) {
    EXPECT_EQ(KernelName(product, backend), "custom");
    EXPECT_EQ(KernelName(layers::Relu(), backend), Name(backend));
  }
}

TEST(CustomLayerTest, FillsInItsWindow) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const LayerInfo info,
      Claiming({.output = {3, 3, 1},
                .reach = Reach::kWindow,
                .window = {.kernel = {3, 3}, .padding = {1, 1}}})
          .Infer({Shape{3, 3, 1}}));
  EXPECT_EQ(info.window, Window({.kernel = {3, 3},
                                 .stride = {1, 1},
                                 .dilation = {1, 1},
                                 .padding = {1, 1}}));
}

// "a" and "b" -> "product".
Graph ProductGraph(const Shape& shape) {
  GraphBuilder builder;
  builder.AddInput("a", shape);
  builder.AddInput("b", shape);
  builder.AddLayer("product", Product(), {"a", "b"});
  return *builder.Build();
}

// Two examples of two positions with two channels, with scales 2 and -1:
//   a   1 2   3 4     5 6   7 8
//   b   1 0   2 1     1 1   0 2
//   y   2 0  12 -4   10 -6   0 -16
// With dy = 1 in each first position and 2 in each second one,
//   da = dy * scale * b    2  0   8 -2    2 -1   0 -4
//   db = dy * scale * a    2 -2  12 -8   10 -6  28 -16
//   dscale = sum of dy * a * b: 1 + 12 + 5 + 0, and 0 + 8 + 6 + 32.
TEST(CustomLayerTest, ComputesByHand) {
  const Graph graph = ProductGraph({2, 2});
  Parameters parameters = *Parameters::Create(graph);
  parameters.view(0)[0] = 2;
  parameters.view(0)[1] = -1;
  const std::vector<float> a = {1, 2, 3, 4, 5, 6, 7, 8};
  const std::vector<float> b = {1, 0, 2, 1, 1, 1, 0, 2};
  const std::vector<float> dy = {1, 1, 2, 2, 1, 1, 2, 2};
  for (const Backend backend : kBackends) {
    SCOPED_TRACE(Name(backend));
    LENSLET_ASSERT_OK_AND_ASSIGN(const auto executor,
                                 Executor::Create(graph, parameters,
                                                  {.backend = backend,
                                                   .images = 3,
                                                   .training = true,
                                                   .input_gradients = true}));
    EXPECT_EQ(executor->BackendNames(), "custom");
    std::copy(a.begin(), a.end(), executor->input(0).data());
    std::copy(b.begin(), b.end(), executor->input(1).data());
    executor->Forward(2);
    EXPECT_THAT(executor->output().Slice(0, 2).span(),
                ElementsAre(2, 0, 12, -4, 10, -6, 0, -16));

    Parameters gradients = *Parameters::Create(graph);
    gradients.view(0)[0] = 100;
    std::copy(dy.begin(), dy.end(), executor->output_gradient().data());
    executor->Backward(2, gradients.array());
    EXPECT_THAT(executor->InputGradient(0).Slice(0, 2).span(),
                ElementsAre(2, 0, 8, -2, 2, -1, 0, -4));
    EXPECT_THAT(executor->InputGradient(1).Slice(0, 2).span(),
                ElementsAre(2, -2, 12, -8, 10, -6, 28, -16));
    EXPECT_THAT(gradients.view(0).span(), ElementsAre(118, 46));
  }
}

TEST(CustomLayerTest, KernelsPassTheChecks) {
  for (const Shape& shape : {Shape{1}, Shape{5, 3}, Shape{2, 3, 1, 2}}) {
    KernelCase c = LayerCaseOfInputs(Product(), {shape, shape}, /*terms=*/6);
    // Inputs are up to 4, so that a sum has terms up to 16.
    c.function_error = 16 * 4 * 0x1p-24;
    CheckOnAllBackends(c);
  }
}

// As ScaledProduct, but for a gradient.
class WrongProduct : public ScaledProduct {
 public:
  explicit WrongProduct(bool of_input) : of_input_(of_input) {}
  void Backward(const BackwardBlock& block) const override {
    ScaledProduct::Backward(block);
    const View<float> gradient =
        of_input_ ? block.input_gradients[1] : block.parameter_gradients[0];
    if (gradient.data() != nullptr) gradient[0] += 0.5f;
  }

 private:
  const bool of_input_;
};

TEST(CustomLayerTest, TheChecksFindAWrongGradient) {
  for (const bool of_input : {false, true}) {
    ::testing::TestPartResultArray failures;
    {
      const ::testing::ScopedFakeTestPartResultReporter reporter(
          ::testing::ScopedFakeTestPartResultReporter::
              INTERCEPT_ONLY_CURRENT_THREAD,
          &failures);
      CheckGradients(
          LayerCaseOfInputs(
              layers::Custom(std::make_shared<WrongProduct>(of_input)),
              {Shape{5, 3}, Shape{5, 3}}),
          Backend::kLanes);
    }
    ASSERT_GT(failures.size(), 0);
    EXPECT_THAT(
        failures.GetTestPartResult(0).message(),
        HasSubstr(of_input ? "input 1, element 0" : "parameter 0, element 0"));
  }
}

TEST(CustomLayerTest, SaysWhatIsWrongWithItsInputs) {
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Product().Infer({}), StatusIs(code, "has 0 inputs; expected 2"));
  EXPECT_THAT(Product().Infer({Shape{1}}),
              StatusIs(code, "has 1 input; expected 2"));
  EXPECT_THAT(layers::Custom(nullptr).Infer({Shape{1}}),
              StatusIs(code,
                       "operator of the custom layer is null; expected a "
                       "CustomOperator"));
  EXPECT_THAT(
      Product().Infer({Shape{2}, Shape{3}}),
      StatusIs(code, "inputs have shapes [2] and [3]; expected the same"));
  for (const Backend backend : kBackends) {
    EXPECT_THAT(Product().MakeKernel(backend, {Shape{1}}, 1),
                StatusIs(code, "has 1 input; expected 2"));
  }
  GraphBuilder builder;
  builder.AddInput("a", {2});
  builder.AddInput("b", {3});
  builder.AddLayer("product", Product(), {"a", "b"});
  EXPECT_THAT(builder.Build(),
              StatusIs(code,
                       "layer \"product\": inputs have shapes [2] and [3]; "
                       "expected the same"));
}

TEST(CustomLayerTest, SaysWhatIsWrongWithItsOperator) {
  const ParameterInfo w = {.name = "w", .shape = {2}};
  const auto with = [&](auto change) {
    ParameterInfo changed = w;
    change(changed);
    return Claiming({.output = {1}, .parameters = {changed}});
  };
  const std::vector<std::pair<Layer, std::string>> cases = {
      {Claiming({.output = {1}}, "claim"),
       "kind of the custom layer is \"claim\"; expected a capital letter, then "
       "letters and digits"},
      {Claiming({.output = {1}}, ""), "kind of the custom layer is \"\""},
      {Claiming({.output = {1}}, "Cl aim"), "kind of the custom layer is"},
      {Claiming({.output = {1}}, "Claim", 0),
       "InputCount() is 0; expected at least 1"},
      {Claiming({.output = {}}),
       "output has shape []; expected 1 to 5 dimensions and at least 1 "
       "element"},
      {Claiming({.output = {2, 0}}), "output has shape [2, 0]; expected"},
      {Claiming({.output = {1, 1, 1, 1, 1, 1}}),
       "output has shape [1, 1, 1, 1, 1, 1]; expected"},
      {Claiming({.output = {1}, .type = ElementType::kUint8}),
       "output has type uint8; expected float32"},
      {Claiming({.output = {1}, .parameters = {w, w}}),
       "parameter \"w\": duplicate name"},
      {with([](ParameterInfo& p) { p.name = ""; }),
       "parameter \"\": invalid name; expected letters, digits and _"},
      {with([](ParameterInfo& p) { p.name = "a.b"; }),
       "parameter \"a.b\": invalid name; expected letters, digits and _"},
      {with([](ParameterInfo& p) { p.shape = {}; }),
       "parameter \"w\": shape is []; expected at least 1 dimension and 1 "
       "element"},
      {with([](ParameterInfo& p) { p.shape = {0}; }),
       "parameter \"w\": shape is [0]; expected"},
      {with([](ParameterInfo& p) { p.fan_out = 0; }),
       "parameter \"w\": fan_in is 1 and fan_out 0; expected at least 1"},
      {with([](ParameterInfo& p) { p.type = ElementType::kUint8; }),
       "parameter \"w\": type is uint8; expected float32"},
      {with([](ParameterInfo& p) { p.role = ParameterRole::kRunningMean; }),
       "parameter \"w\": trainable is true; expected false for a statistic"},
      {Claiming({.output = {1}, .cost = {.multiply_adds = -1}}),
       "cost is -1 multiply_adds and 0 other_operations; expected at least 0"},
      {Claiming({.output = {1}, .reach = Reach::kWindow}), "kernel is empty"},
  };
  for (const auto& [layer, message] : cases) {
    EXPECT_THAT(
        layer.Infer({Shape{1}}),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  }
  LENSLET_EXPECT_OK(
      Claiming({.output = {1}, .parameters = {w}}).Infer({Shape{1}}));
}

TEST(CustomLayerTest, HasNoEpilogue) {
  EXPECT_THAT(Round().MakeKernel(Backend::kLanes, {Shape{2}}, 1,
                                 EpilogueOf(layers::Relu())),
              StatusIs(absl::StatusCode::kUnimplemented,
                       HasSubstr("the kernel of Round cannot compute an "
                                 "epilogue")));
}

// Layers "0", "1", ..., one after the other.
Graph Sequence(const Shape& image, const std::vector<Layer>& layers) {
  GraphBuilder builder;
  builder.AddInput("x", image);
  for (size_t i = 0; i < layers.size(); ++i) {
    builder.AddLayer(absl::StrCat(i), layers[i],
                     {i == 0 ? "x" : absl::StrCat(i - 1)});
  }
  return *builder.Build();
}

TEST(CustomLayerTest, WithoutBackwardItComesBeforeWhatIsTrained) {
  const Layer linear = layers::Linear({.output_features = 2});
  const Graph before = Sequence({3}, {Round(), linear});
  const Graph after = Sequence({3}, {linear, Round(), linear});
  const Parameters of_before = *Parameters::Create(before);
  const Parameters of_after = *Parameters::Create(after);
  for (const Backend backend : kBackends) {
    SCOPED_TRACE(Name(backend));
    const ExecutorOptions training = {.backend = backend, .training = true};
    EXPECT_THAT(Executor::Create(before, of_before, training), IsOk());
    EXPECT_THAT(Executor::Create(after, of_after, {.backend = backend}),
                IsOk());
    EXPECT_THAT(Executor::Create(after, of_after, training),
                StatusIs(absl::StatusCode::kUnimplemented,
                         "layer \"1\": Round has no backward pass; expected "
                         "one, for parameters that training changes up to "
                         "this layer"));
  }
}

TEST(CustomLayerTest, AppearsAmongTheNamesOfBackends) {
  const Layer linear = layers::Linear({.output_features = 2});
  const Graph graph = Sequence({3}, {Round(), linear});
  const Parameters parameters = *Parameters::Create(graph);
  for (const Backend backend : kBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const auto executor,
        Executor::Create(graph, parameters, {.backend = backend}));
    EXPECT_EQ(executor->BackendNames(),
              absl::StrCat(std::string(Name(backend)), ", custom"));
  }
}

std::vector<float> OutputOf(Executor& executor, int64_t images) {
  executor.Forward(images);
  const absl::Span<const float> y = executor.output().Slice(0, images).span();
  return {y.begin(), y.end()};
}

TEST(CustomLayerTest, RandomNumbersFollowFromTheSeed) {
  const Layer noise = layers::Custom(std::make_shared<NoiseOperator>());
  const Graph graph = Sequence({5}, {noise, noise});
  Parameters parameters = *Parameters::Create(graph);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const auto executor,
      Executor::Create(graph, parameters,
                       {.training = true, .input_gradients = true}));
  std::fill_n(executor->input().data(), 5, 0.0f);
  executor->Seed(1);
  const std::vector<float> first = OutputOf(*executor, 1);
  executor->Seed(2);
  EXPECT_NE(OutputOf(*executor, 1), first);
  executor->Seed(1);
  EXPECT_EQ(OutputOf(*executor, 1), first);
  // Backward() has the seed of its layer's Forward(): the first layer's noise
  // and the second one's add up to the output.
  Parameters gradients = *Parameters::Create(graph);
  executor->Backward(1, gradients.array());
  const float noise_of_first = executor->InputGradient()[0];
  EXPECT_GT(noise_of_first, 0);
  EXPECT_LT(noise_of_first, first[0]);
  EXPECT_NE(2 * noise_of_first, first[0]);

  LENSLET_ASSERT_OK_AND_ASSIGN(const auto inference,
                               Executor::Create(graph, parameters, {}));
  std::fill_n(inference->input().data(), 5, 0.25f);
  EXPECT_THAT(OutputOf(*inference, 1), Each(0.25f));
}

// Executors on several threads share the operator.
TEST(CustomLayerTest, ThreadsShareTheOperator) {
  constexpr int64_t kImages = 20;
  const Graph graph = ProductGraph({7, 3});
  Parameters parameters = *Parameters::Create(graph);
  Random random(/*seed=*/4);
  FillUniform(-1, 1, random, parameters.view(0).span());
  std::vector<std::unique_ptr<Executor>> executors;
  for (int i = 0; i < 3; ++i) {
    executors.push_back(*Executor::Create(
        graph, parameters, {.backend = Backend::kLanes, .images = kImages}));
    Random inputs(/*seed=*/5);
    FillUniform(-1, 1, inputs, executors[i]->input(0).span());
    FillUniform(-1, 1, inputs, executors[i]->input(1).span());
  }
  const std::vector<float> expected = OutputOf(*executors[0], kImages);
  std::vector<std::vector<float>> outputs(executors.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < executors.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int run = 0; run < 50; ++run) {
        outputs[i] = OutputOf(*executors[i], kImages);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<float>& output : outputs) {
    EXPECT_THAT(output, ElementsAreArray(expected));
  }
}

// Its multiply-adds take the same time on all of them.
TEST(CustomLayerTest, DoesNotDecideWhichBackendIsFastest) {
  const Graph graph = Sequence(
      {3}, {Claiming({.output = {3}, .cost = {.multiply_adds = 1 << 20}})});
  EXPECT_EQ(FastestForInference(graph, /*images=*/16).backend,
            Backend::kDirect);
}

}  // namespace
}  // namespace lenslet
