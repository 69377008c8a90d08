#include "lenslet/data/load_data.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/base/file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/data/compute_normalization.h"
#include "lenslet/data/data_fields.h"
#include "lenslet/data/examples_word.h"
#include "lenslet/data/folds.h"
#include "lenslet/data/input_targets.h"
#include "lenslet/data/normalization.h"
#include "lenslet/data/normalization_proto.h"

namespace lenslet {
namespace {

void LimitExamples(int64_t count, Dataset& dataset) {
  if (count > 0) dataset = FirstExamples(dataset, count);
}

absl::Status SetNormalization(const NormalizationProto& proto,
                              LoadedData& loaded) {
  Normalization normalization = NormalizationFromProto(proto);
  if (normalization.mean.empty()) {
    LENSLET_ASSIGN_OR_RETURN(normalization, ComputeNormalization(loaded.train));
  }
  LENSLET_RETURN_IF_ERROR(InDataField(
      "", CheckNormalization(normalization, loaded.train.example_shape())));
  for (Dataset* dataset : {&loaded.train, &loaded.validation, &loaded.test}) {
    dataset->normalization = normalization;
  }
  return absl::OkStatus();
}

absl::Status CheckFields(const DataProto& data) {
  const std::vector<FieldProblem> problems = CheckFieldRules(data, "data.");
  if (!problems.empty()) {
    return absl::InvalidArgumentError(problems[0].message);
  }
  const NormalizationProto& normalization = data.normalization();
  if (normalization.mean().empty() != normalization.deviation().empty()) {
    return MissingDataField(normalization.mean().empty()
                                ? "normalization.mean"
                                : "normalization.deviation");
  }
  if (data.has_fold() && data.validation_fraction() > 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("data.validation_fraction is ", data.validation_fraction(),
                     " and data.fold is given; expected one of them"));
  }
  return absl::OkStatus();
}

// The name of the field that is set; without one, of the default.
absl::string_view SourceName(const DataProto& data) {
  const auto* source = DataProto::descriptor()->FindOneofByName("source");
  const auto* field =
      data.GetReflection()->GetOneofFieldDescriptor(data, source);
  return field == nullptr ? absl::string_view("fashion_mnist") : field->name();
}

absl::StatusOr<const DataSource*> FindSource(
    const DataProto& data, absl::Span<const DataSource> sources) {
  const absl::string_view name = SourceName(data);
  std::vector<absl::string_view> names;
  for (const DataSource& source : sources) {
    if (source.name == name) return &source;
    names.push_back(source.name);
  }
  return absl::UnimplementedError(absl::StrCat(
      "data.", name, ": this program only reads ", absl::StrJoin(names, ", "),
      "; lenslet train reads all kinds of data"));
}

// Data in memory is nowhere to be loaded from.
absl::Status CheckNotInMemory(const DataProto& data) {
  if (!data.has_in_memory()) return absl::OkStatus();
  const InMemoryProto& memory = data.in_memory();
  return absl::InvalidArgumentError(absl::StrCat(
      "data.in_memory: the run's data was in memory (\"",
      Printable(memory.name()), "\": ", memory.train_examples(),
      " training examples of shape [", absl::StrJoin(memory.shape(), ", "),
      "]) and cannot be loaded; to resume the run, start the C++ program "
      "again"));
}

// That the source has what the target is made of.
absl::Status CheckTarget(const TargetProto& target, const DataSource& source) {
  const auto* kind = TargetProto::descriptor()->FindOneofByName("kind");
  const auto* field =
      target.GetReflection()->GetOneofFieldDescriptor(target, kind);
  if (field == nullptr || target.has_input() || source.has_columns) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("data.target.", field->name(), ": data.", source.name,
                   " has classes, and no columns; expected data.csv or "
                   "data.npy, or no data.target"));
}

// The source of data in which all fields are right.
absl::StatusOr<const DataSource*> FindCheckedSource(
    const DataProto& data, absl::Span<const DataSource> sources) {
  LENSLET_RETURN_IF_ERROR(CheckFields(data));
  LENSLET_RETURN_IF_ERROR(CheckNotInMemory(data));
  LENSLET_ASSIGN_OR_RETURN(const DataSource* const source,
                           FindSource(data, sources));
  LENSLET_RETURN_IF_ERROR(CheckTarget(data.target(), *source));
  if (source->check != nullptr) LENSLET_RETURN_IF_ERROR(source->check(data));
  return source;
}

// Names all files that were left out, where warnings name a part of them.
absl::Status ListUnreadable(const LoadDataOptions& options,
                            LoadedData& loaded) {
  const std::vector<std::string> list = UnreadableList(loaded.unreadable);
  if (options.single_errors && !AreAllNamed(loaded.unreadable)) {
    for (const std::string& file : list) {
      loaded.warnings.push_back(absl::StrCat(file, "; it is left out"));
    }
  }
  if (options.image_cache.empty()) return absl::OkStatus();
  const std::string path = PathIn(options.image_cache, kUnreadableName);
  std::error_code error;
  if (list.empty()) {
    std::filesystem::remove(path, error);
    return absl::OkStatus();
  }
  std::filesystem::create_directories(options.image_cache, error);
  LENSLET_RETURN_IF_ERROR(
      WriteFileAtomically(path, absl::StrCat(absl::StrJoin(list, "\n"), "\n")));
  if (!AreAllNamed(loaded.unreadable)) {
    loaded.warnings.push_back(absl::StrCat(path, " names all ",
                                           WithCommas(list.size()),
                                           " files that are left out"));
  }
  return absl::OkStatus();
}

}  // namespace

std::string LoadDataOptions::PathOf(const std::string& path) const {
  if (folder.empty() || absl::StartsWith(path, "/")) return path;
  return absl::StrCat(folder, "/", path);
}

absl::StatusOr<TrainAndValidation> SetValidationAside(const DataProto& data,
                                                      uint64_t seed,
                                                      const Dataset& train) {
  if (!data.has_fold()) {
    return SplitOff(train, data.validation_fraction(), seed);
  }
  const absl::StatusOr<TrainAndValidation> fold =
      FoldOf(train, data.fold().number(), data.fold().of(), seed);
  if (fold.ok()) return fold;
  return InDataField("", fold.status());
}

std::string DescribeTestSource(const DataProto& data) {
  const auto describe = [](absl::string_view kind, const std::string& test,
                           const std::string& train) {
    return test.empty() || test == train ? std::string()
                                         : absl::StrCat(kind, test);
  };
  switch (data.source_case()) {
    case DataProto::kImageFolders:
      return describe("image folders in ",
                      data.image_folders().test_directory(),
                      data.image_folders().train_directory());
    case DataProto::kCsv:
      return describe("CSV file ", data.csv().test_file(),
                      data.csv().train_file());
    case DataProto::kPacked:
      return describe("packed file ", data.packed().test_file(),
                      data.packed().train_file());
    case DataProto::kNpy:
      return describe("NumPy file ", data.npy().test_inputs(),
                      data.npy().train_inputs());
    case DataProto::kImageTable:
      return describe("the table ", data.image_table().test_file(),
                      data.image_table().train_file());
    case DataProto::kImageMasks: {
      const ImageMasksProto& images = data.image_masks();
      const std::string test =
          describe("the folders ", images.test_images(), images.train_images());
      if (test.empty()) return test;
      return absl::StrCat(test, " and ",
                          images.test_masks().empty() ? images.train_masks()
                                                      : images.test_masks());
    }
    default:
      return std::string();  // Both have one name.
  }
}

absl::Status CheckData(const DataProto& data,
                       absl::Span<const DataSource> sources) {
  return FindCheckedSource(data, sources).status();
}

absl::StatusOr<LoadedData> LoadData(const DataProto& data,
                                    absl::Span<const DataSource> sources,
                                    const LoadDataOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const DataSource* const source,
                           FindCheckedSource(data, sources));
  LENSLET_ASSIGN_OR_RETURN(SourceExamples examples,
                           source->read(data, options));
  LoadedData loaded = {.description = std::move(examples.description),
                       .test_description = DescribeTestSource(data),
                       .warnings = std::move(examples.warnings),
                       .unreadable = std::move(examples.unreadable),
                       .train = std::move(examples.train),
                       .test = std::move(examples.test)};
  LENSLET_RETURN_IF_ERROR(ListUnreadable(options, loaded));
  (loaded.test_description.empty() ? loaded.description
                                   : loaded.test_description) +=
      examples.test_remark;
  if (loaded.test.size() == 0) {
    // Without examples, but of their shape.
    loaded.test = SelectExamples(loaded.train, {});
  } else if (loaded.test.example_shape() != loaded.train.example_shape()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "data: test ", ExamplesWord(loaded.test.example_shape()), " of ",
        loaded.test_description.empty() ? loaded.description
                                        : loaded.test_description,
        " have shape ", loaded.test.example_shape().ToString(),
        ", but training ", ExamplesWord(loaded.train.example_shape()),
        " have shape ", loaded.train.example_shape().ToString()));
  }
  if (data.target().has_input()) {
    loaded.train = WithInputsAsTargets(loaded.train);
    loaded.test = WithInputsAsTargets(loaded.test);
  }
  LimitExamples(data.max_train_examples(), loaded.train);
  LimitExamples(data.max_test_examples(), loaded.test);
  LENSLET_ASSIGN_OR_RETURN(
      TrainAndValidation parts,
      SetValidationAside(data, options.seed, loaded.train));
  loaded.train = std::move(parts.train);
  loaded.validation = std::move(parts.validation);
  if (data.has_normalization()) {
    LENSLET_RETURN_IF_ERROR(SetNormalization(data.normalization(), loaded));
  }
  return loaded;
}

absl::Status CheckOutsideClasses(const std::string& path,
                                 const DataProto& data) {
  namespace fs = std::filesystem;
  std::error_code error;
  // Without a slash at the end.
  const auto canonical = [&](const std::string& folder) {
    const fs::path result =
        fs::weakly_canonical(fs::absolute(folder, error), error);
    return result.has_filename() ? result : result.parent_path();
  };
  const fs::path inner = canonical(path);
  const ImageFoldersProto& folders = data.image_folders();
  for (const std::string& folder :
       {folders.train_directory(), folders.test_directory()}) {
    if (folder.empty()) continue;
    const fs::path outer = canonical(folder);
    const bool is_inside =
        inner != outer &&
        std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end())
                .first == outer.end();
    if (!error && is_inside) {
      return absl::InvalidArgumentError(absl::StrCat(
          "is inside ", absl::StripSuffix(folder, "/"),
          ", whose folders are classes; expected a folder outside of it"));
    }
  }
  return absl::OkStatus();
}

}  // namespace lenslet
