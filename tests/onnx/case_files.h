// The files in which inputs and outputs stand beside an ONNX model, for
// compare.mjs.

#ifndef LENSLET_TESTS_ONNX_CASE_FILES_H_
#define LENSLET_TESTS_ONNX_CASE_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Examples of one shape, [count, ..., C].
struct CaseArray {
  int64_t count = 1;
  Shape shape;
  std::vector<float> numbers = {};
};

// The numbers with the channels first, as ONNX has them.
inline std::string ChannelsFirstBytes(const CaseArray& array) {
  const Shape& image = array.shape;
  const int64_t channels = image.rank() == 0 ? 1 : image.dim(image.rank() - 1);
  const int64_t positions = image.elements() / channels;
  std::vector<float> moved(array.numbers.size());
  for (int64_t n = 0; n < array.count; ++n) {
    const int64_t first = n * image.elements();
    for (int64_t p = 0; p < positions; ++p) {
      for (int64_t c = 0; c < channels; ++c) {
        moved[first + c * positions + p] =
            array.numbers[first + p * channels + c];
      }
    }
  }
  return std::string(reinterpret_cast<const char*>(moved.data()),
                     moved.size() * sizeof(float));
}

inline std::string ChannelsFirstDims(const CaseArray& array) {
  const Shape& image = array.shape;
  std::vector<int64_t> dims = {array.count};
  if (image.rank() > 0) dims.push_back(image.dim(image.rank() - 1));
  for (int axis = 0; axis + 1 < image.rank(); ++axis) {
    dims.push_back(image.dim(axis));
  }
  return absl::StrJoin(dims, " ");
}

// Writes PATH.onnx, PATH.input, PATH.output and PATH.shapes.
inline absl::Status WriteCaseFiles(const std::string& path,
                                   const std::string& model,
                                   const CaseArray& input,
                                   const CaseArray& output) {
  LENSLET_RETURN_IF_ERROR(
      WriteFileAtomically(absl::StrCat(path, ".onnx"), model));
  LENSLET_RETURN_IF_ERROR(WriteFileAtomically(absl::StrCat(path, ".input"),
                                              ChannelsFirstBytes(input)));
  LENSLET_RETURN_IF_ERROR(WriteFileAtomically(absl::StrCat(path, ".output"),
                                              ChannelsFirstBytes(output)));
  return WriteFileAtomically(absl::StrCat(path, ".shapes"),
                             absl::StrCat(ChannelsFirstDims(input), "\n",
                                          ChannelsFirstDims(output), "\n"));
}

}  // namespace lenslet

#endif  // LENSLET_TESTS_ONNX_CASE_FILES_H_
