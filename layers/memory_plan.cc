#include "lenslet/layers/memory_plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lenslet/layers/arena_plan.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr int64_t kAlignment = Tensor::kAlignment;
// Far above any machine's memory, far below what overflows.
constexpr int64_t kMaxBytes = int64_t{1} << 52;

// Steps: forward of node i is step i, the loss comes next, then backward from
// the last node to the first.
class Planner {
 public:
  Planner(const Graph& graph, const MemoryNeeds& needs)
      : graph_(graph),
        needs_(needs),
        nodes_(static_cast<int>(graph.nodes().size())),
        value_buffers_(graph.value_count(), -1),
        gradient_buffers_(graph.value_count()),
        input_gradient_buffers_(nodes_) {}

  absl::StatusOr<MemoryPlan> Plan() {
    PlanValues();
    if (needs_.training) PlanGradients();
    return Place();
  }

 private:
  // Whether the output is in the input's memory.
  bool SharesMemory(int node) const {
    return graph_.nodes()[node].layer.IsReshape(needs_.training) ||
           (!needs_.fused.empty() && needs_.fused[node]);
  }

  int LossStep() const { return nodes_; }
  int BackwardStep(int node) const { return 2 * nodes_ - node; }
  int LastStep() const { return 2 * nodes_ + 1; }

  // What a value's memory is for: of a node that computes others as well, only
  // the last one's output is there.
  int StoredValue(int value) const {
    const int node = graph_.NodeOfValue(value);
    if (node >= 0 && !needs_.fused.empty()) {
      for (int next = node + 1; next < nodes_; ++next) {
        if (needs_.fused[next] && graph_.nodes()[next].inputs[0] == value) {
          return StoredValue(graph_.ValueOfNode(next));
        }
      }
    }
    return value;
  }

  int NewBuffer(int value) {
    const int stored = StoredValue(value);
    const int64_t elements = graph_.ShapeOfValue(stored).elements();
    const int64_t element_bytes = SizeOf(graph_.TypeOfValue(stored));
    if (elements > kMaxBytes / element_bytes / needs_.images) {
      too_large_ = true;
      buffers_.push_back({.size = 0, .first = LastStep(), .last = -1});
    } else {
      const int64_t bytes =
          elements * element_bytes * needs_.images + Tensor::kExtraBytes;
      buffers_.push_back(
          {.size = (bytes + kAlignment - 1) / kAlignment * kAlignment,
           .first = LastStep(),
           .last = -1});
    }
    return static_cast<int>(buffers_.size()) - 1;
  }

  // The buffer is needed at that step.
  void Touch(int buffer, int step) {
    buffers_[buffer].first = std::min(buffers_[buffer].first, step);
    buffers_[buffer].last = std::max(buffers_[buffer].last, step);
  }

  void PlanValues() {
    for (int value = 0; value < graph_.value_count(); ++value) {
      const int node = graph_.NodeOfValue(value);
      if (node >= 0 && SharesMemory(node)) {
        value_buffers_[value] = value_buffers_[graph_.nodes()[node].inputs[0]];
      } else {
        value_buffers_[value] = NewBuffer(value);
      }
      const int buffer = value_buffers_[value];
      // The graph's inputs are written before the first step.
      Touch(buffer, node < 0 ? -1 : node);
      if (needs_.training || needs_.keep_outputs ||
          value == graph_.output_value()) {
        Touch(buffer, LastStep());
      }
    }
    for (int node = 0; node < nodes_; ++node) {
      for (int value : graph_.nodes()[node].inputs) {
        Touch(value_buffers_[value], node);
      }
    }
  }

  // Whether anything that a value depends on has a gradient that is wanted.
  std::vector<bool> FindWantedGradients() const {
    std::vector<bool> wanted(graph_.value_count());
    for (int value = 0; value < graph_.value_count(); ++value) {
      const int node = graph_.NodeOfValue(value);
      if (node < 0) {
        wanted[value] = needs_.input_gradients;
        continue;
      }
      wanted[value] = graph_.ParametersChange(graph_.nodes()[node]);
      for (int input : graph_.nodes()[node].inputs) {
        wanted[value] = wanted[value] || wanted[input];
      }
    }
    return wanted;
  }

  // From the output backwards, so that a value's users come before it.
  void PlanGradients() {
    const std::vector<bool> wanted = FindWantedGradients();
    const int output = graph_.output_value();
    // The caller writes it, even where nobody upstream wants one.
    gradient_buffers_[output].push_back(NewBuffer(output));
    Touch(gradient_buffers_[output][0], LossStep());
    for (int node = nodes_ - 1; node >= 0; --node) {
      const Graph::Node& n = graph_.nodes()[node];
      const int value = graph_.ValueOfNode(node);
      for (int buffer : gradient_buffers_[value]) {
        Touch(buffer, BackwardStep(node));
      }
      for (int input : n.inputs) {
        int buffer = -1;
        if (wanted[input]) {
          const bool shared = SharesMemory(node) && input == n.inputs[0];
          buffer = shared ? gradient_buffers_[value][0] : NewBuffer(input);
          Touch(buffer, BackwardStep(node));
          // Or later, where the kernel is that computes this node as well.
          if (!shared && SharesMemory(node)) {
            Touch(buffer, BackwardStep(graph_.NodeOfValue(n.inputs[0])));
          }
          gradient_buffers_[input].push_back(buffer);
        }
        input_gradient_buffers_[node].push_back(buffer);
      }
    }
    for (size_t input = 0; input < graph_.inputs().size(); ++input) {
      for (int buffer : gradient_buffers_[input]) Touch(buffer, LastStep());
    }
  }

  absl::StatusOr<MemoryPlan> Place() const {
    int64_t total = 0;
    for (const BufferLifetime& buffer : buffers_) {
      total = std::min(kMaxBytes, total + buffer.size);
    }
    if (too_large_ || total >= kMaxBytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the activations of ", needs_.images,
                       " images are more than any machine's memory"));
    }

    const ArenaPlan arena = PlanArena(buffers_);
    MemoryPlan plan;
    plan.size = arena.size;
    const auto offset = [&](int buffer) {
      return buffer < 0 ? -1 : arena.offsets[buffer];
    };
    for (int buffer : value_buffers_) plan.values.push_back(offset(buffer));
    for (const std::vector<int>& buffers : gradient_buffers_) {
      MemoryPlan::Gradient gradient;
      if (!buffers.empty()) gradient.offset = offset(buffers[0]);
      for (size_t i = 1; i < buffers.size(); ++i) {
        gradient.parts.push_back(offset(buffers[i]));
      }
      plan.gradients.push_back(gradient);
    }
    for (const std::vector<int>& buffers : input_gradient_buffers_) {
      plan.input_gradients.emplace_back();
      for (int buffer : buffers) {
        plan.input_gradients.back().push_back(offset(buffer));
      }
    }
    return plan;
  }

  const Graph& graph_;
  const MemoryNeeds& needs_;
  const int nodes_;
  std::vector<BufferLifetime> buffers_;
  std::vector<int> value_buffers_;
  // By value: one for each user that writes a gradient by it.
  std::vector<std::vector<int>> gradient_buffers_;
  std::vector<std::vector<int>> input_gradient_buffers_;
  bool too_large_ = false;
};

}  // namespace

absl::StatusOr<MemoryPlan> PlanMemory(const Graph& graph,
                                      const MemoryNeeds& needs) {
  return Planner(graph, needs).Plan();
}

}  // namespace lenslet
