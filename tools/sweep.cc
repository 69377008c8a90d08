// Trains a recipe with all combinations of some values of its fields, and
// compares what comes of them.

#include "lenslet/train/runs/sweep.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lenslet/base/crc32c.h"
#include "lenslet/base/file.h"
#include "lenslet/base/file_lock.h"
#include "lenslet/base/machine.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/stop_signal.h"
#include "lenslet/base/text_format.h"
#include "lenslet/data/all_sources.h"
#include "lenslet/onnx/load.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/common_flags.h"
#include "lenslet/tools/data_check.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/progress_bar.h"
#include "lenslet/tools/recipe_flags.h"
#include "lenslet/tools/words.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/recipe/recipe_model.h"
#include "lenslet/train/runs/metrics_record.h"
#include "lenslet/train/runs/run_directory.h"
#include "lenslet/train/runs/sweep_results.h"
#include "lenslet/train/runs/training_run.h"
#include "lenslet/train/warnings.h"

namespace lenslet {
namespace {

constexpr char kSweepCommand[] = "lenslet sweep";

struct SweepFlags {
  RecipeFlags recipe;
  std::vector<std::string> grid;
  SweepRepeats repeats;
  int64_t threads = CpuThreads();
  std::string run_dir;
};

std::optional<int> ParseSweepFlags(int argc, char** argv, SweepFlags& flags) {
  CommandLine line(
      kSweepCommand,
      "Trains a recipe with every combination of the given field values, one "
      "run after the other, and compares the results:\n"
      "  lenslet sweep book --run_dir=/tmp/s --grid=learning_rate=0.1,0.9 \\\n"
      "      --grid=layer.conv1.output_channels=4,6,8\n"
      "With --folds=5, cross-validates each combination.\n"
      "Each run has a folder in --run_dir. Rerun the same command to resume. A "
      "failed run does not stop the others. The table has one row per "
      "combination, best first: by the final value of save.best_by of the "
      "recipe or, without it, by the accuracy, the F1 of labels or the mean "
      "absolute error of values. It is that of the validation examples if the "
      "recipe has some. Otherwise it is that of the test set, so the best "
      "number is optimistic. The table is also saved as sweep.txt, sweep.csv "
      "and sweep.json.");
  AddRecipeFlags(/*default_recipe=*/"", flags.recipe, line);
  line.AddMovedFlag("recipe", "lenslet sweep VALUE");
  line.AddFlag(
      "grid",
      "FIELD=VALUE,VALUE,...: the values to try for a field. FIELD is a "
      "field of the recipe, or layer.NAME.FIELD for a layer of the "
      "model, as in layer.conv1.kernel=3,5 or "
      "layer.sigmoid*.kind=relu,tanh. Use | between the values if "
      "they contain commas. Can be given several times.",
      flags.grid);
  line.AddFlag("seeds",
               "Runs per combination. Their seeds count up from the recipe's "
               "seed. The table shows means and standard deviations.",
               flags.repeats.seeds, {.min = 1, .max = 1000});
  line.AddFlag(
      "folds",
      "Cross-validation: splits the training examples into this many "
      "parts, and trains each combination once per part, which is then "
      "set aside for validation. Each class is split evenly. The "
      "table shows means and standard deviations over the parts. "
      "Default: 0, none.",
      flags.repeats.folds, {.min = 0, .max = 1000});
  AddThreadsFlag(line, flags.threads);
  line.AddFlag("run_dir", "Folder to save the runs in. Required.",
               flags.run_dir);
  return line.Parse(argc, argv);
}

// Shows a run, and hears of stop signals.
class SweepObserver : public RunObserver {
 public:
  explicit SweepObserver(const std::string& label) : label_(label) {}

  void OnStep(const RunProgress& progress) override {
    if (bar_ == nullptr) bar_ = std::make_unique<ProgressBar>(stdout, label_);
    bar_->Update(
        static_cast<double>(progress.step) / progress.total_steps,
        absl::StrFormat(
            "%s  %s examples/s", MetricsText(progress.so_far),
            WithCommas(static_cast<int64_t>(progress.examples_per_second))));
  }
  void OnWarning(const std::string& text) override {
    bar_ = nullptr;
    PrintWarning(absl::StrCat(label_, ": ", text));
  }
  bool StopRequested() override { return StopSignal() != 0; }

 private:
  const std::string label_;
  std::unique_ptr<ProgressBar> bar_;
};

class SweepProgram {
 public:
  SweepProgram(const SweepFlags& flags, const std::string& argv0, Sweep sweep)
      : flags_(flags),
        folder_(UserPath(flags.run_dir)),
        argv0_(argv0),
        sweep_(std::move(sweep)),
        results_(sweep_.runs.size()) {}

  // All that is wrong with the runs before they start, each thing once.
  std::vector<std::string> FindProblems();
  // Trains, prints and saves. Returns the exit code. Errors: of the sweep's own
  // folder and files.
  absl::StatusOr<int> Run();

 private:
  // Nothing if a signal stopped it.
  absl::StatusOr<std::optional<SweepResult>> Train(size_t r,
                                                   const std::string& label);
  // For the terminal. A reason that another run has failed for is not repeated.
  std::string TextOf(const SweepResult& result, const SweepRun& run);
  // Adds what FindInData() finds to the run's warnings.
  absl::Status AddFindings(TrainingRun& run);
  absl::Status Save() const;
  std::string Path(const std::string& name) const {
    return std::filesystem::path(folder_) / name;
  }

  const SweepFlags& flags_;
  const std::string folder_;
  const std::string argv0_;
  const Sweep sweep_;
  std::vector<SweepResult> results_;
  std::vector<int64_t> parameters_;
  // Of the data of the last run, and what they are of.
  std::vector<DataFinding> findings_;
  std::optional<std::string> examined_;
  // What is not said again: warnings; and why runs failed, by reason the first
  // run.
  std::set<std::string> said_;
  std::map<std::string, std::string> failed_;
};

std::vector<std::string> SweepProgram::FindProblems() {
  std::vector<std::string> messages;  // In the order in which they came up.
  std::map<std::string, std::vector<std::string>> runs_with;
  const auto add = [&](const std::string& message, const SweepRun& run) {
    std::vector<std::string>& runs = runs_with[message];
    if (runs.empty()) messages.push_back(message);
    runs.push_back(run.name);
  };
  parameters_.clear();
  RecipeChecker checker(AllDataSources(), LoadCheckpointOrOnnx, argv0_);
  for (size_t r = 0; r < sweep_.runs.size(); ++r) {
    const SweepRun& run = sweep_.runs[r];
    const std::vector<FieldProblem> problems =
        lenslet::FindProblems(run.recipe);
    for (const FieldProblem& problem : problems) add(problem.message, run);
    parameters_.push_back(0);
    if (run.recipe.model().empty()) continue;
    const absl::StatusOr<RecipeModel> model = LoadRecipeModel(run.recipe);
    if (!model.ok()) {
      add(std::string(model.status().message()), run);
      continue;
    }
    parameters_.back() = model->graph.trainable_parameter_count();
    results_[r].fingerprint =
        absl::StrFormat("%08x%08x", Crc32c(ProtoToText(run.recipe)),
                        Crc32c(ProtoToText(model->model)));
    if (!problems.empty()) continue;
    for (const StartProblem& problem : checker.FindStartProblems(run.recipe)) {
      add(std::string(problem.status.message()), run);
    }
  }
  for (std::string& message : messages) {
    const std::vector<std::string>& runs = runs_with[message];
    message =
        runs.size() == sweep_.runs.size() ? absl::StrCat("all runs: ", message)
        : runs.size() == 1                ? absl::StrCat(runs[0], ": ", message)
                           : absl::StrCat(runs[0], " and ", runs.size() - 1,
                                          " more: ", message);
  }
  return messages;
}

absl::Status SweepProgram::Save() const {
  LENSLET_RETURN_IF_ERROR(
      WriteFileAtomically(Path(kSweepJsonName), SweepJson(sweep_, results_)));
  LENSLET_RETURN_IF_ERROR(
      WriteFileAtomically(Path("sweep.csv"), SweepCsv(sweep_, results_)));
  return WriteFileAtomically(Path("sweep.txt"), SweepText(sweep_, results_));
}

absl::Status SweepProgram::AddFindings(TrainingRun& run) {
  std::string key = run.recipe().data().SerializeAsString() +
                    run.recipe().loss().SerializeAsString();
  if (examined_ != key) {
    LENSLET_ASSIGN_OR_RETURN(findings_, FindInData(run.recipe(), run.data()));
    examined_ = std::move(key);
  }
  for (const DataFinding& finding : findings_) {
    LENSLET_RETURN_IF_ERROR(
        run.AddWarning(DataWarning(finding.text, finding.is_note)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<SweepResult>> SweepProgram::Train(
    size_t r, const std::string& label) {
  const SweepRun& planned = sweep_.runs[r];
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<TrainingRun> run,
      TrainingRun::Create(
          planned.recipe,
          {.data_sources = AllDataSources(),
           .threads = static_cast<int>(flags_.threads),
           .run_dir = Path(planned.name),
           .output = "",
           .argv0 = argv0_,
           .data_progress = ProgressOn(stdout, "reading images"),
           .image_cache = Path(kImageCacheName),
           .load_start = LoadCheckpointOrOnnx}));
  if (run->resumed_from().empty()) LENSLET_RETURN_IF_ERROR(AddFindings(*run));
  for (const std::string& warning : run->warnings()) {
    if (said_.insert(warning).second) PrintWarning(warning);
  }
  bool finished;
  {
    SweepObserver observer(label);
    LENSLET_ASSIGN_OR_RETURN(finished, run->Run(observer));
  }
  if (!finished) return std::nullopt;
  const MetricsRecord& record = run->last_record();
  SweepResult result = {.status = SweepResult::Status::kFinished,
                        .reason = "",
                        .fingerprint = results_[r].fingerprint,
                        .parameters = parameters_[r],
                        .metrics = record,
                        .seconds = record.seconds};
  if (record.seconds > 0) {
    result.examples_per_second =
        record.epoch * run->data().train.size() / record.seconds;
  }
  return result;
}

// `best_by` is the recipe's.
std::string ResultText(const SweepResult& result, const std::string& best_by) {
  if (result.status == SweepResult::Status::kFailed) {
    return absl::StrCat("  failed: ", result.reason);
  }
  std::string text;
  const Metric* const chosen =
      best_by.empty()
          ? nullptr
          : MetricChosenBy(best_by, result.metrics.validation_loss.has_value());
  for (const Metric& metric : kMetrics) {
    const std::optional<double> value = result.metrics.*metric.value;
    std::string name = metric.result_name();
    if (name.empty() && &metric == chosen) name = metric.short_name();
    if (name.empty() || !value) continue;
    absl::StrAppend(&text, "  ", name, " ", NumberText(*value, 3, 4));
  }
  if (result.seconds) absl::StrAppendFormat(&text, "  %.1f s", *result.seconds);
  return text;
}

std::string SweepProgram::TextOf(const SweepResult& result,
                                 const SweepRun& run) {
  if (result.status == SweepResult::Status::kFailed) {
    const auto [first, is_new] = failed_.emplace(result.reason, run.name);
    if (!is_new) return absl::StrCat("  failed as ", first->second);
  }
  return ResultText(result, run.recipe.save().best_by());
}

absl::StatusOr<int> SweepProgram::Run() {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) {
    return absl::ErrnoToStatus(error.value(), absl::StrCat(folder_));
  }
  if (std::filesystem::exists(Path(kRecipeName), error)) {
    return absl::FailedPreconditionError(absl::StrCat(
        folder_, ": is the folder of a single run; a sweep needs another"));
  }
  LENSLET_ASSIGN_OR_RETURN(const FileLock lock,
                           FileLock::Acquire(Path("lock")));
  LENSLET_RETURN_IF_ERROR(RemoveTemporaries(folder_));
  // What cannot be read has nothing that is finished.
  const std::string before = ReadFile(Path(kSweepJsonName)).value_or("");
  const size_t count = sweep_.runs.size();
  const int width = static_cast<int>(absl::StrCat(count).size());
  bool some_finished = false;
  for (size_t r = 0; r < count; ++r) {
    const std::string& name = sweep_.runs[r].name;
    const std::string label =
        absl::StrFormat("[%*d/%d] %s", width, r + 1, count, name);
    absl::StatusOr<std::optional<SweepResult>> result =
        FindFinished(before, name, results_[r].fingerprint);
    const bool known =
        result->has_value() &&
        std::filesystem::exists(std::filesystem::path(Path(name)) / kLatestName,
                                error);
    if (!known) {
      if (StopSignal() == 0) {
        result = Train(r, label);
      } else {
        result = std::nullopt;
      }
    }
    if (!result.ok()) {
      results_[r].status = SweepResult::Status::kFailed;
      results_[r].reason = std::string(result.status().message());
    } else if (result->has_value()) {
      results_[r] = **std::move(result);
      some_finished = true;
    } else {
      LENSLET_RETURN_IF_ERROR(Save());
      Print("%s  stopped; saved in %s; rerun the same command to resume\n",
            label, Printable(folder_));
      return kExitSignal + StopSignal();
    }
    Print("%s\n%s%s\n", label, Printable(TextOf(results_[r], sweep_.runs[r])),
          known ? "  (done before)" : "");
    FlushOutput();
    if (!known) LENSLET_RETURN_IF_ERROR(Save());
  }
  LENSLET_RETURN_IF_ERROR(Save());
  Print("\n%s\nsaved %s, .csv and .json\n", SweepText(sweep_, results_),
        Printable(Path("sweep.txt")));
  return some_finished ? 0 : kExitFailure;
}

// Returns the error of a field of the grid that a flag sets as well.
absl::Status CheckGrid(const std::vector<SweepAxis>& axes,
                       const RecipeText& recipe) {
  for (const SweepAxis& axis : axes) {
    for (const auto& [field, flag] : recipe.flags) {
      if (field != axis.field) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("--grid=", field, " and ", flag, " cannot be combined"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

int SweepCommand(int argc, char** argv) {
  SweepFlags flags;
  if (const auto exit_code = ParseSweepFlags(argc, argv, flags)) {
    return *exit_code;
  }
  if (const auto exit_code = CheckRecipeWords(kSweepCommand, flags.recipe)) {
    return *exit_code;
  }
  if (flags.run_dir.empty()) {
    return ReportUsage(kSweepCommand, "--run_dir is required");
  }
  if (flags.repeats.folds == 1) {
    return ReportUsage(kSweepCommand, "--folds is 1; expected at least 2");
  }
  if (flags.grid.empty() && flags.repeats.seeds == 1 &&
      flags.repeats.folds == 0) {
    return ReportUsage(kSweepCommand,
                       "--grid is required, unless --seeds or --folds is at "
                       "least 2");
  }
  const absl::StatusOr<RecipeText> recipe =
      RecipeFromFlags(flags.recipe, /*default_recipe=*/"");
  if (!recipe.ok()) return ReportRecipeError(kSweepCommand, recipe.status());
  if (const absl::Status status =
          CheckFolderFlag("--run_dir", flags.run_dir, recipe->recipe.data());
      !status.ok()) {
    return ReportUsage(kSweepCommand, status);
  }

  if (const double fraction = recipe->recipe.data().validation_fraction();
      flags.repeats.folds > 0 && fraction > 0) {
    return ReportUsage(
        kSweepCommand,
        absl::StrCat("--folds cannot be combined with "
                     "data.validation_fraction, which is ",
                     fraction, "; --set=data.validation_fraction=0 unsets it"));
  }

  std::vector<std::string> problems;
  std::vector<SweepAxis> axes;
  for (const std::string& text : flags.grid) {
    absl::StatusOr<SweepAxis> axis = ParseSweepAxis(text);
    if (axis.ok()) {
      axes.push_back(*std::move(axis));
    } else {
      problems.push_back(std::string(axis.status().message()));
    }
  }
  if (const absl::Status status = CheckGrid(axes, *recipe); !status.ok()) {
    return ReportUsage(kSweepCommand, status);
  }
  Sweep sweep = MakeSweep(recipe->recipe, axes, flags.repeats, problems);
  for (const std::string& problem : problems) {
    ReportUsage(kSweepCommand, absl::StrCat("--grid: ", problem));
  }
  if (!problems.empty()) return kExitUsage;
  for (SweepRun& run : sweep.runs) {
    MakePathsAbsolute(UserFolder(), run.recipe);
  }

  SweepProgram program(flags, argv[0], std::move(sweep));
  problems = program.FindProblems();
  for (const std::string& problem : problems) {
    ReportFailure(kSweepCommand, absl::InvalidArgumentError(problem));
  }
  if (!problems.empty()) return kExitFailure;
  CatchStopSignals();
  const absl::StatusOr<int> exit_code = program.Run();
  return exit_code.ok() ? *exit_code
                        : ReportFailure(kSweepCommand, exit_code.status());
}

}  // namespace lenslet
