#include "lenslet/data/npy_source.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/class_indices.h"
#include "lenslet/data/class_names.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/data_fields.h"
#include "lenslet/data/npy.h"

namespace lenslet {
namespace {

absl::Status CheckNpy(const DataProto& data) {
  const NpyProto& npy = data.npy();
  const TargetProto& target = data.target();
  if (target.value().columns_size() > 0 || !target.classes().column().empty() ||
      !target.label().column().empty()) {
    return absl::InvalidArgumentError(
        "data.target names columns, which data.npy has not; expected the "
        "targets in data.npy.train_targets");
  }
  if (npy.train_targets().empty() && !target.has_input()) {
    return MissingDataField("npy.train_targets");
  }
  LENSLET_RETURN_IF_ERROR(
      CheckClassNames("data.npy.class_names",
                      std::vector<std::string>(npy.class_names().begin(),
                                               npy.class_names().end())));
  if (npy.shape_size() > 0) {
    LENSLET_RETURN_IF_ERROR(
        ReadDataShape("npy.shape", {npy.shape().begin(), npy.shape().end()})
            .status());
  }
  if (!npy.test_inputs().empty() && npy.test_targets().empty() &&
      !target.has_input()) {
    return MissingDataField("npy.test_targets");
  }
  if (npy.test_inputs().empty() && !npy.test_targets().empty()) {
    return MissingDataField("npy.test_inputs");
  }
  return absl::OkStatus();
}

absl::StatusOr<SourceExamples> ReadNpy(const DataProto& data,
                                       const LoadDataOptions& options) {
  const NpyProto& npy = data.npy();
  NpyOptions npy_options = {
      .target_names = {npy.class_names().begin(), npy.class_names().end()}};
  if (npy.shape_size() > 0) {
    LENSLET_ASSIGN_OR_RETURN(
        npy_options.shape,
        ReadDataShape("npy.shape", {npy.shape().begin(), npy.shape().end()}));
  }
  if (npy.has_ignored()) {
    npy_options.ignored = static_cast<uint8_t>(npy.ignored());
  }
  if (data.target().has_value()) npy_options.kind = TargetKind::kValues;
  if (data.target().has_classes()) npy_options.kind = TargetKind::kLabels;
  if (data.target().has_label()) {
    npy_options.kind = TargetKind::kClasses;
    npy_options.one_hot = true;
  }
  if (data.target().classes().names_size() > 0) {
    npy_options.target_names = {data.target().classes().names().begin(),
                                data.target().classes().names().end()};
  }
  const auto path_of = [&](const std::string& path) {
    return path.empty() ? path : options.PathOf(path);
  };
  SourceExamples examples = {
      .description = absl::StrCat("NumPy file ", npy.train_inputs())};
  LENSLET_ASSIGN_OR_RETURN(examples.train,
                           LoadNpy(path_of(npy.train_inputs()),
                                   path_of(npy.train_targets()), npy_options));
  if (!npy_options.kind.has_value() && !npy.train_targets().empty()) {
    LENSLET_ASSIGN_OR_RETURN(const bool one_hot, AreOneHot(examples.train));
    if (one_hot) {
      examples.warnings.push_back(absl::StrCat(
          npy.train_targets(),
          ": each target has a single 1, and otherwise 0, "
          "and is learned as ",
          examples.train.examples->target().kind == TargetKind::kClasses
              ? "a class at each of "
              : "",
          examples.train.examples->target().shape.dim(0),
          examples.train.examples->target().kind == TargetKind::kClasses
              ? " positions"
              : " values",
          "; if it stands for a class, data.target { label {} } reads "
          "it as one"));
    }
  }
  LENSLET_ASSIGN_OR_RETURN(const bool lacks_first,
                           LacksFirstIndex(examples.train));
  if (lacks_first && options.class_names.empty()) {
    examples.warnings.push_back(
        absl::StrCat(npy.train_targets(),
                     ": no training example has label 0, which is a class, "
                     "too; if labels count from 1, save y - 1"));
  }
  if (npy.test_inputs().empty()) return examples;
  // Of the same kind as the training examples, and with their names.
  npy_options.kind = examples.train.examples->target().kind;
  npy_options.names_are_numbers = npy_options.target_names.empty();
  npy_options.target_names = examples.train.target_names;
  LENSLET_ASSIGN_OR_RETURN(examples.test,
                           LoadNpy(path_of(npy.test_inputs()),
                                   path_of(npy.test_targets()), npy_options));
  return examples;
}

}  // namespace

DataSource NpySource() {
  return {
      .name = "npy", .check = CheckNpy, .read = ReadNpy, .has_columns = true};
}

}  // namespace lenslet
