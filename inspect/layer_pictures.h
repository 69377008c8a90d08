// Shows the inside of a trained network: the filters of its convolutions and
// each layer's activations for an image.

#ifndef LENSLET_INSPECT_LAYER_PICTURES_H_
#define LENSLET_INSPECT_LAYER_PICTURES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/normalization.h"
#include "lenslet/inspect/color_map.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct LayerPictureOptions {
  // As in ContactSheetOptions. Ignored for pictures of a single pixel, which
  // would all look the same.
  bool scale_each = false;
  // The normalization that the network was trained with. The image itself is
  // shown without it.
  Normalization normalization = {};
};

enum class LayerPictureKind : uint8_t {
  kImage,
  kFilters,
  kActivations,
  kExplanation,  // Of a prediction, as ExplanationPictures() returns them.
};

struct LayerPicture {
  // "01_conv1_filters": the layer's number among the graph's nodes, from 1; its
  // name, with _ for /; and the kind of picture. A unique file name.
  std::string name;
  // The name of the layer or of the graph's input.
  std::string layer = {};
  LayerPictureKind kind = LayerPictureKind::kActivations;
  // "6 filters of 5 x 5 x 1", possibly followed by notes.
  std::string shows = {};
  // Whether channels are shown as red, green and blue.
  bool is_rgb = false;
  // The range of all finite numbers, including those of omitted pictures.
  ValueRange range = {};
  // See ContactSheet().
  Tensor sheet = {};
  // The sheet's first picture in ColorMap::kGray, uint8 [H, W, 3], with one
  // pixel per number.
  Tensor first = {};
  // All pictures of the sheet, as input for ContactSheet().
  Tensor maps = {};
};

// Returns the pictures in the order of computation. The first is the image
// itself. For each layer follow:
// * its filters, in diverging colors, if it has a weight of at least 3
//   dimensions (a 1-d convolution with a connection table does not);
// * its activations, in gray, for any kind of layer.
// An image of bytes has its brightness: 0 is black and 255 white. Of one of
// numbers, such as samples of 16 bits, the smallest is black and the largest
// white. An image of three channels and the filters that read it are shown as
// red, green and blue, with gray for weights of 0 (ColorImage()). If the
// pictures exceed four million pixels, only the first are shown, and `shows`
// says how many.
//
// `image` has the shape of the graph's only input. It is uint8, or float32
// [H, W, 1 or 3]. Errors:
// InvalidArgument if the graph has several inputs, the image or normalization
// does not fit, or a single picture is too large for a sheet;
// ResourceExhausted; as Executor::Create().
absl::StatusOr<std::vector<LayerPicture>> DrawLayers(
    const Graph& graph, const Parameters& parameters, const Tensor& image,
    const LayerPictureOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_INSPECT_LAYER_PICTURES_H_
