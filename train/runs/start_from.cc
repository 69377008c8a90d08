#include "lenslet/train/runs/start_from.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/text_format.h"
#include "lenslet/data/normalization.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

std::string WhyNotTaken(const CheckpointProto& checkpoint,
                        const Graph::Parameter& parameter,
                        absl::string_view layer) {
  const absl::string_view short_name =
      absl::string_view(parameter.name).substr(layer.size() + 1);
  bool has_layer = false;
  for (const ParameterProto& proto : checkpoint.parameter()) {
    has_layer |= absl::StartsWith(proto.name(), absl::StrCat(layer, "."));
    if (proto.name() != parameter.name) continue;
    return absl::StrCat(short_name, " has shape [",
                        absl::StrJoin(proto.shape(), ", "), "] there and ",
                        parameter.info.shape.ToString(), " here");
  }
  return has_layer ? absl::StrCat("it has no ", short_name, " there")
                   : "there is no such layer there";
}

// The first of many.
std::string ListText(const std::vector<std::string>& parts,
                     absl::string_view separator) {
  constexpr size_t kMostParts = 12;
  if (parts.size() <= kMostParts) return absl::StrJoin(parts, separator);
  return absl::StrCat(
      absl::StrJoin(absl::MakeConstSpan(parts).first(kMostParts), separator),
      separator, "and ", parts.size() - kMostParts, " more");
}

// Of all layers: the numbers of their parameters, and those taken.
StartedLayer Sum(const std::vector<StartedLayer>& layers) {
  StartedLayer sum;
  for (const StartedLayer& layer : layers) {
    sum.numbers += layer.numbers;
    sum.taken += layer.taken;
  }
  return sum;
}

}  // namespace

std::vector<StartedLayer> StartFrom(const CheckpointProto& checkpoint,
                                    const Graph& graph,
                                    Parameters& parameters) {
  const std::vector<bool> copied =
      CopyMatchingParameters(checkpoint, parameters);
  std::vector<StartedLayer> layers;
  for (const Graph::Node& node : graph.nodes()) {
    if (node.parameter_count == 0) continue;
    StartedLayer layer = {.name = node.name};
    for (int p = node.first_parameter;
         p < node.first_parameter + node.parameter_count; ++p) {
      const Graph::Parameter& parameter = graph.parameters()[p];
      const int64_t numbers = parameter.info.shape.elements();
      layer.numbers += numbers;
      if (copied[p]) {
        layer.taken += numbers;
      } else if (layer.reason.empty()) {
        layer.reason = WhyNotTaken(checkpoint, parameter, node.name);
      }
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

absl::Status NothingTaken(absl::string_view path) {
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": has no parameter whose name and shape match one of the model"));
}

std::string StartText(const std::vector<StartedLayer>& layers) {
  std::vector<std::string> taken, left;
  for (const StartedLayer& layer : layers) {
    if (layer.reason.empty()) {
      taken.push_back(layer.name);
    } else {
      left.push_back(absl::StrCat(layer.taken > 0 ? "left a part of " : "left ",
                                  layer.name, ": ", layer.reason));
    }
  }
  const StartedLayer sum = Sum(layers);
  std::string text = absl::StrCat("took ", taken.size(), " of ",
                                  CountText(layers.size(), "layer"));
  if (!taken.empty()) absl::StrAppend(&text, " (", ListText(taken, ", "), ")");
  absl::StrAppend(&text, ", ", WithCommas(sum.taken), " of ",
                  WithCommas(sum.numbers), " numbers");
  if (!left.empty()) absl::StrAppend(&text, "; ", ListText(left, "; "));
  return text;
}

std::optional<TrainingWarning> WarnOfLittleStart(
    const std::vector<StartedLayer>& layers, absl::string_view path) {
  const StartedLayer sum = Sum(layers);
  if (2 * sum.taken >= sum.numbers) return std::nullopt;
  const bool only_last_left =
      std::all_of(layers.begin(), layers.end() - 1,
                  [](const auto& layer) { return layer.reason.empty(); });
  return TrainingWarning{
      "little_start",
      absl::StrCat(
          "the run starts with less than half of its parameters from ",
          Printable(path), ": ", StartText(layers), "; ",
          only_last_left
              ? "a new last layer, as for other classes, is no mistake"
              : "only layers of the same name and shape are taken; lenslet "
                "summarize shows those of that model")};
}

std::vector<TrainingWarning> StartWarnings(
    const CheckpointProto& checkpoint, const std::vector<StartedLayer>& layers,
    absl::string_view path, absl::Span<const std::string> class_names) {
  std::vector<TrainingWarning> warnings;
  const auto add = [&](std::optional<TrainingWarning> warning) {
    if (warning.has_value()) warnings.push_back(*std::move(warning));
  };
  add(WarnOfLittleStart(layers, path));
  if (!layers.empty() && layers.back().reason.empty()) {
    const std::vector<std::string> start_names(checkpoint.class_name().begin(),
                                               checkpoint.class_name().end());
    add(WarnOfOtherClasses(path, start_names, class_names));
  }
  return warnings;
}

absl::Status TakeNormalization(const CheckpointProto& checkpoint,
                               const Shape& input, DataProto& data) {
  if (checkpoint.has_normalization() && !data.has_normalization()) {
    return absl::InvalidArgumentError(
        "its parameters were trained with a normalization; expected "
        "data { normalization {} }, which takes it");
  }
  if (!data.has_normalization() || !data.normalization().mean().empty()) {
    return absl::OkStatus();
  }
  if (!checkpoint.has_normalization()) {
    return absl::InvalidArgumentError(
        "it has no normalization that data { normalization {} } could take; "
        "expected no data.normalization, or one with mean and deviation");
  }
  const Normalization normalization =
      NormalizationFromProto(checkpoint.normalization());
  if (!CheckNormalization(normalization, input).ok()) {
    const char* const what = input.rank() == 1 ? "column" : "channel";
    const int64_t channels = std::max<int64_t>(normalization.mean.size(),
                                               normalization.deviation.size());
    return absl::InvalidArgumentError(
        absl::StrCat("its normalization is of the ", CountText(channels, what),
                     " that its network reads; expected ", ChannelsOf(input),
                     ", those of the model's input ", input.ToString()));
  }
  *data.mutable_normalization() = checkpoint.normalization();
  return absl::OkStatus();
}

}  // namespace lenslet
