#include "lenslet/network.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/utf8.h"
#include "lenslet/base/version.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/layers/flatten_hint.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/graph_model.h"
#include "lenslet/models/load_model.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/load_graph.h"

namespace lenslet {
namespace {

// A kind of layer as model files spell it: "avg_pool2d" for "AvgPool2d".
// Skips what cannot stand in a name, so that the error for such a kind is about
// the kind.
std::string InSnakeCase(const std::string& kind) {
  std::string snake;
  for (const char c : kind) {
    if (!absl::ascii_isalnum(c)) continue;
    if (absl::ascii_isupper(c) && !snake.empty()) snake += '_';
    snake += absl::ascii_tolower(c);
  }
  return snake;
}

// "0", "1", ... for each output of a classifier. Empty for other graphs.
std::vector<std::string> NumberedClasses(const Graph& graph) {
  const Shape& output = graph.ShapeOfValue(graph.output_value());
  std::vector<std::string> names;
  if (output.rank() != 1 || output.dim(0) > kMaxClasses) return names;
  for (int64_t i = 0; i < output.dim(0); ++i) names.push_back(absl::StrCat(i));
  return names;
}

}  // namespace

absl::StatusOr<Network> Network::Create(const Graph& graph,
                                        const std::string& name) {
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters, Parameters::Create(graph));
  Network network(std::unique_ptr<State>(new State{
      .name = name,
      .graph = graph,
      .parameters = std::move(parameters),
      .targets = {.names = NumberedClasses(graph)},
  }));
  network.Initialize();
  return network;
}

absl::StatusOr<Network> Network::Sequential(const Shape& input,
                                            const std::vector<Layer>& layers) {
  NetworkBuilder builder;
  NetworkBuilder::Value value = builder.Input(input);
  for (const Layer& layer : layers) value = builder.Add(layer, value);
  return builder.Build();
}

absl::StatusOr<Network> Network::FromModel(const ModelProto& model) {
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildGraph(model));
  return Create(graph, model.name());
}

absl::StatusOr<Network> Network::FromModel(const std::string& name_or_path) {
  LENSLET_ASSIGN_OR_RETURN(const ModelText text, LoadModel(name_or_path));
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildGraph(text));
  return Create(graph, text.model.name());
}

absl::StatusOr<Network> Network::FromCheckpoint(
    const CheckpointProto& checkpoint) {
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, GraphOf(checkpoint));
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters,
                           RestoreParameters(graph, checkpoint));
  Network network(std::unique_ptr<State>(new State{
      .name = checkpoint.model().name(),
      .graph = graph,
      .parameters = std::move(parameters),
  }));
  LENSLET_RETURN_IF_ERROR(network.RestoreData(checkpoint));
  return network;
}

absl::StatusOr<Network> Network::Load(const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(const CheckpointProto checkpoint,
                           LoadCheckpoint(path));
  absl::StatusOr<Network> network = FromCheckpoint(checkpoint);
  if (!network.ok()) return AtPlace(network.status(), path);
  return network;
}

absl::StatusOr<Network> Network::FromBytes(absl::string_view bytes) {
  absl::StatusOr<CheckpointProto> checkpoint = CheckpointFromBytes(bytes);
  if (!checkpoint.ok()) {
    return absl::Status(
        checkpoint.status().code(),
        absl::StrCat("the byte string ", checkpoint.status().message()));
  }
  return FromCheckpoint(*checkpoint);
}

CheckpointProto Network::WithoutModel() const {
  CheckpointProto checkpoint;
  CopyParameters(state_->parameters, checkpoint);
  TargetsToCheckpoint(state_->targets, checkpoint);
  TrainedInputsToCheckpoint(state_->inputs, checkpoint);
  if (!state_->normalization.empty()) {
    *checkpoint.mutable_normalization() =
        NormalizationToProto(state_->normalization);
  }
  checkpoint.set_lenslet_version(kVersion);
  return checkpoint;
}

absl::StatusOr<CheckpointProto> Network::ToCheckpoint() const {
  LENSLET_ASSIGN_OR_RETURN(ModelProto model, Model());
  CheckpointProto checkpoint = WithoutModel();
  *checkpoint.mutable_model() = std::move(model);
  return checkpoint;
}

absl::Status Network::Save(const std::string& path) const {
  const absl::StatusOr<CheckpointProto> checkpoint = ToCheckpoint();
  if (!checkpoint.ok()) return AtPlace(checkpoint.status(), path);
  return SaveCheckpoint(path, *checkpoint);
}

absl::StatusOr<std::string> Network::ToBytes() const {
  LENSLET_ASSIGN_OR_RETURN(const CheckpointProto checkpoint, ToCheckpoint());
  return CheckpointToBytes(checkpoint);
}

absl::StatusOr<ModelProto> Network::Model() const {
  LENSLET_ASSIGN_OR_RETURN(ModelProto model, ModelOf(state_->graph));
  model.set_name(state_->name);
  return model;
}

absl::Status Network::SaveParameters(const std::string& path) const {
  return SaveCheckpoint(path, WithoutModel());
}

absl::Status Network::LoadParameters(const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(const CheckpointProto checkpoint,
                           LoadCheckpoint(path));
  const absl::StatusOr<Parameters> parameters =
      RestoreParameters(state_->graph, checkpoint);
  if (!parameters.ok()) return AtPlace(parameters.status(), path);
  LENSLET_RETURN_IF_ERROR(AtPlace(RestoreData(checkpoint), path));
  // In place: others may refer to the array.
  std::copy(parameters->array().begin(), parameters->array().end(),
            mutable_parameters().array().begin());
  return absl::OkStatus();
}

absl::Status Network::RestoreData(const CheckpointProto& checkpoint) {
  Normalization normalization =
      NormalizationFromProto(checkpoint.normalization());
  LENSLET_RETURN_IF_ERROR(
      CheckNormalization(normalization, state_->graph.inputs()[0].shape));
  OutputTargets targets = TargetsFromCheckpoint(checkpoint);
  if (!targets.names.empty() || targets.kind != TargetKind::kClasses) {
    LENSLET_RETURN_IF_ERROR(SetTargets(std::move(targets)));
  }
  SetTrainedInputs(TrainedInputsFromCheckpoint(checkpoint));
  return SetNormalization(std::move(normalization));
}

void Network::Initialize(const Initializer& initializer, uint64_t seed) {
  InitializeParameters(initializer, seed, mutable_parameters());
}

absl::Status Network::SetName(const std::string& name) {
  LENSLET_RETURN_IF_ERROR(CheckAsModel(state_->graph, name));
  state_->name = name;
  return absl::OkStatus();
}

absl::Status Network::SetClassNames(std::vector<std::string> names) {
  LENSLET_RETURN_IF_ERROR(CheckOneScoreForEachClass(
      state_->graph, static_cast<int64_t>(names.size())));
  return SetTargets({.names = std::move(names)});
}

absl::Status Network::SetTargets(OutputTargets targets) {
  LENSLET_RETURN_IF_ERROR(CheckOutputTargets(state_->graph, targets));
  state_->targets = std::move(targets);
  state_->predictor = nullptr;
  return absl::OkStatus();
}

absl::Status Network::SetNormalization(Normalization normalization) {
  LENSLET_RETURN_IF_ERROR(
      CheckNormalization(normalization, state_->graph.inputs()[0].shape));
  state_->normalization = std::move(normalization);
  state_->predictor = nullptr;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Predictor>> Network::MakePredictor(
    const PredictorOptions& options) const {
  return Predictor::Create(state_->graph, state_->parameters, state_->targets,
                           state_->normalization, options);
}

absl::StatusOr<Predictor*> Network::predictor() const {
  if (state_->predictor == nullptr) {
    LENSLET_ASSIGN_OR_RETURN(state_->predictor, MakePredictor());
  }
  return state_->predictor.get();
}

absl::StatusOr<std::vector<ClassScore>> Network::Classify(const Tensor& image,
                                                          int64_t count) const {
  LENSLET_ASSIGN_OR_RETURN(Predictor * predictor, this->predictor());
  return predictor->Classify(image, count);
}

absl::Status Network::Predict(absl::Span<const uint8_t> examples,
                              absl::Span<float> scores) const {
  LENSLET_ASSIGN_OR_RETURN(Predictor * predictor, this->predictor());
  return predictor->Predict(examples, scores);
}

absl::Status Network::Predict(absl::Span<const float> examples,
                              absl::Span<float> scores) const {
  LENSLET_ASSIGN_OR_RETURN(Predictor * predictor, this->predictor());
  return predictor->Predict(examples, scores);
}

NetworkBuilder::NetworkBuilder() {
  static std::atomic<int> builders = 0;
  id_ = ++builders;
}

NetworkBuilder::Value NetworkBuilder::NewValue(const std::string& kind,
                                               const std::string& name) {
  std::string unique = name;
  for (int i = 1; unique.empty(); ++i) {
    std::string candidate = absl::StrCat(kind, "_", i);
    if (names_.count(candidate) == 0) unique = std::move(candidate);
  }
  names_.insert(unique);
  return Value(id_, std::move(unique));
}

NetworkBuilder::Value NetworkBuilder::Input(const Shape& shape,
                                            const std::string& name) {
  Value value = NewValue("input", name);
  graph_.AddInput(value.name_, shape);
  // As other libraries have it.
  if (shape.rank() == 3 && shape.dim(0) <= 4 && shape.dim(1) > 4 &&
      shape.dim(2) > 4) {
    hint_ = absl::StrCat(
        "; shapes are [height, width, channels], but an input "
        "is ",
        shape.ToString());
  }
  return value;
}

NetworkBuilder::Value NetworkBuilder::Add(const Layer& layer,
                                          const Value& input,
                                          const std::string& name) {
  return Add(layer, std::vector<Value>{input}, name);
}

NetworkBuilder::Value NetworkBuilder::Add(const Layer& layer,
                                          const std::vector<Value>& inputs,
                                          const std::string& name) {
  Value value = NewValue(InSnakeCase(layer.type()), name);
  std::vector<std::string> names;
  for (const Value& input : inputs) {
    if (input.builder_ != id_) foreign_reader_ = value.name_;
    names.push_back(input.name_);
  }
  graph_.AddLayer(value.name_, layer, names);
  return value;
}

absl::StatusOr<Network> NetworkBuilder::Build(const std::string& name) const {
  if (!foreign_reader_.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("layer ", QuotedName(foreign_reader_),
                     ": reads a value of another NetworkBuilder"));
  }
  const absl::StatusOr<Graph> built = graph_.Build();
  if (!built.ok()) {
    return absl::Status(built.status().code(),
                        absl::StrCat(built.status().message(), hint_));
  }
  const Graph& graph = *built;
  absl::StatusOr<ModelProto> model = ModelOf(graph);
  if (model.ok()) {
    // What is saved must load.
    model->set_name(name);
    LENSLET_RETURN_IF_ERROR(BuildGraph(*model).status());
  } else {
    LENSLET_RETURN_IF_ERROR(CheckAsModel(graph, name));
  }
  return Network::Create(graph, name);
}

}  // namespace lenslet
