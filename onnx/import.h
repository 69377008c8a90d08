// Reads an ONNX model as a network that Lenslet trains and runs.
//
// Reads what exporters write, not only what ExportOnnx() writes: constants as
// initializers or as nodes, computations of shapes, transpositions between
// channels first and last, linear layers as products and sums. A node becomes a
// layer, part of one, or nothing, such as dropout. Source: the ONNX operator
// schemas, https://onnx.ai/onnx/operators.

#ifndef LENSLET_ONNX_IMPORT_H_
#define LENSLET_ONNX_IMPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/predict/checkpoint.pb.h"

namespace lenslet {

struct OnnxImportOptions {
  // The shape of one example, channels last: [height, width, channels]. For
  // models that leave sizes of their input open. Empty: the model's.
  std::vector<int64_t> shape = {};
  // Whether the model takes pixels from 0 to 255. Otherwise it takes pixels
  // divided by 255, or numbers of a table.
  bool takes_bytes = false;
  // The output to keep, if the model has several. Empty: its only one.
  std::string output = "";
};

struct OnnxImport {
  // The model, its parameters, the class names and the normalization.
  CheckpointProto checkpoint;
  // What differs from the ONNX model, for people: one line each.
  std::vector<std::string> notes;
};

// Imports the bytes of an ONNX file. Values of parameters that are in other
// files are read from `folder`, which is the model's, or its subfolders.
//
// Constants that are subtracted from the input, or that divide it, become the
// normalization. A softmax at the end is left out: Lenslet's outputs are the
// scores before it. The number of images may be fixed in the model; the network
// takes any.
//
// Errors: InvalidArgument, for bytes that are not an ONNX model, and with one
// line for each node that cannot be imported: its name and operator, the
// reason, and what could be instead. As ConstantOf() (onnx/constant.h).
absl::StatusOr<OnnxImport> ImportOnnx(absl::string_view bytes,
                                      const std::string& folder = "",
                                      const OnnxImportOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_ONNX_IMPORT_H_
