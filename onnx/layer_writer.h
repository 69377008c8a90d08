// Turns one layer into the nodes of an ONNX graph: what the families of layers
// share.

#ifndef LENSLET_ONNX_LAYER_WRITER_H_
#define LENSLET_ONNX_LAYER_WRITER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/onnx/constant.h"
#include "lenslet/onnx/export_layers.h"
#include "lenslet/onnx/graph_writer.h"
#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/ops/pool/pool_spec.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

int64_t ChannelsOf(const OnnxValue& value);
// The positions of an image [..., C].
int64_t PositionsOf(const Shape& image);
// The sizes after the batch's, as ONNX has them.
Ints ChannelsFirst(const Shape& image);
// A shape for Reshape, which copies the batch's size.
Ints WithBatch(const Ints& sizes);

std::string ToChannelsLast(const std::string& x, int rank, GraphWriter& writer);
std::string ToChannelsFirst(const std::string& x, int rank,
                            GraphWriter& writer);

Ints AxesOf(const Axes& axes);
// The last `rank` of a geometry's three axes.
Ints InnerOf(const Axes& axes, int rank);
Ints Joined(Ints a, const Ints& b);
bool AnyIsNot(const Ints& numbers, int64_t value);

// The attributes of a window. Those that have their default are left out.
OnnxAttributes WindowAttributes(const Ints& kernel, const Ints& stride,
                                const Ints& dilation, const Ints& pads);
// Pads the spatial axes of an image.
std::string PadImage(const std::string& x, const Ints& before,
                     const Ints& after, const char* mode, float value,
                     GraphWriter& writer);
// As Pad's mode.
const char* ModeName(PaddingMode mode);

// Writes one layer. Not thread-safe.
class LayerWriter {
 public:
  // As WriteLayer(). `node`, `parameters` and `writer` must outlive it.
  LayerWriter(const Graph::Node& node, const Parameters& parameters,
              std::vector<OnnxValue> inputs, bool in_order, GraphWriter& writer)
      : node_(node),
        parameters_(parameters),
        inputs_(std::move(inputs)),
        in_order_(in_order),
        writer_(writer) {}

  absl::StatusOr<OnnxValue> Write();

 private:
  using Result = absl::StatusOr<OnnxValue>;

  const std::string& x() const { return inputs_[0].name; }
  const Shape& image() const { return inputs_[0].shape; }
  int spatial_rank() const { return image().rank() - 1; }

  OnnxValue Output(std::string name) const;
  // The output of a layer that treats each number alike.
  OnnxValue Pointwise(std::string name) const;
  Result NeedsOpset(int version, absl::string_view why) const;
  std::vector<std::string> InputNames() const;

  View<const float> parameter(int i) const;
  const std::string& parameter_name(int i) const;
  // The parameter, as it is, with one dimension.
  std::string WriteVector(int i);
  // The same for a parameter with a number for each feature of input 0.
  std::string WriteFeatures(int i);

  // Convolutions and linear layers.
  Result WriteKind(const ConvLayer& conv);
  Result WriteKind(const ConvTransposeLayer& conv);
  Result WriteKind(const LinearLayer& linear);
  // The weight [outputs, channels, taps...] of a convolution.
  std::string WriteFilter(const ConvLayer& conv);

  // Pooling.
  Result WriteKind(const PoolLayer& pool);
  Result WriteKind(const AdaptivePoolLayer& pool);
  Result WriteKind(const GlobalPoolLayer& pool);
  Result WritePool(const PoolSpec& spec);
  // Sums by a depthwise convolution with ones, times 1 / n of each position.
  Result WriteAverageAsConv(const PoolGeometry& geometry,
                            OnnxAttributes attributes);
  // Collects the taps of all windows along a new last axis.
  Result WriteSoftmaxPool(const PoolGeometry& geometry, const Ints& before,
                          const Ints& after);
  // Windows of different sizes: axis by axis, one window after another.
  Result WriteAdaptivePool(const PoolGeometry& geometry);

  // Activations.
  Result WriteKind(const ActivationSpec& spec);
  // Bounds that are ONNX's defaults are left out.
  Result WriteClip(const ActivationSpec& spec);
  std::string WriteHardSigmoid(const ActivationSpec& spec);
  // x * Phi(x), with Phi(x) = (1 + erf(x / sqrt(2))) / 2.
  Result WriteGelu();

  // Normalizations.
  Result WriteKind(const BatchNormSpec& spec);
  // Of an image, ONNX normalizes the last axes or, with channels first, all.
  Result WriteKind(const LayerNormSpec& spec);
  // Along ONNX's second axis.
  Result WriteKind(const LrnSpec& spec);
  // The parameter of a normalization from `axis` on, with channels first and
  // sizes of 1 along other axes.
  std::string WriteNormalized(int i, int axis);
  Result WriteLayerNorm(int axis, float epsilon);

  // What changes sizes and shapes.
  Result WriteKind(const PadSpec& spec);
  // Version 10 has the coordinates that are called asymmetric since, and rounds
  // down.
  Result WriteKind(const ResizeSpec& spec);
  Result WriteKind(const FlattenLayer&);
  Result WriteKind(const ReshapeLayer&);

  // Others.
  Result WriteKind(const AddLayer&);
  Result WriteKind(const MulLayer&);
  Result WriteKind(const ConcatSpec& spec);
  // It does nothing in inference.
  Result WriteKind(const DropoutSpec&);
  Result WriteKind(const CustomLayer&);

  const Graph::Node& node_;
  const Parameters& parameters_;
  std::vector<OnnxValue> inputs_;
  const bool in_order_;
  GraphWriter& writer_;
};

}  // namespace lenslet

#endif  // LENSLET_ONNX_LAYER_WRITER_H_
