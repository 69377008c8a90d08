// A model's text, all the way to what the network computes: LintModel() and
// BuildGraph() agree on whether it is one, all backends can run it, and compute
// the same where the result can be told to the last bit.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/check.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/random.h"
#include "lenslet/fuzz/small_graph.h"
#include "lenslet/fuzz/target_input.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layer.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/lint_model.h"
#include "lenslet/models/model_text.h"
#include "lenslet/ops/backend.h"

namespace lenslet {
namespace {

constexpr int64_t kImages = 3;
constexpr int64_t kLargestInput = 3;
constexpr int64_t kLargestWeight = 2;

// Whole numbers of both signs.
float Draw(Random& random, int64_t largest) {
  return static_cast<float>(random.Below(2 * largest + 1) - largest);
}

Parameters MakeParameters(const Graph& graph) {
  Parameters parameters = *Parameters::Create(graph);
  Random random(1);
  for (int i = 0; i < parameters.size(); ++i) {
    const bool is_variance =
        parameters.info(i).info.role == ParameterRole::kRunningVariance;
    for (float& value : parameters.view(i).span()) {
      value = is_variance ? 1 : Draw(random, kLargestWeight);
    }
  }
  return parameters;
}

// Whether every backend must compute the same bits: the layers only add,
// multiply, compare and copy whole numbers, and no sum, in whatever order, has
// one that a float would round.
bool IsExact(const Graph& graph) {
  constexpr double kLargestExact = 1 << 24;
  constexpr std::array<absl::string_view, 22> kTypes = {"Add",
                                                        "AdaptiveMaxPool",
                                                        "Concat",
                                                        "Conv1d",
                                                        "Conv2d",
                                                        "Conv3d",
                                                        "ConvTranspose1d",
                                                        "ConvTranspose2d",
                                                        "ConvTranspose3d",
                                                        "Dropout",
                                                        "Flatten",
                                                        "GlobalMaxPool",
                                                        "Linear",
                                                        "MaxPool1d",
                                                        "MaxPool2d",
                                                        "MaxPool3d",
                                                        "MinPool1d",
                                                        "MinPool2d",
                                                        "MinPool3d",
                                                        "Pad",
                                                        "Relu",
                                                        "Reshape"};
  std::vector<double> largest(graph.inputs().size(), kLargestInput);
  for (const Graph::Node& node : graph.nodes()) {
    if (std::find(kTypes.begin(), kTypes.end(), node.layer.type()) ==
        kTypes.end()) {
      return false;
    }
    double bound = 0;
    for (const int input : node.inputs) bound += largest[input];
    for (int p = 0; p < node.parameter_count; ++p) {
      const ParameterInfo& info =
          graph.parameters()[node.first_parameter + p].info;
      if (info.role == ParameterRole::kBias) {
        bound += kLargestWeight;
      } else {
        // An output may be a sum over all of the weight's numbers.
        bound *= kLargestWeight * static_cast<double>(info.shape.elements());
      }
    }
    if (bound >= kLargestExact) return false;
    largest.push_back(bound);
  }
  return true;
}

class Run {
 public:
  Run(const Graph& graph, const Parameters& parameters,
      const ExecutorOptions& options)
      : graph_(graph),
        options_(options),
        executor_(*Executor::Create(graph, parameters, options)) {}

  // The outputs of the first `images` images.
  std::vector<float> Forward(int64_t images) {
    Random random(2);
    for (size_t i = 0; i < graph_.inputs().size(); ++i) {
      for (float& value : executor_->input(static_cast<int>(i)).span()) {
        value = Draw(random, kLargestInput);
      }
    }
    executor_->Seed(3);
    executor_->Forward(images);
    const absl::Span<const float> output = executor_->output().span();
    return {output.begin(),
            output.begin() + images * executor_->output().size() / kImages};
  }

  // The gradients w.r.t. the parameters, after Forward() of as many images.
  std::vector<float> Backward(int64_t images) {
    std::vector<float> gradients(graph_.parameter_array_size());
    // Aligned as an array of parameters.
    Parameters array = *Parameters::Create(graph_);
    Random random(4);
    for (float& value : executor_->output_gradient().span()) {
      value = Draw(random, 1);
    }
    executor_->Backward(images, array.array());
    std::copy(array.array().begin(), array.array().end(), gradients.begin());
    return gradients;
  }

 private:
  const Graph& graph_;
  const ExecutorOptions options_;
  const std::unique_ptr<Executor> executor_;
};

bool SameBits(absl::Span<const float> a, absl::Span<const float> b) {
  return a.size() == b.size() &&
         (a.empty() ||
          std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

// Values, for which it does not matter which zero a zero is.
bool SameValues(absl::Span<const float> a, absl::Span<const float> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

void Infer(const Graph& graph, const Parameters& parameters) {
  const bool is_exact = IsExact(graph);
  std::vector<float> expected;
  for (const Backend backend : kBackends) {
    Run run(graph, parameters, {.backend = backend, .images = kImages});
    const std::vector<float> output = run.Forward(kImages);
    LENSLET_CHECK(SameBits(run.Forward(kImages), output));
    if (is_exact) {
      if (expected.empty()) expected = output;
      LENSLET_CHECK(SameValues(output, expected));
      const std::vector<float> alone = run.Forward(1);
      LENSLET_CHECK(SameValues(
          alone, absl::MakeConstSpan(expected).subspan(0, alone.size())));
    }
  }
}

void Train(const Graph& graph, const Parameters& parameters) {
  for (const Backend backend : {Backend::kReference, Backend::kLanes}) {
    Run run(graph, parameters,
            {.backend = backend, .images = kImages, .training = true});
    const std::vector<float> output = run.Forward(kImages);
    const std::vector<float> gradients = run.Backward(kImages);
    LENSLET_CHECK(SameBits(run.Forward(kImages), output));
    LENSLET_CHECK(SameBits(run.Backward(kImages), gradients));
  }
}

void RunTarget(absl::string_view text) {
  bool has_problem = false;
  for (const TextProblem& problem : LintModel(text, "model")) {
    LENSLET_CHECK(!problem.message.empty());
    has_problem |= !problem.is_warning;
  }
  const absl::StatusOr<ModelText> model = ParseModelText(text, "model");
  LENSLET_CHECK(model.ok() || has_problem);
  if (!model.ok()) return CheckError(model.status());
  const absl::StatusOr<Graph> graph = BuildGraph(*model);
  LENSLET_CHECK(graph.ok() != has_problem);
  if (!graph.ok()) return CheckError(graph.status());
  const ModelText again = *ParseModelText(ProtoToText(model->model), "model");
  LENSLET_CHECK(again.model.SerializeAsString() ==
                model->model.SerializeAsString());
  if (!IsSmall(*graph)) return;
  const Parameters parameters = MakeParameters(*graph);
  Infer(*graph, parameters);
  Train(*graph, parameters);
}

}  // namespace
}  // namespace lenslet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lenslet::RunTarget(lenslet::AsText(data, size));
  return 0;
}
