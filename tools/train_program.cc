#include "lenslet/tools/train_program.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/machine.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/stop_signal.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/wrap_text.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/examples_word.h"
#include "lenslet/data/split.h"
#include "lenslet/inspect/summary.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/common_flags.h"
#include "lenslet/tools/data_check.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/progress_bar.h"
#include "lenslet/tools/recipe_flags.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/runs/metrics_record.h"
#include "lenslet/train/runs/training_run.h"
#include "lenslet/train/warnings.h"

namespace lenslet {
namespace {

// What the recipe chooses best.ckpt by; null for what it does not say.
const Metric* ChosenMetric(const TrainingRun& run) {
  return run.recipe().save().best_by().empty() ? nullptr : &run.best_metric();
}

void PrintNote(absl::string_view text) {
  Print("%s", WrapText(absl::StrCat("note: ", Printable(text)), "", "  "));
}

class Printer : public RunObserver {
 public:
  explicit Printer(const TrainingRun& run)
      : run_(run), seconds_(run.seconds()) {}

  void OnStep(const RunProgress& progress) override {
    if (bar_ == nullptr) {
      bar_ = std::make_unique<ProgressBar>(
          stdout, EpochText(progress.epoch + 1, Epochs(progress)));
    }
    bar_->Update(
        static_cast<double>(progress.step_in_epoch) / progress.steps_per_epoch,
        absl::StrFormat(
            "%s  %s ex/s  %s left", MetricsText(progress.so_far),
            WithCommas(static_cast<int64_t>(progress.examples_per_second)),
            DurationText(progress.seconds_left,
                         {.tenths = false, .zeros = true})));
  }

  void OnEpoch(const RunProgress& progress,
               const MetricsRecord& record) override {
    bar_ = nullptr;
    const double seconds = run_.seconds() - seconds_;
    seconds_ = run_.seconds();
    Print("%s\n", EpochLine(record, progress.epoch + 1, Epochs(progress),
                            seconds, ChosenMetric(run_)));
    FlushOutput();
  }

  void OnWarning(const std::string& text) override {
    bar_ = nullptr;
    PrintWarning(text);
  }

  void OnNote(const std::string& text) override {
    bar_ = nullptr;
    PrintNote(text);
  }

  bool StopRequested() override { return StopSignal() != 0; }

  // Takes the bar off the terminal.
  void Stop() { bar_ = nullptr; }

 private:
  static int64_t Epochs(const RunProgress& progress) {
    return (progress.total_steps + progress.steps_per_epoch - 1) /
           progress.steps_per_epoch;
  }

  const TrainingRun& run_;
  double seconds_;  // Of the run when the epoch began.
  std::unique_ptr<ProgressBar> bar_;
};

// "10 classes of 6,000 training images", or each class with its own number.
std::string ClassesText(const Dataset& train) {
  const std::vector<int64_t> counts =
      ClassCounts(train).value_or(std::vector<int64_t>());
  if (counts.empty()) return "";
  const bool are_positions = train.examples->target() != TargetSpec();
  const std::string examples = absl::StrCat(
      " training ",
      are_positions ? "positions" : ExamplesWord(train.example_shape()));
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
  if (*least == *most) {
    return absl::StrCat(counts.size(),
                        counts.size() == 1 ? " class of " : " classes of ",
                        WithCommas(*most), examples);
  }
  constexpr size_t kMostNamed = 20;
  if (counts.size() > kMostNamed) {
    return absl::StrCat(counts.size(), " classes of ", WithCommas(*least),
                        " to ", WithCommas(*most), examples);
  }
  std::vector<std::string> parts;
  for (size_t i = 0; i < counts.size(); ++i) {
    parts.push_back(absl::StrCat(Printable(train.target_names[i]), " ",
                                 WithCommas(counts[i])));
  }
  return absl::StrCat(absl::StripLeadingAsciiWhitespace(examples),
                      " by class: ", absl::StrJoin(parts, ", "));
}

void PrintHeader(TrainingRun& run) {
  const std::string summary = Summarize(run.graph(), [&](int node) {
    return run.trainer().BackendOfLayer(node);
  });
  const RunData& data = run.data();
  std::string sizes = absl::StrCat(WithCommas(data.train.size()), " training");
  if (data.validation.size() > 0) {
    absl::StrAppend(&sizes, data.test.size() > 0 ? ", " : " and ",
                    WithCommas(data.validation.size()), " validation");
  }
  if (data.test.size() > 0) {
    absl::StrAppend(&sizes, " and ", WithCommas(data.test.size()), " test");
  }
  const auto wrapped = [](const std::string& text) {
    return WrapText(text, "", "  ");
  };
  Print(
      "%s\n%s%s\n", summary,
      wrapped(absl::StrCat(
          sizes, " ", ExamplesWord(data.train.example_shape()), ": ",
          Printable(data.description),
          data.test.size() > 0 && !data.test_description.empty()
              ? absl::StrCat(" (test: ", Printable(data.test_description), ")")
              : "",
          "; tested on ", run.evaluator().BackendNames())),
      wrapped(ClassesText(data.train)));
  for (const RunNote& note : run.notes()) {
    if (!note.warning && run.resumed_from().empty()) {
      PrintNote(note.text);
    }
  }
  for (const std::string& warning : run.warnings()) {
    PrintWarning(warning);
  }
  if (!run.resumed_from().empty()) {
    Print("resuming from %s, after %s of %s steps\n",
          Printable(run.resumed_from()), WithCommas(run.step()),
          WithCommas(run.total_steps()));
  }
  FlushOutput();
}

void PrintResult(const TrainingRun& run, const TrainFlags& flags) {
  const MetricsRecord& record = run.last_record();
  std::vector<std::string> parts;
  for (const Metric& metric : kMetrics) {
    const std::optional<double> value = record.*metric.value;
    std::string name = metric.result_name();
    if (name.empty() && &metric == ChosenMetric(run)) {
      name = metric.short_name();
    }
    if (name.empty() || !value) continue;
    parts.push_back(absl::StrFormat("%s %.3f", name, *value));
  }
  Print("\n%s\n", absl::StrJoin(parts, ", "));
  if (run.examples_per_second() > 0) {
    const std::string backend =
        run.recipe().backend().empty() ? "lanes" : run.recipe().backend();
    Print("%.1f examples/sec on %d thread%s (%s)\n", run.examples_per_second(),
          flags.threads, flags.threads == 1 ? "" : "s", backend);
  }
  if (!flags.output.empty())
    Print("saved %s\n", Printable(UserPath(flags.output)));
}

// How to go on, where that is possible.
void PrintStopped(const TrainingRun& run, const TrainFlags& flags) {
  Print("\nstopped after %s of %s steps", WithCommas(run.step()),
        WithCommas(run.total_steps()));
  if (flags.run_dir.empty()) {
    Print("; without --run_dir the run cannot be resumed\n");
  } else {
    Print("; saved in %s; rerun the same command to resume\n",
          Printable(UserPath(flags.run_dir)));
  }
}

absl::StatusOr<int> TrainAndReport(const TrainProgramOptions& options,
                                   const RecipeProto& recipe,
                                   const TrainFlags& flags,
                                   const std::string& argv0) {
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<TrainingRun> run,
      TrainingRun::Create(
          recipe, {.data_sources = options.data_sources,
                   .threads = static_cast<int>(flags.threads),
                   .run_dir = UserPath(flags.run_dir),
                   .output = UserPath(flags.output),
                   .argv0 = argv0,
                   .data_progress = ProgressOn(stdout, "reading images"),
                   .load_start = options.load_start}));
  // A resumed run has warned before.
  if (run->resumed_from().empty()) {
    LENSLET_ASSIGN_OR_RETURN(const std::vector<DataFinding> findings,
                             FindInData(run->recipe(), run->data()));
    for (const DataFinding& finding : findings) {
      LENSLET_RETURN_IF_ERROR(
          run->AddWarning(DataWarning(finding.text, finding.is_note)));
    }
  }
  PrintHeader(*run);
  Printer printer(*run);
  if (run->stopped_early()) {
    Print("%s", WrapText(absl::StrCat(run->StoppedText(),
                                      "; nothing is left to train; a larger "
                                      "early_stopping.patience continues it"),
                         "", "  "));
  }
  const bool stopped_before = run->stopped_early();
  const absl::StatusOr<bool> finished = run->Run(printer);
  printer.Stop();
  LENSLET_RETURN_IF_ERROR(finished.status());
  if (!*finished) {
    PrintStopped(*run, flags);
    return kExitSignal + StopSignal();
  }
  if (run->stopped_early() && !stopped_before) {
    Print("%s", WrapText(run->StoppedText(), "", "  "));
  }
  PrintResult(*run, flags);
  if (!flags.run_dir.empty() && flags.report) {
    const std::string run_dir = UserPath(flags.run_dir);
    if (options.write_report == nullptr) {
      Print("report: bazel run //tools:lenslet -- report %s\n",
            ShellQuoted(Printable(run_dir)));
      return 0;
    }
    LENSLET_ASSIGN_OR_RETURN(
        const std::string path,
        options.write_report(*run, run_dir, static_cast<int>(flags.threads)));
    Print("report: %s\n", Printable(path));
  }
  return 0;
}

}  // namespace

void AddTrainFlags(const std::string& default_recipe, TrainFlags& flags,
                   CommandLine& line) {
  AddRecipeFlags(default_recipe, flags.recipe, line, "[RECIPE]");
  AddThreadsFlag(line, flags.threads);
  line.AddFlag(
      "run_dir",
      "Folder to save the run in: recipe, checkpoints and metrics. Rerun "
      "the same command to resume. Default: the run is not saved.",
      flags.run_dir);
  line.AddFlag("output",
               "Checkpoint file to write after each epoch, for predict. "
               "Default: none.",
               flags.output);
}

int TrainByRecipe(const TrainProgramOptions& options, const RecipeText& recipe,
                  const TrainFlags& flags, const std::string& argv0) {
  if (const absl::Status status = CheckRecipe(recipe); !status.ok()) {
    return ReportRecipeError(options.name, status);
  }
  if (const absl::Status status =
          CheckFolderFlag("--run_dir", flags.run_dir, recipe.recipe.data());
      !status.ok()) {
    return ReportUsage(options.name, status);
  }
  CatchStopSignals();
  const absl::StatusOr<int> exit_code =
      TrainAndReport(options, recipe.recipe, flags, argv0);
  return exit_code.ok() ? *exit_code
                        : ReportFailure(options.name, exit_code.status());
}

}  // namespace lenslet
