#include "lenslet/bindings/c/network_state.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/version.h"
#include "lenslet/bindings/c/check_cpu.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/load_graph.h"

namespace lenslet {

absl::StatusOr<std::unique_ptr<NetworkState>> NetworkState::FromFile(
    const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(const CheckpointProto checkpoint,
                           LoadCheckpoint(path));
  absl::StatusOr<std::unique_ptr<NetworkState>> state =
      FromCheckpoint(checkpoint);
  if (!state.ok()) return AtPlace(state.status(), path);
  return state;
}

absl::StatusOr<std::unique_ptr<NetworkState>> NetworkState::FromBytes(
    absl::string_view bytes) {
  const absl::StatusOr<CheckpointProto> checkpoint = CheckpointFromBytes(bytes);
  if (!checkpoint.ok()) {
    return absl::Status(
        checkpoint.status().code(),
        absl::StrCat("the memory ", checkpoint.status().message()));
  }
  return FromCheckpoint(*checkpoint);
}

absl::StatusOr<std::unique_ptr<NetworkState>> NetworkState::FromCheckpoint(
    const CheckpointProto& checkpoint) {
  LENSLET_RETURN_IF_ERROR(CheckCpu());
  LENSLET_ASSIGN_OR_RETURN(Graph graph, GraphOf(checkpoint));
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters,
                           RestoreParameters(graph, checkpoint));
  std::unique_ptr<NetworkState> state(new NetworkState(
      checkpoint.model(), std::move(graph), std::move(parameters)));
  state->targets_ = TargetsFromCheckpoint(checkpoint);
  LENSLET_RETURN_IF_ERROR(CheckOutputTargets(state->graph_, state->targets_));
  state->normalization_ = NormalizationFromProto(checkpoint.normalization());
  LENSLET_RETURN_IF_ERROR(
      CheckNormalization(state->normalization_, state->input_shape()));
  state->trained_inputs_ = TrainedInputsFromCheckpoint(checkpoint);
  return state;
}

absl::StatusOr<std::unique_ptr<NetworkState>> NetworkState::Copy() const {
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters, Parameters::Create(graph_));
  std::copy(parameters_.array().begin(), parameters_.array().end(),
            parameters.array().begin());
  std::unique_ptr<NetworkState> state(
      new NetworkState(model_, graph_, std::move(parameters)));
  state->targets_ = targets_;
  state->trained_inputs_ = trained_inputs_;
  state->normalization_ = normalization_;
  state->block_ = block_;
  return state;
}

CheckpointProto NetworkState::ToCheckpoint() const {
  CheckpointProto checkpoint;
  *checkpoint.mutable_model() = model_;
  CopyParameters(parameters_, checkpoint);
  TargetsToCheckpoint(targets_, checkpoint);
  TrainedInputsToCheckpoint(trained_inputs_, checkpoint);
  if (!normalization_.empty()) {
    *checkpoint.mutable_normalization() = NormalizationToProto(normalization_);
  }
  checkpoint.set_lenslet_version(kVersion);
  return checkpoint;
}

void NetworkState::set_block(int64_t block) {
  if (block == block_) return;
  block_ = block;
  predictor_ = nullptr;
}

absl::StatusOr<Predictor*> NetworkState::predictor() {
  if (predictor_ == nullptr) {
    LENSLET_ASSIGN_OR_RETURN(
        predictor_, Predictor::Create(graph_, parameters_, targets_,
                                      normalization_, {.images = block_}));
  }
  return predictor_.get();
}

}  // namespace lenslet
