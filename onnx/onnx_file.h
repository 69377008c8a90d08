// Recognizes ONNX files.

#ifndef LENSLET_ONNX_ONNX_FILE_H_
#define LENSLET_ONNX_ONNX_FILE_H_

#include "absl/strings/string_view.h"

namespace lenslet {

// Returns whether a file that starts like this is probably an ONNX model. Such
// files have no signature. They start with the version of the format, which
// every exporter writes first, and continue with one of the model's other
// fields. Needs 3 bytes; more make no difference.
bool IsOnnx(absl::string_view start);

}  // namespace lenslet

#endif  // LENSLET_ONNX_ONNX_FILE_H_
