#include "lenslet/benchmarks/peers/network.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/load_model.h"
#include "lenslet/models/model_text.h"
#include "lenslet/train/initializer.h"

namespace lenslet::peers {
namespace {

std::string NetworkText(const Workload& workload) {
  std::string text =
      absl::StrCat("input { name: \"image\" shape: [", workload.image_size,
                   ", ", workload.image_size, ", 1] }\n");
  const auto add = [&](absl::string_view name, absl::string_view layer) {
    absl::StrAppend(&text, "layer { name: \"", name, "\" ", layer, " }\n");
  };
  const bool sigmoid = workload.activation == Activation::kSigmoid;
  const std::string activation = sigmoid ? "sigmoid {}" : "relu {}";
  const std::string pool =
      sigmoid ? "avg_pool2d { kernel: 2 }" : "max_pool2d { kernel: 2 }";
  const auto linear = [](int64_t features) {
    return absl::StrCat("linear { output_features: ", features, " }");
  };
  add("conv1", absl::StrCat("conv2d { output_channels: ", 6 * workload.width,
                            " kernel: 5 padding: 2 }"));
  add("activation1", activation);
  add("pool1", pool);
  add("conv2", absl::StrCat("conv2d { output_channels: ", 16 * workload.width,
                            " kernel: 5 }"));
  add("activation2", activation);
  add("pool2", pool);
  add("flatten", "flatten {}");
  add("linear1", linear(120 * workload.width));
  add("activation3", activation);
  add("linear2", linear(84 * workload.width));
  add("activation4", activation);
  add("linear3", linear(kClasses));
  return text;
}

}  // namespace

absl::StatusOr<Graph> BuildNetwork(const Workload& workload) {
  if (!workload.model.empty()) {
    LENSLET_ASSIGN_OR_RETURN(const ModelText model, LoadModel(workload.model));
    return BuildGraph(model);
  }
  LENSLET_ASSIGN_OR_RETURN(
      const ModelText text,
      ParseModelText(NetworkText(workload), "the peers' network"));
  return BuildGraph(text);
}

absl::StatusOr<Parameters> InitialParameters(const Graph& graph,
                                             uint64_t seed) {
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters, Parameters::Create(graph));
  InitializeParameters(Initializer(), seed, parameters);
  return parameters;
}

int64_t TrainingFlops(const Graph& graph) {
  int64_t multiply_adds = 0;
  bool first = true;
  for (const Graph::Node& node : graph.nodes()) {
    if (node.parameter_count == 0) continue;
    multiply_adds += (first ? 2 : 3) * node.cost.multiply_adds;
    first = false;
  }
  return 2 * multiply_adds;
}

}  // namespace lenslet::peers
