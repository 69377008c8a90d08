#include "lenslet/data/survey.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "lenslet/base/file.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/utf8.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/cifar.h"
#include "lenslet/data/class_names.h"
#include "lenslet/data/csv.h"
#include "lenslet/data/csv_form.h"
#include "lenslet/data/csv_table.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/idx_names.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/image_folder.h"
#include "lenslet/data/mnist.h"
#include "lenslet/data/npy.h"
#include "lenslet/data/npz.h"
#include "lenslet/data/split.h"
#include "lenslet/data/table_form.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr size_t kMaxErrors = 5;
constexpr int64_t kFewExamples = 20;

std::string CountOf(int64_t count, absl::string_view one,
                    absl::string_view many) {
  return absl::StrCat(WithCommas(count), " ", count == 1 ? one : many);
}

// "3 folders, 12 images and 2 other files"
std::string Found(const FolderContents& contents) {
  std::vector<std::string> parts;
  const auto add = [&](const std::vector<std::string>& names,
                       absl::string_view one, absl::string_view many) {
    if (names.empty()) return;
    parts.push_back(CountOf(static_cast<int64_t>(names.size()), one, many));
  };
  add(contents.folders, "folder", "folders");
  add(contents.images, "image", "images");
  add(contents.others, "other file", "other files");
  if (parts.empty()) return "nothing";
  const std::string last = std::move(parts.back());
  parts.pop_back();
  return parts.empty()
             ? last
             : absl::StrCat(absl::StrJoin(parts, ", "), " and ", last);
}

std::string FoundButNoImages(const FolderContents& contents) {
  const std::string found = Found(contents);
  return found == "nothing" ? "is empty"
                            : absl::StrCat("has ", found, ", but no images");
}

absl::Status WrongData(const std::string& path, absl::string_view found,
                       absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", found, "; expected ", expected));
}

SurveyedRange RangeOf(std::vector<int64_t> values) {
  std::sort(values.begin(), values.end());
  return {.min = values.front(),
          .median = values[values.size() / 2],
          .max = values.back()};
}

// The folders train and test of `contents`, "" for none.
struct SplitFolders {
  std::string train, test, validation;
};

SplitFolders FindSplits(const FolderContents& contents) {
  SplitFolders splits;
  for (const std::string& name : contents.folders) {
    const std::string lower = absl::AsciiStrToLower(name);
    if (lower == "train" || lower == "training") splits.train = name;
    if (lower == "test" || lower == "testing") splits.test = name;
    if (lower == "val" || lower == "valid" || lower == "validation") {
      splits.validation = name;
    }
  }
  return splits;
}

// Files of images that are spread evenly over the classes and over each class.
std::vector<std::string> SampleFiles(absl::Span<const ImageClass> classes) {
  const int64_t quota = std::max<int64_t>(
      1, kMaxSurveyedHeaders / static_cast<int64_t>(classes.size()));
  std::vector<std::string> files;
  for (const ImageClass& c : classes) {
    const auto count = static_cast<int64_t>(c.files.size());
    const int64_t taken = std::min(count, quota);
    for (int64_t i = 0; i < taken; ++i) {
      files.push_back(PathIn(c.folder, c.files[i * count / taken]));
    }
  }
  return files;
}

// Whether in more than one pixel of a thousand, channels differ by more than
// `noise`.
template <typename T>
bool HasColoredPixels(absl::Span<const T> pixels, T noise) {
  int64_t colored = 0;
  for (size_t i = 0; i < pixels.size(); i += 3) {
    const auto [least, most] =
        std::minmax({pixels[i], pixels[i + 1], pixels[i + 2]});
    if (most - least > noise) ++colored;
  }
  return 1000 * 3 * colored > static_cast<int64_t>(pixels.size());
}

// Whether an image has colors, and not only three channels that differ by no
// more than what compression changes.
bool HasColor(const Tensor& image) {
  if (image.shape().dim(2) != 3) return false;
  constexpr uint8_t kMaxNoise = 16;
  if (image.type() == ElementType::kUint8) {
    return HasColoredPixels(image.span<uint8_t>(), kMaxNoise);
  }
  // A camera of 10 bits fills a small part of the range.
  const absl::Span<const float> samples = image.span();
  const float most = *std::max_element(samples.begin(), samples.end());
  return HasColoredPixels(samples, most * kMaxNoise / 255);
}

// Reads files of images.
class ImageSampler {
 public:
  explicit ImageSampler(DataSurvey& survey) : survey_(survey) {}

  // Of the training examples if `is_train`, whose sizes and formats count.
  void Sample(absl::Span<const ImageClass> classes, bool is_train) {
    for (const ImageClass& c : classes) {
      survey_.files += static_cast<int64_t>(c.files.size());
    }
    const std::vector<std::string> files = SampleFiles(classes);
    const int64_t count = static_cast<int64_t>(files.size());
    const int64_t images =
        std::min(count, is_train ? kMaxSurveyedImages : kMaxSurveyedImages / 4);
    int64_t next_image = 0;
    for (int64_t i = 0; i < count; ++i) {
      const absl::StatusOr<ImageHeader> header = ReadImageHeader(files[i]);
      ++survey_.headers;
      const bool decode = i == next_image * count / images;
      next_image += decode ? 1 : 0;
      if (!header.ok()) {
        AddError(header.status());
        continue;
      }
      if (is_train) AddHeader(*header);
      if (decode) Decode(files[i], header->shape);
    }
  }

  // Sets what the headers say.
  absl::Status Finish(const std::string& path) {
    if (heights_.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": none of ", CountOf(survey_.headers, "image", "images"),
          " can be read; the first error is: ", survey_.errors[0]));
    }
    survey_.height = RangeOf(std::move(heights_));
    survey_.width = RangeOf(std::move(widths_));
    survey_.shape = {survey_.height.median, survey_.width.median,
                     has_color_ ? 3 : 1};
    return absl::OkStatus();
  }

 private:
  void AddError(const absl::Status& status) {
    ++survey_.unreadable;
    if (survey_.errors.size() < kMaxErrors) {
      survey_.errors.emplace_back(status.message());
    }
  }

  void AddHeader(const ImageHeader& header) {
    heights_.push_back(header.shape.dim(0));
    widths_.push_back(header.shape.dim(1));
    ++survey_.formats[std::string(Name(header.format))];
    if (header.has_long_samples) {
      ++survey_.long_samples;
      survey_.type = ElementType::kFloat32;
    }
  }

  void Decode(const std::string& file, const Shape& shape) {
    pixels_ += shape.dim(0) * shape.dim(1);
    // The first one is decoded whatever its size.
    if (pixels_ > kMaxSurveyedPixels && survey_.decoded > 0) return;
    ++survey_.decoded;
    const absl::StatusOr<Tensor> image =
        ReadImageFile(file, {.keep_long_samples = true});
    if (!image.ok()) {
      AddError(image.status());
    } else {
      has_color_ |= HasColor(*image);
    }
  }

  DataSurvey& survey_;
  std::vector<int64_t> heights_, widths_;
  int64_t pixels_ = 0;
  bool has_color_ = false;
};

// Lists the classes in `folder`, which must have images.
absl::StatusOr<std::vector<ImageClass>> FindClasses(
    const std::string& folder, absl::Span<const std::string> class_names,
    DataSurvey& survey) {
  LENSLET_ASSIGN_OR_RETURN(const FolderContents contents, ListFolder(folder));
  for (const std::string& name : contents.folders) {
    if (!IsValidUtf8(name)) break;  // ListImageClasses() says so.
    const std::string class_folder = PathIn(folder, name);
    LENSLET_ASSIGN_OR_RETURN(const FolderContents in_class,
                             ListFolder(class_folder));
    if (in_class.images.empty() && class_names.empty()) {
      return WrongData(
          class_folder, FoundButNoImages(in_class),
          absl::StrCat(kImageFormats, " files of the class in each folder of ",
                       folder, HeicHint(class_folder, in_class)));
    }
  }
  return ListImageClasses(folder, class_names, &survey.warnings);
}

std::vector<int64_t> CountFiles(absl::Span<const ImageClass> classes) {
  std::vector<int64_t> counts;
  for (const ImageClass& c : classes) {
    counts.push_back(static_cast<int64_t>(c.files.size()));
  }
  return counts;
}

absl::StatusOr<DataSurvey> SurveyFolders(const std::string& train,
                                         const std::string& test) {
  DataSurvey survey = {.kind = "folder of images"};
  ImageFoldersProto& source = *survey.data.mutable_image_folders();
  source.set_train_directory(train);
  ImageSampler sampler(survey);
  LENSLET_ASSIGN_OR_RETURN(const std::vector<ImageClass> classes,
                           FindClasses(train, {}, survey));
  for (const ImageClass& c : classes) survey.class_names.push_back(c.name);
  survey.train_counts = CountFiles(classes);
  sampler.Sample(classes, /*is_train=*/true);
  if (!test.empty()) {
    source.set_test_directory(test);
    LENSLET_ASSIGN_OR_RETURN(const std::vector<ImageClass> test_classes,
                             FindClasses(test, survey.class_names, survey));
    survey.test_counts = CountFiles(test_classes);
    sampler.Sample(test_classes, /*is_train=*/false);
  }
  LENSLET_RETURN_IF_ERROR(sampler.Finish(train));
  if (survey.unreadable > 0) source.set_on_unreadable(SKIP);
  return survey;
}

absl::StatusOr<DataSurvey> SurveySplits(const std::string& path,
                                        const FolderContents& contents,
                                        const SplitFolders& splits) {
  std::string test = splits.test.empty() ? splits.validation : splits.test;
  if (!test.empty()) test = PathIn(path, test);
  LENSLET_ASSIGN_OR_RETURN(DataSurvey survey,
                           SurveyFolders(PathIn(path, splits.train), test));
  for (const std::string& name : contents.folders) {
    if (name == splits.train || name == splits.test) continue;
    if (name == splits.validation && splits.test.empty()) {
      survey.warnings.push_back(absl::StrCat(
          test,
          " is used as test data; validation examples are set aside from "
          "the training examples"));
      continue;
    }
    survey.warnings.push_back(absl::StrCat(PathIn(path, name), " is not used"));
  }
  return survey;
}

// The first CSV file, or "".
std::string CsvFileIn(const FolderContents& contents) {
  for (const std::string& name : contents.others) {
    for (const absl::string_view end : {".csv", ".csv.gz", ".tsv"}) {
      if (absl::EndsWithIgnoreCase(name, end)) return name;
    }
  }
  return "";
}

// The error for a folder without classes.
absl::Status NoClasses(const std::string& path,
                       const FolderContents& contents) {
  std::string hint;
  const std::string csv = CsvFileIn(contents);
  if (!csv.empty()) {
    hint = absl::StrCat("; to use the CSV file, name it: ", PathIn(path, csv));
  }
  if (!contents.images.empty()) {
    absl::StrAppend(&hint, csv.empty() ? "; " : "; or ",
                    "move each image into the folder of its class, such as ",
                    PathIn(path, "cat"),
                    ", or if this is such a folder, name the one that it is "
                    "in");
  }
  return WrongData(
      path,
      contents.images.empty()
          ? FoundButNoImages(contents)
          : absl::StrCat("has ", Found(contents), ", but no folders"),
      absl::StrCat("one folder of images per class, or folders "
                   "train and test of these",
                   hint));
}

// That the folders are classes.
absl::Status CheckIsFolderOfClasses(const std::string& path,
                                    const FolderContents& contents,
                                    const SplitFolders& splits) {
  if (contents.folders.empty()) return NoClasses(path, contents);
  int64_t without_images = 0;
  std::vector<std::string> nested;
  for (const std::string& name : contents.folders) {
    LENSLET_ASSIGN_OR_RETURN(const FolderContents inner,
                             ListFolder(PathIn(path, name)));
    if (!inner.images.empty()) continue;
    ++without_images;
    if (!inner.folders.empty()) nested.push_back(name);
  }
  const auto folders = static_cast<int64_t>(contents.folders.size());
  if (without_images == folders && !nested.empty()) {
    return WrongData(
        path,
        absl::StrCat("has ", Found(contents),
                     ", and no images in them but more folders"),
        absl::StrCat("images in each folder",
                     nested.size() == 1
                         ? absl::StrCat("; perhaps ", PathIn(path, nested[0]),
                                        " is meant")
                         : ""));
  }
  const int64_t named_as_splits = int64_t{!splits.train.empty()} +
                                  int64_t{!splits.test.empty()} +
                                  int64_t{!splits.validation.empty()};
  if (named_as_splits == folders && without_images < folders) {
    return WrongData(
        path,
        absl::StrCat("has the ", folders == 1 ? "folder " : "folders ",
                     absl::StrJoin(contents.folders, " and "),
                     " with images in them"),
        "one folder of images per class in each, such as train/cat and "
        "train/dog");
  }
  return absl::OkStatus();
}

void SetShape(const Shape& shape, DataSurvey& survey) {
  survey.shape = shape;
  if (shape.rank() != 3) return;
  survey.height = {
      .min = shape.dim(0), .median = shape.dim(0), .max = shape.dim(0)};
  survey.width = {
      .min = shape.dim(1), .median = shape.dim(1), .max = shape.dim(1)};
}

absl::Status SetExamples(const Dataset& train, const Dataset& test,
                         DataSurvey& survey) {
  survey.class_names = train.target_names;
  LENSLET_ASSIGN_OR_RETURN(survey.train_counts, ClassCounts(train));
  if (test.size() > 0) {
    LENSLET_ASSIGN_OR_RETURN(survey.test_counts, ClassCounts(test));
  }
  SetShape(train.example_shape(), survey);
  survey.type = train.examples->type();
  return absl::OkStatus();
}

// "0", "1", ...
std::vector<std::string> NumberNames(size_t count) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) names.push_back(absl::StrCat(i));
  return names;
}

absl::StatusOr<DataSurvey> SurveyMnist(const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(const IdxFolder folder, IdxFolder::Open(path, ""));
  DataSurvey survey = {.kind = "MNIST's four files"};
  IdxProto& source = *survey.data.mutable_idx();
  source.set_directory(path);
  MnistOptions options;
  if (absl::StartsWithIgnoreCase(folder.prefix(), "emnist")) {
    survey.kind = "EMNIST's files";
    options.transposed = true;
    source.set_transposed(true);
  }
  LENSLET_ASSIGN_OR_RETURN(Dataset train,
                           LoadMnist(path, Split::kTrain, options));
  LENSLET_ASSIGN_OR_RETURN(const std::vector<int64_t> counts,
                           ClassCounts(train));
  if (counts[0] == 0 && train.target_names[0] == "0") {
    survey.warnings.push_back("no label is 0: labels count from 1");
    options.first_label = 1;
    source.set_first_label(1);
    LENSLET_ASSIGN_OR_RETURN(train, LoadMnist(path, Split::kTrain, options));
  }
  // Without names, there are at least ten classes.
  const auto fewest = static_cast<size_t>(
      counts.rend() - std::find_if(counts.rbegin(), counts.rend(),
                                   [](int64_t count) { return count > 0; }));
  if (options.first_label == 0 && fewest < train.target_names.size() &&
      train.target_names == NumberNames(train.target_names.size())) {
    options.class_names = NumberNames(fewest);
    source.mutable_class_names()->Assign(options.class_names.begin(),
                                         options.class_names.end());
    LENSLET_ASSIGN_OR_RETURN(train, LoadMnist(path, Split::kTrain, options));
  }
  options.class_names = train.target_names;
  LENSLET_ASSIGN_OR_RETURN(const Dataset test,
                           LoadMnist(path, Split::kTest, options));
  if (test.example_shape() != train.example_shape()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": test images have shape ", test.example_shape().ToString(),
        "; expected ", train.example_shape().ToString(),
        ", the shape of the training images"));
  }
  LENSLET_RETURN_IF_ERROR(SetExamples(train, test, survey));
  return survey;
}

absl::StatusOr<DataSurvey> SurveyCifar10(const std::string& path) {
  DataSurvey survey = {.kind = "CIFAR-10's binary files"};
  survey.data.mutable_cifar10()->set_directory(path);
  LENSLET_ASSIGN_OR_RETURN(const Dataset train,
                           LoadCifar10(path, Split::kTrain));
  LENSLET_ASSIGN_OR_RETURN(const Dataset test, LoadCifar10(path, Split::kTest));
  LENSLET_RETURN_IF_ERROR(SetExamples(train, test, survey));
  return survey;
}

absl::StatusOr<DataSurvey> SurveyCifar100(const std::string& path) {
  DataSurvey survey = {.kind = "CIFAR-100's binary files"};
  survey.data.mutable_cifar100()->set_directory(path);
  LENSLET_ASSIGN_OR_RETURN(const Dataset train,
                           LoadCifar100(path, Split::kTrain));
  LENSLET_ASSIGN_OR_RETURN(const Dataset test,
                           LoadCifar100(path, Split::kTest));
  LENSLET_RETURN_IF_ERROR(SetExamples(train, test, survey));
  return survey;
}

// The least and the largest pixel.
absl::StatusOr<std::pair<int, int>> PixelRange(const Dataset& dataset) {
  int least = 255, most = 0;
  const int64_t elements = dataset.example_shape().elements();
  ExampleBatch batch;
  for (int64_t i = 0; i < dataset.size(); ++i) {
    LENSLET_RETURN_IF_ERROR(batch.ReadInputs(*dataset.examples, {i}));
    const auto* pixels = static_cast<const uint8_t*>(batch.inputs()[0]);
    const auto [low, high] = std::minmax_element(pixels, pixels + elements);
    least = std::min<int>(least, *low);
    most = std::max<int>(most, *high);
  }
  return std::pair(least, most);
}

absl::StatusOr<Dataset> LoadForm(const std::string& path, const CsvForm& form) {
  if (!form.number_column.has_value()) {
    return LoadCsv(path, {.has_header = form.has_header,
                          .label_column = form.label_column,
                          .image_shape = form.image_shape});
  }
  LENSLET_ASSIGN_OR_RETURN(
      CsvTable table,
      LoadCsvTable(path,
                   {.has_header = form.has_header,
                    .type = ElementType::kUint8,
                    .shape = form.image_shape,
                    .ignore = {absl::StrCat(*form.number_column)},
                    .kind = TargetKind::kClasses,
                    .target_columns = {absl::StrCat(form.label_column)}}));
  return MakeDataset(
      {.inputs = std::move(table.inputs), .targets = std::move(table.targets)},
      std::move(table.target_names));
}

constexpr char kOtherTarget[] =
    "--target=COLUMN, a name or a number from 0, takes another";

absl::StatusOr<DataSurvey> SurveyPixels(const std::string& path,
                                        const CsvForm& form) {
  LENSLET_ASSIGN_OR_RETURN(const Dataset dataset, LoadForm(path, form));
  DataSurvey survey = {.kind = "CSV file of pixels"};
  CsvProto& source = *survey.data.mutable_csv();
  source.set_train_file(path);
  source.set_has_header(form.has_header);
  source.set_label_column(form.label_column);
  if (form.number_column.has_value()) {
    source.add_ignore(absl::StrCat(*form.number_column));
    survey.notes.push_back(absl::StrCat("column ", *form.number_column + 1,
                                        " numbers the rows and is left out"));
  }
  for (const int64_t size : form.image_shape.dims()) source.add_shape(size);
  LENSLET_RETURN_IF_ERROR(SetExamples(dataset, {}, survey));
  LENSLET_ASSIGN_OR_RETURN(const auto range, PixelRange(dataset));
  const auto [least, most] = range;
  if (least == most) {
    return WrongData(path, absl::StrCat("all pixels are ", least),
                     "pixels that differ");
  }
  survey.notes.push_back(absl::StrCat(
      "labels in column ", form.label_column + 1, " of ", form.columns, ", ",
      form.has_header ? "after a header" : "without a header", "; pixels from ",
      least, " to ", most, "; ", kOtherTarget));
  if (form.image_shape.rank() == 1) {
    survey.warnings.push_back(absl::StrCat(
        form.image_shape.dim(0),
        " pixels in a row are no square image; if they are another one, set "
        "its shape in the recipe and the model"));
  }
  return survey;
}

// Names at most five.
std::string NamesOf(const std::vector<std::string>& names) {
  constexpr size_t kMaxNames = 5;
  constexpr int64_t kMaxNameCharacters = 40;
  std::vector<std::string> shown;
  for (size_t i = 0; i < std::min(names.size(), kMaxNames); ++i) {
    shown.push_back(Abbreviate(Printable(names[i]), kMaxNameCharacters));
  }
  return absl::StrCat(absl::StrJoin(shown, ", "),
                      names.size() > kMaxNames ? ", ..." : "");
}

// The columns of a table in the survey's data.
void SetTarget(const TableForm& form, DataProto& data) {
  switch (form.kind) {
    case TargetKind::kClasses:
      data.mutable_target()->mutable_label()->set_column(form.target);
      break;
    case TargetKind::kLabels: {
      ClassesTargetProto& classes = *data.mutable_target()->mutable_classes();
      classes.set_column(form.target);
      if (form.separator != ";") classes.set_separator(form.separator);
      break;
    }
    case TargetKind::kValues:
      data.mutable_target()->mutable_value()->add_columns(form.target);
      break;
  }
}

std::vector<int32_t> ClassesOf(const Tensor& targets) {
  if (targets.type() == ElementType::kUint8) {
    return {targets.span<uint8_t>().begin(), targets.span<uint8_t>().end()};
  }
  return {targets.span().begin(), targets.span().end()};
}

// Whether data that is neither pixels nor images is a table: it has numbers
// with decimals, several labels or the names of images.
bool LooksLikeTable(const TableForm& form) {
  return form.has_floats || form.kind == TargetKind::kLabels ||
         !form.image_column.empty();
}

// "column 5 (\"price\")"
std::string TargetColumnText(const TableForm& form) {
  return absl::StrCat("column ", form.target_column + 1,
                      form.has_header
                          ? absl::StrCat(" (\"", Printable(form.target), "\")")
                          : "");
}

// "the target is column 5 (\"price\") of 5 columns, of numbers; ..."
std::string TargetNote(const TableForm& form,
                       const std::vector<std::string>& classes) {
  std::string what;
  if (form.kind == TargetKind::kValues) {
    what =
        "of numbers; for classes, write target { label { column: ... } } in "
        "the recipe";
  } else if (form.kind == TargetKind::kLabels) {
    what = absl::StrCat("of labels separated by \"", form.separator, "\"");
  } else {
    what =
        absl::StrCat("of the ", classes.size(), " classes ", NamesOf(classes));
  }
  return absl::StrCat("the target is ", TargetColumnText(form), " of ",
                      form.columns, " columns, ", what, "; ", kOtherTarget);
}

absl::StatusOr<DataSurvey> SurveyTable(const std::string& path,
                                       const TableForm& form) {
  const bool has_images = !form.image_column.empty();
  DataSurvey survey = {
      .kind = has_images ? "images with a CSV file" : "CSV file of a table",
      .target = form.kind};
  LENSLET_ASSIGN_OR_RETURN(
      CsvTable table,
      LoadCsvTable(path, {.has_header = form.has_header,
                          .decimal_comma = form.decimal_comma,
                          .has_inputs = !has_images,
                          .ignore = has_images ? std::vector<std::string>()
                                               : form.ignore,
                          .kind = form.kind,
                          .target_columns = {form.target},
                          .separator = form.separator,
                          .text_column = form.image_column}));
  const int64_t rows = table.targets.shape().dim(0);
  SetTarget(form, survey.data);
  survey.class_names = table.target_names;
  if (form.kind == TargetKind::kValues) survey.class_names = {form.target};
  survey.train_counts = {rows};
  if (form.kind == TargetKind::kClasses) {
    survey.train_counts.assign(table.target_names.size(), 0);
    for (const int32_t c : ClassesOf(table.targets)) ++survey.train_counts[c];
  }
  survey.target_column = TargetColumnText(form);
  survey.notes.push_back(TargetNote(form, survey.class_names));
  if (has_images) {
    ImageTableProto& source = *survey.data.mutable_image_table();
    source.set_train_file(path);
    source.set_image_column(form.image_column);
    source.set_directory(form.image_folder);
    ImageSampler sampler(survey);
    const ImageClass images = {
        .name = "", .folder = form.image_folder, .files = table.texts};
    sampler.Sample({images}, /*is_train=*/true);
    LENSLET_RETURN_IF_ERROR(sampler.Finish(path));
    if (survey.unreadable > 0) source.set_on_unreadable(SKIP);
    return survey;
  }
  CsvProto& source = *survey.data.mutable_csv();
  source.set_train_file(path);
  source.set_has_header(form.has_header);
  source.set_numbers(CsvProto::FLOAT);
  source.set_decimal_comma(form.decimal_comma);
  source.mutable_ignore()->Assign(form.ignore.begin(), form.ignore.end());
  constexpr size_t kMostWarnings = 5;
  for (size_t i = 0; i < form.warnings.size(); ++i) {
    if (i == kMostWarnings) {
      survey.warnings.push_back(
          absl::StrCat(CountOf(static_cast<int64_t>(form.warnings.size() - i),
                               "other column is", "other columns are"),
                       " left out for the same reason"));
      break;
    }
    survey.warnings.push_back(form.warnings[i]);
  }
  SetShape(
      form.pixels.value_or(Shape({table.inputs.shape().elements() / rows})),
      survey);
  if (survey.shape.rank() == 3) {
    for (const int64_t size : survey.shape.dims()) source.add_shape(size);
  }
  survey.type = ElementType::kFloat32;
  if (!form.ignore.empty()) {
    survey.notes.push_back(absl::StrCat("left out: ", NamesOf(form.ignore)));
  }
  return survey;
}

// As pixels if it looks like them, or else as a table.
absl::StatusOr<DataSurvey> SurveyCsvFile(const std::string& path,
                                         const std::string& target) {
  absl::StatusOr<CsvForm> pixels = GuessCsvForm(path);
  const bool are_pixels = pixels.ok() && pixels->looks_like_pixels;
  if (are_pixels && target.empty()) {
    absl::StatusOr<DataSurvey> survey = SurveyPixels(path, *pixels);
    if (survey.ok()) return survey;
    const absl::StatusOr<TableForm> table = GuessTableForm(path, "");
    if (!table.ok() || !LooksLikeTable(*table)) return survey;
    return SurveyTable(path, *table);
  }
  const absl::StatusOr<TableForm> table = GuessTableForm(path, target);
  LENSLET_RETURN_IF_ERROR(table.status());
  if (are_pixels && table->kind == TargetKind::kClasses &&
      table->target_column != pixels->number_column) {
    pixels->label_column = table->target_column;
    absl::StatusOr<DataSurvey> survey = SurveyPixels(path, *pixels);
    if (survey.ok()) return survey;
  }
  return SurveyTable(path, *table);
}

// A name of an array as people write it: "Y-train.npy" is "y_train".
std::string ArrayWord(absl::string_view name) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(absl::StripSuffix(
                                 absl::StripSuffix(name, ".npy"), ".npz")),
                             {{"-", "_"}});
}

// The first of the names that is one of `usual`, or "".
std::string FindArray(const std::vector<std::string>& names,
                      std::initializer_list<absl::string_view> usual) {
  for (const absl::string_view wanted : usual) {
    for (const std::string& name : names) {
      if (ArrayWord(name) == wanted) return name;
    }
  }
  return "";
}

// Arrays of NumPy's, by the names that people give them; the targets by
// `target`, unless that is "".
absl::StatusOr<std::optional<NpyProto>> FindArrays(
    const std::string& folder, const std::vector<std::string>& names,
    const std::string& target) {
  const std::string train_inputs = FindArray(
      names, {"x_train", "train_x", "train_images", "images_train",
              "train_data", "x", "images", "inputs", "features", "data"});
  std::string train_targets = FindArray(
      names, {"y_train", "train_y", "train_labels", "labels_train",
              "train_targets", "y", "labels", "targets", "classes", "target"});
  std::string test_targets = FindArray(
      names,
      {"y_test", "test_y", "test_labels", "labels_test", "test_targets"});
  if (!target.empty() && target != train_targets) {
    const auto named = [&](absl::string_view word) {
      const std::string with_end = absl::StrCat(word, ".npy");
      for (const std::string& name : names) {
        if (name == word || name == with_end) return name;
      }
      return std::string();
    };
    train_targets = named(target);
    if (train_targets.empty()) {
      std::vector<std::string> words;
      for (const std::string& name : names) {
        words.emplace_back(absl::StripSuffix(name, ".npy"));
      }
      return absl::NotFoundError(
          absl::StrCat(folder, ": has no array \"", Printable(target),
                       "\", the target; expected one of ", NamesOf(names),
                       DidYouMean(target, words)));
    }
    const std::string test = named(absl::StrReplaceAll(
        absl::StripSuffix(train_targets, ".npy"), {{"train", "test"}}));
    test_targets = test == train_targets ? "" : test;
  }
  if (train_inputs.empty() || train_targets.empty()) return std::nullopt;
  NpyProto arrays;
  arrays.set_train_inputs(PathIn(folder, train_inputs));
  arrays.set_train_targets(PathIn(folder, train_targets));
  const std::string test_inputs = FindArray(
      names, {"x_test", "test_x", "test_images", "images_test", "test_data"});
  if (!test_inputs.empty() && !test_targets.empty()) {
    arrays.set_test_inputs(PathIn(folder, test_inputs));
    arrays.set_test_targets(PathIn(folder, test_targets));
  }
  return arrays;
}

absl::StatusOr<DataSurvey> SurveyArrays(const NpyProto& arrays) {
  DataSurvey survey = {.kind = "NumPy's arrays"};
  NpyProto& source = *survey.data.mutable_npy();
  source = arrays;
  NpyOptions options;
  LENSLET_ASSIGN_OR_RETURN(
      Dataset train, LoadNpy(arrays.train_inputs(), arrays.train_targets()));
  // Gray images seldom have a dimension for their channel.
  if (train.example_shape().rank() == 2) {
    const Shape& shape = train.example_shape();
    options.shape = Shape({shape.dim(0), shape.dim(1), 1});
    for (const int64_t size : options.shape->dims()) source.add_shape(size);
    LENSLET_ASSIGN_OR_RETURN(
        train, LoadNpy(arrays.train_inputs(), arrays.train_targets(), options));
  }
  // A column of 0 and 1 for each label.
  const TargetSpec target = train.examples->target();
  if (target.kind == TargetKind::kClasses && target.shape.rank() == 1 &&
      train.target_names.size() <= 2) {
    survey.data.mutable_target()->mutable_classes();
    options.kind = TargetKind::kLabels;
    LENSLET_ASSIGN_OR_RETURN(
        train, LoadNpy(arrays.train_inputs(), arrays.train_targets(), options));
  }
  LENSLET_ASSIGN_OR_RETURN(const bool one_hot, AreOneHot(train));
  if (one_hot) {
    survey.data.mutable_target()->mutable_label();
    options.kind = TargetKind::kClasses;
    options.one_hot = true;
    LENSLET_ASSIGN_OR_RETURN(
        train, LoadNpy(arrays.train_inputs(), arrays.train_targets(), options));
  }
  survey.target = train.examples->target().kind;
  if (survey.target == TargetKind::kClasses &&
      train.examples->target().shape.rank() > 0) {
    return WrongData(arrays.train_targets(), "has a class at each position",
                     "a class, or numbers, for each example; docs/data.md has "
                     "a recipe for maps of classes");
  }
  const Shape& shape = train.example_shape();
  if (shape.rank() == 3 && (shape.dim(0) == 1 || shape.dim(0) == 3) &&
      shape.dim(2) > 4) {
    survey.warnings.push_back(absl::StrCat(
        "inputs of shape ", shape.ToString(),
        " look like images whose channels come first; expected [height, width, "
        "channels]: save x.transpose(0, 2, 3, 1)"));
  }
  Dataset test;
  if (!arrays.test_inputs().empty()) {
    options.kind = survey.target;
    options.target_names = train.target_names;
    LENSLET_ASSIGN_OR_RETURN(
        test, LoadNpy(arrays.test_inputs(), arrays.test_targets(), options));
  }
  if (survey.target == TargetKind::kClasses) {
    LENSLET_RETURN_IF_ERROR(SetExamples(train, test, survey));
  } else {
    SetShape(train.example_shape(), survey);
    survey.type = train.examples->type();
    survey.train_counts = {train.size()};
    if (test.size() > 0) survey.test_counts = {test.size()};
    survey.class_names.assign(train.examples->target().shape.elements(), "");
  }
  survey.notes.push_back(absl::StrCat(
      "inputs are ", Name(train.examples->type()), " of shape ",
      train.example_shape().ToString(), "; targets are ", Name(survey.target),
      one_hot ? ", a row with a single 1 for each" : ""));
  return survey;
}

absl::StatusOr<DataSurvey> SurveyNpz(const std::string& path,
                                     const std::string& target) {
  LENSLET_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                           NpzArrays(path));
  LENSLET_ASSIGN_OR_RETURN(const std::optional<NpyProto> arrays,
                           FindArrays(path, names, target));
  if (arrays.has_value()) return SurveyArrays(*arrays);
  return WrongData(
      path, absl::StrCat("has the arrays ", NamesOf(names)),
      "x_train and y_train, or x and y, and perhaps x_test and y_test; name "
      "others in a recipe: npy { train_inputs: \"FILE.npz/ARRAY\" }");
}

// Of data whose targets are where its form says.
absl::Status CheckNoTarget(const std::string& path, const std::string& target,
                           absl::string_view found) {
  if (target.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--target is \"", Printable(target), "\", but ", path, " has ", found,
      "; expected no --target, which names a column of a CSV file or an array "
      "of NumPy's"));
}

absl::StatusOr<DataSurvey> SurveyFolder(const std::string& path,
                                        const std::string& target) {
  const absl::Status no_target =
      CheckNoTarget(path, target, "files with labels for all examples");
  if (FileExists(PathIn(path, "data_batch_1.bin"))) {
    LENSLET_RETURN_IF_ERROR(no_target);
    return SurveyCifar10(path);
  }
  if (FileExists(PathIn(path, "train.bin"))) {
    LENSLET_RETURN_IF_ERROR(no_target);
    return SurveyCifar100(path);
  }
  LENSLET_ASSIGN_OR_RETURN(const FolderContents contents, ListFolder(path));
  for (const std::string& name : contents.others) {
    const std::optional<IdxName> idx = ParseIdxName(name);
    if (idx.has_value() && idx->split == Split::kTrain) {
      LENSLET_RETURN_IF_ERROR(no_target);
      return SurveyMnist(path);
    }
  }
  std::vector<std::string> arrays_in_folder;
  for (const std::string& name : contents.others) {
    if (absl::EndsWith(name, ".npy") || absl::EndsWith(name, ".npz")) {
      arrays_in_folder.push_back(name);
    }
  }
  if (!arrays_in_folder.empty()) {
    LENSLET_ASSIGN_OR_RETURN(const std::optional<NpyProto> arrays,
                             FindArrays(path, arrays_in_folder, target));
    if (arrays.has_value()) return SurveyArrays(*arrays);
  }
  const std::string csv = CsvFileIn(contents);
  if (!target.empty() && !csv.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": is a folder; to learn \"", Printable(target),
        "\" of the CSV file in it, name the file: ", PathIn(path, csv)));
  }
  LENSLET_RETURN_IF_ERROR(
      CheckNoTarget(path, target, "a folder of images for each class"));
  const SplitFolders splits = FindSplits(contents);
  if (!splits.train.empty()) {
    LENSLET_ASSIGN_OR_RETURN(const FolderContents train,
                             ListFolder(PathIn(path, splits.train)));
    if (train.images.empty() && !train.folders.empty()) {
      return SurveySplits(path, contents, splits);
    }
  }
  LENSLET_RETURN_IF_ERROR(CheckIsFolderOfClasses(path, contents, splits));
  LENSLET_ASSIGN_OR_RETURN(DataSurvey survey, SurveyFolders(path, ""));
  if (!csv.empty()) {
    survey.warnings.push_back(absl::StrCat(
        PathIn(path, csv),
        " is not used; to learn what it says of the images, name it in place "
        "of the folder"));
  }
  return survey;
}

void AddClassWarnings(DataSurvey& survey) {
  // ListImageClasses() says so of folders.
  if (!survey.data.has_image_folders()) {
    for (const std::string& pair : SimilarClassNames(survey.class_names)) {
      survey.warnings.push_back(pair + kAreTwoClasses);
    }
  }
  std::vector<std::string> without, few;
  for (size_t i = 0; i < survey.class_names.size(); ++i) {
    const int64_t count = survey.train_counts[i];
    if (count >= kFewExamples) continue;
    (count == 0 ? without : few).push_back(survey.class_names[i]);
  }
  if (!without.empty()) {
    survey.warnings.push_back(
        absl::StrCat(CountOf(static_cast<int64_t>(without.size()), "class has",
                             "classes have"),
                     " no training examples: ", NamesOf(without)));
  }
  if (!few.empty()) {
    survey.warnings.push_back(absl::StrCat(
        CountOf(static_cast<int64_t>(few.size()), "class has", "classes have"),
        " fewer than ", kFewExamples, " training examples: ", NamesOf(few),
        "; expect chance to decide much of the result"));
  }
}

void AddImageWarnings(DataSurvey& survey) {
  if (survey.height.min < survey.height.max ||
      survey.width.min < survey.width.max) {
    survey.warnings.push_back(absl::StrCat(
        "images have different sizes, from ", survey.width.min, " to ",
        survey.width.max, " pixels wide and ", survey.height.min, " to ",
        survey.height.max,
        " high; each is stretched or shrunk to the same width and height"));
  }
  if (survey.long_samples > 0) {
    survey.warnings.push_back(absl::StrCat(
        WithCommas(survey.long_samples), " of the ",
        CountOf(survey.headers, "file", "files"), " that were looked at ",
        survey.long_samples == 1 ? "has" : "have",
        " 16 bits per sample, so all images become floats, which take 4 times "
        "the memory"));
  }
  if (survey.unreadable > 0) {
    survey.warnings.push_back(absl::StrCat(
        survey.unreadable, " of the ", CountOf(survey.headers, "file", "files"),
        " that were looked at cannot be read; the recipe has on_unreadable: "
        "SKIP, so training leaves such files out and names them"));
  }
}

// The error for data of one class or none.
absl::Status OneClass(const std::string& path, const DataSurvey& survey,
                      const std::vector<std::string>& classes) {
  std::string where;
  if (survey.data.has_csv() || survey.data.has_image_table()) {
    where = survey.data.has_target()
                ? absl::StrCat(", in ", survey.target_column, ", the target")
                : absl::StrCat(", with labels in column ",
                               survey.data.csv().label_column() + 1);
  }
  std::string remedy = where.empty() ? "" : absl::StrCat("; ", kOtherTarget);
  if (survey.data.has_image_folders()) {
    const absl::StatusOr<FolderContents> contents = ListFolder(path);
    const std::string csv = contents.ok() ? CsvFileIn(*contents) : "";
    if (!csv.empty()) {
      remedy =
          absl::StrCat("; to use the CSV file, name it: ", PathIn(path, csv));
    }
  }
  return WrongData(
      path,
      absl::StrCat("has examples of ", classes.size(), " class",
                   classes.size() == 1 ? ", " : "es", NamesOf(classes), where),
      absl::StrCat("at least two classes to tell apart", remedy));
}

}  // namespace

int64_t DataSurvey::train_examples() const {
  return std::accumulate(train_counts.begin(), train_counts.end(), int64_t{0});
}

int64_t DataSurvey::test_examples() const {
  return std::accumulate(test_counts.begin(), test_counts.end(), int64_t{0});
}

absl::StatusOr<DataSurvey> SurveyData(const std::string& path,
                                      const std::string& target) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return absl::ErrnoToStatus(errno, path);
  const bool is_folder = S_ISDIR(info.st_mode);
  if (!is_folder && S_ISREG(info.st_mode) && ReadImageHeader(path).ok()) {
    return WrongData(path, "is an image",
                     "a folder with one folder of images per class, or a CSV "
                     "file");
  }
  if (!is_folder && absl::EndsWithIgnoreCase(path, ".npy")) {
    return WrongData(path, "is one array",
                     "a folder of x.npy and y.npy, or an .npz file of both");
  }
  const bool is_npz = absl::EndsWithIgnoreCase(path, ".npz");
  LENSLET_ASSIGN_OR_RETURN(DataSurvey survey,
                           is_folder ? SurveyFolder(path, target)
                           : is_npz  ? SurveyNpz(path, target)
                                     : SurveyCsvFile(path, target));
  if (survey.target != TargetKind::kClasses) {
    AddImageWarnings(survey);
    return survey;
  }
  std::vector<std::string> classes;
  for (size_t i = 0; i < survey.class_names.size(); ++i) {
    if (survey.train_counts[i] > 0) classes.push_back(survey.class_names[i]);
  }
  if (classes.size() < 2) {
    return OneClass(path, survey, classes);
  }
  AddClassWarnings(survey);
  AddImageWarnings(survey);
  return survey;
}

}  // namespace lenslet
