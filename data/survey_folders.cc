#include "lenslet/data/survey_folders.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/utf8.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/image_sampler.h"
#include "lenslet/data/survey_parts.h"

namespace lenslet {
namespace {

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

// The first folder of one of the names, or "".
std::string FolderCalled(const FolderContents& contents,
                         std::initializer_list<absl::string_view> names) {
  for (const std::string& folder : contents.folders) {
    const std::string lower = absl::AsciiStrToLower(folder);
    if (std::find(names.begin(), names.end(), lower) != names.end()) {
      return folder;
    }
  }
  return "";
}

// That two folders are not images and their masks, rather than classes.
absl::Status CheckNoMasks(const std::string& path,
                          const FolderContents& contents) {
  const std::string images = FolderCalled(
      contents, {"images", "image", "imgs", "img", "inputs", "jpegimages"});
  const std::string masks = FolderCalled(
      contents,
      {"masks", "mask", "segmentation", "segmentations", "segmentationclass"});
  // A test folder may have others.
  const SplitFolders splits = FindSplits(contents);
  const size_t others = size_t{!splits.train.empty()} +
                        size_t{!splits.test.empty()} +
                        size_t{!splits.validation.empty()};
  if (images.empty() || masks.empty() ||
      contents.folders.size() != others + 2) {
    return absl::OkStatus();
  }
  return WrongData(
      path,
      absl::StrCat("has the folders ", images, " and ", masks,
                   ", which look like images and their masks"),
      absl::StrCat("one folder of images per class; for a class for each "
                   "pixel, write a recipe with data { image_masks { "
                   "train_images: \"",
                   PathIn(path, images), "\" train_masks: \"",
                   PathIn(path, masks), "\" ... } }, as docs/data.md says"));
}

// Lists the classes in `folder`, which must have images.
absl::StatusOr<std::vector<ImageClass>> FindClasses(
    const std::string& folder, absl::Span<const std::string> class_names,
    DataSurvey& survey) {
  LENSLET_ASSIGN_OR_RETURN(const FolderContents contents, ListFolder(folder));
  LENSLET_RETURN_IF_ERROR(CheckNoMasks(folder, contents));
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

absl::StatusOr<DataSurvey> SurveyFolders(const std::string& train,
                                         const std::string& test) {
  DataSurvey survey = {.kind = "folder of images"};
  ImageFoldersProto& source = *survey.data.mutable_image_folders();
  source.set_train_directory(train);
  ImageSampler sampler(survey);
  LENSLET_ASSIGN_OR_RETURN(const std::vector<ImageClass> classes,
                           FindClasses(train, {}, survey));
  for (const ImageClass& c : classes) survey.class_names.push_back(c.name);
  survey.train_counts = sampler.Sample(classes, /*is_train=*/true);
  if (!test.empty()) {
    source.set_test_directory(test);
    LENSLET_ASSIGN_OR_RETURN(const std::vector<ImageClass> test_classes,
                             FindClasses(test, survey.class_names, survey));
    survey.test_counts = sampler.Sample(test_classes, /*is_train=*/false);
  }
  LENSLET_RETURN_IF_ERROR(sampler.Finish(train));
  source.set_on_unreadable(sampler.on_unreadable());
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
  LENSLET_RETURN_IF_ERROR(CheckNoMasks(path, contents));
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

}  // namespace

std::string CsvFileIn(const FolderContents& contents) {
  for (const std::string& name : contents.others) {
    for (const absl::string_view end : {".csv", ".csv.gz", ".tsv"}) {
      if (absl::EndsWithIgnoreCase(name, end)) return name;
    }
  }
  return "";
}

absl::StatusOr<DataSurvey> SurveyImageFolder(const std::string& path,
                                             const FolderContents& contents) {
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
  const std::string csv = CsvFileIn(contents);
  if (!csv.empty()) {
    survey.warnings.push_back(absl::StrCat(
        PathIn(path, csv),
        " is not used; to learn what it says of the images, name it in place "
        "of the folder"));
  }
  return survey;
}

}  // namespace lenslet
