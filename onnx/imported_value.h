// A value of an ONNX graph while it is imported: what one of Lenslet's layers
// computes, as ONNX sees it.

#ifndef LENSLET_ONNX_IMPORTED_VALUE_H_
#define LENSLET_ONNX_IMPORTED_VALUE_H_

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/onnx/constant.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// The window of a local response normalization that is written as an average
// pooling: the channels are an axis of images then.
struct ChannelWindow {
  // Whether ONNX has an axis of one channel before that of the channels.
  bool is_raised = true;
  // Zeros before and after the channels.
  int64_t before = 0;
  int64_t after = 0;
  int64_t size = 0;  // 0 before the pooling.
  float beta = 0;
};

// A value that depends on the input: what one of Lenslet's layers computes, or
// the network's input, as ONNX sees it.
struct ImportedValue {
  int layer = -1;  // The layer that computes it; -1 for the input.
  Shape shape;     // Lenslet's, of one example.
  // For each of ONNX's axes after the batch, Lenslet's axis.
  std::vector<int> axes;
  // Of a vector: ONNX's element i is Lenslet's element order[i]. Empty if they
  // are the same.
  std::vector<int64_t> order = {};

  // What the value still needs, in this order, before it is what ONNX has:
  // exporters write some functions as several nodes that only together are a
  // layer. Most are steps of GELU, x * (1 + erf(x / sqrt(2))) / 2, or of layer
  // normalization, (x - mean) / sqrt(variance + offset).
  enum class Form {
    kPlain,  // factor * x + offset
    // Where x is what the layer computes, times inner_factor and plus
    // inner_offset:
    kErf,   // factor * erf(x / sqrt(2))
    kPhi,   // factor * (1 + erf(x / sqrt(2)))
    kGelu,  // factor * x * (1 + erf(x / sqrt(2)))
    // factor * x, with padding below all numbers: for maximum pooling.
    kPaddedBelow,
    // Of layer normalization, all without a factor.
    kMean,
    kCentered,   // x - mean
    kSquares,    // (x - mean)^2
    kVariance,   // variance + offset
    kDeviation,  // sqrt(variance + offset)
    kInverse,    // 1 / sqrt(variance + offset)
    // Of local response normalization, x / (factor * mean + offset)^beta:
    kWindowMean,   // factor * mean of x^2 over a window of channels + offset
    kWindowPower,  // (factor * mean + offset)^beta
    // Of a matrix product, of vectors: the batch is ONNX's last axis.
    kBatchLast,
  };
  Form form = Form::kPlain;
  double factor = 1;
  double offset = 0;        // Of kPlain and layer normalization, else 0.
  double inner_factor = 1;  // Of GELU's steps, as inner_offset.
  double inner_offset = 0;
  int first_axis = 0;         // Lenslet's first axis that is normalized.
  Padding padding = {};       // Of kPaddedBelow.
  ChannelWindow window = {};  // Of kWindowMean and kWindowPower.
  // Of the network's input: whether nodes read it that do not change what this
  // value is of.
  bool is_shared = false;
  // Of an image that a vector was reshaped to again, the layer that had
  // flattened it to that; else -1.
  int flattened = -1;
  // ONNX has no axis of the batch, since the model is for one image.
  bool lacks_batch = false;
  // The node that computes it cannot be imported; only its shape is known.
  bool stands_in = false;

  bool is_plain() const {
    return form == Form::kPlain && factor == 1 && offset == 0;
  }
  // Whether it needs no more than a factor.
  bool is_multiple() const { return form == Form::kPlain && offset == 0; }
};

// ONNX's axes of an image with channels first.
std::vector<int> ChannelsFirstAxes(int rank);

// The sizes after the batch.
Ints DimsOf(const ImportedValue& x);

// "[batch, 3, 8, 8]"
std::string DimsText(const ImportedValue& x);

// Puts a vector with a number for each element of `x` into Lenslet's order.
std::vector<float> InLensletsOrder(const ImportedValue& x,
                                   const std::vector<float>& numbers);

// For each of ONNX's elements, in order, the index of Lenslet's.
Ints IndicesOf(const ImportedValue& x);

// Whether they are 0, 1, 2 and so on.
bool IsAscending(const Ints& indices);

// Whether layers know the form only as a step of local response normalization.
bool IsWindow(ImportedValue::Form form);

// Whether layers know the form only as a step of layer normalization.
bool IsNormalizationStep(ImportedValue::Form form);

// ONNX's axis after the batch, from 0, for an attribute that counts the batch
// and may count from the end. Errors: InvalidArgument for an axis that `x` does
// not have; Unimplemented for that of the batch.
absl::StatusOr<int> InnerAxis(int64_t axis, const ImportedValue& x);

// Lenslet's first axis of those that are marked, if all after it are too or
// have size 1.
std::optional<int> FirstOfTrailing(const std::vector<bool>& marked,
                                   const Shape& shape);

// A constant that ONNX repeats where it meets `x`, as a number for each element
// of Lenslet's axes from `first_axis` on; nullopt if it has other axes or
// sizes.
std::optional<std::vector<float>> FeatureNumbers(const ImportedValue& x,
                                                 const OnnxConstant& constant,
                                                 int first_axis);

// Unimplemented for this reason; Cancelled for a value that only stands in,
// whose axes are not known.
absl::Status WrongAxes(const ImportedValue& x, const std::string& reason);

// Whether numbers of a function's formula are the same but for their rounding.
inline bool IsNear(double a, double b) { return std::abs(a - b) < 1e-6; }
// The same of numbers of any size: 0 is close only to itself.
inline bool IsClose(double a, double b) {
  return std::abs(a - b) <= 1e-6 * std::abs(a);
}

}  // namespace lenslet

#endif  // LENSLET_ONNX_IMPORTED_VALUE_H_
