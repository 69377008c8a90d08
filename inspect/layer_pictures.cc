#include "lenslet/inspect/layer_pictures.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/denormals.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/data/normalization.h"
#include "lenslet/inspect/contact_sheet.h"
#include "lenslet/inspect/feature_maps.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/fastest_backend.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/view.h"

namespace lenslet {
namespace {

// On a sheet, with a pixel for each number.
constexpr int64_t kMaxSheetPixels = int64_t{1} << 22;
constexpr int64_t kGap = 3;

// "120 numbers", "6 filters of 5 x 5 x 1"
std::string Describe(int64_t count, absl::string_view thing,
                     absl::Span<const int64_t> sizes) {
  const std::string plural = count == 1 ? "" : "s";
  return absl::StrCat(WithCommas(count), " ", thing, plural,
                      sizes.empty() ? "" : " of ", absl::StrJoin(sizes, " x "));
}

// As many of the first pictures as a sheet holds, in full rows if these mean
// something.
int64_t CountThatFits(const FeatureMaps& maps, int64_t gap) {
  const Shape& shape = maps.maps.shape();
  const int64_t count = shape.dim(0);
  const int64_t pixels = (shape.dim(1) + gap) * (shape.dim(2) + gap);
  int64_t fits = std::clamp<int64_t>(kMaxSheetPixels / pixels, 1, count);
  if (fits < count && maps.columns > 0 && fits > maps.columns) {
    fits -= fits % maps.columns;
  }
  return fits;
}

// Draws what belongs to the nodes of a graph; nodes count from 1 on, 0 is the
// graph's input.
class Drawer {
 public:
  // Both must outlive the Drawer. The image is drawn from `image_range.min`,
  // black, to `image_range.max`, white.
  Drawer(const Graph& graph, const Parameters& parameters,
         const LayerPictureOptions& options, const ValueRange& image_range)
      : graph_(graph),
        parameters_(parameters),
        options_(options),
        image_range_(image_range) {}

  absl::Status AddFilters(int node, int parameter);
  // `block` is [1, ...]: of one image.
  absl::Status AddActivations(int node, View<const float> block);

  std::vector<LayerPicture> Take() { return std::move(pictures_); }

 private:
  std::string FileName(int node, absl::string_view what) const;
  const std::string& LayerName(int node) const;
  absl::Status Add(LayerPicture picture, View<const float> values,
                   FeatureMaps maps, ColorMap colors);

  const Graph& graph_;
  const Parameters& parameters_;
  const LayerPictureOptions options_;
  const ValueRange image_range_;
  std::vector<LayerPicture> pictures_;
};

const std::string& Drawer::LayerName(int node) const {
  return node == 0 ? graph_.inputs()[0].name : graph_.nodes()[node - 1].name;
}

// Names of layers have no other character that a file's name may not have.
std::string Drawer::FileName(int node, absl::string_view what) const {
  const int digits =
      std::max<int>(2, absl::StrCat(graph_.nodes().size()).size());
  return absl::StrFormat("%0*d_%s%s", digits, node,
                         absl::StrReplaceAll(LayerName(node), {{"/", "_"}}),
                         what);
}

absl::Status Drawer::AddFilters(int node, int parameter) {
  const ParameterInfo& info = parameters_.info(parameter).info;
  const int rank = info.shape.rank();
  if (info.role != ParameterRole::kWeight || rank < 3) return absl::OkStatus();
  const int input = graph_.nodes()[node - 1].inputs[0];
  const Shape& input_shape = graph_.ShapeOfValue(input);
  // Not a group of other channels.
  const bool reads_colors = graph_.NodeOfValue(input) < 0 &&
                            input_shape.dim(input_shape.rank() - 1) == 3;
  const View<const float> weight = parameters_.view(parameter);
  View<const float> filters = weight;
  if (rank == input_shape.rank()) {
    // A table of connections: each filter reads one channel.
    std::vector<int64_t> dims(info.shape.dims().begin(),
                              info.shape.dims().end());
    dims.push_back(1);
    LENSLET_ASSIGN_OR_RETURN(const Shape shape, Shape::Create(dims));
    filters = weight.Reshape(shape);
  }
  LENSLET_ASSIGN_OR_RETURN(FeatureMaps maps,
                           FilterMaps(filters, /*colors=*/reads_colors));
  const std::string what = info.name == "weight"
                               ? "filters"
                               : absl::StrReplaceAll(info.name, {{"/", "_"}});
  return Add({.name = FileName(node, absl::StrCat("_", what)),
              .layer = LayerName(node),
              .kind = LayerPictureKind::kFilters,
              .shows = Describe(info.shape.dim(0), "filter",
                                info.shape.dims().subspan(1))},
             weight, std::move(maps), ColorMap::kDiverging);
}

absl::Status Drawer::AddActivations(int node, View<const float> block) {
  const absl::Span<const int64_t> sizes = block.shape().dims().subspan(1);
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, Shape::Create(sizes));
  const View<const float> values = block.Reshape(shape);
  LENSLET_ASSIGN_OR_RETURN(FeatureMaps maps,
                           ActivationMaps(values, /*colors=*/node == 0));
  if (node == 0) {
    return Add({.name = FileName(node, ""),
                .layer = LayerName(node),
                .kind = LayerPictureKind::kImage,
                .shows = Describe(1, "image", sizes)},
               values, std::move(maps), ColorMap::kGray);
  }
  return Add(
      {.name = FileName(node, "_activations"),
       .layer = LayerName(node),
       .kind = LayerPictureKind::kActivations,
       .shows = sizes.size() == 1 ? Describe(sizes[0], "number", {})
                                  : Describe(sizes.back(), "channel",
                                             sizes.first(sizes.size() - 1))},
      values, std::move(maps), ColorMap::kGray);
}

absl::Status Drawer::Add(LayerPicture picture, View<const float> values,
                         FeatureMaps maps, ColorMap colors) {
  picture.range = FiniteRange(values.span());
  const View<const float> all = maps.maps.view();
  const Shape& shape = all.shape();
  picture.is_rgb = shape.rank() == 4;
  if (picture.is_rgb && picture.kind == LayerPictureKind::kFilters) {
    absl::StrAppend(&picture.shows, " as red, green and blue");
  }
  const bool single_pixels = shape.dim(1) * shape.dim(2) == 1;
  const int64_t gap = single_pixels ? 1 : kGap;
  const int64_t shown = CountThatFits(maps, gap);
  if (shown < shape.dim(0)) {
    absl::StrAppend(&picture.shows, ", ", WithCommas(shown), " of ",
                    WithCommas(shape.dim(0)), " pictures");
  }
  const int64_t not_finite =
      std::count_if(values.span().begin(), values.span().end(),
                    [](float value) { return !std::isfinite(value); });
  if (not_finite > 0) {
    absl::StrAppend(&picture.shows, ", ", WithCommas(not_finite),
                    not_finite == 1 ? " is" : " are", " not finite");
  }
  // As the network gets it: a pale image stays pale.
  std::optional<ValueRange> image_range;
  if (picture.kind == LayerPictureKind::kImage) image_range = image_range_;
  absl::StatusOr<Tensor> sheet = ContactSheet(
      all.Slice(0, shown), {.colors = colors,
                            .scale_each = options_.scale_each && !single_pixels,
                            .range = image_range,
                            .columns = maps.columns,
                            .gap = gap});
  if (!sheet.ok()) {
    return AtPlace(sheet.status(), picture.name);
  }
  picture.sheet = *std::move(sheet);
  const Shape first_shape = *Shape::Create(shape.dims().subspan(1));
  const View<const float> first = all.Slice(0, 1).Reshape(first_shape);
  picture.first = ColorImage(first, ColorMap::kGray,
                             image_range.value_or(FiniteRange(first.span())));
  picture.maps = std::move(maps.maps);
  pictures_.push_back(std::move(picture));
  return absl::OkStatus();
}

absl::Status CheckImage(const Graph& graph, const Tensor& image) {
  if (graph.inputs().size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model has ", graph.inputs().size(),
                     " inputs; expected one, the image"));
  }
  const Shape& shape = graph.inputs()[0].shape;
  const bool has_colors =
      shape.rank() == 3 && (shape.dim(2) == 1 || shape.dim(2) == 3);
  if (image.shape() != shape ||
      (image.type() != ElementType::kUint8 && !has_colors)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the image is ", Name(image.type()), " ", image.shape().ToString(),
        "; expected uint8 ", shape.ToString(),
        has_colors ? ", or float32 of this shape"
                   : "; numbers are drawn only of shape [height, width, 1 or "
                     "3]"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<LayerPicture>> DrawLayers(
    const Graph& graph, const Parameters& parameters, const Tensor& image,
    const LayerPictureOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckImage(graph, image));
  LENSLET_RETURN_IF_ERROR(
      CheckNormalization(options.normalization, image.shape()));
  InferenceBackends backends = FastestForInference(graph, /*images=*/1);
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Executor> executor,
      Executor::Create(graph, parameters,
                       {.backend = backends.backend,
                        .layer_backends = std::move(backends.layer_backends),
                        .substitutes = std::move(backends.substitutes),
                        .images = 1,
                        .keep_outputs = true}));
  Drawer drawer(graph, parameters, options,
                image.type() == ElementType::kUint8
                    ? ValueRange{0, 1}
                    : FiniteRange(image.span()));
  NormalizeImage(image, ChannelsOf(image.shape()), {},
                 executor->input().data());
  LENSLET_RETURN_IF_ERROR(drawer.AddActivations(/*node=*/0, executor->input()));
  NormalizeImage(image, ChannelsOf(image.shape()), options.normalization,
                 executor->input().data());
  {
    FlushDenormals flush;
    executor->Forward(1);
  }
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    const Graph::Node& node = graph.nodes()[i];
    const int number = static_cast<int>(i) + 1;
    for (int p = 0; p < node.parameter_count; ++p) {
      LENSLET_RETURN_IF_ERROR(
          drawer.AddFilters(number, node.first_parameter + p));
    }
    LENSLET_ASSIGN_OR_RETURN(const View<const float> output,
                             executor->LayerOutput(node.name));
    LENSLET_RETURN_IF_ERROR(drawer.AddActivations(number, output));
  }
  return drawer.Take();
}

}  // namespace lenslet
