// What the inputs and outputs of an ONNX model mean, which its nodes do not
// say: the range of pixels, classes or labels, names.

#ifndef LENSLET_ONNX_IMPORT_MEANING_H_
#define LENSLET_ONNX_IMPORT_MEANING_H_

#include "absl/status/status.h"
#include "lenslet/onnx/import.h"
#include "lenslet/onnx/import_layers.h"
#include "lenslet/tensor/shape.h"
#include "onnx/onnx.pb.h"

namespace lenslet {

// Says whether a sigmoid at the end is a layer: by the options, the metadata
// that ExportOnnx() writes. Other programs' models do not tell layers from
// functions of the outputs: there, a vector of labels ends in a sigmoid.
LastSigmoid LastSigmoidOf(const onnx::ModelProto& model,
                          const OnnxImportOptions& options);

// Adds to an import, whose network is there, what else its checkpoint has:
// normalization, kind and names of the outputs, type of the inputs, how images
// are fitted, the recipe's digest. Adds notes for what is decided or left out.
// `input` and `shape` are the model's input, `result` its output. Errors:
// InvalidArgument for a normalization that is out of range, or for
// options.targets that the function at the end or the only output contradicts.
absl::Status AddMeaning(const onnx::ModelProto& model,
                        const onnx::ValueInfoProto& input, const Shape& shape,
                        const LayerImporter& importer,
                        const ImportedValue& result,
                        const OnnxImportOptions& options, OnnxImport& import);

}  // namespace lenslet

#endif  // LENSLET_ONNX_IMPORT_MEANING_H_
