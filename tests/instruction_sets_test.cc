// Training gives the same bits with all instruction sets that have fused
// multiply-adds (AVX2 and AVX-512; NEON), and with 1 and 2 threads: for every
// kind of layer, loss and optimizer.
//
// Prints a line with a digest for each network. .ci/check_aarch64 compares
// those of x86-64 with those of NEON.

#include "lenslet/ops/testing/instruction_sets.h"

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/substitute.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "lenslet/base/crc32c.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/normalization.h"
#include "lenslet/data/synthetic.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/models/zoo.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/optimizer.h"
#include "lenslet/train/schedule.h"
#include "lenslet/train/trainer.h"

namespace lenslet {
namespace {

struct Network {
  std::string name;
  std::string model;
  int64_t steps = 3;
  TrainerOptions options;
};

void PrintTo(const Network& network, std::ostream* out) {
  *out << network.name;
}

// The layers on images of 9 x 10 pixels and 3 channels, up to the scores.
Network WithLayers(absl::string_view name, absl::string_view layers) {
  return {.name = std::string(name),
          .model = absl::StrCat(R"(input { name: "image" shape: [9, 10, 3] })",
                                layers,
                                R"(layer { name: "flatten" flatten {} }
                 layer { name: "scores" linear { output_features: 5 } })"),
          .options = {.batch_size = 40, .schedule = {.base_rate = 0.05}}};
}

// A convolution, then the layer.
Network WithLayer(absl::string_view name, absl::string_view layer) {
  return WithLayers(name, absl::Substitute(R"(
    layer { name: "conv" conv2d { output_channels: 6 kernel: 3 } }
    layer { name: "layer" $0 })",
                                           layer));
}

// Trains this network by other means.
Network WithOptions(absl::string_view name, TrainerOptions options) {
  Network network = WithLayers(name, R"(
    layer { name: "conv" conv2d { output_channels: 6 kernel: 3 padding: 1 } }
    layer { name: "norm" batch_norm {} }
    layer { name: "relu" relu {} })");
  network.options = std::move(options);
  network.options.batch_size = 40;
  network.options.schedule.base_rate = 0.01;
  network.steps = 6;
  return network;
}

Network InZoo(absl::string_view name, int64_t steps, TrainerOptions options) {
  return {.name = std::string(name),
          .model = std::string(*FindZooModel(name)),
          .steps = steps,
          .options = std::move(options)};
}

std::vector<Network> Networks() {
  std::vector<Network> networks = {
      InZoo("lenet", 20, {.batch_size = 64, .schedule = {.base_rate = 0.9}}),
      InZoo("residual", 20,
            {.batch_size = 40,
             .schedule = {.kind = ScheduleKind::kOneCycle,
                          .base_rate = 0.001,
                          .length = 20,
                          .end_rate = 0,
                          .peak_rate = 0.01,
                          .peak_step = 8,
                          .shape = CycleShape::kCosine},
             .optimizer = {.kind = OptimizerKind::kAdamW, .weight_decay = 0.05},
             .loss = {.kind = CrossEntropySpec{.label_smoothing = 0.1}},
             .clip_norm = 1,
             .average_decay = 0.9,
             .augmentation =
                 {.rotation = 10, .shift = 2, .flip = true, .noise = 0.05}}),
  };
  networks.push_back(
      WithOptions("augmented", {.augmentation = {.vertical_flip = true,
                                                 .crop_area = 0.5,
                                                 .scale = 0.1,
                                                 .brightness = 0.2,
                                                 .contrast = 0.2,
                                                 .saturation = 0.2,
                                                 .hue = 0.1,
                                                 .erasing = 0.5,
                                                 .mixup = 0.4,
                                                 .cutmix = 1}}));
  for (const char* name :
       {"clips", "inception", "lenet_1998", "modern", "spectrogram", "text"}) {
    networks.push_back(
        InZoo(name, 2, {.batch_size = 40, .schedule = {.base_rate = 0.05}}));
  }
  for (const char* kind :
       {"sigmoid {}", "tanh {}", "relu {}", "leaky_relu {}", "elu {}",
        "gelu {}", "silu {}", "softplus {}", "clip {}", "hard_sigmoid {}",
        "hard_swish {}", "layer_norm {}", "lrn {}"}) {
    networks.push_back(
        WithLayer(absl::string_view(kind, std::strlen(kind) - 3), kind));
    // After a layer that a convolution's kernel does not include.
    networks.push_back(WithLayers(
        absl::StrCat("norm_", absl::string_view(kind, std::strlen(kind) - 3)),
        absl::Substitute(R"(layer { name: "norm" batch_norm {} }
                            layer { name: "layer" $0 })",
                         kind)));
  }
  for (const char* kind : {"max", "avg", "min", "softmax"}) {
    networks.push_back(WithLayer(
        absl::StrCat(kind, "_pool"),
        absl::StrCat(kind, "_pool2d { kernel: [3, 2] stride: 2 padding: 1 }")));
  }
  const std::pair<const char*, const char*> layers[] = {
      {"adaptive_max_pool", "adaptive_max_pool { output: [3, 2] }"},
      {"adaptive_avg_pool", "adaptive_avg_pool { output: [3, 2] }"},
      {"global_max_pool", "global_max_pool {}"},
      {"global_avg_pool", "global_avg_pool {}"},
      {"dropout", "dropout { rate: 0.3 }"},
      {"pad", "pad { padding: [1, 2] mode: REFLECT }"},
      {"reshape", "reshape { shape: [4, 14, 6] }"},
      {"linear_rows", "linear { output_features: 21 }"},
      {"grouped",
       "conv2d { output_channels: 8 kernel: 3 groups: 2 padding: 1 }"},
      {"depthwise",
       "conv2d { output_channels: 6 kernel: 3 groups: 6 padding: 1 }"},
      {"pointwise", "conv2d { output_channels: 37 kernel: 1 }"},
      {"wide", "conv2d { output_channels: 67 kernel: 3 padding: 1 }"},
      {"strided", "conv2d { output_channels: 9 kernel: [3, 2] stride: 2 }"},
      {"dilated", "conv2d { output_channels: 9 kernel: 3 dilation: 2 }"},
      {"flipped",
       "conv2d { output_channels: 9 kernel: 3 flip: true padding: 1 "
       "padding_mode: REPLICATE }"},
      {"five", "conv2d { output_channels: 16 kernel: 5 }"},
      {"transposed",
       "conv_transpose2d { output_channels: 5 kernel: 3 stride: 2 }"},
  };
  for (const auto& [name, layer] : layers) {
    networks.push_back(WithLayer(name, layer));
  }
  // Its filter's gradient is computed for whole groups of images.
  networks.push_back(WithLayers("large_filter", R"(
    layer { name: "conv" conv2d { output_channels: 40 kernel: 3 } }
    layer { name: "conv2" conv2d { output_channels: 40 kernel: 3 } })"));
  networks.push_back(WithLayers("add_and_concat", R"(
    layer { name: "a" conv2d { output_channels: 4 kernel: 3 padding: 1 } }
    layer { name: "b" input: "image" conv2d { output_channels: 4 kernel: 1 } }
    layer { name: "add" input: "a" input: "b" add {} }
    layer { name: "concat" input: "add" input: "a" concat {} })"));
  const std::pair<const char*, LossKind> losses[] = {
      {"mean_squared_error", MeanSquaredErrorSpec()},
      {"hinge", HingeSpec()},
      {"sum_hinge", SumHingeSpec()},
      {"focal", FocalSpec()},
      {"label_smoothing", CrossEntropySpec{.label_smoothing = 0.2}}};
  for (const auto& [name, loss] : losses) {
    networks.push_back(WithOptions(name, {.loss = {.kind = loss}}));
  }
  networks.push_back(WithOptions(
      "class_weights", {.loss = {.class_weights = {1, 2, 0.3f, 0, 1.7f}}}));
  networks.push_back(
      WithOptions("weighted_targets",
                  {.loss = {.kind = CrossEntropySpec{.label_smoothing = 0.2},
                            .class_weights = {1, 2, 0.3f, 0, 1.7f}}}));
  const std::pair<const char*, OptimizerKind> optimizers[] = {
      {"momentum", OptimizerKind::kMomentum},
      {"nesterov", OptimizerKind::kNesterov},
      {"adagrad", OptimizerKind::kAdagrad},
      {"rmsprop", OptimizerKind::kRmsprop},
      {"adam", OptimizerKind::kAdam},
      {"adamw", OptimizerKind::kAdamW}};
  for (const auto& [name, kind] : optimizers) {
    networks.push_back(
        WithOptions(name, {.optimizer = {.kind = kind, .weight_decay = 0.01}}));
  }
  return networks;
}

std::string BytesOf(const Parameters& parameters) {
  const absl::Span<const float> array = parameters.array();
  return std::string(reinterpret_cast<const char*>(array.data()),
                     array.size() * sizeof(float));
}

// The bytes of what a checkpoint keeps, after training from the same start.
std::string Train(const Graph& graph, const Dataset& dataset,
                  const Network& network, int threads) {
  Parameters parameters = *Parameters::Create(graph);
  InitializeParameters(Initializer(), /*seed=*/1, parameters);
  TrainerOptions options = network.options;
  options.threads = threads;
  options.seed = 7;
  const auto trainer = *Trainer::Create(graph, dataset, parameters, options);
  for (int node = 0; node < static_cast<int>(graph.nodes().size()); ++node) {
    EXPECT_EQ(trainer->BackendOfLayer(node), Backend::kLanes)
        << graph.nodes()[node].name;
  }
  std::vector<int64_t> batch;
  for (int64_t step = 0; step < network.steps; ++step) {
    batch.clear();
    for (int64_t i = 0; i < options.batch_size; ++i) {
      batch.push_back((step * options.batch_size + i) % dataset.size());
    }
    LENSLET_EXPECT_OK(trainer->Step(batch));
  }
  std::string bytes = BytesOf(parameters);
  for (const Parameters& state : trainer->optimizer_state()) {
    bytes += BytesOf(state);
  }
  bytes += BytesOf(trainer->averages());
  return bytes;
}

class InstructionSetsTest : public ::testing::TestWithParam<Network> {};

INSTANTIATE_TEST_SUITE_P(Networks, InstructionSetsTest,
                         ::testing::ValuesIn(Networks()),
                         [](const auto& info) { return info.param.name; });

TEST_P(InstructionSetsTest, TrainingGivesTheSameBits) {
  const Network& network = GetParam();
  const Graph graph = GraphOf(network.model);
  const Shape& output = graph.ShapeOfValue(graph.output_value());
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Dataset dataset,
      MakeSyntheticDataset(
          graph.inputs()[0].shape,
          {.examples = 200, .classes = output.elements(), .noise = 0.4}));
  dataset.normalization = {.mean = {0.45f}, .deviation = {0.21f}};
  std::string first;
  std::string first_name;
  ForEachInstructionSet([&](const std::string& instruction_set) {
    if (!HasFusedMultiplyAdd(instruction_set)) return;
    for (const int threads : {1, 2}) {
      const std::string name =
          absl::StrCat(instruction_set, " with ", threads, " threads");
      const std::string bytes = Train(graph, dataset, network, threads);
      if (first.empty()) {
        first = bytes;
        first_name = name;
      }
      EXPECT_TRUE(bytes == first) << name << " differs from " << first_name;
    }
  });
  if (first.empty()) GTEST_SKIP() << "this CPU has no fused multiply-adds";
  std::printf("digest %08x %s\n", Crc32c(first), network.name.c_str());
}

}  // namespace
}  // namespace lenslet
