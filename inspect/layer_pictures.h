// What a trained network looks like inside: the filters of its convolutions,
// and what each layer makes of an image.

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
  // As in ContactSheetOptions, but for pictures of a single pixel, which would
  // all be alike.
  bool scale_each = false;
  // What the network was trained with. The image itself is shown without.
  Normalization normalization = {};
};

enum class LayerPictureKind : uint8_t { kImage, kFilters, kActivations };

struct LayerPicture {
  // "01_conv1_filters": the layer's place among the graph's nodes from 1 on,
  // its name with _ for /, and what of it. A file name, different for each.
  std::string name;
  // The layer's name, or the graph's input's.
  std::string layer = {};
  LayerPictureKind kind = LayerPictureKind::kActivations;
  // "6 filters of 5 x 5 x 1", and what is to be known of them.
  std::string shows = {};
  // Of all numbers that are finite, those of pictures left out too.
  ValueRange range = {};
  // See ContactSheet().
  Tensor sheet = {};
  // The sheet's first picture by ColorMap::kGray, uint8 [H, W, 3], a pixel for
  // each number.
  Tensor first = {};
  // What the sheet shows: pictures for ContactSheet(), all of them.
  Tensor maps = {};
};

// The pictures in the order of computing, first the image itself, then for each
// layer: the filters, if it has a weight of at least 3 dimensions (a
// convolution of one dimension with a table of connections has not), in
// diverging colours, and the activations of any kind of layer, in gray. An
// image of three channels and the filters that read it are shown in colours. Of
// more pictures than four million pixels hold, the first are shown, and `shows`
// says how many.
//
// `image` is uint8 of the shape of the graph's only input. Errors:
// InvalidArgument for a graph with more inputs or an image or a normalization
// that does not fit, or a single picture too large for a sheet;
// ResourceExhausted; as Executor::Create().
absl::StatusOr<std::vector<LayerPicture>> DrawLayers(
    const Graph& graph, const Parameters& parameters, const Tensor& image,
    const LayerPictureOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_INSPECT_LAYER_PICTURES_H_
