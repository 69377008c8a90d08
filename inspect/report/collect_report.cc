#include "lenslet/inspect/report/collect_report.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/examples_word.h"
#include "lenslet/inspect/all_targets.h"
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
constexpr int64_t kResidualBins = 30;
// Examples whose targets and outputs are shown as pictures.
constexpr int64_t kPanels = 6;
// Values of which each is plotted. More than so many have no names of their
// own, and are plotted together.
constexpr int64_t kScatters = 4;
constexpr int64_t kMaxNamedValues = 40;

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

// A trained network.
struct Trained {
  const Graph& graph;
  const Parameters& parameters;
};

absl::Status AddClasses(const Trained& trained, Evaluator& evaluator,
                        const Dataset& dataset, const ReportOptions& options,
                        ReportData& report) {
  LENSLET_ASSIGN_OR_RETURN(const Tensor probabilities,
                           evaluator.Probabilities(dataset));
  LENSLET_ASSIGN_OR_RETURN(
      report.quality,
      MakeClassificationReport(probabilities, dataset,
                               {.calibration_bins = kCalibrationBins}));
  std::vector<MistakenExample> mistaken;
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
    mistaken.push_back(
        {.index = mistake.index, .predicted = mistake.predicted});
  }
  return AddExplanations(trained.graph, trained.parameters, dataset, mistaken,
                         options.threads, report);
}

// The numbers of an example's output.
absl::Span<const float> OutputOf(const Tensor& outputs, int64_t example) {
  const int64_t numbers = outputs.shape().elements() / outputs.shape().dim(0);
  return outputs.span().subspan(example * numbers, numbers);
}

absl::Status AddPositions(Evaluator& evaluator, const Dataset& dataset,
                          ReportData& report) {
  LENSLET_ASSIGN_OR_RETURN(const Tensor scores, evaluator.Outputs(dataset));
  LENSLET_ASSIGN_OR_RETURN(report.positions,
                           MakePositionReport(scores, dataset));
  if (dataset.examples->target().shape.rank() != 2) return absl::OkStatus();
  for (int64_t i = 0; i < std::min(dataset.size(), kPanels); ++i) {
    LENSLET_RETURN_IF_ERROR(
        AddMapPanel(dataset, i, OutputOf(scores, i), report));
  }
  return absl::OkStatus();
}

// Of every `stride`-th of the outputs and targets, from `first` on.
ReportScatter MakeScatter(const std::string& name, const Tensor& outputs,
                          const std::vector<float>& targets, int64_t first,
                          int64_t stride) {
  ReportScatter scatter = {.name = name};
  const int64_t all = static_cast<int64_t>(targets.size());
  const int64_t count = (all - first + stride - 1) / stride;
  const int64_t every = (count + kMaxScatterPoints - 1) / kMaxScatterPoints;
  double least = std::numeric_limits<double>::infinity();
  double most = -least;
  const auto residual = [&](int64_t i) {
    return static_cast<double>(outputs.data()[i]) - targets[i];
  };
  for (int64_t n = 0; n < count; ++n) {
    const int64_t i = first + n * stride;
    least = std::min(least, residual(i));
    most = std::max(most, residual(i));
    if (n % every == 0) {
      scatter.points.emplace_back(targets[i], outputs.data()[i]);
    }
  }
  scatter.residual_min = least;
  scatter.residual_width = (most - least) / kResidualBins;
  if (scatter.residual_width == 0) {
    scatter.residual_width = 1.0 / kResidualBins;
    scatter.residual_min -= 0.5;
  }
  scatter.residuals.assign(kResidualBins, 0);
  for (int64_t n = 0; n < count; ++n) {
    const double place = (residual(first + n * stride) - scatter.residual_min) /
                         scatter.residual_width;
    ++scatter.residuals[std::min<int64_t>(place, kResidualBins - 1)];
  }
  return scatter;
}

absl::Status AddValues(Evaluator& evaluator, const Dataset& dataset,
                       ReportData& report) {
  LENSLET_ASSIGN_OR_RETURN(const Tensor outputs, evaluator.Outputs(dataset));
  LENSLET_ASSIGN_OR_RETURN(report.values, MakeValueReport(outputs, dataset));
  LENSLET_ASSIGN_OR_RETURN(const AllTargets targets, ReadAllTargets(dataset));
  const Shape& shape = dataset.examples->target().shape;
  const int64_t values = shape.elements();
  if (values > kMaxNamedValues) {
    // They are all of one kind, such as pixels.
    report.scatters.push_back(
        MakeScatter("all values", outputs, targets.values, 0, 1));
  }
  for (int64_t i = 0; i < std::min(values, kScatters); ++i) {
    if (values > kMaxNamedValues) break;
    report.scatters.push_back(MakeScatter(report.values->values[i].name,
                                          outputs, targets.values, i, values));
  }
  if (!IsImage(shape)) return absl::OkStatus();
  for (int64_t i = 0; i < std::min(dataset.size(), kPanels); ++i) {
    LENSLET_RETURN_IF_ERROR(
        AddImagePanel(dataset, i, OutputOf(outputs, i), report));
  }
  return absl::OkStatus();
}

// Quality and mistakes, and the metrics of the set that they are of.
absl::StatusOr<Metrics> AddQuality(const Trained& trained, Evaluator& evaluator,
                                   const Dataset& dataset,
                                   const ReportOptions& options,
                                   ReportData& report) {
  const TargetSpec target = dataset.examples->target();
  if (target == TargetSpec()) {
    LENSLET_RETURN_IF_ERROR(
        AddClasses(trained, evaluator, dataset, options, report));
  } else if (target.kind == TargetKind::kClasses) {
    LENSLET_RETURN_IF_ERROR(AddPositions(evaluator, dataset, report));
  } else if (target.kind == TargetKind::kLabels) {
    LENSLET_ASSIGN_OR_RETURN(const Tensor scores, evaluator.Outputs(dataset));
    LENSLET_ASSIGN_OR_RETURN(report.labels, MakeLabelReport(scores, dataset));
  } else {
    LENSLET_RETURN_IF_ERROR(AddValues(evaluator, dataset, report));
  }
  return evaluator.Evaluate(dataset);
}

// The first examples of different classes; of other targets, the first ones.
absl::StatusOr<std::vector<int64_t>> ChooseSamples(const Dataset& dataset,
                                                   int64_t count) {
  std::vector<int64_t> samples;
  if (dataset.examples->target() != TargetSpec()) {
    return AllIndices(std::min(count, dataset.size()));
  }
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
                       .test_description = sources.test_description,
                       .date = sources.date,
                       .train_examples = sources.train_examples,
                       .examples_per_second = MedianSpeed(sources.history),
                       .history = sources.history,
                       .notes = sources.notes,
                       .recipe = sources.recipe};
  if (!sources.history.empty()) {
    report.seconds = sources.history.back().seconds;
    report.epochs = sources.history.back().epoch;
  }

  const Trained trained = {.graph = graph, .parameters = parameters};
  const Dataset* measured =
      sources.test != nullptr ? sources.test : sources.validation;
  std::unique_ptr<Evaluator> evaluator;
  if (measured != nullptr) {
    const TargetKind target = measured->examples->target().kind;
    LossSpec loss = sources.loss;
    if (!Takes(loss.kind, target)) loss = {.kind = DefaultLoss(target)};
    LENSLET_ASSIGN_OR_RETURN(
        evaluator,
        Evaluator::Create(
            graph, parameters,
            {.threads = options.threads, .loss = loss, .target = target}));
    report.examples_name = ExamplesWord(measured->example_shape());
  }
  if (sources.test != nullptr) {
    LENSLET_ASSIGN_OR_RETURN(
        report.test,
        AddQuality(trained, *evaluator, *sources.test, options, report));
    if (sources.validation != nullptr) {
      LENSLET_ASSIGN_OR_RETURN(report.validation,
                               evaluator->Evaluate(*sources.validation));
    }
  } else if (sources.validation != nullptr) {
    report.measured_on = "validation";
    LENSLET_ASSIGN_OR_RETURN(
        report.validation,
        AddQuality(trained, *evaluator, *sources.validation, options, report));
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
