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
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/predict/checkpoint.pb.h"

namespace lenslet {

struct OnnxImportOptions {
  // The shape of one example, channels last: [height, width, channels]. For
  // models that leave sizes of their input open. Empty: the model's.
  std::vector<int64_t> shape = {};
  // Whether the model takes pixels from 0 to 255. Otherwise it takes pixels
  // divided by 255, or numbers of a table. Without: what the model says, by
  // its input's type or by the numbers that its first nodes subtract or divide
  // by.
  std::optional<bool> takes_bytes = {};
  // What the outputs are. Without: what the model says, by its metadata or by
  // its last nodes. Of values, a sigmoid at the end stays a layer.
  std::optional<TargetKind> targets = {};
  // The output to keep, if the model has several, or any value that a node
  // writes; only the nodes that it depends on are read. Empty: the model's only
  // output.
  std::string output = "";
};

// A function of the scores that an ONNX model ends in and a network does not.
enum class OutputActivation { kNone, kSigmoid, kSoftmax, kLogSoftmax };

struct OnnxImport {
  // The model, its parameters, the class names, the normalization and what
  // else ExportOnnx() writes, so that it writes the same bytes again.
  CheckpointProto checkpoint;
  OutputActivation activation = OutputActivation::kNone;
  // For each of ONNX's axes after the batch, the network's axis.
  std::vector<int> input_axes = {};
  std::vector<int> output_axes = {};
  // What differs from the ONNX model, for people: one line each.
  std::vector<std::string> notes;
};

// Imports the bytes of an ONNX file. Values of parameters that are in other
// files are read from `folder`, which is the model's, or its subfolders.
//
// Constants that are subtracted from the input, or that divide it, become the
// normalization. A softmax at the end is left out, and a sigmoid at the end of
// a vector, which makes its numbers labels: Lenslet's outputs are the scores
// before it. The number of images may be fixed in the model; the network takes
// any. The input has its channels first, unless a node transposes it or the
// model can only be read with channels last.
//
// Errors: InvalidArgument, for bytes that are not an ONNX model, and with one
// line for each node that cannot be imported: its name and operator, the
// reason, and what could be instead. A node that fails only because of another
// is not listed; after 50 nodes, the others are counted. InvalidArgument for
// options.targets that a softmax or sigmoid at the end contradicts, and for
// classes of one output. As ConstantOf() (onnx/constant.h).
absl::StatusOr<OnnxImport> ImportOnnx(absl::string_view bytes,
                                      const std::string& folder = "",
                                      const OnnxImportOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_ONNX_IMPORT_H_
