#include "lenslet/benchmarks/peers/network.h"

#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/benchmarks/peers/workload.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/tensor/shape.h"

namespace lenslet::peers {
namespace {

TEST(NetworkTest, CountsTheOperationsOfLeNet) {
  for (Activation activation : {Activation::kSigmoid, Activation::kRelu}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph,
                                 BuildNetwork({.activation = activation}));
    EXPECT_EQ(TrainingFlops(graph), 2'263'920);
  }
}

TEST(NetworkTest, WidthMultipliesChannelsAndHiddenUnits) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, BuildNetwork({.width = 2}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Parameters parameters,
                               InitialParameters(graph, /*seed=*/0));
  EXPECT_EQ(parameters.view(0).shape(), Shape({12, 5, 5, 1}));
  EXPECT_EQ(parameters.view(2).shape(), Shape({32, 5, 5, 12}));
  EXPECT_EQ(parameters.view(4).shape(), Shape({240, 5 * 5 * 32}));
  EXPECT_EQ(parameters.view(6).shape(), Shape({168, 240}));
  EXPECT_EQ(parameters.view(8).shape(), Shape({kClasses, 168}));
}

}  // namespace
}  // namespace lenslet::peers
