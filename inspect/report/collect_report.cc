#include "lenslet/inspect/report/collect_report.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/inspect/classification_report.h"
#include "lenslet/inspect/graph_drawing.h"
#include "lenslet/inspect/report/report_pictures.h"
#include "lenslet/inspect/sizes_text.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layer.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/backend.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/evaluator.h"
#include "lenslet/train/metrics.h"

namespace lenslet {
namespace {

constexpr int64_t kCalibrationBins = 15;

// Of the records that have one: single ones are noisy.
double MedianSpeed(const std::vector<MetricsRecord>& history) {
  std::vector<double> speeds;
  for (const MetricsRecord& record : history) {
    if (record.examples_per_second > 0) {
      speeds.push_back(record.examples_per_second);
    }
  }
  if (speeds.empty()) return 0;
  const auto middle = speeds.begin() + speeds.size() / 2;
  std::nth_element(speeds.begin(), middle, speeds.end());
  return *middle;
}

// Quality and mistakes, and the metrics of the set that they are of.
absl::StatusOr<Metrics> AddQuality(Evaluator& evaluator, const Dataset& dataset,
                                   const ReportOptions& options,
                                   ReportData& report) {
  LENSLET_ASSIGN_OR_RETURN(const Tensor probabilities,
                           evaluator.Probabilities(dataset));
  LENSLET_ASSIGN_OR_RETURN(
      report.quality,
      MakeClassificationReport(probabilities, dataset,
                               {.calibration_bins = kCalibrationBins}));
  for (const Mistake& mistake :
       report.quality->MostConfidentMistakes(options.mistakes)) {
    LENSLET_ASSIGN_OR_RETURN(const Tensor example,
                             dataset.Example(mistake.index));
    LENSLET_ASSIGN_OR_RETURN(std::optional<ReportImage> image,
                             PictureOf(example));
    if (!image) break;
    report.mistakes.push_back(
        {.image = *std::move(image),
         .label = dataset.target_names[mistake.label],
         .prediction = dataset.target_names[mistake.predicted],
         .probability = mistake.probability});
  }
  return evaluator.Evaluate(dataset);
}

// The first examples of different classes.
absl::StatusOr<std::vector<int64_t>> ChooseSamples(const Dataset& dataset,
                                                   int64_t count) {
  std::vector<int64_t> samples;
  std::vector<bool> seen(dataset.target_names.size());
  LENSLET_ASSIGN_OR_RETURN(const std::vector<int32_t> labels,
                           dataset.Classes());
  for (int64_t i = 0; i < dataset.size(); ++i) {
    if (static_cast<int64_t>(samples.size()) == count) break;
    if (seen[labels[i]]) continue;
    seen[labels[i]] = true;
    samples.push_back(i);
  }
  return samples;
}

absl::Status AddLayers(const Graph& graph, const Parameters& parameters,
                       Backend backend, ReportData& report) {
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Executor> executor,
      Executor::Create(graph, parameters,
                       {.backend = backend, .images = 1, .training = true}));
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    const Graph::Node& node = graph.nodes()[i];
    ReportLayer layer = {
        .name = node.name,
        .type = node.layer.type(),
        .output = SizesText(node.output),
        .multiply_adds = node.cost.multiply_adds,
        .kernel = node.layer.IsReshape(/*training=*/true)
                      ? ""
                      : std::string(Name(executor->BackendOfLayer(i)))};
    for (int p = 0; p < node.parameter_count; ++p) {
      const ParameterInfo& info =
          graph.parameters()[node.first_parameter + p].info;
      if (info.trainable && !IsStatistic(info.role)) {
        layer.parameters += info.shape.elements();
      }
    }
    report.layers.push_back(std::move(layer));
  }
  return absl::OkStatus();
}

void AddMachine(const Machine& machine, const std::string& backend,
                ReportData& report) {
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) report.machine.emplace_back(name, value);
  };
  add("CPU", machine.cpu);
  add("Threads", machine.threads > 0 ? absl::StrCat(machine.threads) : "");
  add("Memory", machine.memory > 0 ? MemoryText(machine.memory) : "");
  add("System", machine.system);
  add("Compiler", machine.compiler);
  add("Backend", backend);
}

}  // namespace

absl::StatusOr<ReportData> CollectReportData(const CheckpointProto& checkpoint,
                                             const ReportSources& sources,
                                             const ReportOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, GraphOf(checkpoint));
  LENSLET_ASSIGN_OR_RETURN(const Parameters parameters,
                           RestoreParameters(graph, checkpoint));
  const std::string& title = checkpoint.model().name().empty()
                                 ? sources.default_title
                                 : checkpoint.model().name();
  ReportData report = {.title = title.empty() ? "Model" : title,
                       .description = sources.description,
                       .date = sources.date,
                       .train_examples = sources.train_examples,
                       .examples_per_second = MedianSpeed(sources.history),
                       .history = sources.history,
                       .recipe = sources.recipe};
  if (!sources.history.empty()) {
    report.seconds = sources.history.back().seconds;
    report.epochs = sources.history.back().epoch;
  }

  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Evaluator> evaluator,
      Evaluator::Create(graph, parameters,
                        {.threads = options.threads, .loss = sources.loss}));
  const Dataset* measured =
      sources.test != nullptr ? sources.test : sources.validation;
  if (sources.test != nullptr) {
    LENSLET_ASSIGN_OR_RETURN(
        report.test, AddQuality(*evaluator, *sources.test, options, report));
    if (sources.validation != nullptr) {
      LENSLET_ASSIGN_OR_RETURN(report.validation,
                               evaluator->Evaluate(*sources.validation));
    }
  } else if (sources.validation != nullptr) {
    report.measured_on = "validation";
    LENSLET_ASSIGN_OR_RETURN(
        report.validation,
        AddQuality(*evaluator, *sources.validation, options, report));
  }
  if (measured != nullptr) {
    LENSLET_ASSIGN_OR_RETURN(const std::vector<int64_t> samples,
                             ChooseSamples(*measured, options.samples));
    LENSLET_RETURN_IF_ERROR(
        AddLayerPictures(graph, parameters, *measured, samples, report));
  }

  LENSLET_RETURN_IF_ERROR(
      AddLayers(graph, parameters, sources.backend, report));
  report.network_svg =
      GraphToSvg(graph, {.direction = DrawingDirection::kDown}).value_or("");
  if (sources.machine != nullptr) {
    AddMachine(*sources.machine, std::string(Name(sources.backend)), report);
  }
  return report;
}

}  // namespace lenslet
