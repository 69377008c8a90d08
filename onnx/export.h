// Writes a trained network as an ONNX model, the exchange format that most
// runtimes read.
//
// The model has Lenslet's layers in Lenslet's order, each as one node or a few,
// named after its layer. Inputs and outputs are [batch, ...], for any number of
// images. An image has its channels first: [batch, channels, height, width].
// Dropout is left out: it does nothing in inference. Source: the ONNX
// intermediate representation, https://onnx.ai/onnx/repo-docs/IR.html.

#ifndef LENSLET_ONNX_EXPORT_H_
#define LENSLET_ONNX_EXPORT_H_

#include <string>

#include "absl/status/statusor.h"
#include "lenslet/predict/load_graph.h"

namespace lenslet {

inline constexpr int kFirstOpset = 7;
inline constexpr int kLastOpset = 21;

struct OnnxExportOptions {
  // The version of ONNX's operators, from kFirstOpset to kLastOpset. Nearly
  // every runtime reads 13.
  int opset = 13;
  // Whether to fold batch normalizations into the layers before them
  // (layers/fold_batch_norm.h). Inference is faster; the network can no longer
  // be trained further as it was.
  bool fold_batch_norm = false;
  // Whether the model's first nodes normalize its input. If so, it takes what
  // Predictor::Predict() takes: the numbers of a table, or pixels divided by
  // 255. Otherwise it takes these numbers normalized (data/normalization.h),
  // and its metadata say how.
  bool normalize = true;
  // Whether the output is probabilities, by softmax or, for labels, by sigmoid.
  // Otherwise it is the scores before these.
  bool probabilities = false;
};

// Returns the bytes of the model. The same network and options give the same
// bytes; so does what ImportOnnx() makes of them, if it reads them: it refuses
// softmax pooling and adaptive windows of different sizes. The model's metadata
// (onnx/metadata.h) has the class names, one a line, the digest of the recipe,
// if it is known, and how images are fitted, if the checkpoint's image_files
// says it.
//
// Errors: InvalidArgument for an opset out of range, for probabilities of a
// network whose outputs are values, and for a name with a line end in it;
// Unimplemented, naming the layer, for a layer that ONNX or this opset cannot
// express; ResourceExhausted for a model of 2 GiB or more.
absl::StatusOr<std::string> ExportOnnx(const TrainedNetwork& network,
                                       const OnnxExportOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_ONNX_EXPORT_H_
