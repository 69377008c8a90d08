#include "lenslet/train/runs/run_data.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/utf8.h"
#include "lenslet/data/dataset_digest.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/train/check_fit.h"

namespace lenslet {
namespace {

const Dataset& OrNone(const Dataset* dataset) {
  static const Dataset& none = *new Dataset();
  return dataset == nullptr ? none : *dataset;
}

absl::Status CheckClassNames(const Dataset& train) {
  for (const std::string& name : train.target_names) {
    if (!IsValidUtf8(name)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the class name \"", Printable(name), "\" is not UTF-8"));
    }
  }
  return absl::OkStatus();
}

// Of inputs and targets, whose shapes fit the graph.
absl::Status CheckSameKind(const Examples& train, const Examples& other) {
  if (other.type() != train.type()) {
    return absl::InvalidArgumentError(
        absl::StrCat("its examples are ", Name(other.type()), "; expected ",
                     Name(train.type()), ", as the training examples are"));
  }
  if (other.target().kind != train.target().kind) {
    return absl::InvalidArgumentError(
        absl::StrCat("its targets are of kind \"", Name(other.target().kind),
                     "\"; expected \"", Name(train.target().kind),
                     "\", as those of the training examples are"));
  }
  return absl::OkStatus();
}

absl::Status CheckLike(const Graph& graph, const Dataset& train,
                       absl::string_view name, const Dataset& other) {
  if (other.size() == 0) return absl::OkStatus();
  absl::Status status = CheckFit(graph, other);
  if (status.ok()) status = CheckSameKind(*train.examples, *other.examples);
  if (status.ok() && other.target_names != train.target_names) {
    status = absl::InvalidArgumentError(
        "its class names differ; expected those of the training examples, in "
        "the same order");
  }
  if (status.ok() && other.normalization != train.normalization) {
    status = absl::InvalidArgumentError(
        "its normalization differs; expected that of the training examples");
  }
  return AtPlace(status, name);
}

// The first name that differs: "class 1 is "c", and was "b"".
std::string NameChange(const std::vector<std::string>& before,
                       const std::vector<std::string>& now) {
  for (size_t i = 0; i < before.size() && i < now.size(); ++i) {
    if (before[i] == now[i]) continue;
    return absl::StrCat("class ", i, " is \"", Printable(now[i]),
                        "\", and was \"", Printable(before[i]), "\"");
  }
  return absl::StrCat("there are ", now.size(), " classes, and were ",
                      before.size());
}

// The error of CheckSameExamples() for data of the same names.
absl::Status CompareDigests(const TrainingStateProto& before,
                            const RunData& data,
                            const DataDigestProto& digests) {
  std::vector<absl::string_view> changed;
  bool only_test = true;
  bool only_missing = true;
  const auto compare = [&](const char* split, const Dataset& dataset,
                           const std::string& was, const std::string& is) {
    if (was == is) return;
    changed.push_back(split);
    only_test = only_test && &dataset == &data.test;
    only_missing = only_missing && dataset.size() == 0;
  };
  compare("training", data.train, before.data_digest().train(),
          digests.train());
  compare("validation", data.validation, before.data_digest().validation(),
          digests.validation());
  compare("test", data.test, before.data_digest().test(), digests.test());
  if (changed.empty()) return absl::OkStatus();
  const std::string splits = absl::StrJoin(changed, " and ");
  if (only_missing) {
    return absl::FailedPreconditionError(
        absl::StrCat("the run was measured with ", splits,
                     " examples; none were given, expected the same contents"));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "the ", splits, " examples of ",
      only_test && !data.test_description.empty() ? data.test_description
                                                  : data.description,
      " have changed since this checkpoint; expected the same contents"));
}

}  // namespace

RunData::RunData(std::string description, const Dataset& train,
                 const Dataset* validation, const Dataset* test)
    : description(std::move(description)),
      train(train),
      validation(OrNone(validation)),
      test(OrNone(test)) {}

RunData::RunData(const LoadedData& loaded)
    : RunData(loaded.description, loaded.train, &loaded.validation,
              &loaded.test) {
  test_description = loaded.test_description;
}

absl::Status CheckRunData(const Graph& graph, const RunData& data) {
  LENSLET_RETURN_IF_ERROR(CheckFit(graph, data.train));
  LENSLET_RETURN_IF_ERROR(CheckClassNames(data.train));
  LENSLET_RETURN_IF_ERROR(
      CheckLike(graph, data.train, "validation", data.validation));
  return CheckLike(graph, data.train, "test", data.test);
}

absl::StatusOr<DataDigestProto> DigestsOf(const RunData& data) {
  DataDigestProto digests;
  LENSLET_ASSIGN_OR_RETURN(*digests.mutable_train(), DigestOf(data.train));
  LENSLET_ASSIGN_OR_RETURN(*digests.mutable_validation(),
                           DigestOf(data.validation));
  LENSLET_ASSIGN_OR_RETURN(*digests.mutable_test(), DigestOf(data.test));
  return digests;
}

InMemoryProto DescribeInMemory(const RunData& data,
                               const DataDigestProto& digests) {
  InMemoryProto memory;
  memory.set_name(data.description);
  const Shape shape = data.train.example_shape();
  memory.mutable_shape()->Add(shape.dims().begin(), shape.dims().end());
  if (data.train.examples->target().kind == TargetKind::kClasses) {
    memory.set_classes(static_cast<int64_t>(data.train.target_names.size()));
  }
  memory.set_train_examples(data.train.size());
  memory.set_validation_examples(data.validation.size());
  memory.set_test_examples(data.test.size());
  memory.set_train_digest(digests.train());
  memory.set_validation_digest(digests.validation());
  memory.set_test_digest(digests.test());
  return memory;
}

absl::Status CheckSameExamples(const CheckpointProto& checkpoint,
                               const RunData& data,
                               const DataDigestProto& digests) {
  const TrainingStateProto& before = checkpoint.state();
  if (before.examples() != data.train.size()) {
    return absl::FailedPreconditionError(
        absl::StrCat("was trained with ", before.examples(),
                     " examples; the data now has ", data.train.size()));
  }
  if (!before.has_data_digest()) return absl::OkStatus();
  const std::vector<std::string> names = {checkpoint.class_name().begin(),
                                          checkpoint.class_name().end()};
  if (!names.empty() && names != data.train.target_names) {
    // Digests have the names. Those with the names of before tell of examples.
    const auto with_names = [&](const Dataset& dataset) {
      Dataset result = dataset;
      if (!result.target_names.empty()) result.target_names = names;
      return result;
    };
    const Dataset train = with_names(data.train);
    const Dataset validation = with_names(data.validation);
    const Dataset test = with_names(data.test);
    RunData renamed(data.description, train, &validation, &test);
    renamed.test_description = data.test_description;
    LENSLET_ASSIGN_OR_RETURN(const DataDigestProto same, DigestsOf(renamed));
    const std::string change = NameChange(names, data.train.target_names);
    const absl::Status others = CompareDigests(before, renamed, same);
    return absl::FailedPreconditionError(
        others.ok()
            ? absl::StrCat("the class names of ", data.description,
                           " have changed since this checkpoint, and no "
                           "examples: ",
                           change, "; expected the same names")
            : absl::StrCat(others.message(), "; ", change));
  }
  return CompareDigests(before, data, digests);
}

}  // namespace lenslet
