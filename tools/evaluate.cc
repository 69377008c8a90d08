// Measures a trained model on a data set. For classes: what it gets right, what
// it takes for what, and whether its probabilities can be believed. For labels
// and values, what the reports in inspect/ have.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/file.h"
#include "lenslet/base/machine.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/data/dataset.h"
#include "lenslet/inspect/classification_report.h"
#include "lenslet/inspect/classification_report_json.h"
#include "lenslet/inspect/classification_report_text.h"
#include "lenslet/inspect/label_report.h"
#include "lenslet/inspect/position_report.h"
#include "lenslet/inspect/value_report.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/predict/output_targets.h"
#include "lenslet/tools/checkpoint_data.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/common_flags.h"
#include "lenslet/tools/learned_names.h"
#include "lenslet/tools/outputs.h"
#include "lenslet/tools/print_json.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/words.h"
#include "lenslet/train/evaluator.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

constexpr char kEvaluate[] = "lenslet evaluate";
constexpr int64_t kTopK = 5;

struct EvaluateFlags {
  std::vector<std::string> words;
  DataFlags data;
  std::optional<int64_t> top_k;
  int64_t mistakes = 5;
  std::string backend;
  int64_t threads = CpuThreads();
  int64_t block = 64;
  std::string json;
};

std::optional<int> ParseEvaluateFlags(int argc, char** argv,
                                      EvaluateFlags& flags) {
  CommandLine line(
      kEvaluate,
      "Measures a trained model on a data set. Prints:\n"
      "  accuracy, loss and calibration error\n"
      "  precision, recall and F1 of each class\n"
      "  the confusion matrix: a row per true class, a column per predicted "
      "class\n"
      "  accuracy by confidence\n"
      "  the most confident mistakes\n"
      "For a class at each position: accuracy, intersection over union of each "
      "class, the confusion matrix and the worst examples. For labels: exact "
      "match, hamming loss, precision, recall, F1 and AUC of each label, and "
      "the most confident mistakes. For values: mean absolute and squared "
      "error and R2 of each value, and the largest errors.\n");
  AddTrainedWord(line, flags.words);
  line.AddMovedFlag("checkpoint", "lenslet evaluate VALUE");
  AddDataFlags(line, flags.data);
  line.AddFlag("top_k",
               "The k of the top-k accuracy: how often the true class is among "
               "the k most probable classes. For classes of whole examples.",
               flags.top_k, {.min = 1}, absl::StrCat(kTopK));
  line.AddFlag("mistakes",
               "Number of mistakes to print, most confident first; of values, "
               "of the largest errors.",
               flags.mistakes, {.min = 0});
  AddBackendFlag(line, flags.backend, "the fastest.");
  AddThreadsFlag(line, flags.threads);
  line.AddFlag("block", "Images per forward pass.", flags.block,
               {.min = 1, .max = 1000000});
  line.AddMovedFlag("batch_size", "--block=VALUE");
  line.AddFileFlag("json",
                   "File to write all numbers and all mistakes to, as JSON. "
                   "Without a file, prints JSON in place of the text.",
                   flags.json);
  return line.Parse(argc, argv);
}

// What is measured.
struct Evaluation {
  std::string text;
  nlohmann::ordered_json json;
};

// The tables that are there, apart by empty lines.
std::string Tables(absl::Span<const std::string> tables) {
  std::string text;
  for (const std::string& table : tables) {
    if (table.empty()) continue;
    absl::StrAppend(&text, text.empty() ? "" : "\n", table);
  }
  return text;
}

absl::StatusOr<Evaluation> MeasureClasses(const EvaluateFlags& flags,
                                          const Dataset& dataset,
                                          Evaluator& evaluator) {
  LENSLET_ASSIGN_OR_RETURN(const Tensor probabilities,
                           evaluator.Probabilities(dataset));
  LENSLET_ASSIGN_OR_RETURN(
      const ClassificationReport report,
      MakeClassificationReport(probabilities, dataset,
                               {.top_k = flags.top_k.value_or(kTopK)}));
  const bool has_mistakes = flags.mistakes > 0 && !report.mistakes.empty();
  return Evaluation{
      .text = Tables(
          {ReportSummary(report), ClassTable(report), ThresholdTable(report),
           ConfusionTable(report), CalibrationTable(report),
           has_mistakes ? MistakeTable(report, flags.mistakes) : ""}),
      .json = ReportToJson(report)};
}

absl::StatusOr<Evaluation> MeasurePositions(const EvaluateFlags& flags,
                                            const Dataset& dataset,
                                            Evaluator& evaluator) {
  LENSLET_ASSIGN_OR_RETURN(const Tensor scores, evaluator.Outputs(dataset));
  LENSLET_ASSIGN_OR_RETURN(const PositionReport report,
                           MakePositionReport(scores, dataset));
  return Evaluation{
      .text =
          Tables({PositionSummary(report), PositionTable(report),
                  PositionConfusionTable(report),
                  flags.mistakes > 0 ? WorstExampleTable(report, flags.mistakes)
                                     : ""}),
      .json = PositionReportToJson(report)};
}

absl::StatusOr<Evaluation> MeasureLabels(const EvaluateFlags& flags,
                                         const Dataset& dataset,
                                         Evaluator& evaluator) {
  LENSLET_ASSIGN_OR_RETURN(const Tensor scores, evaluator.Outputs(dataset));
  LENSLET_ASSIGN_OR_RETURN(const LabelReport report,
                           MakeLabelReport(scores, dataset));
  const bool has_mistakes = flags.mistakes > 0 && !report.mistakes.empty();
  return Evaluation{
      .text = Tables(
          {LabelSummary(report), LabelTable(report),
           has_mistakes ? LabelMistakeTable(report, flags.mistakes) : ""}),
      .json = LabelReportToJson(report)};
}

absl::StatusOr<Evaluation> MeasureValues(const EvaluateFlags& flags,
                                         const Dataset& dataset,
                                         Evaluator& evaluator) {
  LENSLET_ASSIGN_OR_RETURN(const Tensor outputs, evaluator.Outputs(dataset));
  LENSLET_ASSIGN_OR_RETURN(const ValueReport report,
                           MakeValueReport(outputs, dataset));
  return Evaluation{
      .text =
          Tables({ValueSummary(report), ValueTable(report),
                  flags.mistakes > 0 ? LargestErrorTable(report, flags.mistakes)
                                     : ""}),
      .json = ValueReportToJson(report)};
}

absl::StatusOr<Evaluation> Measure(const EvaluateFlags& flags,
                                   const Dataset& dataset,
                                   Evaluator& evaluator) {
  const TargetSpec target = dataset.examples->target();
  if (target == TargetSpec()) return MeasureClasses(flags, dataset, evaluator);
  switch (target.kind) {
    case TargetKind::kClasses:
      return MeasurePositions(flags, dataset, evaluator);
    case TargetKind::kLabels:
      return MeasureLabels(flags, dataset, evaluator);
    case TargetKind::kValues:
      return MeasureValues(flags, dataset, evaluator);
  }
  return absl::InternalError("unknown targets");
}

std::string EvaluationJson(const EvaluateFlags& flags,
                           const std::string& description,
                           const std::string& backends,
                           const Evaluation& evaluation) {
  nlohmann::ordered_json json = {
      {"checkpoint", flags.words[0]},
      {"data", description},
      {"split", flags.data.split},
      {"backend", backends},
  };
  json.update(evaluation.json);
  return JsonLine(json);
}

absl::StatusOr<int> Evaluate(const EvaluateFlags& flags,
                             EvaluatorOptions options,
                             const std::string& argv0) {
  const bool writes_file = !flags.json.empty() && flags.json != kStandardOutput;
  if (writes_file) {
    LENSLET_RETURN_IF_ERROR(CheckWritable(UserPath(flags.json)));
  }
  LENSLET_ASSIGN_OR_RETURN(
      const TrainedNetwork network,
      LoadTrainedNetwork(UserPath(flags.words[0]), LoadAndWarn));
  const CheckpointProto& checkpoint = network.checkpoint;
  std::vector<std::string> inputs = DataInputs(checkpoint, flags.data);
  inputs.push_back(flags.words[0]);
  if (const absl::Status status =
          CheckOutput("--json", flags.json, OutputKind::kOther, inputs);
      !status.ok()) {
    return ReportUsage(kEvaluate, status);
  }
  LENSLET_ASSIGN_OR_RETURN(CheckpointData data,
                           LoadCheckpointData(checkpoint, flags.data, argv0));
  const TargetSpec target = data.dataset.examples->target();
  if (flags.top_k && target != TargetSpec()) {
    return ReportUsage(kEvaluate,
                       absl::StrCat("--top_k is for classes of whole examples; "
                                    "the targets of the data set are ",
                                    target.kind == TargetKind::kClasses
                                        ? "classes of positions"
                                        : Name(target.kind)));
  }
  LENSLET_RETURN_IF_ERROR(UseLearnedNames(checkpoint, data));
  options.target = target.kind;
  options.loss.kind = DefaultLoss(target.kind);
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Evaluator> evaluator,
      Evaluator::Create(network.graph, network.parameters, options));
  LENSLET_ASSIGN_OR_RETURN(const Evaluation evaluation,
                           Measure(flags, data.dataset, *evaluator));
  const std::string backends = evaluator->BackendNames();
  const auto json = [&] {
    return EvaluationJson(flags, data.description, backends, evaluation);
  };
  if (flags.json == kStandardOutput) {
    PrintJson(json());
    return 0;
  }
  Print("%s on %s %s, computed by %s\n\n", Printable(flags.words[0]),
        WithCommas(data.dataset.size()), Printable(data.description), backends);
  PrintText(evaluation.text);
  if (writes_file) {
    LENSLET_RETURN_IF_ERROR(WriteFileAtomically(UserPath(flags.json), json()));
    Print("\nwrote %s\n", Printable(flags.json));
  }
  return 0;
}

}  // namespace

int EvaluateCommand(int argc, char** argv) {
  EvaluateFlags flags;
  if (const auto exit_code = ParseEvaluateFlags(argc, argv, flags)) {
    return *exit_code;
  }
  if (const auto exit_code = CheckOneWord(WordFor::kTrained, kEvaluate,
                                          "checkpoint", flags.words)) {
    return *exit_code;
  }
  if (const absl::Status status = CheckDataFlags(flags.data); !status.ok()) {
    return ReportUsage(kEvaluate, status);
  }
  EvaluatorOptions options = {.threads = static_cast<int>(flags.threads),
                              .block = flags.block};
  if (!flags.backend.empty()) {
    const absl::StatusOr<Backend> backend = BackendFromFlag(flags.backend);
    if (!backend.ok()) return ReportUsage(kEvaluate, backend.status());
    options.backend = *backend;
  }
  const absl::StatusOr<int> exit_code = Evaluate(flags, options, argv[0]);
  return exit_code.ok() ? *exit_code
                        : ReportFailure(kEvaluate, exit_code.status());
}

}  // namespace lenslet
