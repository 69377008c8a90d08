// ONNX files: which are some, and of which versions.

#ifndef LENSLET_ONNX_ONNX_FILE_H_
#define LENSLET_ONNX_ONNX_FILE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "onnx/onnx.pb.h"

namespace lenslet {

// Returns whether a file that starts like this is probably an ONNX model. Such
// files have no signature. They start with the version of the format, which
// every exporter writes first, and continue with one of the model's other
// fields. Needs 3 bytes; more make no difference.
bool IsOnnx(absl::string_view start);

// Errors: InvalidArgument for bytes that are no model.
absl::StatusOr<onnx::ModelProto> ParseOnnx(absl::string_view bytes);

// Returns the version of the model's operators. Errors: InvalidArgument for one
// that the importer does not know, for several, and for a format that is newer
// than it.
absl::StatusOr<int> OpsetOf(const onnx::ModelProto& model);

}  // namespace lenslet

#endif  // LENSLET_ONNX_ONNX_FILE_H_
