#include "lenslet/onnx/export.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/utf8.h"
#include "lenslet/base/version.h"
#include "lenslet/data/class_indices.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/digest.h"
#include "lenslet/data/normalization.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/layers/fold_batch_norm.h"
#include "lenslet/onnx/export_layers.h"
#include "lenslet/onnx/export_order.h"
#include "lenslet/onnx/graph_writer.h"
#include "lenslet/onnx/metadata.h"
#include "lenslet/predict/output_targets.h"
#include "lenslet/predict/trained_inputs.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

// The first version that has 8-bit numbers for each channel; every runtime of
// the last years reads it, with any opset.
constexpr int kIrVersion = 8;

void DescribeValue(const std::string& name, const Shape& image,
                   onnx::ValueInfoProto& info) {
  info.set_name(name);
  onnx::TypeProto::Tensor& tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(onnx::TensorProto::FLOAT);
  tensor.mutable_shape()->add_dim()->set_dim_param("batch");
  const int rank = image.rank();
  if (rank > 0) {
    tensor.mutable_shape()->add_dim()->set_dim_value(image.dim(rank - 1));
  }
  for (int axis = 0; axis + 1 < rank; ++axis) {
    tensor.mutable_shape()->add_dim()->set_dim_value(image.dim(axis));
  }
}

// Metadata have one name a line.
absl::Status CheckNames(const OutputTargets& targets) {
  for (const std::string& name : targets.names) {
    if (absl::StrContains(name, '\n')) {
      return absl::InvalidArgumentError(
          absl::StrCat("the name \"", Printable(name),
                       "\" has a line end in it; ONNX models have one name a "
                       "line"));
    }
  }
  return absl::OkStatus();
}

// Of columns, one a line.
std::string ColumnNames(const std::vector<std::string>& names) {
  return absl::StrJoin(names, "\n", [](std::string* text, const auto& name) {
    // Files may have others than UTF-8.
    absl::StrAppend(text, IsValidUtf8(name) ? absl::Utf8SafeCEscape(name)
                                            : absl::CEscape(name));
  });
}

// "" if it is not known.
std::string RecipeDigest(const CheckpointProto& checkpoint) {
  if (checkpoint.recipe().empty()) return checkpoint.recipe_digest();
  Digest digest;
  digest.Add(checkpoint.recipe().data(), checkpoint.recipe().size());
  return digest.Hex();
}

void AddMetadata(const std::string& key, const std::string& value,
                 onnx::ModelProto& model) {
  onnx::StringStringEntryProto& entry = *model.add_metadata_props();
  entry.set_key(key);
  entry.set_value(value);
}

// Numbers that are read as the same floats again.
std::string NumberList(absl::Span<const float> numbers) {
  return absl::StrJoin(numbers, ",", [](std::string* text, float number) {
    absl::StrAppendFormat(text, "%.9g", number);
  });
}

void AddInputMetadata(const TrainedNetwork& network,
                      const OnnxExportOptions& options,
                      onnx::ModelProto& model) {
  const CheckpointProto& checkpoint = network.checkpoint;
  const Shape& input = network.graph.inputs()[0].shape;
  const TrainedInputs trained = TrainedInputsFromCheckpoint(checkpoint);
  const auto usual = UsualInputType(input).value_or(ElementType::kUint8);
  if (trained.type.has_value() && *trained.type != usual) {
    AddMetadata(kInputTypeKey, std::string(Name(*trained.type)), model);
  }
  if (!trained.names.empty()) {
    AddMetadata(kInputNamesKey, ColumnNames(trained.names), model);
  }
  const Normalization normalization =
      NormalizationFromProto(checkpoint.normalization());
  if (!options.normalize && !normalization.empty()) {
    AddMetadata(kNormalizationMeanKey, NumberList(normalization.mean), model);
    AddMetadata(kNormalizationDeviationKey, NumberList(normalization.deviation),
                model);
  }
  if (!checkpoint.has_image_files()) return;
  const ImageFoldersProto& images = checkpoint.image_files();
  AddMetadata(kImageFitKey,
              absl::AsciiStrToLower(ImageFitProto_Name(images.fit())), model);
  if (images.background_size() > 0) {
    AddMetadata(kImageBackgroundKey, absl::StrJoin(images.background(), ","),
                model);
  }
  if (images.crop_margin() > 0) {
    AddMetadata(kImageCropMarginKey, absl::StrCat(images.crop_margin()), model);
  }
}

// One number for all channels, or one for each: [channels, 1, ...].
std::string WriteChannels(const std::string& name,
                          absl::Span<const float> values, int rank,
                          GraphWriter& writer) {
  Ints shape(std::max(rank, 1), 1);
  shape[0] = static_cast<int64_t>(values.size());
  return writer.Floats(name, shape, values);
}

// Does what the data's normalization does, rounding as it does.
std::string WriteNormalization(const std::string& x, const Shape& image,
                               const Normalization& normalization,
                               GraphWriter& writer) {
  if (normalization.empty()) return x;
  const std::string centered = writer.Add(
      "Sub", {x, WriteChannels(absl::StrCat(x, ".mean"), normalization.mean,
                               image.rank(), writer)});
  return writer.Add(
      "Div",
      {centered, WriteChannels(absl::StrCat(x, ".deviation"),
                               normalization.deviation, image.rank(), writer)});
}

// Turns scores into probabilities.
absl::StatusOr<std::string> WriteProbabilities(const OnnxValue& scores,
                                               TargetKindProto kind,
                                               GraphWriter& writer) {
  switch (kind) {
    case LABELS:
      return writer.Add("Sigmoid", {scores.name});
    case VALUES:
      return absl::InvalidArgumentError(
          "the network's outputs are values, which have no probabilities");
    default:
      break;
  }
  if (scores.shape.rank() > 1 && writer.opset() < 13) {
    return absl::UnimplementedError(absl::StrCat(
        "probabilities at each position need version 13 of the operators, the "
        "first whose Softmax takes one axis; the opset is ",
        writer.opset()));
  }
  return writer.Add("Softmax", {scores.name}, {{"axis", int64_t{1}}});
}

// The names that nodes and constants must not take.
std::set<std::string> LayerNames(const Graph& graph) {
  std::set<std::string> names;
  for (const Graph::Input& input : graph.inputs()) names.insert(input.name);
  for (const Graph::Node& node : graph.nodes()) names.insert(node.name);
  return names;
}

absl::Status WriteGraph(const TrainedNetwork& network, const Graph& graph,
                        const Parameters& parameters,
                        const OnnxExportOptions& options,
                        onnx::GraphProto& proto) {
  GraphWriter writer(options.opset, LayerNames(graph), proto);
  std::vector<OnnxValue> values;
  for (const Graph::Input& input : graph.inputs()) {
    DescribeValue(input.name, input.shape, *proto.add_input());
    std::string name = input.name;
    writer.StartLayer(name);
    if (options.normalize) {
      name = WriteNormalization(
          name, input.shape,
          NormalizationFromProto(network.checkpoint.normalization()), writer);
    }
    values.push_back({.name = std::move(name), .shape = input.shape});
  }
  const std::vector<ValuePlan> plans = PlanValues(graph);
  for (const Graph::Node& node : graph.nodes()) {
    const ValuePlan& plan = plans[values.size()];
    if (plan.same_as >= 0 || !plan.is_used) {
      values.push_back(plan.same_as >= 0 ? values[plan.same_as] : OnnxValue());
      continue;
    }
    std::vector<OnnxValue> inputs;
    for (const int value : node.inputs) inputs.push_back(values[value]);
    writer.StartLayer(node.name);
    const int nodes_before = proto.node_size();
    absl::StatusOr<OnnxValue> output =
        WriteLayer(node, parameters, std::move(inputs), plan.in_order, writer);
    if (!output.ok()) {
      return AtPlace(output.status(),
                     absl::StrCat("layer \"", node.name, "\""));
    }
    if (proto.node_size() > nodes_before) output->name = writer.NameLast();
    values.push_back(*std::move(output));
  }
  writer.StartLayer("output");
  OnnxValue output = values[graph.output_value()];
  if (options.probabilities) {
    LENSLET_ASSIGN_OR_RETURN(
        output.name,
        WriteProbabilities(output, network.checkpoint.target_kind(), writer));
  }
  // Of a network that does nothing.
  if (proto.node_size() == 0)
    output.name = writer.Add("Identity", {output.name});
  DescribeValue(output.name, output.shape, *proto.add_output());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ExportOnnx(const TrainedNetwork& network,
                                       const OnnxExportOptions& options) {
  if (options.opset < kFirstOpset || options.opset > kLastOpset) {
    return absl::InvalidArgumentError(
        absl::StrCat("the opset is ", options.opset, "; expected ", kFirstOpset,
                     " to ", kLastOpset));
  }
  std::optional<FoldedNetwork> folded;
  if (options.fold_batch_norm) {
    LENSLET_ASSIGN_OR_RETURN(folded,
                             FoldBatchNorm(network.graph, network.parameters));
  }
  const CheckpointProto& checkpoint = network.checkpoint;
  const OutputTargets targets = TargetsFromCheckpoint(checkpoint);
  LENSLET_RETURN_IF_ERROR(CheckNames(targets));
  onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name(kProducer);
  model.set_producer_version(kVersion);
  onnx::OperatorSetIdProto& operators = *model.add_opset_import();
  operators.set_domain("");
  operators.set_version(options.opset);
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name(checkpoint.model().name().empty() ? "network"
                                                   : checkpoint.model().name());
  LENSLET_RETURN_IF_ERROR(WriteGraph(
      network, folded ? folded->graph : network.graph,
      folded ? folded->parameters : network.parameters, options, graph));
  if (targets.kind != TargetKind::kClasses) {
    AddMetadata(kTargetsKey, std::string(Name(targets.kind)), model);
  }
  if (options.probabilities) {
    AddMetadata(kActivationKey,
                targets.kind == TargetKind::kLabels ? kSigmoid : kSoftmax,
                model);
  }
  AddInputMetadata(network, options, model);
  // The importer gives numbers to classes without names.
  const bool has_names = targets.kind == TargetKind::kClasses
                             ? !AreIndices(targets.names)
                             : !targets.names.empty();
  if (has_names) {
    AddMetadata(kClassNamesKey, absl::StrJoin(targets.names, "\n"), model);
  }
  if (const std::string digest = RecipeDigest(checkpoint); !digest.empty()) {
    AddMetadata(kRecipeDigestKey, digest, model);
  }
  std::string bytes;
  if (model.ByteSizeLong() > std::numeric_limits<int32_t>::max() ||
      !model.SerializeToString(&bytes)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the model has ", model.ByteSizeLong(),
                     " bytes; ONNX files have less than 2 GiB"));
  }
  return bytes;
}

}  // namespace lenslet
