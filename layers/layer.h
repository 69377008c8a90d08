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
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/epilogue.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// The role of a parameter. It determines the initial value and how training
// changes it.
enum class ParameterRole : uint8_t {
  kWeight,
  // Starts at 0.
  kBias,
  // A factor that starts at 1.
  kScale,
  // Running statistics of the layer's input. They have no gradients. Instead,
  // Backward() adds the update that each image calls for, and training applies
  // the mean of these updates. A mean starts at 0, a variance at 1.
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
  // The number of inputs that each output depends on through the layer's
  // weight, and the number of outputs that each input affects. At least 1.
  int64_t fan_in = 1;
  int64_t fan_out = 1;
  // Whether training changes it by gradients. False for statistics.
  bool trainable = true;
  ElementType type = ElementType::kFloat32;
};

// The part of the inputs that a position of a layer's output depends on.
enum class Reach : uint8_t {
  kAll,       // All positions of the inputs.
  kWindow,    // The positions under a window.
  kPosition,  // The same position of the inputs.
};

// Facts about a layer that depend on the shapes of its inputs.
struct LayerInfo {
  Shape output;  // Of at most Shape::kMaxRank - 1 dimensions.
  std::vector<ParameterInfo> parameters = {};
  Cost cost = {};
  Reach reach = Reach::kAll;
  Window window = {};                        // For kWindow. Resolved.
  ElementType type = ElementType::kFloat32;  // Of the output's elements.
};

// Immutable, and so safe to use from all threads. Cheap to copy.
class Layer {
 public:
  // layers/layers.h has functions for every kind of layer.
  explicit Layer(LayerSpec spec) : spec_(std::move(spec)) {}

  const LayerSpec& spec() const { return spec_; }

  // The layer's kind as in model files: "Conv2d". For a custom layer,
  // CustomOperator::Kind().
  std::string type() const;

  // A summary, for people, of options that the shapes of parameters and output
  // do not show: "5 x 5, stride 2, 4 groups". "" if there are none.
  std::string Details() const;

  // Infers the layer's properties for inputs of these shapes. Errors:
  // InvalidArgument, naming the field and the values, for options out of their
  // range or inputs that do not fit the options.
  absl::StatusOr<LayerInfo> Infer(absl::Span<const Shape> inputs) const;

  // Checks the options alone, for a layer with this number of inputs. Returns
  // the error that Infer() returns whatever their shapes are; OK if the result
  // depends on the shapes.
  absl::Status CheckForAnyShape(int inputs) const;

  // Whether the output shares the memory of the input, possibly with another
  // shape. Such a layer has one input and no kernel.
  bool IsReshape(bool training) const;

  // Makes a kernel for blocks of up to `images` images. Its parameters are
  // those of Infer(), in the same order. Convolutions, linear layers, batch
  // normalization and sums apply the epilogue if the backend supports it
  // (ops/conv, ops/linear, ops/batch_norm, ops/add). Other layers return
  // Unimplemented for an epilogue. `exact`: as for MakeConvKernel()
  // (ops/conv/conv.h). Errors: as Infer(), and Unimplemented if the backend
  // does not support the layer.
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs, int64_t images,
      const Epilogue& epilogue = {}, bool exact = false) const;

 private:
  LayerSpec spec_;
};

// Returns the layer as an epilogue for the kernel before it, if it is an
// activation with GradientFromOutput() or a pooling that kernels can fuse.
// Returns an empty epilogue for other layers.
Epilogue EpilogueOf(const Layer& layer);

// The name of what computes a layer that an executor runs on this backend: that
// of the backend, or "custom" for a custom layer, whose code is the program's.
absl::string_view KernelName(const Layer& layer, Backend backend);

}  // namespace lenslet

#endif  // LENSLET_LAYERS_LAYER_H_
