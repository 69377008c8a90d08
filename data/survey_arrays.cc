#include "lenslet/data/survey_arrays.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "lenslet/base/file.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/cifar.h"
#include "lenslet/data/class_indices.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/idx_names.h"
#include "lenslet/data/mnist.h"
#include "lenslet/data/npy.h"
#include "lenslet/data/npz.h"
#include "lenslet/data/split.h"
#include "lenslet/data/survey_parts.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

// "0", "1", ...
std::vector<std::string> NumberNames(size_t count) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) names.push_back(absl::StrCat(i));
  return names;
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

constexpr int64_t kFewestExamples = 5;  // Of a class.

// Notes numbers that are classes, and so many that they may be values, such as
// ages.
absl::Status NoteManyClasses(const Dataset& train, DataSurvey& survey) {
  constexpr int64_t kMostCodes = 20;
  const auto classes = static_cast<int64_t>(train.target_names.size());
  if (classes <= kMostCodes || !AreIndices(train.target_names)) {
    return absl::OkStatus();
  }
  LENSLET_ASSIGN_OR_RETURN(const std::vector<int64_t> counts,
                           ClassCounts(train));
  const int64_t empty = std::count(counts.begin(), counts.end(), 0);
  if (2 * empty < classes && train.size() >= kFewestExamples * classes) {
    return absl::OkStatus();
  }
  survey.warnings.push_back(absl::StrCat(
      survey.data.npy().train_targets(), ": has ",
      CountOf(train.size(), "number", "numbers"), ", read as ", classes,
      " classes, of which ", empty,
      " have no example; if they are values, such as ages, set data.target { "
      "value {} }, and one output in the model, or save y.astype(\"float32\") "
      "and run lenslet init again"));
  return absl::OkStatus();
}

// Whether the classes are other numbers than indices and so many that they are
// likely to be values.
bool HasFewOfEachClass(const Dataset& dataset) {
  const auto classes = static_cast<int64_t>(dataset.target_names.size());
  return dataset.examples->target() == TargetSpec() && classes > 2 &&
         !AreIndices(dataset.target_names) &&
         dataset.size() < kFewestExamples * classes;
}

}  // namespace

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
  Dataset test;
  if (folder.Has(Split::kTest)) {
    LENSLET_ASSIGN_OR_RETURN(test, LoadMnist(path, Split::kTest, options));
  } else {
    survey.warnings.push_back(
        absl::StrCat(path, ": has no files of test examples"));
  }
  if (test.size() > 0 && test.example_shape() != train.example_shape()) {
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
  absl::StatusOr<Dataset> first =
      LoadNpy(arrays.train_inputs(), arrays.train_targets());
  if (!first.ok() || HasFewOfEachClass(*first)) {
    const absl::StatusOr<Dataset> values =
        LoadNpy(arrays.train_inputs(), arrays.train_targets(),
                {.kind = TargetKind::kValues});
    if (values.ok() && values->examples->target().shape == Shape({1})) {
      first = values;
      options.kind = TargetKind::kValues;
      survey.data.mutable_target()->mutable_value();
    }
  }
  LENSLET_RETURN_IF_ERROR(first.status());
  Dataset train = *std::move(first);
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
    options.names_are_numbers = true;
    options.target_names = train.target_names;
    LENSLET_ASSIGN_OR_RETURN(
        test, LoadNpy(arrays.test_inputs(), arrays.test_targets(), options));
  }
  if (survey.target == TargetKind::kClasses) {
    LENSLET_RETURN_IF_ERROR(SetExamples(train, test, survey));
    if (!one_hot) LENSLET_RETURN_IF_ERROR(NoteManyClasses(train, survey));
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

}  // namespace lenslet
