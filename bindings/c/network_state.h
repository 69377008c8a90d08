// What a lenslet_network holds.

#ifndef LENSLET_BINDINGS_C_NETWORK_STATE_H_
#define LENSLET_BINDINGS_C_NETWORK_STATE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/normalization.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/predict/output_targets.h"
#include "lenslet/predict/predictor.h"
#include "lenslet/predict/trained_inputs.h"

namespace lenslet {

// A network with one input, and its parameters. Not thread-safe.
class NetworkState {
 public:
  // Errors: as LoadCheckpoint(), GraphOf(), RestoreParameters(),
  // CheckOutputTargets() and CheckNormalization().
  static absl::StatusOr<std::unique_ptr<NetworkState>> FromFile(
      const std::string& path);
  // Errors: the same for CheckpointFromBytes().
  static absl::StatusOr<std::unique_ptr<NetworkState>> FromBytes(
      absl::string_view bytes);

  absl::StatusOr<std::unique_ptr<NetworkState>> Copy() const;

  // Without the state of a training.
  CheckpointProto ToCheckpoint() const;

  const Graph& graph() const { return graph_; }
  const Shape& input_shape() const { return graph_.inputs()[0].shape; }
  const Shape& output_shape() const {
    return graph_.ShapeOfValue(graph_.output_value());
  }
  const OutputTargets& targets() const { return targets_; }
  const TrainedInputs& trained_inputs() const { return trained_inputs_; }
  const Normalization& normalization() const { return normalization_; }
  // In the same place as long as the state. Whoever changes them calls
  // ParametersChanged().
  Parameters& parameters() { return parameters_; }
  void ParametersChanged() { predictor_ = nullptr; }

  // At least 1.
  void set_block(int64_t block);
  // Runs blocks of that many examples, with the current parameters. Errors: as
  // Predictor::Create().
  absl::StatusOr<Predictor*> predictor();

 private:
  NetworkState(ModelProto model, Graph graph, Parameters parameters)
      : model_(std::move(model)),
        graph_(std::move(graph)),
        parameters_(std::move(parameters)) {}
  static absl::StatusOr<std::unique_ptr<NetworkState>> FromCheckpoint(
      const CheckpointProto& checkpoint);

  const ModelProto model_;
  const Graph graph_;
  Parameters parameters_;
  OutputTargets targets_;
  TrainedInputs trained_inputs_;
  Normalization normalization_;
  int64_t block_ = 1;
  std::unique_ptr<Predictor> predictor_;  // Made when it is needed.
};

}  // namespace lenslet

#endif  // LENSLET_BINDINGS_C_NETWORK_STATE_H_
