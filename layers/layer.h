// A layer: an operator and the parameters that it needs, as a model uses it.
//
// A layer is a description. It has no memory for activations or parameters, and
// does not know its name or its place in a graph. Shapes are those of one
// image.

#ifndef LENSLET_LAYERS_LAYER_H_
#define LENSLET_LAYERS_LAYER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/epilogue.h"
#include "lenslet/ops/kernel.h"
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
  // Running statistics of the layer's input. No gradient changes them:
  // Backward() adds the change that each image asks for, and training adds the
  // mean of these changes. A mean starts at 0, a variance at 1.
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

// What follows from a layer and the shapes of its inputs.
struct LayerInfo {
  Shape output;  // Of at most Shape::kMaxRank - 1 dimensions.
  std::vector<ParameterInfo> parameters = {};
  Cost cost = {};
  Reach reach = Reach::kAll;
  Window window = {};  // Resolved; for kWindow.
};

// Immutable, and so safe to use from all threads. Cheap to copy.
class Layer {
 public:
  // Layers of every kind: layers/layers.h.
  explicit Layer(LayerSpec spec) : spec_(std::move(spec)) {}

  const LayerSpec& spec() const { return spec_; }

  // The layer's kind as in model files: "Conv2d".
  std::string type() const;

  // A summary, for people, of options that the shapes of parameters and output
  // do not show: "5 x 5, stride 2, 4 groups". "" if there are none.
  std::string Details() const;

  // Errors: InvalidArgument, naming the field and the values, for options out
  // of their range and inputs that do not fit them.
  absl::StatusOr<LayerInfo> Infer(absl::Span<const Shape> inputs) const;

  // Whether the output is the input's memory, maybe in another shape. Then
  // there is one input and no kernel.
  bool IsReshape(bool training) const;

  // A kernel for blocks of up to `images` images, with Infer()'s parameters in
  // their order. Errors: as Infer(), and Unimplemented for what the backend
  // lacks. Convolutions and linear layers compute epilogues where the backend
  // can (ops/conv, ops/linear); other layers return Unimplemented for one.
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs, int64_t images,
      const Epilogue& epilogue = {}) const;

 private:
  LayerSpec spec_;
};

// The layer as an epilogue of the kernel before it: an activation with
// GradientFromOutput(), or a pooling that kernels can fuse. Empty for other
// layers.
Epilogue EpilogueOf(const Layer& layer);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_LAYER_H_
