// A layer: an operator with parameters of its own, as a model uses it.
//
// A layer is a description. It is the same object for every executor and
// thread, has no memory for activations or parameters, and does not know its
// name or its place in a graph. Shapes are those of one image.

#ifndef LENSLET_LAYERS_LAYER_H_
#define LENSLET_LAYERS_LAYER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/epilogue.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/pool/pool_spec.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// What a parameter does, which decides how it starts and how it is changed.
enum class ParameterRole : uint8_t {
  kWeight,
  // Starts at 0.
  kBias,
  // A factor that starts at 1.
  kScale,
  // Statistics of what the layer has seen, which no gradient changes: what
  // Backward() adds for each image is the change that the image asks for, and
  // training adds its mean. An average starts at 0, a variance at 1.
  kRunningMean,
  kRunningVariance,
};

inline constexpr bool IsStatistic(ParameterRole role) {
  return role == ParameterRole::kRunningMean ||
         role == ParameterRole::kRunningVariance;
}

struct ParameterInfo {
  std::string name;  // "weight", "bias"; unique in its layer.
  ParameterRole role = ParameterRole::kWeight;
  Shape shape;
  // Inputs that one output is made of, and outputs that one input goes into,
  // along the layer's weight; at least 1.
  int64_t fan_in = 1;
  int64_t fan_out = 1;
  // Whether training changes it. Statistics are not counted as trainable.
  bool trainable = true;
};

// What a position of a layer's output depends on.
enum class Reach : uint8_t {
  kAll,       // All positions of the inputs.
  kWindow,    // Those under a window.
  kPosition,  // The inputs' same position.
};

// What a layer says when it meets its inputs.
struct LayerInfo {
  Shape output;  // Of at most Shape::kMaxRank - 1 dimensions.
  std::vector<ParameterInfo> parameters = {};
  Cost cost = {};
  Reach reach = Reach::kAll;
  Window window = {};  // Resolved; for kWindow.
};

// Immutable, and so safe to use from all threads.
class Layer {
 public:
  virtual ~Layer() = default;

  // The layer's kind as in model files: "Conv2d".
  virtual absl::string_view type() const = 0;

  // Those of its options that neither its parameters nor its output's shape
  // tell, for people: "5 x 5, stride 2, 4 groups". "" if there are none.
  virtual std::string Details() const { return ""; }

  // Errors: InvalidArgument, naming the field and the values, for options out
  // of their range and inputs that do not fit them.
  virtual absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const = 0;

  // Whether the output is the input's memory, if in another shape. Then there
  // is no kernel, and one input.
  virtual bool IsReshape(bool /*training*/) const { return false; }

  // A kernel for blocks of up to `images` images, with Infer()'s parameters in
  // their order. Errors: as Infer(), and Unimplemented for what the backend
  // lacks.
  virtual absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const = 0;

  // What the layer computes if that is an activation with GradientFromOutput(),
  // or a pooling: what the kernel before it may compute as well.
  virtual std::optional<ActivationSpec> activation() const { return {}; }
  virtual std::optional<PoolSpec> pool() const { return {}; }

  // The epsilon, if it is a batch normalization; then its parameters are
  // layers::BatchNorm's.
  virtual std::optional<double> batch_norm_epsilon() const { return {}; }

  // The same layer with a bias, if its parameters are a weight whose first
  // dimension is the output's last, and maybe a bias [outputs]; else null.
  virtual std::shared_ptr<const Layer> WithBias() const { return nullptr; }

  // As MakeKernel(), with the epilogue in the same kernel. Errors:
  // Unimplemented for a layer or backend that cannot do that.
  virtual absl::StatusOr<std::unique_ptr<Kernel>> MakeFusedKernel(
      Backend backend, absl::Span<const Shape> inputs, int64_t images,
      const Epilogue& epilogue) const;
};

// For layers' own use.

// Errors: InvalidArgument unless there is exactly one input.
absl::Status CheckOneInput(absl::Span<const Shape> inputs);

// The parameters "weight" and, if asked for, "bias", of shape [outputs].
std::vector<ParameterInfo> WeightAndBias(const Shape& weight, int64_t fan_in,
                                         int64_t fan_out, bool has_bias,
                                         int64_t outputs,
                                         bool trainable = true);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_LAYER_H_
