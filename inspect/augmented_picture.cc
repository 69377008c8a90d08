#include "lenslet/inspect/augmented_picture.h"

#include <algorithm>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/examples.h"
#include "lenslet/inspect/color_map.h"
#include "lenslet/inspect/contact_sheet.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

absl::StatusOr<LayerPicture> AugmentedPicture(const Dataset& dataset,
                                              absl::Span<const int64_t> indices,
                                              const AugmentationSpec& spec,
                                              uint64_t seed) {
  const Shape shape = dataset.example_shape();
  if (shape.rank() != 3 || (shape.dim(2) != 1 && shape.dim(2) != 3)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "augmented images need examples of shape [height, width, 1 or 3]; "
        "those of the data set have shape ",
        shape.ToString()));
  }
  LENSLET_RETURN_IF_ERROR(CheckAugmentation(
      spec, shape, dataset.examples->type(), dataset.examples->target()));
  LENSLET_ASSIGN_OR_RETURN(const std::unique_ptr<Augmenter> augmenter,
                           Augmenter::Create(spec, shape));
  // As people see them.
  Dataset plain = dataset;
  plain.normalization = {};
  ExampleBatch batch;
  LENSLET_RETURN_IF_ERROR(batch.ReadInputs(*plain.examples, indices));
  const auto count = static_cast<int64_t>(indices.size());
  LENSLET_ASSIGN_OR_RETURN(
      const Shape maps_shape,
      shape.dim(2) == 3 ? Shape::Create({count, shape.dim(0), shape.dim(1), 3})
                        : Shape::Create({count, shape.dim(0), shape.dim(1)}));
  LayerPicture picture = {.name = "augmented",
                          .kind = LayerPictureKind::kImage,
                          .is_rgb = shape.dim(2) == 3};
  picture.shows = absl::StrCat(count, " images after augmentation");
  LENSLET_ASSIGN_OR_RETURN(picture.maps,
                           Tensor::Create(ElementType::kFloat32, maps_shape));
  augmenter->CopyInputs(plain, batch, seed, Layout::kImages,
                        picture.maps.data());
  const bool is_bytes = dataset.examples->type() == ElementType::kUint8;
  if (is_bytes) {
    for (float& x : picture.maps.span()) x = std::clamp(x, 0.0f, 1.0f);
  }
  picture.range = FiniteRange(picture.maps.span());
  const ValueRange shown = is_bytes ? ValueRange{0, 1} : picture.range;
  LENSLET_ASSIGN_OR_RETURN(picture.sheet,
                           ContactSheet(picture.maps.view(), {.range = shown}));
  LENSLET_ASSIGN_OR_RETURN(const Shape first,
                           Shape::Create(maps_shape.dims().subspan(1)));
  picture.first = ColorImage(picture.maps.view().Slice(0, 1).Reshape(first),
                             ColorMap::kGray, shown);
  return picture;
}

}  // namespace lenslet
