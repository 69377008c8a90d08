// Constants of an ONNX model: parameters, shapes and other numbers that do not
// depend on the input.

#ifndef LENSLET_ONNX_CONSTANT_H_
#define LENSLET_ONNX_CONSTANT_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "onnx/onnx.pb.h"

namespace lenslet {

using Ints = std::vector<int64_t>;

// Stands for the number of images in computations of shapes.
inline constexpr int64_t kBatchSize = std::numeric_limits<int64_t>::min();

// The most numbers of all constants that a model stores: what a file below 2
// GiB can have, and more than small networks need.
inline constexpr int64_t kMaxStoredNumbers = int64_t{1} << 29;
// The most axes of a constant.
inline constexpr int kMaxConstantAxes = 16;

// Whether elements of ONNX's type are floats, of 16 to 64 bits. A type that is
// not stated is one.
bool IsFloatType(int64_t type);

// An array. Whole numbers and truth values are in `ints`, all others in
// `floats`; the other vector is empty.
struct OnnxConstant {
  std::vector<int64_t> dims = {};
  int64_t type = onnx::TensorProto::FLOAT;
  std::vector<float> floats = {};
  // Of type double, the numbers that are rounded in `floats`; else empty.
  std::vector<double> doubles = {};
  std::vector<int64_t> ints = {};

  bool is_float() const { return IsFloatType(type); }
  int64_t size() const {
    return static_cast<int64_t>(is_float() ? floats.size() : ints.size());
  }
  // Of floats, exactly.
  double NumberAt(int64_t i) const {
    return doubles.empty() ? floats[i] : doubles[i];
  }
  // Adds a number to floats, rounded to the type.
  void Append(double number);
};

// Whether ConstantOf() converts elements of this type.
bool IsConstantType(int64_t type);
// The float of this type that is nearest to the number.
double RoundedTo(int64_t type, double number);
// The whole number of this type that has the number's lowest bits.
int64_t WrappedTo(int64_t type, int64_t number);

// Whether they are whole numbers of 16 bits or more, or bytes without sign.
bool IsWholeType(int64_t type);

// "string"; a number for a type that ONNX does not have.
std::string ElementTypeName(int64_t type);

// Converts a tensor of floating-point numbers (of 16, 32 or 64 bits), whole
// numbers or truth values. Values that are not in the model are read from a
// file in `folder`, which is the model's. Errors, before values are read:
// InvalidArgument for sizes that are negative or do not match the number of
// values; for more than kMaxConstantAxes axes or `max_numbers` values; for
// another type; for a file that is not in `folder` or its subfolders, or a
// range that is not in the file. As ReadFile().
absl::StatusOr<OnnxConstant> ConstantOf(
    const onnx::TensorProto& tensor, const std::string& folder,
    int64_t max_numbers = kMaxStoredNumbers);

// "[batch, 3, 4]" of sizes, among which may be kBatchSize.
std::string SizesText(const Ints& sizes);

// Transposes each of `count` matrices [rows, columns]. So parameters pass from
// ONNX's channels first to Lenslet's channels last, and back.
std::vector<float> TransposeEach(absl::Span<const float> matrices,
                                 int64_t count, int64_t rows, int64_t columns);

}  // namespace lenslet

#endif  // LENSLET_ONNX_CONSTANT_H_
