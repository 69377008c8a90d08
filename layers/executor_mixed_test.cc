// Executors whose layers run on different backends.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr int64_t kMixedImages = 18;  // A group of lanes, and two images.

Layer ThreeByThree(int64_t channels, int64_t groups = 1) {
  return layers::Conv2d({.output_channels = channels,
                         .window = {.kernel = {3, 3}, .padding = {1, 1}},
                         .groups = groups});
}

// Two branches that meet, and what kernels compute for the layers after them.
Graph Branches() {
  GraphBuilder builder;
  builder.AddInput("image", {6, 4, 2});
  builder.AddLayer("conv", ThreeByThree(3), {"image"});
  builder.AddLayer("relu", layers::Relu(), {"conv"});
  builder.AddLayer("pool", layers::MaxPool2d({.window = {.kernel = {2, 2}}}),
                   {"relu"});
  builder.AddLayer("left", ThreeByThree(3, /*groups=*/3), {"pool"});
  builder.AddLayer("right", ThreeByThree(3), {"pool"});
  builder.AddLayer("tanh", layers::Tanh(), {"right"});
  builder.AddLayer("sum", layers::Add(), {"left", "tanh"});
  builder.AddLayer("flatten", layers::Flatten(), {"sum"});
  builder.AddLayer("linear", layers::Linear({.output_features = 4}),
                   {"flatten"});
  return *builder.Build();
}

// Ends with a reshape, whose input is the output.
Graph EndsWithReshape() {
  GraphBuilder builder;
  builder.AddInput("image", {3, 4, 2});
  builder.AddLayer("conv", ThreeByThree(3), {"image"});
  builder.AddLayer("other", ThreeByThree(2), {"conv"});
  builder.AddLayer("flatten", layers::Flatten(), {"other"});
  return *builder.Build();
}

class ExecutorMixedTest : public ::testing::Test {
 protected:
  explicit ExecutorMixedTest(const Graph& graph)
      : graph_(graph), parameters_(*Parameters::Create(graph_)) {
    Random random(/*seed=*/1);
    FillUniform(-1, 1, random, parameters_.array());
    x_ = Tensor(*graph_.inputs()[0].shape.WithOuter(kMixedImages));
    FillUniform(-1, 1, random, x_.span());
  }

  std::unique_ptr<Executor> Make(const ExecutorOptions& options) const {
    return *Executor::Create(graph_, parameters_, options);
  }

  Tensor OutputOfRun(Executor& executor) const {
    std::copy(x_.span().begin(), x_.span().end(),
              executor.input().span().begin());
    executor.Forward(kMixedImages);
    const View<const float> output = executor.output();
    Tensor y(output.shape());
    std::copy(output.span().begin(), output.span().end(), y.span().begin());
    return y;
  }

  // Every choice of lanes and direct. Values are below 100, and sums of at most
  // 30 products.
  void CheckAllMixtures() const {
    const Tensor expected = OutputOfRun(
        *Make({.backend = Backend::kReference, .images = kMixedImages}));
    const int nodes = static_cast<int>(graph_.nodes().size());
    for (int choice = 0; choice < 1 << nodes; ++choice) {
      ExecutorOptions options = {.backend = Backend::kDirect,
                                 .images = kMixedImages};
      for (int i = 0; i < nodes; ++i) {
        options.layer_backends.push_back(choice >> i & 1 ? Backend::kLanes
                                                         : Backend::kDirect);
      }
      SCOPED_TRACE(choice);
      LENSLET_ASSERT_OK(AllClose(OutputOfRun(*Make(options)), expected,
                                 {.absolute = 30 * 100 * 0x1p-22}));
    }
  }

  const Graph graph_;
  Parameters parameters_;
  Tensor x_;
};

class MixedBranchesTest : public ExecutorMixedTest {
 protected:
  MixedBranchesTest() : ExecutorMixedTest(Branches()) {}
};

class MixedThenReshapeTest : public ExecutorMixedTest {
 protected:
  MixedThenReshapeTest() : ExecutorMixedTest(EndsWithReshape()) {}
};

TEST_F(MixedBranchesTest, AllMixturesComputeTheSame) { CheckAllMixtures(); }
TEST_F(MixedThenReshapeTest, AllMixturesComputeTheSame) { CheckAllMixtures(); }

TEST_F(MixedBranchesTest, TellsTheBackendOfEachLayer) {
  ExecutorOptions options = {.backend = Backend::kDirect,
                             .images = kMixedImages};
  options.layer_backends.assign(graph_.nodes().size(), Backend::kDirect);
  options.layer_backends[graph_.FindNode("left")] = Backend::kLanes;
  const auto executor = Make(options);
  EXPECT_EQ(executor->BackendOfLayer(graph_.FindNode("left")), Backend::kLanes);
  EXPECT_EQ(executor->BackendOfLayer(graph_.FindNode("right")),
            Backend::kDirect);
  EXPECT_EQ(executor->BackendNames(), "direct, lanes");
}

TEST_F(MixedBranchesTest, KeepsOutputsAsImages) {
  ExecutorOptions options = {.backend = Backend::kDirect,
                             .images = kMixedImages,
                             .keep_outputs = true};
  const auto direct = Make(options);
  options.layer_backends.assign(graph_.nodes().size(), Backend::kLanes);
  const auto lanes = Make(options);
  OutputOfRun(*direct);
  OutputOfRun(*lanes);
  for (const Graph::Node& node : graph_.nodes()) {
    SCOPED_TRACE(node.name);
    const auto tensor = [&](Executor& executor) {
      const View<const float> view = *executor.LayerOutput(node.name);
      Tensor output(view.shape());
      std::copy(view.span().begin(), view.span().end(), output.span().begin());
      return output;
    };
    LENSLET_EXPECT_OK(AllClose(tensor(*lanes), tensor(*direct),
                               {.absolute = 30 * 100 * 0x1p-22}));
  }
}

}  // namespace
}  // namespace lenslet
