#include "lenslet/inspect/profile_table.h"

#include <string>

#include "gtest/gtest.h"
#include "lenslet/models/testing/graph_of.h"

namespace lenslet {
namespace {

TEST(ProfileTableTest, HasARowForEachPartOfTheTime) {
  const Graph graph = GraphOf(R"pb(
    input {
      name: "image"
      shape: [ 8, 8, 1 ]
    }
    layer {
      name: "conv"
      conv2d { output_channels: 4 kernel: 3 }
    }
    layer {
      name: "relu"
      relu {}
    }
    layer {
      name: "pool"
      max_pool2d { kernel: 2 }
    }
    layer {
      name: "flatten"
      flatten {}
    }
    layer {
      name: "linear"
      linear { output_features: 10 }
    })pb");
  const Profile profile = {
      .layers = {{.backend = Backend::kLanes,
                  .forward_seconds = 1e-6,
                  .backward_seconds = 2e-6,
                  .forward_flops = 100'000,
                  .backward_flops = 100'000},
                 {.backend = Backend::kLanes,
                  .fused = true,
                  .backward_seconds = 1e-12},
                 {.backend = Backend::kLanes, .fused = true},
                 {.backend = Backend::kLanes},
                 {.backend = Backend::kReference,
                  .forward_seconds = 3e-6,
                  .forward_flops = 30'000}},
      .read_seconds = 0.5e-6,
      .loss_seconds = 1.5e-6,
      .total_seconds = 10e-6};
  EXPECT_EQ(ProfileTable(graph, profile),
            "layer        type       kernel         forward us  GFLOP/s  "
            "backward us  GFLOP/s  total us    share\n"
            "read images                                                 "
            "                         0.500    5.0 %\n"
            "conv         Conv2d     lanes               1.000    100.0  "
            "      2.000     50.0     3.000   30.0 %\n"
            "relu         Relu       in conv\n"
            "pool         MaxPool2d  in conv\n"
            "flatten      Flatten    (none needed)\n"
            "linear       Linear     reference           3.000     10.0  "
            "                         3.000   30.0 %\n"
            "loss                                                        "
            "                         1.500   15.0 %\n"
            "rest                                                        "
            "                         2.000   20.0 %\n"
            "total                                       4.000     32.5  "
            "      2.000     50.0    10.000  100.0 %\n");
}

}  // namespace
}  // namespace lenslet
