#include "lenslet/data/image_masks.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/data_fields.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/image_file_examples.h"
#include "lenslet/data/image_folder.h"
#include "lenslet/data/png_indices.h"
#include "lenslet/data/read_ahead_proto.h"
#include "lenslet/data/read_images.h"
#include "lenslet/data/split.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Of a number that stands for nothing.
constexpr int32_t kNoClass = -2;

// For each number of a mask, a class, kIgnoredClass or kNoClass.
using MaskClasses = std::array<int32_t, 256>;

MaskClasses ClassesOfNumbers(const MaskOptions& options) {
  MaskClasses classes;
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

struct MaskedImage {
  std::string image;
  std::string mask;
};

absl::string_view Stem(absl::string_view name) {
  return name.substr(0, name.rfind('.'));
}

// The PNG files in a folder, by their names without the ending.
absl::StatusOr<std::map<std::string, std::string>> ListMasks(
    const std::string& folder) {
  LENSLET_ASSIGN_OR_RETURN(const FolderContents contents, ListFolder(folder));
  std::map<std::string, std::string> masks;
  for (const std::string& name : contents.images) {
    if (!absl::EndsWithIgnoreCase(name, ".png")) continue;
    const auto [place, is_new] = masks.emplace(Stem(name), name);
    if (!is_new) {
      return absl::InvalidArgumentError(
          absl::StrCat(folder, ": has ", place->second, " and ", name,
                       "; expected one mask for each name without the ending"));
    }
  }
  return masks;
}

absl::StatusOr<std::vector<MaskedImage>> PairWithMasks(
    const std::string& images, const std::string& masks) {
  LENSLET_ASSIGN_OR_RETURN(const FolderContents contents, ListFolder(images));
  if (contents.images.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        images, ": has no images; expected ", kImageFormats, " files"));
  }
  LENSLET_ASSIGN_OR_RETURN(const auto names, ListMasks(masks));
  std::vector<MaskedImage> pairs;
  std::map<absl::string_view, absl::string_view> seen;
  std::vector<std::string> missing;
  for (const std::string& name : contents.images) {
    const auto [place, is_new] = seen.emplace(Stem(name), name);
    if (!is_new) {
      return absl::InvalidArgumentError(
          absl::StrCat(images, ": has ", place->second, " and ", name,
                       ", which would share a mask"));
    }
    const auto mask = names.find(std::string(Stem(name)));
    if (mask == names.end()) {
      missing.push_back(name);
      continue;
    }
    pairs.push_back(
        {.image = PathIn(images, name), .mask = PathIn(masks, mask->second)});
  }
  if (missing.empty()) return pairs;
  constexpr size_t kMost = 3;
  const std::string first = absl::StrCat(Stem(missing[0]), ".png");
  const bool all = missing.size() <= kMost;
  if (!all) missing.resize(kMost);
  return absl::InvalidArgumentError(
      absl::StrCat(images, ": ", contents.images.size() - pairs.size(), " of ",
                   CountText(contents.images.size(), "image"),
                   " have no mask: ", absl::StrJoin(missing, ", "),
                   all ? "" : ", ...", "; expected ", PathIn(masks, first)));
}

std::string SizeText(const Shape& shape) {
  return absl::StrCat(shape.dim(1), " x ", shape.dim(0));
}

// Compares the sizes of images with those of their masks, as their headers have
// them.
absl::Status CheckSizes(const std::vector<MaskedImage>& pairs,
                        const std::string& masks, bool skip_unreadable) {
  int64_t others = 0;
  std::string first;
  for (const MaskedImage& pair : pairs) {
    const absl::StatusOr<ImageHeader> header = ReadImageHeader(pair.image);
    if (!header.ok() && skip_unreadable) continue;
    LENSLET_ASSIGN_OR_RETURN(const ImageHeader image, header);
    LENSLET_ASSIGN_OR_RETURN(const ImageHeader mask,
                             ReadImageHeader(pair.mask));
    if (image.shape.dim(0) == mask.shape.dim(0) &&
        image.shape.dim(1) == mask.shape.dim(1)) {
      continue;
    }
    if (++others == 1) {
      first =
          absl::StrCat(pair.mask, " has ", SizeText(mask.shape),
                       " pixels, and ", pair.image, " ", SizeText(image.shape));
    }
  }
  if (others == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(masks, ": ", others, " of ",
                   CountText(static_cast<int64_t>(pairs.size()), "mask"),
                   " have another size than their images: ", first));
}

class MaskReader {
 public:
  MaskReader(const Shape& shape, ImageFit fit, const MaskOptions& options)
      : height_(shape.dim(0)),
        width_(shape.dim(1)),
        fit_(fit),
        classes_(ClassesOfNumbers(options)),
        expected_(NumbersText(options)) {}

  // Writes the map of classes. `out` has int32_t or, with `ignored` in place of
  // kIgnoredClass, bytes. Sets `has_no_class` if a number stands for nothing,
  // which is an error.
  template <typename T>
  absl::Status Read(const std::string& path, T ignored, T* out,
                    bool* has_no_class = nullptr) const {
    LENSLET_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
    LENSLET_ASSIGN_OR_RETURN(const Tensor mask, DecodePngIndices(path, bytes));
    const int64_t rows = mask.shape().dim(0), columns = mask.shape().dim(1);
    const uint8_t* numbers = mask.data<uint8_t>();
    for (int64_t i = 0; i < rows * columns; ++i) {
      if (classes_[numbers[i]] != kNoClass) continue;
      if (has_no_class != nullptr) *has_no_class = true;
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": the pixel in row ", i / columns, ", column ", i % columns,
          " is ", int{numbers[i]}, "; expected ", expected_));
    }
    const auto [from, to] = FitPlaces(fit_, rows, columns, height_, width_);
    std::fill(out, out + height_ * width_, ignored);
    for (int64_t y = 0; y < to.height; ++y) {
      const int64_t from_y = (2 * y + 1) * from.height / (2 * to.height);
      const uint8_t* row = numbers + (from.row + from_y) * columns;
      T* const out_row = out + (to.row + y) * width_ + to.column;
      for (int64_t x = 0; x < to.width; ++x) {
        const int64_t from_x = (2 * x + 1) * from.width / (2 * to.width);
        const int32_t c = classes_[row[from.column + from_x]];
        if (c != kIgnoredClass) out_row[x] = static_cast<T>(c);
      }
    }
    return absl::OkStatus();
  }

 private:
  const int64_t height_;
  const int64_t width_;
  const ImageFit fit_;
  const MaskClasses classes_;
  const std::string expected_;
};

std::vector<std::string> ImagesOf(const std::vector<MaskedImage>& pairs) {
  std::vector<std::string> paths;
  for (const MaskedImage& pair : pairs) paths.push_back(pair.image);
  return paths;
}

class MaskedFileExamples : public ImageFileExamples {
 public:
  MaskedFileExamples(const std::vector<MaskedImage>& pairs, const Shape& shape,
                     const MaskOptions& options, const ReadImagesOptions& read)
      : ImageFileExamples(ImagesOf(pairs), shape, read),
        target_({.shape = {shape.dim(0), shape.dim(1)}}),
        options_(options),
        reader_(shape, read.decode.fit, options) {
    for (const MaskedImage& pair : pairs) masks_.push_back(pair.mask);
  }

  TargetSpec target() const override { return target_; }
  bool reads_targets() const override { return true; }

  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    int32_t* out = batch.classes().data();
    for (const int64_t index : indices) {
      LENSLET_RETURN_IF_ERROR(
          reader_.Read(masks_.at(index), kIgnoredClass, out));
      out += target_.shape.elements();
    }
    return absl::OkStatus();
  }

 protected:
  absl::Status AddTargetToDigest(int64_t index, Digest& digest) const override {
    LENSLET_ASSIGN_OR_RETURN(const std::string bytes,
                             ReadFile(masks_.at(index)));
    digest.AddWord(bytes);
    digest.AddWord(absl::StrCat(
        absl::StrJoin(options_.class_numbers, ","), ";",
        options_.ignored.has_value() ? int{*options_.ignored} : -1));
    return absl::OkStatus();
  }

 private:
  const TargetSpec target_;
  const MaskOptions options_;
  const MaskReader reader_;
  std::vector<std::string> masks_;
};

// Keeps the pairs at `indices`.
void KeepOnly(absl::Span<const int64_t> indices,
              std::vector<MaskedImage>& pairs) {
  std::vector<MaskedImage> kept;
  for (const int64_t i : indices) kept.push_back(std::move(pairs[i]));
  pairs = std::move(kept);
}

absl::StatusOr<Dataset> LoadMasksIntoMemory(std::vector<MaskedImage> pairs,
                                            const std::string& masks,
                                            const Shape& shape,
                                            const ImageMasksOptions& options) {
  constexpr uint8_t kIgnoredByte = 255;
  const auto count = static_cast<int64_t>(pairs.size());
  LENSLET_ASSIGN_OR_RETURN(ReadImagesResult images,
                           ReadImages(ImagesOf(pairs), shape, options.read));
  ExampleArrays arrays;
  arrays.inputs = std::move(images.images);
  LENSLET_ASSIGN_OR_RETURN(
      arrays.targets,
      Tensor::Create(ElementType::kUint8, {count, shape.dim(0), shape.dim(1)}));
  if (options.masks.ignored.has_value()) arrays.ignored = kIgnoredByte;
  const MaskReader reader(shape, options.read.decode.fit, options.masks);
  int64_t bad = 0;
  absl::Status first;
  for (const int64_t i : images.read) {
    bool has_no_class = false;
    const absl::Status status = reader.Read(
        pairs[i].mask, kIgnoredByte,
        arrays.targets.data<uint8_t>() + i * shape.dim(0) * shape.dim(1),
        &has_no_class);
    if (!status.ok() && !has_no_class) return status;
    bad += has_no_class;
    if (first.ok()) first = status;
  }
  if (!first.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(first.message(), "; so it is in ", bad, " of ",
                     CountText(count, "mask"), " in ", masks));
  }
  if (options.seen != nullptr) options.seen->Add(images.seen);
  LENSLET_ASSIGN_OR_RETURN(
      Dataset dataset,
      MakeDataset(std::move(arrays), options.masks.class_names));
  if (static_cast<int64_t>(images.read.size()) == count) return dataset;
  return SelectExamples(dataset, std::move(images.read));
}

absl::StatusOr<Shape> ReadMasksShape(const ImageMasksProto& masks) {
  LENSLET_ASSIGN_OR_RETURN(
      const Shape shape,
      ReadDataShape("image_masks.shape",
                    {masks.shape().begin(), masks.shape().end()}));
  LENSLET_RETURN_IF_ERROR(
      InDataField("image_masks.", CheckImageFolderShape(shape)));
  return shape;
}

MaskOptions ReadMaskOptions(const ImageMasksProto& masks) {
  MaskOptions options = {
      .class_names = {masks.class_names().begin(), masks.class_names().end()},
      .class_numbers = {masks.class_numbers().begin(),
                        masks.class_numbers().end()}};
  if (masks.has_ignored()) {
    options.ignored = static_cast<uint8_t>(masks.ignored());
  }
  return options;
}

absl::Status CheckFitOfMasks(const MaskOptions& options, ImageFit fit) {
  if (fit != ImageFit::kLetterbox || options.ignored.has_value()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "fit is LETTERBOX, and no number is ignored; expected `ignored`: the "
      "margins of the box are no class");
}

absl::Status CheckImageMasks(const DataProto& data) {
  const MaskOptions options = ReadMaskOptions(data.image_masks());
  LENSLET_RETURN_IF_ERROR(
      InDataField("image_masks.", CheckMaskOptions(options)));
  LENSLET_RETURN_IF_ERROR(InDataField(
      "image_masks.",
      CheckFitOfMasks(options,
                      ReadImagesOptionsOf(data.image_masks(), {}).decode.fit)));
  return ReadMasksShape(data.image_masks()).status();
}

absl::StatusOr<SourceExamples> ReadImageMasks(const DataProto& data,
                                              const LoadDataOptions& options) {
  const ImageMasksProto& masks = data.image_masks();
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, ReadMasksShape(masks));
  ImagesSeen seen;
  ImageMasksOptions mask_options = {.masks = ReadMaskOptions(masks),
                                    .read = ReadImagesOptionsOf(masks, options),
                                    .seen = &seen};
  if (masks.has_read_ahead()) {
    mask_options.read_ahead = ReadAheadFromProto(masks.read_ahead());
  }
  SourceExamples examples = {
      .description = absl::StrCat("the folders ", masks.train_images(), " and ",
                                  masks.train_masks())};
  LENSLET_ASSIGN_OR_RETURN(
      examples.train,
      LoadImageMasks(options.PathOf(masks.train_images()),
                     options.PathOf(masks.train_masks()), shape, mask_options));
  const auto of_train = static_cast<int64_t>(seen.unreadable.size());
  examples.description += WithoutUnreadable(of_train);
  if (!masks.test_images().empty()) {
    mask_options.read.as_floats =
        examples.train.examples->type() == ElementType::kFloat32;
    LENSLET_ASSIGN_OR_RETURN(
        examples.test, LoadImageMasks(options.PathOf(masks.test_images()),
                                      options.PathOf(masks.test_masks().empty()
                                                         ? masks.train_masks()
                                                         : masks.test_masks()),
                                      shape, mask_options));
  }
  examples.warnings = seen.Notes();
  examples.test_remark = WithoutUnreadable(
      static_cast<int64_t>(seen.unreadable.size()) - of_train);
  return examples;
}

}  // namespace

DataSource ImageMasksSource() {
  return {
      .name = "image_masks", .check = CheckImageMasks, .read = ReadImageMasks};
}

absl::Status CheckMaskOptions(const MaskOptions& options) {
  const size_t most = options.ignored.has_value() ? 255 : 256;
  const size_t classes = options.class_names.size();
  if (classes < 1 || classes > most) {
    return absl::InvalidArgumentError(absl::StrCat("class_names has ",
                                                   CountText(classes, "name"),
                                                   "; expected 1 to ", most));
  }
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

absl::StatusOr<Dataset> LoadImageMasks(const std::string& images,
                                       const std::string& masks,
                                       const Shape& shape,
                                       const ImageMasksOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckImageFolderShape(shape));
  LENSLET_RETURN_IF_ERROR(CheckMaskOptions(options.masks));
  LENSLET_RETURN_IF_ERROR(
      CheckFitOfMasks(options.masks, options.read.decode.fit));
  LENSLET_ASSIGN_OR_RETURN(std::vector<MaskedImage> pairs,
                           PairWithMasks(images, masks));
  LENSLET_RETURN_IF_ERROR(
      CheckSizes(pairs, masks, options.read.skip_unreadable));
  if (!options.read_ahead.has_value()) {
    absl::StatusOr<Dataset> dataset =
        LoadMasksIntoMemory(std::move(pairs), masks, shape, options);
    if (absl::IsResourceExhausted(dataset.status())) {
      return absl::ResourceExhaustedError(
          absl::StrCat(images, ": ", dataset.status().message()));
    }
    return dataset;
  }
  if (options.read.skip_unreadable) {
    LENSLET_ASSIGN_OR_RETURN(const ReadImagesResult checked,
                             CheckImages(ImagesOf(pairs), shape, options.read));
    if (options.seen != nullptr) options.seen->Add(checked.seen);
    KeepOnly(checked.read, pairs);
  }
  auto in_files = std::make_shared<MaskedFileExamples>(
      pairs, shape, options.masks, options.read);
  if (in_files->type() == ElementType::kFloat32 &&
      !options.read.skip_unreadable && options.seen != nullptr) {
    options.seen->Add(LookAtLongSamples(ImagesOf(pairs), shape, options.read));
  }
  LENSLET_ASSIGN_OR_RETURN(std::shared_ptr<const Examples> examples,
                           ReadAhead(std::move(in_files), *options.read_ahead));
  return Dataset{.examples = std::move(examples),
                 .target_names = options.masks.class_names};
}

}  // namespace lenslet
