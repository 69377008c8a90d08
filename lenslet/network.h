// A network in one object: its layers, their parameters, the names of its
// classes, and the normalization of its inputs.
//
//   Network net = Network::Sequential(
//       {28, 28, 1}, {Conv2d(6, 5, {.padding = 2}), Relu(), MaxPool2d(2),
//                     Flatten(), Linear(10)}).value();
//   ... Train(net, ...) (lenslet/train.h) ...
//   if (absl::Status s = net.Save("digits.ckpt"); !s.ok()) ...
//   Network same = Network::Load("digits.ckpt").value();
//   const Tensor image({28, 28, 1}, ElementType::kUint8);  // A black one.
//   const std::vector<ClassScore> best = same.Classify(image, 3).value();
//   const std::vector<uint8_t> pixels(28 * 28);
//   std::vector<float> scores(10);
//   absl::Status s = same.Predict(pixels, absl::MakeSpan(scores));
//
// Classify() returns probabilities; Predict() computes the scores before
// softmax. Name a result before a loop over it: in C++20, the vector in
// `for (const ClassScore& s : same.Classify(image, 3).value())` is gone before
// the first pass.
//
// For a network with branches, NetworkBuilder takes layers one by one. Layers
// that the program itself defines: layers/custom_layer.h.

#ifndef LENSLET_NETWORK_H_
#define LENSLET_NETWORK_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/data/normalization.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layer.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/predict/predictor.h"
#include "lenslet/predict/trained_inputs.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/initializer.h"

namespace lenslet {

// Movable; a move keeps the addresses of graph() and parameters(). A moved-from
// network can only be destroyed or assigned to. Calls must not overlap, even of
// const functions. For several threads, make a Predictor for each.
class Network {
 public:
  // A network with these layers, each of which reads the one before it. `input`
  // is the shape of one example, such as [height, width, channels]. Layers are
  // named by their kind and a number: "conv2d_1". Parameters start as
  // Initialize() sets them by default. If the output is a vector of at most
  // 4096 numbers, these are the scores of classes "0", "1", .... Errors: as
  // GraphBuilder::Build() and BuildGraph(); ResourceExhausted.
  static absl::StatusOr<Network> Sequential(const Shape& input,
                                            const std::vector<Layer>& layers);

  // The network of a model, untrained. Errors: as BuildGraph();
  // ResourceExhausted.
  static absl::StatusOr<Network> FromModel(const ModelProto& model);

  // The same for a model's name in the zoo, or its file. Errors: as
  // LoadModel() (models/load_model.h) and BuildGraph(); ResourceExhausted.
  static absl::StatusOr<Network> FromModel(const std::string& name_or_path);

  // Loads a checkpoint file, or the newest one in the folder of a run. Errors:
  // as LoadCheckpoint(), BuildGraph() and RestoreParameters(); InvalidArgument
  // for a checkpoint without a model, and for a number of classes or a
  // normalization that does not fit the model.
  static absl::StatusOr<Network> Load(const std::string& path);

  // The same for the bytes of a checkpoint file.
  static absl::StatusOr<Network> FromBytes(absl::string_view bytes);

  // Writes a checkpoint: everything that Load() needs. It has no recipe and no
  // state of a run, so a run cannot resume from it. Errors: as Model() and
  // SaveCheckpoint().
  absl::Status Save(const std::string& path) const;

  // The bytes that Save() writes. Errors: as Model(); ResourceExhausted for 2
  // GiB or more.
  absl::StatusOr<std::string> ToBytes() const;

  // The network as a model file describes it. Errors: Unimplemented for a
  // network with a custom layer (layers/custom_layer.h), which only the program
  // can describe.
  absl::StatusOr<ModelProto> Model() const;

  // Writes a checkpoint without the model: the values of the parameters, the
  // class names and the normalization. For networks with custom layers. Errors:
  // as SaveCheckpoint().
  absl::Status SaveParameters(const std::string& path) const;

  // Restores what SaveParameters() or Save() wrote, for a network with layers
  // of the same names and parameters of the same shapes. Without class names in
  // the file, keeps the network's. On error, nothing changes. Errors, all
  // naming the path: as LoadCheckpoint(), RestoreParameters(), SetClassNames()
  // and SetNormalization().
  absl::Status LoadParameters(const std::string& path);

  // Sets all parameters to the values that they have before training.
  void Initialize(const Initializer& initializer = {}, uint64_t seed = 0);

  const std::string& name() const { return state_->name; }
  // Errors: InvalidArgument for a name that ModelProto cannot have. On error,
  // nothing changes.
  absl::Status SetName(const std::string& name);
  const Graph& graph() const { return state_->graph; }
  const Parameters& parameters() const { return state_->parameters; }
  // Existing predictors keep the old values.
  Parameters& mutable_parameters() {
    state_->predictor = nullptr;
    return state_->parameters;
  }

  // The names of the classes, in the order of the outputs. Errors:
  // InvalidArgument for names that are not UTF-8, or if the network's output is
  // not a vector with a score for each. On error, nothing changes.
  const std::vector<std::string>& class_names() const {
    return state_->targets.names;
  }
  absl::Status SetClassNames(std::vector<std::string> names);

  // What the outputs are: classes, labels or values, and their names. At first,
  // classes. Train() sets them to those of the data. Errors: as
  // CheckOutputTargets(). On error, nothing changes.
  const OutputTargets& targets() const { return state_->targets; }
  absl::Status SetTargets(OutputTargets targets);

  // The form of the examples that the network was trained on: their type, and
  // the names of their columns. Train() sets it. Checkpoints keep it, and
  // programs that read them check new examples by it.
  const TrainedInputs& trained_inputs() const { return state_->inputs; }
  void SetTrainedInputs(TrainedInputs inputs) {
    state_->inputs = std::move(inputs);
  }

  // How the bytes or floats of an example become inputs of the network. Errors:
  // as CheckNormalization(). On error, nothing changes.
  const Normalization& normalization() const { return state_->normalization; }
  absl::Status SetNormalization(Normalization normalization);

  // Returns the most probable classes of an image, best first: at most `count`,
  // which must be at least 0. Errors: as Predictor::Create() and
  // Predictor::Classify().
  absl::StatusOr<std::vector<ClassScore>> Classify(const Tensor& image,
                                                   int64_t count) const;

  // As Predictor::Predict(): computes the outputs, such as scores before
  // softmax, of any number of examples. Examples are as in the data: Predict()
  // normalizes them. Runs them one at a time; for many,
  // MakePredictor({.images = 64}) is faster, and rounds differently. Allocates
  // only in the first call after a change of the network. Errors: as
  // Predictor::Create() and Predictor::Predict().
  absl::Status Predict(absl::Span<const uint8_t> examples,
                       absl::Span<float> scores) const;
  absl::Status Predict(absl::Span<const float> examples,
                       absl::Span<float> scores) const;

  // Makes a predictor with its own copy of the parameters, for example for
  // another thread. Later changes of the network do not affect it.
  // Predictor::Share() makes more predictors with the same copy. Predictors
  // with other `images` or `backend` round differently, also than Classify()
  // and Predict() above, which use the defaults. Errors: as
  // Predictor::Create().
  absl::StatusOr<std::unique_ptr<Predictor>> MakePredictor(
      const PredictorOptions& options = {}) const;

 private:
  friend class NetworkBuilder;

  struct State {
    std::string name;
    Graph graph;
    Parameters parameters;
    OutputTargets targets = {};
    TrainedInputs inputs = {};
    Normalization normalization = {};
    // Made when it is needed; reset when any field above changes.
    std::unique_ptr<Predictor> predictor = nullptr;
  };

  explicit Network(std::unique_ptr<State> state) : state_(std::move(state)) {}
  // Checks nothing.
  static absl::StatusOr<Network> Create(const Graph& graph,
                                        const std::string& name);
  static absl::StatusOr<Network> FromCheckpoint(
      const CheckpointProto& checkpoint);
  absl::StatusOr<CheckpointProto> ToCheckpoint() const;
  CheckpointProto WithoutModel() const;
  // Sets the class names, if there are any, and the normalization. On error,
  // nothing changes.
  absl::Status RestoreData(const CheckpointProto& checkpoint);
  absl::StatusOr<Predictor*> predictor() const;

  std::unique_ptr<State> state_;
};

// Builds a network layer by layer:
//
//   NetworkBuilder builder;
//   const auto image = builder.Input({28, 28, 1});
//   const auto left = builder.Add(Conv2d(8, 3, {.padding = 1}), image);
//   const auto right = builder.Add(Conv2d(8, 5, {.padding = 2}), image);
//   const auto both = builder.Add(Concat(), {left, right});
//   const auto relu = builder.Add(Relu(), both);
//   const auto sum = builder.Add(Add(), {both, relu});
//   ...
//   absl::StatusOr<Network> net = builder.Build();
class NetworkBuilder {
 public:
  // What an input or a layer yields. Belongs to one builder.
  class Value {
   private:
    friend class NetworkBuilder;
    Value(int builder, std::string name)
        : builder_(builder), name_(std::move(name)) {}
    int builder_;
    std::string name_;
  };

  NetworkBuilder();

  // `shape` is that of one example. Names must be unique, and as for
  // GraphBuilder; "" makes one from the kind and a number. Train(), Evaluate()
  // and predictors take only networks with one input.
  Value Input(const Shape& shape, const std::string& name = "");
  Value Add(const Layer& layer, const Value& input,
            const std::string& name = "");
  Value Add(const Layer& layer, const std::vector<Value>& inputs,
            const std::string& name = "");

  // The network whose output is the one value that no layer reads. Errors: as
  // GraphBuilder::Build() and BuildGraph(); InvalidArgument if a layer reads a
  // value of another builder; ResourceExhausted.
  absl::StatusOr<Network> Build(const std::string& name = "") const;

 private:
  Value NewValue(const std::string& kind, const std::string& name);

  int id_;  // Differs between builders.
  GraphBuilder graph_;
  std::set<std::string> names_;  // Of the inputs and layers so far.
  std::string foreign_reader_;   // A layer that reads another builder's value.
  std::string hint_;             // Ends the errors of the graph.
};

}  // namespace lenslet

#endif  // LENSLET_NETWORK_H_
