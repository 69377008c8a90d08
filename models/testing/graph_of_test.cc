#include "lenslet/models/testing/graph_of.h"

#include "gtest/gtest.h"
#include "lenslet/layers/graph.h"

namespace lenslet {
namespace {

TEST(GraphOfTest, BuildsTheModel) {
  const Graph graph = GraphOf(
      "input { name: 'image' shape: [2, 3, 1] }"
      "layer { name: 'flatten' flatten {} }"
      "layer { name: 'scores' linear { output_features: 4 } }");
  EXPECT_EQ(graph.parameter_count(), 6 * 4 + 4);
}

TEST(GraphOfDeathTest, DiesWithTheErrorsText) {
  EXPECT_DEATH(GraphOf("layer {"), "test.textproto:1:");
  EXPECT_DEATH(GraphOf("input { name: 'image' shape: [2, 3, 1] }"
                       "layer { name: 'conv' conv2d { kernel: 5 } }"),
               "layer \"conv\"");
}

}  // namespace
}  // namespace lenslet
