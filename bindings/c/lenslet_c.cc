#include "lenslet/bindings/c/lenslet_c.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/version.h"
#include "lenslet/bindings/c/batch_examples.h"
#include "lenslet/bindings/c/network_state.h"
#include "lenslet/data/dataset.h"
#include "lenslet/ops/activation/activation.h"
#include "lenslet/ops/loss/loss.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/trainer.h"

using lenslet::BatchExamples;
using lenslet::Dataset;
using lenslet::NetworkState;
using lenslet::TargetKind;
using lenslet::Trainer;

struct lenslet_network {
  // Shared with the trainer, which may outlive the network.
  std::shared_ptr<NetworkState> state;
  // What the trainer holds, to see that there is one.
  std::weak_ptr<Dataset> trained;
};

struct lenslet_trainer {
  std::shared_ptr<NetworkState> state;
  std::shared_ptr<BatchExamples> examples;
  std::shared_ptr<Dataset> dataset;
  std::vector<int64_t> indices;  // 0, 1, ...
  std::unique_ptr<Trainer> trainer;
};

namespace {

// So that products of sizes do not overflow.
constexpr int64_t kMaxExamples = 1000000;
constexpr int kMaxThreads = 1024;

struct LastError {
  lenslet_code code = LENSLET_OK;
  char text[1024] = "";
};

// Without a constructor or destructor to run in each thread.
constinit thread_local LastError last_error;

// The code of an error that the interface lists; others are unknown.
lenslet_code CodeOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return LENSLET_INVALID_ARGUMENT;
    case absl::StatusCode::kNotFound:
      return LENSLET_NOT_FOUND;
    case absl::StatusCode::kPermissionDenied:
      return LENSLET_PERMISSION_DENIED;
    case absl::StatusCode::kResourceExhausted:
      return LENSLET_RESOURCE_EXHAUSTED;
    case absl::StatusCode::kFailedPrecondition:
      return LENSLET_FAILED_PRECONDITION;
    case absl::StatusCode::kUnimplemented:
      return LENSLET_UNIMPLEMENTED;
    case absl::StatusCode::kInternal:
      return LENSLET_INTERNAL;
    case absl::StatusCode::kUnavailable:
      return LENSLET_UNAVAILABLE;
    case absl::StatusCode::kDataLoss:
      return LENSLET_DATA_LOSS;
    default:
      return LENSLET_UNKNOWN;
  }
}

lenslet_code Fail(lenslet_code code, absl::string_view text) {
  size_t size = std::min(text.size(), sizeof(last_error.text) - 1);
  if (size < text.size()) {
    // Not within a character of UTF-8.
    while (size > 0 && (text[size] & 0xC0) == 0x80) --size;
  }
  last_error.code = code;
  text.copy(last_error.text, size);
  last_error.text[size] = '\0';
  return code;
}

// Calls `call`, which returns a status, and returns its code. No exception
// leaves it: the standard library throws when memory is short.
template <typename Call>
lenslet_code Run(Call call) {
  try {
    const absl::Status status = call();
    if (status.ok()) return LENSLET_OK;
    return Fail(
        CodeOf(status.code()),
        absl::string_view(status.message().data(), status.message().size()));
  } catch (const std::bad_alloc&) {
    return Fail(LENSLET_RESOURCE_EXHAUSTED, "there is not enough memory");
  } catch (const std::exception& e) {
    return Fail(LENSLET_INTERNAL, e.what());
  }
}

absl::Status IsNull(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, " is NULL; expected a pointer"));
}

absl::Status CheckExamples(absl::string_view field, int64_t examples) {
  if (examples >= 1 && examples <= kMaxExamples) return absl::OkStatus();
  return lenslet::BadValue(field, examples,
                           absl::StrCat("1 to ", kMaxExamples));
}

#define LENSLET_RETURN_IF_NULL(pointer) \
  if ((pointer) == nullptr) return IsNull(#pointer)

// Sets *result to a new T of the state.
absl::Status SetNetwork(absl::StatusOr<std::unique_ptr<NetworkState>> state,
                        lenslet_network** result) {
  LENSLET_RETURN_IF_ERROR(state.status());
  *result = new lenslet_network{.state = *std::move(state), .trained = {}};
  return absl::OkStatus();
}

int WriteShape(const lenslet::Shape& shape, int64_t* dims) {
  std::copy(shape.dims().begin(), shape.dims().end(), dims);
  return shape.rank();
}

template <typename Element>
absl::Status Predict(lenslet_network* network, const Element* inputs,
                     int64_t input_elements, float* outputs,
                     int64_t output_elements) {
  LENSLET_RETURN_IF_NULL(network);
  if (input_elements < 0) {
    return lenslet::BadValue("input_elements", input_elements, "at least 0");
  }
  if (output_elements < 0) {
    return lenslet::BadValue("output_elements", output_elements, "at least 0");
  }
  if (input_elements > 0) LENSLET_RETURN_IF_NULL(inputs);
  if (output_elements > 0) LENSLET_RETURN_IF_NULL(outputs);
  LENSLET_ASSIGN_OR_RETURN(lenslet::Predictor* const predictor,
                           network->state->predictor());
  return predictor->Predict(absl::MakeConstSpan(inputs, input_elements),
                            absl::MakeSpan(outputs, output_elements));
}

absl::Status Probabilities(const lenslet_network* network, const float* outputs,
                           int64_t elements, float* probabilities) {
  LENSLET_RETURN_IF_NULL(network);
  LENSLET_RETURN_IF_NULL(outputs);
  LENSLET_RETURN_IF_NULL(probabilities);
  const NetworkState& state = *network->state;
  const int64_t of_example = state.output_shape().elements();
  if (elements < 0 || elements % of_example != 0) {
    return lenslet::BadValue("elements", elements,
                             absl::StrCat("a multiple of ", of_example));
  }
  if (elements == 0) return absl::OkStatus();
  const TargetKind kind = state.targets().kind;
  if (kind == TargetKind::kValues) {
    return absl::FailedPreconditionError(
        "the network's outputs are values, which have no probabilities");
  }
  const int64_t columns =
      kind == TargetKind::kLabels
          ? of_example
          : state.output_shape().dim(state.output_shape().rank() - 1);
  LENSLET_ASSIGN_OR_RETURN(
      const lenslet::Shape shape,
      lenslet::Shape::Create({elements / columns, columns}));
  LENSLET_ASSIGN_OR_RETURN(
      lenslet::Tensor x,
      lenslet::Tensor::Create(lenslet::ElementType::kFloat32, shape));
  std::copy_n(outputs, elements, x.data());
  LENSLET_ASSIGN_OR_RETURN(const lenslet::Tensor y, kind == TargetKind::kLabels
                                                        ? lenslet::Sigmoid(x)
                                                        : lenslet::Softmax(x));
  std::copy_n(y.data(), elements, probabilities);
  return absl::OkStatus();
}

absl::StatusOr<lenslet::OptimizerSpec> OptimizerOf(
    const lenslet_training& training) {
  // The numbers are in the same order.
  const int32_t number = training.optimizer;
  if (number < LENSLET_SGD || number > LENSLET_ADAMW) {
    return lenslet::BadValue("optimizer", number, "0 to 6");
  }
  const lenslet::OptimizerSpec spec = {
      .kind = static_cast<lenslet::OptimizerKind>(number),
      .momentum = training.momentum,
      .rms_decay = training.rms_decay,
      .beta1 = training.beta1,
      .beta2 = training.beta2,
      .epsilon = training.epsilon,
      .weight_decay = training.weight_decay};
  LENSLET_RETURN_IF_ERROR(lenslet::CheckOptimizer(spec));
  return spec;
}
static_assert(static_cast<int>(lenslet::OptimizerKind::kAdamW) ==
              LENSLET_ADAMW);

// Factors of the learning rate that freeze all but the last `trained` layers
// with trainable parameters; for 0, none.
absl::StatusOr<std::vector<double>> RateFactors(const lenslet::Graph& graph,
                                                int64_t trained) {
  if (trained < 0) {
    return lenslet::BadValue("trained_layers", trained, "at least 0");
  }
  if (trained == 0) return std::vector<double>();
  std::vector<double> factors(graph.parameters().size(), 0.0);
  for (int64_t i = static_cast<int64_t>(graph.nodes().size()) - 1;
       i >= 0 && trained > 0; --i) {
    const lenslet::Graph::Node& node = graph.nodes()[i];
    bool is_trainable = false;
    for (int p = 0; p < node.parameter_count; ++p) {
      factors[node.first_parameter + p] = 1;
      is_trainable |=
          graph.parameters()[node.first_parameter + p].info.trainable;
    }
    if (is_trainable) --trained;
  }
  return factors;
}

absl::StatusOr<lenslet::TrainerOptions> TrainerOptionsOf(
    const NetworkState& state, const lenslet_training& training) {
  LENSLET_RETURN_IF_ERROR(CheckExamples("batch_size", training.batch_size));
  LENSLET_RETURN_IF_ERROR(CheckExamples("block", training.block));
  if (training.threads < 1 || training.threads > kMaxThreads) {
    return lenslet::BadValue("threads", training.threads,
                             absl::StrCat("1 to ", kMaxThreads));
  }
  LENSLET_ASSIGN_OR_RETURN(const lenslet::OptimizerSpec optimizer,
                           OptimizerOf(training));
  LENSLET_ASSIGN_OR_RETURN(const std::vector<double> factors,
                           RateFactors(state.graph(), training.trained_layers));
  return lenslet::TrainerOptions{
      .threads = training.threads,
      .batch_size = training.batch_size,
      .schedule = {.base_rate = training.learning_rate},
      .optimizer = optimizer,
      .loss = {.kind = lenslet::DefaultLoss(state.targets().kind)},
      .clip_norm = training.clip_norm,
      .rate_factors = factors,
      .seed = training.seed,
      .block = training.block};
}

absl::StatusOr<lenslet::ElementType> InputsOf(
    const NetworkState& state, const lenslet_training& training) {
  switch (training.inputs) {
    case LENSLET_INPUT_UNKNOWN:
      return state.trained_inputs().type.value_or(lenslet::ElementType::kUint8);
    case LENSLET_INPUT_BYTES:
      return lenslet::ElementType::kUint8;
    case LENSLET_INPUT_FLOATS:
      return lenslet::ElementType::kFloat32;
  }
  return lenslet::BadValue("inputs", training.inputs, "0 to 2");
}

// What the network learns of an example, and the names of the classes.
absl::StatusOr<BatchExamples::Form> FormOf(const NetworkState& state,
                                           const lenslet_training& training) {
  LENSLET_ASSIGN_OR_RETURN(const lenslet::ElementType type,
                           InputsOf(state, training));
  BatchExamples::Form form = {
      .size = training.batch_size,
      .shape = state.input_shape(),
      .type = type,
      .target = {.kind = state.targets().kind, .shape = state.output_shape()}};
  if (form.target.kind == TargetKind::kClasses) {
    const absl::Span<const int64_t> dims = state.output_shape().dims();
    form.classes = dims.back();
    LENSLET_ASSIGN_OR_RETURN(
        form.target.shape, lenslet::Shape::Create(dims.first(dims.size() - 1)));
  }
  return form;
}

absl::StatusOr<std::unique_ptr<lenslet_trainer>> MakeTrainer(
    const lenslet_network& network, const lenslet_training& training) {
  if (!network.trained.expired()) {
    return absl::FailedPreconditionError(
        "the network has a trainer; lenslet_trainer_free() frees it");
  }
  NetworkState& state = *network.state;
  LENSLET_ASSIGN_OR_RETURN(const lenslet::TrainerOptions options,
                           TrainerOptionsOf(state, training));
  LENSLET_ASSIGN_OR_RETURN(const BatchExamples::Form form,
                           FormOf(state, training));
  auto trainer = std::make_unique<lenslet_trainer>();
  trainer->state = network.state;
  trainer->examples = std::make_shared<BatchExamples>(form);
  trainer->dataset = std::make_shared<Dataset>();
  trainer->dataset->examples = trainer->examples;
  trainer->dataset->target_names = state.targets().names;
  trainer->dataset->normalization = state.normalization();
  if (form.target.kind == TargetKind::kClasses &&
      trainer->dataset->target_names.empty()) {
    trainer->dataset->target_names.resize(form.classes);
  }
  trainer->indices = lenslet::AllIndices(form.size);
  LENSLET_ASSIGN_OR_RETURN(trainer->trainer,
                           Trainer::Create(state.graph(), *trainer->dataset,
                                           state.parameters(), options));
  return trainer;
}

absl::Status Step(lenslet_trainer* trainer, const lenslet_batch* batch,
                  double* loss) {
  LENSLET_RETURN_IF_NULL(trainer);
  LENSLET_RETURN_IF_NULL(batch);
  LENSLET_RETURN_IF_ERROR(trainer->examples->SetBatch(*batch));
  LENSLET_ASSIGN_OR_RETURN(
      const lenslet::Metrics metrics,
      trainer->trainer->Step(
          absl::MakeConstSpan(trainer->indices).first(batch->examples)));
  trainer->state->ParametersChanged();
  if (loss != nullptr) *loss = metrics.loss();
  return absl::OkStatus();
}

}  // namespace

int lenslet_abi_version(void) { return LENSLET_ABI_VERSION; }

const char* lenslet_version(void) { return lenslet::kVersion; }

lenslet_code lenslet_last_code(void) { return last_error.code; }

const char* lenslet_last_error(void) { return last_error.text; }

lenslet_code lenslet_load_file(const char* path, lenslet_network** network) {
  return Run([&]() -> absl::Status {
    LENSLET_RETURN_IF_NULL(network);
    *network = nullptr;
    LENSLET_RETURN_IF_NULL(path);
    return SetNetwork(NetworkState::FromFile(path), network);
  });
}

lenslet_code lenslet_load_memory(const void* bytes, size_t size,
                                 lenslet_network** network) {
  return Run([&]() -> absl::Status {
    LENSLET_RETURN_IF_NULL(network);
    *network = nullptr;
    LENSLET_RETURN_IF_NULL(bytes);
    return SetNetwork(NetworkState::FromBytes(absl::string_view(
                          static_cast<const char*>(bytes), size)),
                      network);
  });
}

lenslet_code lenslet_copy(const lenslet_network* network,
                          lenslet_network** copy) {
  return Run([&]() -> absl::Status {
    LENSLET_RETURN_IF_NULL(copy);
    *copy = nullptr;
    LENSLET_RETURN_IF_NULL(network);
    return SetNetwork(network->state->Copy(), copy);
  });
}

void lenslet_free(lenslet_network* network) { delete network; }

lenslet_code lenslet_save_file(const lenslet_network* network,
                               const char* path) {
  return Run([&]() -> absl::Status {
    LENSLET_RETURN_IF_NULL(network);
    LENSLET_RETURN_IF_NULL(path);
    return lenslet::SaveCheckpoint(path, network->state->ToCheckpoint());
  });
}

lenslet_code lenslet_save_memory(const lenslet_network* network, void** bytes,
                                 size_t* size) {
  return Run([&]() -> absl::Status {
    LENSLET_RETURN_IF_NULL(bytes);
    *bytes = nullptr;
    LENSLET_RETURN_IF_NULL(network);
    LENSLET_RETURN_IF_NULL(size);
    LENSLET_ASSIGN_OR_RETURN(
        const std::string text,
        lenslet::CheckpointToBytes(network->state->ToCheckpoint()));
    void* const memory = std::malloc(text.size());
    if (memory == nullptr) throw std::bad_alloc();
    std::memcpy(memory, text.data(), text.size());
    *bytes = memory;
    *size = text.size();
    return absl::OkStatus();
  });
}

void lenslet_free_bytes(void* bytes) { std::free(bytes); }

int lenslet_input_shape(const lenslet_network* network,
                        int64_t dims[LENSLET_MAX_RANK]) {
  if (network == nullptr || dims == nullptr) return -1;
  return WriteShape(network->state->input_shape(), dims);
}

int lenslet_output_shape(const lenslet_network* network,
                         int64_t dims[LENSLET_MAX_RANK]) {
  if (network == nullptr || dims == nullptr) return -1;
  return WriteShape(network->state->output_shape(), dims);
}
static_assert(LENSLET_MAX_RANK == lenslet::Shape::kMaxRank);

int64_t lenslet_input_elements(const lenslet_network* network) {
  return network == nullptr ? -1 : network->state->input_shape().elements();
}

int64_t lenslet_output_elements(const lenslet_network* network) {
  return network == nullptr ? -1 : network->state->output_shape().elements();
}

lenslet_input_type lenslet_trained_on(const lenslet_network* network) {
  if (network == nullptr) return LENSLET_INPUT_UNKNOWN;
  const lenslet::TrainedInputs& inputs = network->state->trained_inputs();
  if (!inputs.type.has_value()) return LENSLET_INPUT_UNKNOWN;
  return *inputs.type == lenslet::ElementType::kUint8 ? LENSLET_INPUT_BYTES
                                                      : LENSLET_INPUT_FLOATS;
}

lenslet_target_kind lenslet_output_kind(const lenslet_network* network) {
  if (network == nullptr) return LENSLET_CLASSES;
  switch (network->state->targets().kind) {
    case TargetKind::kLabels:
      return LENSLET_LABELS;
    case TargetKind::kValues:
      return LENSLET_VALUES;
    case TargetKind::kClasses:
      break;
  }
  return LENSLET_CLASSES;
}

int64_t lenslet_output_names(const lenslet_network* network) {
  return network == nullptr
             ? 0
             : static_cast<int64_t>(network->state->targets().names.size());
}

const char* lenslet_output_name(const lenslet_network* network, int64_t i) {
  if (i < 0 || i >= lenslet_output_names(network)) return nullptr;
  return network->state->targets().names[i].c_str();
}

lenslet_code lenslet_predict_bytes(lenslet_network* network,
                                   const uint8_t* inputs,
                                   int64_t input_elements, float* outputs,
                                   int64_t output_elements) {
  return Run([&] {
    return Predict(network, inputs, input_elements, outputs, output_elements);
  });
}

lenslet_code lenslet_predict_floats(lenslet_network* network,
                                    const float* inputs, int64_t input_elements,
                                    float* outputs, int64_t output_elements) {
  return Run([&] {
    return Predict(network, inputs, input_elements, outputs, output_elements);
  });
}

lenslet_code lenslet_set_block(lenslet_network* network, int64_t examples) {
  return Run([&]() -> absl::Status {
    LENSLET_RETURN_IF_NULL(network);
    LENSLET_RETURN_IF_ERROR(CheckExamples("examples", examples));
    network->state->set_block(examples);
    return absl::OkStatus();
  });
}

lenslet_code lenslet_probabilities(const lenslet_network* network,
                                   const float* outputs, int64_t elements,
                                   float* probabilities) {
  return Run(
      [&] { return Probabilities(network, outputs, elements, probabilities); });
}

lenslet_code lenslet_trainer_create(lenslet_network* network,
                                    const lenslet_training* training,
                                    lenslet_trainer** trainer) {
  return Run([&]() -> absl::Status {
    LENSLET_RETURN_IF_NULL(trainer);
    *trainer = nullptr;
    LENSLET_RETURN_IF_NULL(network);
    LENSLET_RETURN_IF_NULL(training);
    LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<lenslet_trainer> made,
                             MakeTrainer(*network, *training));
    network->trained = made->dataset;
    *trainer = made.release();
    return absl::OkStatus();
  });
}

void lenslet_trainer_free(lenslet_trainer* trainer) { delete trainer; }

lenslet_code lenslet_train_step(lenslet_trainer* trainer,
                                const lenslet_batch* batch, double* loss) {
  return Run([&] { return Step(trainer, batch, loss); });
}

lenslet_code lenslet_set_learning_rate(lenslet_trainer* trainer, double rate) {
  return Run([&]() -> absl::Status {
    LENSLET_RETURN_IF_NULL(trainer);
    const lenslet::ScheduleSpec schedule = {.base_rate = rate};
    LENSLET_RETURN_IF_ERROR(lenslet::Check(schedule));
    trainer->trainer->set_schedule(schedule);
    return absl::OkStatus();
  });
}

int64_t lenslet_steps(const lenslet_trainer* trainer) {
  return trainer == nullptr ? -1 : trainer->trainer->step();
}
