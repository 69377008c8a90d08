// A layer that a program defines: its shapes, what it computes, its gradients.
//
//   class Square : public CustomOperator {
//    public:
//     std::string Kind() const override { return "Square"; }
//
//     absl::StatusOr<LayerInfo> Infer(
//         absl::Span<const Shape> inputs) const override {
//       return LayerInfo{.output = inputs[0], .reach = Reach::kPosition};
//     }
//
//     void Forward(const ForwardBlock& block) const override {
//       const View<const float> x = block.inputs[0];
//       for (int64_t i = 0; i < x.size(); ++i) block.output[i] = x[i] * x[i];
//     }
//
//     void Backward(const BackwardBlock& block) const override {
//       const View<const float> x = block.inputs[0];
//       const View<float> dx = block.input_gradients[0];
//       if (dx.data() == nullptr) return;
//       for (int64_t i = 0; i < x.size(); ++i) {
//         dx[i] = 2 * x[i] * block.output_gradient[i];
//       }
//     }
//   };
//
//   Layer square = layers::Custom(std::make_shared<Square>());  // layers.h
//
// Such a layer is used, trained and evaluated like any other. Its code is the
// same for each backend; summaries and profiles call it "custom". Blocks that
// lie in lanes are copied to plain arrays and back. A model file cannot
// describe such a layer: Network::SaveParameters() saves the parameters of the
// network without the network. examples/swish.h is a layer with a parameter;
// examples/swish_test.cc checks its gradients.

#ifndef LENSLET_LAYERS_CUSTOM_LAYER_H_
#define LENSLET_LAYERS_CUSTOM_LAYER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/base/check.h"
#include "lenslet/layers/layer.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

// The arrays of a block of examples. Elements are in row-major order, channels
// last: [examples, height, width, channels] for images. A block has at least
// one example, and may have fewer than the block before it. Views and spans are
// valid during the call.
struct ForwardBlock {
  absl::Span<const View<const float>> inputs;      // [examples, ...]
  absl::Span<const View<const float>> parameters;  // In the order of Infer().
  View<float> output;  // [examples, ...]; write every element.
  // Whether to run in training mode. Matters for operators that compute
  // something else in training, such as dropout.
  bool training = false;
  // In training, differs between layers, blocks and steps. All random numbers
  // must follow from it.
  uint64_t seed = 0;
};

// A gradient is that of the loss w.r.t. the array. A view without data (data()
// is null) means that the gradient is not wanted.
struct BackwardBlock {
  // As in Forward() for the same block.
  absl::Span<const View<const float>> inputs;
  absl::Span<const View<const float>> parameters;
  View<const float> output;
  uint64_t seed = 0;

  View<const float> output_gradient;
  // Write every element. Does not overlap the arrays above.
  absl::Span<const View<float>> input_gradients;
  // Add to what is there, summed over the examples of the block.
  absl::Span<const View<float>> parameter_gradients;
};

// An operator holds its options and nothing that changes. Layers, graphs and
// networks share it. Several threads call the same object at the same time,
// each with its own block. So methods must not write to members, and must
// not keep views.
//
// Results must depend on the arguments alone. Then training gives the same
// parameters for any number of threads: Lenslet adds up the gradients of blocks
// in a fixed order, and Backward() must add up those of a block's examples in a
// fixed order too. In inference, the output of an example must not depend on
// the other examples of its block.
//
// Forward() and Backward() run for every block. They should not allocate, and
// cannot return errors: Infer() rejects whatever they could not compute.
class CustomOperator {
 public:
  virtual ~CustomOperator() = default;

  // The kind of layer, in the style of "Conv2d": a capital letter, then letters
  // and digits. Summaries show it. Network calls layers "conv2d_1".
  virtual std::string Kind() const = 0;

  // The number of inputs, at least 1.
  virtual int InputCount() const { return 1; }

  // Returns the properties of the layer for InputCount() inputs of these
  // shapes, which are those of one example:
  // * output: 1 to Shape::kMaxRank - 1 dimensions.
  // * parameters: names of letters, digits and '_', unique in the layer; at
  //   least 1 dimension. Roles determine the initial values (ParameterRole).
  //   For statistics, Backward() adds the change that each example asks for.
  // * cost: multiply_adds and other_operations of one example, for summaries.
  //   The bytes follow from the shapes.
  // * reach, window: for receptive fields.
  // All arrays are float32 and have at least one element. Errors: of the form
  // `X is V; expected R`, for shapes that do not fit the operator. Lenslet puts
  // the layer's name before them.
  virtual absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const = 0;

  // Computes the output.
  virtual void Forward(const ForwardBlock& block) const = 0;

  // Whether Backward() computes gradients. If not, a network trains only if it
  // has no parameters to train up to this layer, itself included.
  virtual bool HasBackward() const { return true; }

  // Writes the gradients w.r.t. the inputs, and adds those w.r.t. the
  // parameters. Called after Forward() for the same block, in training only.
  virtual void Backward(const BackwardBlock& block) const = 0;
};

// The base class of operators without gradients.
class CustomInferenceOperator : public CustomOperator {
 public:
  bool HasBackward() const final { return false; }
  void Backward(const BackwardBlock&) const final { LENSLET_CHECK(false); }
};

}  // namespace lenslet

#endif  // LENSLET_LAYERS_CUSTOM_LAYER_H_
