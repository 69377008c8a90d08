#include "lenslet/data/survey.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/data/class_names.h"
#include "lenslet/data/csv_labels.h"
#include "lenslet/data/idx_names.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/image_folder.h"
#include "lenslet/data/split.h"
#include "lenslet/data/survey_arrays.h"
#include "lenslet/data/survey_csv.h"
#include "lenslet/data/survey_folders.h"
#include "lenslet/data/survey_parts.h"

namespace lenslet {
namespace {

constexpr int64_t kFewExamples = 20;

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
  // Also if they are in a folder raw, or are those of several data sets.
  const absl::StatusOr<IdxFolder> idx = IdxFolder::Open(path, "");
  if (absl::IsInvalidArgument(idx.status()) ||
      (idx.ok() && idx->Has(Split::kTrain))) {
    LENSLET_RETURN_IF_ERROR(no_target);
    return SurveyMnist(path);
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
  return SurveyImageFolder(path, contents);
}

void AddClassWarnings(DataSurvey& survey) {
  // ListImageClasses() says so of folders.
  if (!survey.data.has_image_folders()) {
    for (const std::string& pair : SimilarClassNames(survey.class_names)) {
      survey.warnings.push_back(pair + kAreTwoClasses);
    }
  }
  if (survey.data.has_csv() || survey.data.has_image_table()) {
    for (std::string& note : NotesOfMissingLabels(survey.class_names)) {
      survey.warnings.push_back(std::move(note));
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
  if (survey.unreadable > 0) {
    absl::StrAppend(&where, "; ", CountOf(survey.unreadable, "file", "files"),
                    " cannot be read, the first: ", survey.errors[0]);
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
