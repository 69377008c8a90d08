#include "lenslet/data/mask_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/data/class_names.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/png_indices.h"

namespace lenslet {
namespace {

constexpr int32_t kNoClass = -2;

std::array<int32_t, 256> ClassesOfNumbers(const MaskOptions& options) {
  std::array<int32_t, 256> classes;
  classes.fill(kNoClass);
  for (size_t c = 0; c < options.class_names.size(); ++c) {
    classes[options.class_numbers.empty() ? c : options.class_numbers[c]] =
        static_cast<int32_t>(c);
  }
  if (options.ignored.has_value()) classes[*options.ignored] = kIgnoredClass;
  return classes;
}

std::string NumbersText(const MaskOptions& options) {
  std::string text =
      options.class_numbers.empty()
          ? absl::StrCat("a number in [0, ", options.class_names.size() - 1,
                         "]")
          : absl::StrCat("one of ", absl::StrJoin(options.class_numbers, ", "));
  if (options.ignored.has_value()) {
    return absl::StrCat(text, ", or ", int{*options.ignored},
                        " for pixels that are ignored");
  }
  return absl::StrCat(text, "; `ignored` says which number does not count");
}

}  // namespace

absl::Status CheckMaskOptions(const MaskOptions& options) {
  const size_t most = options.ignored.has_value() ? 255 : 256;
  const size_t classes = options.class_names.size();
  if (classes < 1 || classes > most) {
    return absl::InvalidArgumentError(absl::StrCat("class_names has ",
                                                   CountText(classes, "name"),
                                                   "; expected 1 to ", most));
  }
  LENSLET_RETURN_IF_ERROR(CheckClassNames("class_names", options.class_names));
  const std::vector<uint8_t>& numbers = options.class_numbers;
  if (!numbers.empty() && numbers.size() != classes) {
    return absl::InvalidArgumentError(
        absl::StrCat("class_numbers has ", CountText(numbers.size(), "number"),
                     "; expected ", classes, ", one for each of class_names"));
  }
  std::array<bool, 256> taken = {};
  if (options.ignored.has_value()) taken[*options.ignored] = true;
  for (size_t c = 0; c < classes; ++c) {
    const size_t number = numbers.empty() ? c : numbers[c];
    if (taken[number]) {
      return absl::InvalidArgumentError(absl::StrCat(
          numbers.empty() ? "ignored is " : "class_numbers has ", number,
          numbers.empty() ? ", which is that of class \"" : ", for class \"",
          options.class_names[c],
          numbers.empty() ? "\"; expected another number"
                          : "\", twice, or it is ignored"));
    }
    taken[number] = true;
  }
  return absl::OkStatus();
}

MaskReader::MaskReader(const Shape& shape, ImageFit fit,
                       const MaskOptions& options)
    : height_(shape.dim(0)),
      width_(shape.dim(1)),
      fit_(fit),
      options_(options),
      classes_(ClassesOfNumbers(options)) {}

absl::StatusOr<Tensor> MaskReader::ReadNumbers(const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  return DecodePngIndices(path, bytes);
}

absl::Status MaskReader::Check(const std::string& path,
                               const Tensor& numbers) const {
  const int64_t columns = numbers.shape().dim(1);
  const absl::Span<const uint8_t> all = numbers.span<uint8_t>();
  for (size_t i = 0; i < all.size(); ++i) {
    if (classes_[all[i]] != kNoClass) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": the pixel in row ", i / columns, ", column ", i % columns,
        " is ", int{all[i]}, "; expected ", NumbersText(options_)));
  }
  return absl::OkStatus();
}

template <typename T>
void MaskReader::Write(const Tensor& numbers, T ignored, T* out) const {
  const int64_t rows = numbers.shape().dim(0);
  const int64_t columns = numbers.shape().dim(1);
  const uint8_t* const all = numbers.data<uint8_t>();
  const auto [from, to] = FitPlaces(fit_, rows, columns, height_, width_);
  std::fill(out, out + height_ * width_, ignored);
  for (int64_t y = 0; y < to.height; ++y) {
    const int64_t from_y = (2 * y + 1) * from.height / (2 * to.height);
    const uint8_t* row = all + (from.row + from_y) * columns;
    T* const out_row = out + (to.row + y) * width_ + to.column;
    for (int64_t x = 0; x < to.width; ++x) {
      const int64_t from_x = (2 * x + 1) * from.width / (2 * to.width);
      const int32_t c = classes_[row[from.column + from_x]];
      if (c != kIgnoredClass) out_row[x] = static_cast<T>(c);
    }
  }
}

template void MaskReader::Write<int32_t>(const Tensor&, int32_t,
                                         int32_t*) const;
template void MaskReader::Write<uint8_t>(const Tensor&, uint8_t,
                                         uint8_t*) const;

std::string MaskReader::Describe(const MaskNumbers& numbers) const {
  constexpr size_t kMostShown = 20;
  std::vector<size_t> shown, of_classes;
  for (size_t number = 0; number < numbers.size(); ++number) {
    if (!numbers[number]) continue;
    if (shown.size() < kMostShown) shown.push_back(number);
    if (classes_[number] != kIgnoredClass) of_classes.push_back(number);
  }
  std::string text =
      absl::StrCat("whose numbers are ", absl::StrJoin(shown, ", "),
                   shown.size() < numbers.count() ? ", ..." : "");
  if (of_classes.size() == options_.class_names.size()) {
    absl::StrAppend(&text, "; class_numbers: [",
                    absl::StrJoin(of_classes, ", "),
                    "] gives them the classes of class_names in this order");
  }
  return text;
}

}  // namespace lenslet
