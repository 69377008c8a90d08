// A trained network as steps over arrays of floats: what the generated C files
// (write_c.h) and the portable evaluator (evaluate.h) both run, in the
// arithmetic that docs/arithmetic.md defines.
//
// Everything is resolved: sizes are numbers, parameters are constants in the
// order in which the steps read them, and each array has its place in one
// arena. Reshapes, flattenings and dropout are no steps: they do nothing in
// inference.

#ifndef LENSLET_CODEGEN_PROGRAM_H_
#define LENSLET_CODEGEN_PROGRAM_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/normalization.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/concat/concat.h"
#include "lenslet/ops/lrn/lrn.h"
#include "lenslet/ops/pad/pad.h"
#include "lenslet/ops/pool/pool_spec.h"
#include "lenslet/ops/window.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Rows of weights have a multiple of this many floats, so that vectors can read
// them. The floats added are 0.
inline constexpr int64_t kWeightLanes = 8;

inline int64_t InWholeLanes(int64_t floats) {
  return (floats + kWeightLanes - 1) / kWeightLanes * kWeightLanes;
}

// y[o, k] = bias[k] + sum over taps t and channels c, in the order of t and
// then c, of x[position(o, t), c] * w[t, c, k]. Taps outside of x are left out.
// Linear layers are sums with one position or one tap.
struct SumsStep {
  Window window;  // Of three dimensions, as all sizes here.
  Axes input;
  Axes output;
  // Whether the window belongs to a convolution that is run backwards: a tap at
  // t reads the position i with i * stride + t * dilation - padding = o.
  bool transposed = false;
  int64_t groups = 1;
  int64_t input_channels = 0;
  int64_t output_channels = 0;
  // Whether each output channel reads only the input channel of its index.
  bool depthwise = false;
  // Where the weights [groups][taps][c][row] start in Program::weights. A row
  // has one number for each output channel of the group, and padding. If
  // depthwise: [taps][row], with one number for each channel.
  int64_t weight = 0;
  // [groups][row]
  int64_t bias = 0;

  int64_t group_inputs() const {
    return depthwise ? 1 : input_channels / groups;
  }
  int64_t group_outputs() const {
    return depthwise ? output_channels : output_channels / groups;
  }
  // Groups that have rows of weights.
  int64_t row_groups() const { return depthwise ? 1 : groups; }
  // Floats in a row of weights.
  int64_t row() const { return InWholeLanes(group_outputs()); }
};

struct PoolStep {
  PoolGeometry geometry;
};

struct PadStep {
  PadGeometry geometry;
};

struct ConcatStep {
  ConcatGeometry geometry;
};

// The distance of an array's elements along each axis; 0 along axes of size 1.
inline std::vector<int64_t> StridesOf(const Shape& shape) {
  std::vector<int64_t> strides(shape.rank(), 0);
  int64_t stride = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    if (shape.dim(axis) > 1) strides[axis] = stride;
    stride *= shape.dim(axis);
  }
  return strides;
}

// y = x[0] + x[1] + ... or their product, in this order.
struct ElementwiseStep {
  bool multiplies = false;
  // StridesOf() each input: 0 along the axes where it is repeated.
  std::vector<std::vector<int64_t>> strides = {};
};

// Layer normalization of each row of x.
struct NormalizeStep {
  int64_t rows = 1;
  int64_t features = 0;
  float epsilon = 0;
  int64_t scale = 0;  // Where they start in Program::weights.
  int64_t bias = 0;
};

// Local response normalization (ops/lrn/lrn.h) along the last dimension.
struct LrnStep {
  int64_t positions = 1;
  int64_t channels = 0;
  LrnSpec spec = {};
};

// The factor of the sum of squares.
inline float LrnShare(const LrnSpec& spec) {
  return static_cast<float>(double{spec.alpha} /
                            static_cast<double>(spec.size));
}

// What a resized position reads along an axis: `first` times `first_weight`
// plus `second` times `second_weight`; or only `first`.
struct ResizeAxis {
  bool interpolates = false;
  struct Tap {
    int64_t first = 0;
    int64_t second = 0;
    float first_weight = 1;
    float second_weight = 0;
  };
  std::vector<Tap> taps = {};  // For each output position.
};

struct ResizeStep {
  Axes input;
  Axes output;
  int64_t channels = 0;
  std::array<ResizeAxis, 3> axes = {};
};

// y = x. Only where a function cannot be applied where x is.
struct CopyStep {};

// y = x * scale[c] + shift[c], for the last dimension's index c. Batch
// normalization in inference.
struct ScaleFunction {
  int64_t channels = 0;
  int64_t scale = 0;  // Where they start in Program::weights.
  int64_t shift = 0;
};

// Applied to each number of a step's output, in place.
struct Function {
  std::string layer;  // Its name.
  std::string type;
  std::variant<ActivationSpec, ScaleFunction> kind;
};

// An array, by where it starts in the arena.
struct ProgramValue {
  Shape shape;
  int64_t offset = 0;
};

struct Step {
  std::string layer;    // "conv1"
  std::string details;  // "Conv2d 5 x 5, padding 2"
  std::variant<SumsStep, PoolStep, PadStep, ConcatStep, ElementwiseStep,
               NormalizeStep, LrnStep, ResizeStep, CopyStep>
      kind;
  std::vector<int> inputs = {};  // Indices into Program::values.
  int output = 0;
  // Applied to `kind`'s output, in this order.
  std::vector<Function> functions = {};
  // Applied after the functions. The output is then the pooling's, and the
  // numbers before it live row by row in `band`.
  std::optional<PoolGeometry> pool = {};
  std::string pool_layer = "";
  std::string pool_details = "";
  // The size of kind's output.
  Shape computed = {};
  // Where a scratch array of as many rows of `computed` as the pooling reads at
  // once starts in the arena.
  int64_t band = 0;
};

// A whole number of rows of the pooling's input that it reads for one row of
// its output.
inline int64_t BandRows(const PoolGeometry& pool) {
  return pool.window.kernel[1];
}

struct Program {
  std::string name;
  Shape input;
  // Whether examples are bytes, divided by 255, or floats.
  bool bytes = true;
  Normalization normalization;
  std::vector<std::string> class_names;
  bool classes = true;  // Whether the output is one score for each class.
  std::vector<ProgramValue> values;  // Value 0 is the normalized input.
  std::vector<Step> steps;
  int output = 0;     // The value of the scores.
  int64_t arena = 0;  // Its size, in floats.
  std::vector<float> weights;
};

// Sets the offsets of the values, which have these sizes in floats, and of the
// bands, and the arena's size. The first `at_once` steps run at the same time,
// the others one after the other.
void PlanMemory(absl::Span<const int64_t> sizes, int at_once, Program& program);

// Errors: InvalidArgument for a network with more than one input, and for
// parameters that are not finite; Unimplemented for a custom layer, naming it.
absl::StatusOr<Program> MakeProgram(const TrainedNetwork& network);

}  // namespace lenslet

#endif  // LENSLET_CODEGEN_PROGRAM_H_
