#include "lenslet/data/image_masks.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "lenslet/base/file.h"
#include "lenslet/base/machine.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/thread_pool.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/crop_margin.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/data_fields.h"
#include "lenslet/data/image_file_examples.h"
#include "lenslet/data/image_folder.h"
#include "lenslet/data/mask_pairs.h"
#include "lenslet/data/mask_reader.h"
#include "lenslet/data/read_ahead_proto.h"
#include "lenslet/data/read_images.h"
#include "lenslet/data/split.h"
#include "lenslet/data/unreadable_files.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

std::vector<std::string> ImagesOf(absl::Span<const MaskedImage> pairs) {
  std::vector<std::string> paths;
  for (const MaskedImage& pair : pairs) paths.push_back(pair.image);
  return paths;
}

// What became of a mask.
struct MaskOutcome {
  absl::Status read;    // Whether it could be read.
  absl::Status number;  // Whether each of its numbers is of a class.
  MaskNumbers numbers;
};

// Calls keep(i, numbers) for each mask whose numbers are of classes.
template <typename Keep>
absl::StatusOr<std::vector<MaskOutcome>> ReadMasks(
    absl::Span<const MaskedImage> pairs, const MaskReader& reader, int threads,
    Keep keep) {
  const auto count = static_cast<int64_t>(pairs.size());
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<ThreadPool> pool,
      ThreadPool::Create(static_cast<int>(std::clamp<int64_t>(
          count, 1, threads > 0 ? threads : CpuThreads()))));
  std::vector<MaskOutcome> outcomes(count);
  pool->ParallelFor(count, [&](int /*thread*/, int64_t i) {
    MaskOutcome& outcome = outcomes[i];
    const absl::StatusOr<Tensor> numbers =
        MaskReader::ReadNumbers(pairs[i].mask);
    outcome.read = numbers.status();
    if (!numbers.ok()) return;
    for (const uint8_t number : numbers->span<uint8_t>()) {
      outcome.numbers.set(number);
    }
    outcome.number = reader.Check(pairs[i].mask, *numbers);
    if (outcome.number.ok()) keep(i, *numbers);
  });
  return outcomes;
}

// The error for numbers of no class, if masks have some.
absl::Status CheckNumbers(absl::Span<const MaskOutcome> outcomes,
                          const MaskReader& reader, const std::string& masks,
                          size_t pairs) {
  int64_t wrong = 0;
  const absl::Status* first = nullptr;
  MaskNumbers numbers;
  for (const MaskOutcome& outcome : outcomes) {
    numbers |= outcome.numbers;
    if (outcome.number.ok()) continue;
    if (wrong++ == 0) first = &outcome.number;
  }
  if (wrong == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(first->message(), "; so it is in ", WithCommas(wrong),
                   " of ", outcomes.size() < pairs ? "the first " : "",
                   CountText(static_cast<int64_t>(outcomes.size()), "mask"),
                   " in ", masks, ", ", reader.Describe(numbers)));
}

// Joins what is known of the images, read without those that cannot be, with
// their masks. Errors: UnreadableError() for both, unless `skip_unreadable`;
// CheckNumbers()'s.
template <typename Keep>
absl::Status AddMasks(absl::Span<const MaskedImage> pairs,
                      const std::string& masks, const MaskReader& reader,
                      int threads, bool skip_unreadable, Keep keep,
                      ReadImagesResult& images) {
  LENSLET_ASSIGN_OR_RETURN(const std::vector<MaskOutcome> outcomes,
                           ReadMasks(pairs, reader, threads, keep));
  ImagesSeen& seen = images.seen;
  seen.have_masks = true;
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (outcomes[i].read.ok()) continue;
    seen.unreadable.push_back(
        {.path = pairs[i].mask, .error = outcomes[i].read});
  }
  std::vector<int64_t> whole;
  for (const int64_t i : images.read) {
    if (outcomes[i].read.ok()) whole.push_back(i);
  }
  images.read = std::move(whole);
  seen.left_out = seen.files - static_cast<int64_t>(images.read.size());
  if (seen.left_out > 0 && (!skip_unreadable || images.read.empty())) {
    return seen.Error();
  }
  return CheckNumbers(outcomes, reader, masks, pairs.size());
}

class MaskedFileExamples : public ImageFileExamples {
 public:
  MaskedFileExamples(std::vector<MaskedImage> pairs, const std::string& masks,
                     const Shape& shape, const MaskOptions& options,
                     const ReadImagesOptions& read)
      : ImageFileExamples(ImagesOf(pairs), shape, read),
        pairs_(std::move(pairs)),
        masks_(masks),
        target_({.shape = {shape.dim(0), shape.dim(1)}}),
        options_(options),
        reader_(shape, read.decode.fit, options) {}

  TargetSpec target() const override { return target_; }
  bool reads_targets() const override { return true; }

  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    int32_t* out = batch.classes().data();
    for (const int64_t index : indices) {
      const std::string& path = pairs_.at(index).mask;
      const absl::StatusOr<Tensor> numbers = MaskReader::ReadNumbers(path);
      if (!numbers.ok()) return ErrorOf(numbers.status());
      const absl::Status status = reader_.Check(path, *numbers);
      if (!status.ok()) return ErrorOf(status);
      reader_.Write(*numbers, kIgnoredClass, out);
      out += target_.shape.elements();
    }
    return absl::OkStatus();
  }

 protected:
  absl::Status AddTargetToDigest(int64_t index, Digest& digest) const override {
    const absl::StatusOr<std::string> bytes = ReadFile(pairs_.at(index).mask);
    if (!bytes.ok()) return ErrorOf(bytes.status());
    digest.AddWord(*bytes);
    digest.AddWord(absl::StrCat(
        absl::StrJoin(options_.class_numbers, ","), ";",
        options_.ignored.has_value() ? int{*options_.ignored} : -1));
    return absl::OkStatus();
  }

  absl::Status CheckAll() const override {
    ReadImagesOptions read = CheckOptions();
    read.skip_unreadable = true;
    LENSLET_ASSIGN_OR_RETURN(ReadImagesResult images,
                             CheckImages(ImagesOf(pairs_), shape(), read));
    return AddMasks(
        pairs_, masks_, reader_, read.threads, /*skip_unreadable=*/false,
        [](int64_t, const Tensor&) {}, images);
  }

 private:
  const std::vector<MaskedImage> pairs_;
  const std::string masks_;
  const TargetSpec target_;
  const MaskOptions options_;
  const MaskReader reader_;
};

absl::StatusOr<Dataset> LoadMasksIntoMemory(absl::Span<const MaskedImage> pairs,
                                            const std::string& masks,
                                            const Shape& shape,
                                            const ImageMasksOptions& options) {
  constexpr uint8_t kIgnoredByte = 255;
  const auto count = static_cast<int64_t>(pairs.size());
  ReadImagesOptions read = options.read;
  read.skip_unreadable = true;
  LENSLET_ASSIGN_OR_RETURN(ReadImagesResult images,
                           ReadImages(ImagesOf(pairs), shape, read));
  ExampleArrays arrays;
  arrays.inputs = std::move(images.images);
  LENSLET_ASSIGN_OR_RETURN(
      arrays.targets,
      Tensor::Create(ElementType::kUint8, {count, shape.dim(0), shape.dim(1)}));
  if (options.masks.ignored.has_value()) arrays.ignored = kIgnoredByte;
  const MaskReader reader(shape, read.decode.fit, options.masks);
  uint8_t* const targets = arrays.targets.data<uint8_t>();
  LENSLET_RETURN_IF_ERROR(AddMasks(
      pairs, masks, reader, read.threads, options.read.skip_unreadable,
      [&](int64_t i, const Tensor& numbers) {
        reader.Write(numbers, kIgnoredByte,
                     targets + i * shape.dim(0) * shape.dim(1));
      },
      images));
  if (options.seen != nullptr) options.seen->Add(images.seen);
  LENSLET_ASSIGN_OR_RETURN(
      Dataset dataset,
      MakeDataset(std::move(arrays), options.masks.class_names));
  if (static_cast<int64_t>(images.read.size()) == count) return dataset;
  return SelectExamples(dataset, std::move(images.read));
}

// Leaves images and masks in their files, but for those that cannot be read if
// these are to be skipped.
absl::StatusOr<Dataset> LeaveMasksInFiles(std::vector<MaskedImage> pairs,
                                          const std::string& masks,
                                          const Shape& shape,
                                          const ImageMasksOptions& options) {
  constexpr size_t kFirst = 64;
  const auto keep = [](int64_t, const Tensor&) {};
  const ReadImagesOptions& read = options.read;
  const MaskReader reader(shape, read.decode.fit, options.masks);
  if (read.skip_unreadable) {
    LENSLET_ASSIGN_OR_RETURN(ReadImagesResult images,
                             CheckImages(ImagesOf(pairs), shape, read));
    LENSLET_RETURN_IF_ERROR(
        AddMasks(pairs, masks, reader, read.threads, true, keep, images));
    if (options.seen != nullptr) options.seen->Add(images.seen);
    std::vector<MaskedImage> kept;
    for (const int64_t i : images.read) kept.push_back(std::move(pairs[i]));
    pairs = std::move(kept);
  } else {
    const absl::Span<const MaskedImage> first =
        absl::MakeConstSpan(pairs).subspan(0, kFirst);
    LENSLET_ASSIGN_OR_RETURN(const std::vector<MaskOutcome> outcomes,
                             ReadMasks(first, reader, read.threads, keep));
    LENSLET_RETURN_IF_ERROR(
        CheckNumbers(outcomes, reader, masks, pairs.size()));
  }
  const std::vector<std::string> images = ImagesOf(pairs);
  auto in_files = std::make_shared<MaskedFileExamples>(
      std::move(pairs), masks, shape, options.masks, read);
  if (in_files->type() == ElementType::kFloat32 && !read.skip_unreadable &&
      options.seen != nullptr) {
    options.seen->Add(LookAtLongSamples(images, shape, read));
  }
  LENSLET_ASSIGN_OR_RETURN(std::shared_ptr<const Examples> examples,
                           ReadAhead(std::move(in_files), *options.read_ahead));
  return Dataset{.examples = std::move(examples),
                 .target_names = options.masks.class_names};
}

absl::StatusOr<Shape> ReadMasksShape(const ImageMasksProto& masks) {
  LENSLET_ASSIGN_OR_RETURN(
      const Shape shape,
      ReadDataShape("image_masks.shape",
                    {masks.shape().begin(), masks.shape().end()}));
  LENSLET_RETURN_IF_ERROR(InDataField(
      "image_masks.", CheckImageFolderShape(shape, masks.crop_margin())));
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

// That masks have no image. A folder of masks may be that of two folders of
// images.
void WarnOfUnusedMasks(const std::string& masks,
                       const std::vector<std::string>& names,
                       std::vector<std::string>& warnings) {
  if (names.empty()) return;
  const auto count = static_cast<int64_t>(names.size());
  warnings.push_back(absl::StrCat(
      masks, ": ", WithCommas(count),
      count == 1 ? " mask has no image and is" : " masks have no image and are",
      " left out: ", NameList(names)));
}

absl::StatusOr<SourceExamples> ReadImageMasks(const DataProto& data,
                                              const LoadDataOptions& options) {
  const ImageMasksProto& masks = data.image_masks();
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, ReadMasksShape(masks));
  SourceExamples examples = {
      .description = absl::StrCat("the folders ", masks.train_images(), " and ",
                                  masks.train_masks())};
  ImagesSeen seen;
  std::vector<std::string> unused, unused_in_test;
  ImageMasksOptions mask_options = {.masks = ReadMaskOptions(masks),
                                    .read = ReadImagesOptionsOf(masks, options),
                                    .seen = &seen,
                                    .notes = &examples.warnings,
                                    .unused_masks = &unused};
  if (masks.has_read_ahead()) {
    mask_options.read_ahead = ReadAheadFromProto(masks.read_ahead());
  }
  const std::string train = options.PathOf(masks.train_masks());
  LENSLET_ASSIGN_OR_RETURN(examples.train,
                           LoadImageMasks(options.PathOf(masks.train_images()),
                                          train, shape, mask_options));
  const auto of_train = static_cast<int64_t>(seen.unreadable.size());
  examples.description += WithoutUnreadable(of_train);
  if (!masks.test_images().empty()) {
    const std::string test =
        masks.test_masks().empty() ? train : options.PathOf(masks.test_masks());
    mask_options.read.as_floats =
        examples.train.examples->type() == ElementType::kFloat32;
    mask_options.unused_masks = &unused_in_test;
    LENSLET_ASSIGN_OR_RETURN(
        examples.test, LoadImageMasks(options.PathOf(masks.test_images()), test,
                                      shape, mask_options));
    if (test == train) {
      const std::set<std::string> both(unused_in_test.begin(),
                                       unused_in_test.end());
      std::erase_if(unused, [&](const std::string& name) {
        return both.count(name) == 0;
      });
    } else {
      WarnOfUnusedMasks(test, unused_in_test, examples.warnings);
    }
  }
  WarnOfUnusedMasks(train, unused, examples.warnings);
  for (std::string& note : seen.Notes()) {
    examples.warnings.push_back(std::move(note));
  }
  examples.test_remark = WithoutUnreadable(
      static_cast<int64_t>(seen.unreadable.size()) - of_train);
  examples.unreadable = std::move(seen.unreadable);
  return examples;
}

}  // namespace

DataSource ImageMasksSource() {
  return {
      .name = "image_masks", .check = CheckImageMasks, .read = ReadImageMasks};
}

absl::StatusOr<Dataset> LoadImageMasks(const std::string& images,
                                       const std::string& masks,
                                       const Shape& shape,
                                       const ImageMasksOptions& options) {
  const int64_t margin = options.read.decode.margin;
  LENSLET_RETURN_IF_ERROR(CheckImageFolderShape(shape, margin));
  LENSLET_RETURN_IF_ERROR(CheckMaskOptions(options.masks));
  LENSLET_RETURN_IF_ERROR(
      CheckFitOfMasks(options.masks, options.read.decode.fit));
  if (margin > 0) {
    ImageMasksOptions whole = options;
    whole.read.decode.margin = 0;
    LENSLET_ASSIGN_OR_RETURN(const Shape wide, WithMargin(shape, margin));
    LENSLET_ASSIGN_OR_RETURN(Dataset dataset,
                             LoadImageMasks(images, masks, wide, whole));
    dataset.examples = CropMargin(dataset.examples, margin);
    return dataset;
  }
  LENSLET_ASSIGN_OR_RETURN(MaskPairs found, PairWithMasks(images, masks));
  if (options.notes != nullptr) {
    options.notes->insert(options.notes->end(), found.notes.begin(),
                          found.notes.end());
  }
  if (options.unused_masks != nullptr) {
    options.unused_masks->insert(options.unused_masks->end(),
                                 found.unused_masks.begin(),
                                 found.unused_masks.end());
  }
  if (options.read_ahead.has_value()) {
    return LeaveMasksInFiles(std::move(found.pairs), masks, shape, options);
  }
  absl::StatusOr<Dataset> dataset =
      LoadMasksIntoMemory(found.pairs, masks, shape, options);
  if (absl::IsResourceExhausted(dataset.status())) {
    return absl::ResourceExhaustedError(
        absl::StrCat(images, ": ", dataset.status().message()));
  }
  return dataset;
}

}  // namespace lenslet
