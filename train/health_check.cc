#include "lenslet/train/health_check.h"

#include <algorithm>
#include <map>
#include <memory>
#include <variant>

#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/examples.h"
#include "lenslet/layers/executor.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/train/metrics.h"

namespace lenslet {
namespace {

// Examples whose classes are read: enough to find each of some classes, and few
// enough for data on a disk.
constexpr int64_t kCandidates = 512;
constexpr int64_t kBlockOfCheck = 16;

// Up to `count` of the data set's indices, evenly spread: files often have one
// class after the other.
std::vector<int64_t> SpreadIndices(int64_t size, int64_t count) {
  count = std::min(size, count);
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < count; ++i) indices.push_back(i * size / count);
  return indices;
}

bool IsRectifier(const Graph::Node& node) {
  const auto* activation = std::get_if<ActivationSpec>(&node.layer.spec());
  return activation != nullptr && activation->kind == ActivationKind::kRelu;
}

bool AllZero(const View<const float>& view, int64_t images) {
  const int64_t elements = view.shape().inner_elements() * images;
  const absl::Span<const float> values = view.span().first(elements);
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return value == 0; });
}

}  // namespace

absl::StatusOr<HealthCheck> HealthCheck::Create(const Dataset& dataset) {
  HealthCheck check;
  if (dataset.examples->target() != TargetSpec()) {
    check.examples_ = SpreadIndices(dataset.size(), kExamples);
    return check;
  }
  const std::vector<int64_t> candidates =
      SpreadIndices(dataset.size(), kCandidates);
  LENSLET_ASSIGN_OR_RETURN(const std::vector<int32_t> classes,
                           dataset.Classes(candidates));
  std::map<int32_t, std::vector<int64_t>> by_class;
  for (size_t i = 0; i < candidates.size(); ++i) {
    by_class[classes[i]].push_back(candidates[i]);
  }
  const size_t most = std::min<size_t>(kExamples, candidates.size());
  for (size_t round = 0; check.examples_.size() < most; ++round) {
    for (const auto& [c, examples] : by_class) {
      if (round < examples.size() && check.examples_.size() < most) {
        check.examples_.push_back(examples[round]);
      }
    }
    if (round == 0) {
      check.classes_ = static_cast<int64_t>(check.examples_.size());
    }
  }
  return check;
}

absl::StatusOr<Health> HealthCheck::Check(const Graph& graph,
                                          const Parameters& parameters,
                                          const Dataset& dataset) const {
  LENSLET_ASSIGN_OR_RETURN(const std::unique_ptr<Executor> executor,
                           Executor::Create(graph, parameters,
                                            {.backend = Backend::kLanes,
                                             .images = kBlockOfCheck,
                                             .layout = Layout::kImages,
                                             .keep_outputs = true}));
  Health health = {.examples = static_cast<int64_t>(examples_.size()),
                   .classes = classes_};
  std::vector<std::string> dead;
  for (const Graph::Node& node : graph.nodes()) {
    if (IsRectifier(node)) dead.push_back(node.name);
  }
  bool same = classes_ > 1;
  std::optional<int32_t> answer;
  const absl::Span<const int64_t> examples = examples_;
  for (int64_t first = 0; first < health.examples; first += kBlockOfCheck) {
    const absl::Span<const int64_t> block =
        examples.subspan(first, kBlockOfCheck);
    const int64_t images = static_cast<int64_t>(block.size());
    LENSLET_RETURN_IF_ERROR(
        ReadInputs(dataset, block, Layout::kImages, executor->input().data()));
    executor->Forward(images);
    for (size_t i = dead.size(); i-- > 0;) {
      LENSLET_ASSIGN_OR_RETURN(const View<const float> output,
                               executor->LayerOutput(dead[i]));
      if (!AllZero(output, images)) dead.erase(dead.begin() + i);
    }
    const View<const float> output = executor->output();
    const int64_t scores = output.shape().inner_elements();
    for (int64_t image = 0; same && image < images; ++image) {
      const int32_t now = static_cast<int32_t>(
          ArgMax(output.span().subspan(image * scores, scores)));
      same = !answer.has_value() || *answer == now;
      answer = now;
    }
  }
  if (same) health.only_answer = answer;
  health.dead_layers = std::move(dead);
  return health;
}

}  // namespace lenslet
