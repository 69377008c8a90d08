// What the metadata of an ONNX model say that Lenslet wrote: properties with
// these keys. An ONNX model's input is always floats, and its graph does not
// say what its outputs mean.

#ifndef LENSLET_ONNX_METADATA_H_
#define LENSLET_ONNX_METADATA_H_

#include <optional>

#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Who wrote the model, which is a separate field.
inline constexpr char kProducer[] = "lenslet";

// What the outputs are, if not classes: "labels" or "values".
inline constexpr char kTargetsKey[] = "targets";

// What turns scores into probabilities as the model's last node; absent if the
// outputs are scores.
inline constexpr char kActivationKey[] = "output_activation";
inline constexpr char kSigmoid[] = "sigmoid";
inline constexpr char kSoftmax[] = "softmax";

// The names of the classes, labels or values, one a line; absent if they are
// only numbers.
inline constexpr char kClassNamesKey[] = "class_names";

// The names of a table's columns, one a line, each with C's escapes for what is
// not printable; absent if they are not known.
inline constexpr char kInputNamesKey[] = "input_names";

// The digest of the recipe of training (data/digest.h).
inline constexpr char kRecipeDigestKey[] = "recipe_digest";

// The type of the examples, if it is not the usual one: "uint8" for bytes,
// which are divided by 255 before the model, or "float32".
inline constexpr char kInputTypeKey[] = "input_type";

// What the caller must do to the input before the model: subtract the mean and
// divide by the deviation, each one number or one for each channel, with commas
// between. Absent if there is nothing to do, or if the model's first nodes do
// it.
inline constexpr char kNormalizationMeanKey[] = "normalization_mean";
inline constexpr char kNormalizationDeviationKey[] = "normalization_deviation";

// How the image files of training became the input's shape, as in
// ImageFoldersProto (data/data.proto); absent if it was not trained on image
// files. The fit is a name of ImageFitProto in lower case. The background is
// red, green and blue with commas between; absent if it is white. The margin is
// absent if it is 0.
inline constexpr char kImageFitKey[] = "image_fit";
inline constexpr char kImageBackgroundKey[] = "image_background";
inline constexpr char kImageCropMarginKey[] = "image_crop_margin";

// Tables, texts and sounds are usually floats. Images, [height, width,
// channels], may be both; absent, their users take them for bytes.
inline std::optional<ElementType> UsualInputType(const Shape& input) {
  if (input.rank() == 3) return std::nullopt;
  return ElementType::kFloat32;
}

}  // namespace lenslet

#endif  // LENSLET_ONNX_METADATA_H_
