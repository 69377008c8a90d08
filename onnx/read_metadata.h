// Reads the metadata of an ONNX model (onnx/metadata.h). Notes, one line each,
// quote what is not as ExportOnnx() writes it and is therefore left out.

#ifndef LENSLET_ONNX_READ_METADATA_H_
#define LENSLET_ONNX_READ_METADATA_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/normalization.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/onnx/import.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/shape.h"
#include "onnx/onnx.pb.h"

namespace lenslet {

// Whether ExportOnnx() wrote the model.
bool IsOurs(const onnx::ModelProto& model);

// What the outputs are; nullopt if the metadata do not say it.
std::optional<TargetKind> StatedKind(const onnx::ModelProto& model);

// The function that the metadata say the model ends in.
OutputActivation StatedActivation(const onnx::ModelProto& model);

// Adds notes for keys that the metadata have twice, and for words that
// StatedKind(), StatedActivation(), StatedInputType() and StatedRecipeDigest()
// do not know.
void AddMetadataNotes(const onnx::ModelProto& model,
                      std::vector<std::string>& notes);

// What the input, of this shape, needs before the model. `already` is why it
// needs nothing more; "" if there is no reason.
Normalization StatedNormalization(const onnx::ModelProto& model,
                                  const Shape& input, absl::string_view already,
                                  std::vector<std::string>& notes);

// How image files become the input; nullopt if the metadata do not say it.
std::optional<ImageFoldersProto> StatedImageFiles(
    const onnx::ModelProto& model, const Shape& input,
    std::vector<std::string>& notes);

// The type of the examples, by the metadata or by the input's shape: images may
// be of both types.
std::optional<ElementType> StatedInputType(const onnx::ModelProto& model,
                                           const Shape& input);

// The names of a table's columns; none if the metadata have none.
std::vector<std::string> StatedInputNames(const onnx::ModelProto& model,
                                          const Shape& input,
                                          std::vector<std::string>& notes);

// The names of the outputs; none if the metadata have none.
std::vector<std::string> StatedOutputNames(const onnx::ModelProto& model,
                                           TargetKind kind, const Shape& output,
                                           std::vector<std::string>& notes);

// A digest that ExportOnnx() may have written; otherwise "".
std::string StatedRecipeDigest(const onnx::ModelProto& model);

}  // namespace lenslet

#endif  // LENSLET_ONNX_READ_METADATA_H_
