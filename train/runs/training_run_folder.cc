// The folder of a training run: whether it is of the same run, and what is
// written to it.

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/util/message_differencer.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/base/file.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/version.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/train/recipe/recipe_specs.h"
#include "lenslet/train/runs/training_run.h"
#include "lenslet/train/warnings.h"

namespace lenslet {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

// The checkpoints to keep.
int64_t Keep(const RecipeProto& recipe) {
  return IntegerOrDefault(recipe.save(), SaveProto::kKeepFieldNumber);
}

// Where the parameters differ in a number: "parameter conv.weight, number 7:
// 0.1 -> 0.2". "" if nowhere.
std::string FirstDifference(const CheckpointProto& before,
                            const CheckpointProto& now) {
  for (int i = 0; i < now.parameter_size() && i < before.parameter_size();
       ++i) {
    const ParameterProto& is = now.parameter(i);
    const ParameterProto& was = before.parameter(i);
    for (int k = 0; k < is.value_size() && k < was.value_size(); ++k) {
      if (is.value(k) != was.value(k)) {
        return absl::StrCat("parameter ", is.name(), ", number ", k, ": ",
                            was.value(k), " -> ", is.value(k));
      }
    }
  }
  return "";
}

// The recipe without what a resumed run may do otherwise.
RecipeProto WithoutExtend(RecipeProto recipe) {
  recipe.mutable_schedule()->clear_extend();
  if (recipe.schedule().ByteSizeLong() == 0) recipe.clear_schedule();
  return recipe;
}

// The recipe without how data is read ahead, which changes no result. Whether
// images are read ahead at all tells how their digest is made.
RecipeProto WithoutReaders(RecipeProto recipe) {
  DataProto& data = *recipe.mutable_data();
  if (data.has_image_folders() && data.image_folders().has_read_ahead()) {
    data.mutable_image_folders()->mutable_read_ahead()->Clear();
  }
  if (data.has_image_table() && data.image_table().has_read_ahead()) {
    data.mutable_image_table()->mutable_read_ahead()->Clear();
  }
  if (data.has_image_masks() && data.image_masks().has_read_ahead()) {
    data.mutable_image_masks()->mutable_read_ahead()->Clear();
  }
  if (data.has_packed()) data.mutable_packed()->clear_read_ahead();
  return recipe;
}

// The recipe without the texts of its data source, most of which are paths:
// where the data is. The digests of the examples tell whether it is the same.
RecipeProto WithoutPlaces(RecipeProto recipe) {
  DataProto& data = *recipe.mutable_data();
  const google::protobuf::Reflection& reflection = *data.GetReflection();
  const google::protobuf::FieldDescriptor* source =
      reflection.GetOneofFieldDescriptor(
          data, DataProto::descriptor()->FindOneofByName("source"));
  if (source == nullptr) return recipe;
  Message& message = *reflection.MutableMessage(&data, source);
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const auto* field = message.GetDescriptor()->field(i);
    if (field->cpp_type() ==
        google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
      message.GetReflection()->ClearField(&message, field);
    }
  }
  return recipe;
}

}  // namespace

absl::Status TrainingRun::OpenFolder() {
  LENSLET_ASSIGN_OR_RETURN(folder_, RunDirectory::Open(options_.run_dir));
  LENSLET_ASSIGN_OR_RETURN(const std::optional<RecipeProto> before,
                           folder_->ReadRecipe());
  if (before.has_value()) {
    LENSLET_RETURN_IF_ERROR(CheckSameRecipe(*before));
    LENSLET_ASSIGN_OR_RETURN(const std::optional<RunDirectory::Newest> newest,
                             folder_->LoadNewest(warnings_));
    if (newest.has_value()) {
      absl::Status status = CheckSameModel(newest->checkpoint);
      if (status.ok()) status = CheckSameStart(newest->checkpoint);
      if (status.ok()) status = Resume(newest->checkpoint);
      LENSLET_RETURN_IF_ERROR(AtPlace(status, newest->path));
      resumed_from_ = newest->path;
      // Checkpoints of earlier versions do not tell.
      if (finished_steps_ == 0 &&
          TotalSteps(*before, steps_per_epoch_) == step()) {
        finished_steps_ = step();
      }
      const bool is_best = best_.has_value() && best_->step() == step();
      LENSLET_RETURN_IF_ERROR(
          folder_->FinishSaving(newest->path, is_best, Keep(recipe_)));
    }
  }
  LENSLET_RETURN_IF_ERROR(folder_->WriteRecipe(recipe_));
  if (IsInMemory() && resumed_from_.empty()) {
    LENSLET_RETURN_IF_ERROR(WriteStart());
  }
  LENSLET_RETURN_IF_ERROR(OpenLogs());
  return ExtendSchedule();
}

absl::Status TrainingRun::ExtendSchedule() {
  if (finished_steps_ == 0 || finished_steps_ >= total_steps_ || IsDone()) {
    return absl::OkStatus();
  }
  ScheduleSpec before =
      MakeScheduleSpec(recipe_, steps_per_epoch_, finished_steps_);
  if (recipe_.schedule().extend() == ScheduleProto::HOLD_LAST_RATE) {
    before.hold_from = finished_steps_;
    trainer_->set_schedule(before);
    return absl::OkStatus();
  }
  return Warn(
      WarnOfRestart(before,
                    MakeScheduleSpec(recipe_, steps_per_epoch_, total_steps_),
                    finished_steps_, total_steps_),
      nullptr);
}

absl::Status TrainingRun::WriteStart() const {
  LENSLET_RETURN_IF_ERROR(
      WriteFileAtomically(folder_->File(kModelName), ProtoToText(model_)));
  CheckpointProto start;
  *start.mutable_model() = model_;
  CopyParameters(*parameters_, start);
  start.set_lenslet_version(kVersion);
  return SaveCheckpoint(folder_->File(kStartName), start);
}

absl::Status TrainingRun::CheckSameStart(const CheckpointProto& newest) const {
  if (!IsInMemory()) return absl::OkStatus();
  const absl::StatusOr<CheckpointProto> start =
      LoadCheckpoint(folder_->File(kStartName));
  // As above: it may be gone.
  if (absl::IsNotFound(start.status())) return absl::OkStatus();
  LENSLET_RETURN_IF_ERROR(start.status());
  CheckpointProto now;
  CopyParameters(*parameters_, now);
  // A program may train the network on that it trained before.
  std::string difference = FirstDifference(newest, now);
  if (!difference.empty()) difference = FirstDifference(*start, now);
  if (difference.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "its run began with other parameters; expected those, to resume it, or "
      "another folder (",
      difference, ")"));
}

std::vector<std::string> TrainingRun::Differences(
    const Message& before, const Message& now, absl::Span<const int> ignored) {
  MessageDifferencer differencer;
  for (const int number : ignored) {
    differencer.IgnoreField(before.GetDescriptor()->FindFieldByNumber(number));
  }
  std::string differences;
  differencer.ReportDifferencesToString(&differences);
  if (differencer.Compare(before, now)) return {};
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(differences, '\n')) {
    if (!line.empty() && !absl::StartsWith(line, "ignored: ")) {
      lines.emplace_back(line);
    }
  }
  return lines;
}

absl::Status TrainingRun::CheckSameRecipe(const RecipeProto& before) {
  const auto differences_of = [](const RecipeProto& a, const RecipeProto& b) {
    return Differences(
        WithoutExtend(WithoutReaders(a)), WithoutExtend(WithoutReaders(b)),
        {RecipeProto::kNameFieldNumber, RecipeProto::kEpochsFieldNumber,
         RecipeProto::kStepsFieldNumber, RecipeProto::kSaveFieldNumber,
         RecipeProto::kEarlyStoppingFieldNumber,
         RecipeProto::kAllowChangedDataFieldNumber});
  };
  const std::vector<std::string> lines = differences_of(before, recipe_);
  if (lines.empty()) return absl::OkStatus();
  if (!IsInMemory() &&
      differences_of(WithoutPlaces(before), WithoutPlaces(recipe_)).empty()) {
    data_moved_ = true;
    return absl::OkStatus();
  }
  const std::string differences = absl::StrJoin(lines, "; ");
  return absl::FailedPreconditionError(
      IsInMemory()
          ? absl::StrCat(options_.run_dir,
                         ": has a run of other options or data; expected the "
                         "same, to resume it, or another run_dir (",
                         differences, ")")
          : absl::StrCat(options_.run_dir,
                         ": has a run of another recipe; expected the same "
                         "recipe, to resume it, or another --run_dir (changes "
                         "to its ",
                         kRecipeName, ": ", differences, ")"));
}

absl::Status TrainingRun::OpenLogs() {
  const int64_t step = resumed_from_.empty() ? -1 : trainer_->step();
  LENSLET_ASSIGN_OR_RETURN(
      history_,
      HistoryWriter::Create(options_.run_dir, step,
                            {.kind = data_->train.examples->target().kind,
                             .classes = Classes(),
                             .gradient_norm = recipe_.record_gradient_norm()}));
  LENSLET_ASSIGN_OR_RETURN(notes_, RunNotes::Open(options_.run_dir, step));
  if (!stopped_early()) {
    LENSLET_RETURN_IF_ERROR(notes_.Remove(kStoppedEarlyId));
  }
  // Each session has its own file; without training it would be empty.
  if (!IsDone()) {
    LENSLET_ASSIGN_OR_RETURN(events_,
                             EventFileWriter::Create(options_.run_dir, step));
  }
  LENSLET_ASSIGN_OR_RETURN(const std::vector<MetricsRecord> records,
                           ReadHistory(folder_->File(kMetricsJsonName)));
  if (!records.empty()) {
    last_record_ = records.back();
    seconds_ = seconds_at_record_ = last_record_.seconds;
  }
  return absl::OkStatus();
}

absl::Status TrainingRun::Log(MetricsRecord record) {
  const double seconds = seconds_ - seconds_at_record_;
  record.step = step();
  record.epoch = static_cast<double>(step()) / steps_per_epoch_;
  record.learning_rate = last_record_.learning_rate;
  if (norm_steps_ > 0) record.gradient_norm = norm_sum_ / norm_steps_;
  norm_sum_ = 0;
  norm_steps_ = 0;
  record.seconds = seconds_;
  // Both of this session: since_record_ has an earlier one's examples, too.
  const int64_t examples = session_examples_ - session_examples_at_record_;
  record.examples_per_second = seconds > 0 ? examples / seconds : 0;
  last_record_ = record;
  seconds_at_record_ = seconds_;
  session_examples_at_record_ = session_examples_;
  since_record_ = {};
  if (folder_ == nullptr) return absl::OkStatus();
  LENSLET_RETURN_IF_ERROR(history_->Append(record));
  return events_->Append(record);
}

absl::Status TrainingRun::Save(bool is_best) {
  if (folder_ == nullptr && options_.output.empty()) return absl::OkStatus();
  const CheckpointProto checkpoint = MakeCheckpoint();
  if (folder_ != nullptr) {
    // The records up to the checkpoint's step are not written again.
    LENSLET_RETURN_IF_ERROR(history_->Sync());
    LENSLET_RETURN_IF_ERROR(events_->Sync());
    LENSLET_RETURN_IF_ERROR(folder_->Save(checkpoint, is_best, Keep(recipe_)));
  }
  if (options_.output.empty()) return absl::OkStatus();
  return SaveCheckpoint(options_.output, checkpoint);
}

absl::Status TrainingRun::WriteOutput() const {
  if (options_.output.empty()) return absl::OkStatus();
  return SaveCheckpoint(options_.output, MakeCheckpoint());
}

}  // namespace lenslet
