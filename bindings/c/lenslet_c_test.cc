#include "lenslet/bindings/c/lenslet_c.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/random.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/base/version.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/output_targets.h"
#include "lenslet/predict/predictor.h"
#include "lenslet/predict/trained_inputs.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/trainer.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct FreeNetwork {
  void operator()(lenslet_network* network) const { lenslet_free(network); }
};
struct FreeTrainer {
  void operator()(lenslet_trainer* trainer) const {
    lenslet_trainer_free(trainer);
  }
};
using CNetwork = std::unique_ptr<lenslet_network, FreeNetwork>;
using CTrainer = std::unique_ptr<lenslet_trainer, FreeTrainer>;

// A network that was initialized, and what its checkpoint says.
struct Net {
  explicit Net(const std::string& text)
      : model(ParseModelText(text, "test.textproto").value().model),
        graph(BuildGraph(model).value()),
        parameters(Parameters::Create(graph).value()) {
    InitializeParameters({}, /*seed=*/1, parameters);
  }

  std::string Bytes() const {
    CheckpointProto checkpoint;
    *checkpoint.mutable_model() = model;
    CopyParameters(parameters, checkpoint);
    TargetsToCheckpoint(targets, checkpoint);
    TrainedInputsToCheckpoint(inputs, checkpoint);
    if (!normalization.empty()) {
      *checkpoint.mutable_normalization() = NormalizationToProto(normalization);
    }
    checkpoint.set_lenslet_version(kVersion);
    return CheckpointToBytes(checkpoint).value();
  }

  ModelProto model;
  Graph graph;
  Parameters parameters;
  OutputTargets targets = {};
  TrainedInputs inputs = {};
  Normalization normalization = {};
};

// Images of 6 x 6 pixels in two channels, and three classes.
Net Small() {
  Net net(R"(
      input { name: 'image' shape: [6, 6, 2] }
      layer { name: 'conv' conv2d { output_channels: 4 kernel: 3 } }
      layer { name: 'norm' batch_norm {} }
      layer { name: 'relu' relu {} }
      layer { name: 'pool' max_pool2d { kernel: 2 } }
      layer { name: 'flatten' flatten {} }
      layer { name: 'linear' linear { output_features: 3 } })");
  net.targets.names = {"cat", "dog", "caf\u00e9"};
  net.normalization = {.mean = {0.5, 0.25}, .deviation = {0.25, 2}};
  net.inputs.type = ElementType::kUint8;
  return net;
}

CNetwork Loaded(const Net& net) {
  const std::string bytes = net.Bytes();
  lenslet_network* loaded = nullptr;
  EXPECT_EQ(lenslet_load_memory(bytes.data(), bytes.size(), &loaded),
            LENSLET_OK)
      << lenslet_last_error();
  return CNetwork(loaded);
}

std::string Saved(const lenslet_network* network) {
  void* bytes = nullptr;
  size_t size = 0;
  EXPECT_EQ(lenslet_save_memory(network, &bytes, &size), LENSLET_OK);
  const std::string text(static_cast<const char*>(bytes), size);
  lenslet_free_bytes(bytes);
  return text;
}

CTrainer TrainerOf(const CNetwork& network, const lenslet_training& training) {
  lenslet_trainer* trainer = nullptr;
  EXPECT_EQ(lenslet_trainer_create(network.get(), &training, &trainer),
            LENSLET_OK)
      << lenslet_last_error();
  return CTrainer(trainer);
}

std::vector<uint8_t> RandomBytes(int64_t size, uint64_t seed) {
  Random random(seed);
  std::vector<uint8_t> bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.Below(256));
  return bytes;
}

std::vector<float> RandomFloats(int64_t size, uint64_t seed) {
  Random random(seed);
  std::vector<float> numbers(size);
  for (float& x : numbers) x = static_cast<float>(random.Uniform());
  return numbers;
}

// Examples of Small(), of exactly the size that a sanitizer watches.
struct SmallBatch {
  explicit SmallBatch(int64_t examples)
      : bytes(RandomBytes(examples * 72, /*seed=*/5)), classes(examples) {
    for (int64_t i = 0; i < examples; ++i) classes[i] = (i * i) % 3;
    batch = {.examples = examples,
             .bytes = bytes.data(),
             .floats = nullptr,
             .input_elements = examples * 72,
             .classes = classes.data(),
             .values = nullptr,
             .target_elements = examples};
  }
  std::vector<uint8_t> bytes;
  std::vector<int32_t> classes;
  lenslet_batch batch = {};
};

void ExpectError(lenslet_code code, lenslet_code expected,
                 const std::string& text) {
  EXPECT_EQ(code, expected);
  EXPECT_EQ(lenslet_last_code(), expected);
  EXPECT_THAT(lenslet_last_error(), HasSubstr(text));
}

TEST(LensletCTest, TellsWhatTheNetworkTakesAndGives) {
  const CNetwork network = Loaded(Small());
  int64_t dims[LENSLET_MAX_RANK];
  ASSERT_EQ(lenslet_input_shape(network.get(), dims), 3);
  EXPECT_THAT(absl::MakeSpan(dims).first(3), testing::ElementsAre(6, 6, 2));
  ASSERT_EQ(lenslet_output_shape(network.get(), dims), 1);
  EXPECT_EQ(dims[0], 3);
  EXPECT_EQ(lenslet_input_elements(network.get()), 72);
  EXPECT_EQ(lenslet_output_elements(network.get()), 3);
  EXPECT_EQ(lenslet_trained_on(network.get()), LENSLET_INPUT_BYTES);
  EXPECT_EQ(lenslet_output_kind(network.get()), LENSLET_CLASSES);
  EXPECT_EQ(lenslet_output_names(network.get()), 3);
  EXPECT_STREQ(lenslet_output_name(network.get(), 2), "caf\u00e9");
  EXPECT_EQ(lenslet_output_name(network.get(), 3), nullptr);
  EXPECT_EQ(lenslet_output_name(network.get(), -1), nullptr);
}

TEST(LensletCTest, PredictsAsPredictor) {
  const Net net = Small();
  const CNetwork loaded = Loaded(net);
  const std::vector<uint8_t> bytes = RandomBytes(5 * 72, /*seed=*/1);
  const std::vector<float> floats = RandomFloats(5 * 72, /*seed=*/2);
  for (const int64_t block : {1, 2, 16}) {
    ASSERT_EQ(lenslet_set_block(loaded.get(), block), LENSLET_OK);
    const auto predictor =
        Predictor::Create(net.graph, net.parameters, net.targets,
                          net.normalization, {.images = block})
            .value();
    std::vector<float> expected(15), outputs(15);
    ASSERT_TRUE(predictor->Predict(bytes, absl::MakeSpan(expected)).ok());
    ASSERT_EQ(lenslet_predict_bytes(loaded.get(), bytes.data(), 360,
                                    outputs.data(), 15),
              LENSLET_OK);
    EXPECT_EQ(outputs, expected);
    ASSERT_TRUE(predictor->Predict(floats, absl::MakeSpan(expected)).ok());
    ASSERT_EQ(lenslet_predict_floats(loaded.get(), floats.data(), 360,
                                     outputs.data(), 15),
              LENSLET_OK);
    EXPECT_EQ(outputs, expected);
  }
}

// Neither the others nor their number matter, whatever they are.
TEST(LensletCTest, PredictsEachExampleAlone) {
  const CNetwork network = Loaded(Small());
  const int64_t examples = 21;
  std::vector<float> inputs = RandomFloats(examples * 72, /*seed=*/2);
  inputs[72 * 7 + 5] = kNan;
  for (const int64_t block : {1, 16}) {
    ASSERT_EQ(lenslet_set_block(network.get(), block), LENSLET_OK);
    std::vector<float> together(examples * 3), alone(3);
    ASSERT_EQ(
        lenslet_predict_floats(network.get(), inputs.data(), examples * 72,
                               together.data(), examples * 3),
        LENSLET_OK);
    for (int64_t i = 0; i < examples; ++i) {
      if (i == 7) continue;
      ASSERT_EQ(lenslet_predict_floats(network.get(), inputs.data() + i * 72,
                                       72, alone.data(), 3),
                LENSLET_OK);
      EXPECT_EQ(alone, std::vector<float>(together.begin() + i * 3,
                                          together.begin() + i * 3 + 3))
          << i;
    }
  }
}

TEST(LensletCTest, PredictsNothing) {
  const CNetwork network = Loaded(Small());
  EXPECT_EQ(lenslet_predict_bytes(network.get(), nullptr, 0, nullptr, 0),
            LENSLET_OK);
}

TEST(LensletCTest, LoadsAndSavesFiles) {
  const std::string path = EmptyTempFolder("lenslet_c") + "/net.ckpt";
  const std::string bytes = Small().Bytes();
  ASSERT_TRUE(WriteFileAtomically(path, bytes).ok());
  lenslet_network* loaded = nullptr;
  ASSERT_EQ(lenslet_load_file(path.c_str(), &loaded), LENSLET_OK);
  const CNetwork owned(loaded);
  EXPECT_EQ(Saved(loaded), bytes);
  const std::string again = path + ".again";
  ASSERT_EQ(lenslet_save_file(loaded, again.c_str()), LENSLET_OK);
  EXPECT_EQ(ReadFile(again).value(), bytes);
}

TEST(LensletCTest, CopiesDoNotShareParameters) {
  const CNetwork network = Loaded(Small());
  const std::string before = Saved(network.get());
  lenslet_network* copied = nullptr;
  ASSERT_EQ(lenslet_copy(network.get(), &copied), LENSLET_OK);
  const CNetwork copy(copied);
  EXPECT_EQ(Saved(copied), before);
  const CTrainer trainer = TrainerOf(copy, LENSLET_TRAINING_DEFAULTS);
  const SmallBatch examples(10);
  ASSERT_EQ(lenslet_train_step(trainer.get(), &examples.batch, nullptr),
            LENSLET_OK);
  EXPECT_NE(Saved(copied), before);
  EXPECT_EQ(Saved(network.get()), before);
}

TEST(LensletCTest, RejectsNull) {
  const CNetwork network = Loaded(Small());
  lenslet_network* result = nullptr;
  lenslet_trainer* trainer = nullptr;
  const lenslet_training training = LENSLET_TRAINING_DEFAULTS;
  const uint8_t bytes[72] = {};
  float outputs[3] = {};
  void* saved = nullptr;
  size_t size = 0;
  const lenslet_code kInvalid = LENSLET_INVALID_ARGUMENT;
  ExpectError(lenslet_load_file(nullptr, &result), kInvalid, "path is NULL");
  ExpectError(lenslet_load_file("x", nullptr), kInvalid, "network is NULL");
  ExpectError(lenslet_load_memory(nullptr, 3, &result), kInvalid,
              "bytes is NULL");
  ExpectError(lenslet_load_memory("abc", 3, nullptr), kInvalid,
              "network is NULL");
  ExpectError(lenslet_copy(nullptr, &result), kInvalid, "network is NULL");
  ExpectError(lenslet_copy(network.get(), nullptr), kInvalid, "copy is NULL");
  ExpectError(lenslet_save_file(nullptr, "x"), kInvalid, "network is NULL");
  ExpectError(lenslet_save_file(network.get(), nullptr), kInvalid,
              "path is NULL");
  ExpectError(lenslet_save_memory(nullptr, &saved, &size), kInvalid,
              "network is NULL");
  ExpectError(lenslet_save_memory(network.get(), nullptr, &size), kInvalid,
              "bytes is NULL");
  ExpectError(lenslet_save_memory(network.get(), &saved, nullptr), kInvalid,
              "size is NULL");
  ExpectError(lenslet_predict_bytes(nullptr, bytes, 72, outputs, 3), kInvalid,
              "network is NULL");
  ExpectError(lenslet_predict_bytes(network.get(), nullptr, 72, outputs, 3),
              kInvalid, "inputs is NULL");
  ExpectError(lenslet_predict_bytes(network.get(), bytes, 72, nullptr, 3),
              kInvalid, "outputs is NULL");
  ExpectError(lenslet_predict_floats(network.get(), nullptr, 72, outputs, 3),
              kInvalid, "inputs is NULL");
  ExpectError(lenslet_set_block(nullptr, 1), kInvalid, "network is NULL");
  ExpectError(lenslet_probabilities(nullptr, outputs, 3, outputs), kInvalid,
              "network is NULL");
  ExpectError(lenslet_probabilities(network.get(), nullptr, 3, outputs),
              kInvalid, "outputs is NULL");
  ExpectError(lenslet_probabilities(network.get(), outputs, 3, nullptr),
              kInvalid, "probabilities is NULL");
  ExpectError(lenslet_trainer_create(nullptr, &training, &trainer), kInvalid,
              "network is NULL");
  ExpectError(lenslet_trainer_create(network.get(), nullptr, &trainer),
              kInvalid, "training is NULL");
  ExpectError(lenslet_trainer_create(network.get(), &training, nullptr),
              kInvalid, "trainer is NULL");
  ExpectError(lenslet_train_step(nullptr, nullptr, nullptr), kInvalid,
              "trainer is NULL");
  ExpectError(lenslet_set_learning_rate(nullptr, 1), kInvalid,
              "trainer is NULL");
  int64_t dims[LENSLET_MAX_RANK];
  EXPECT_EQ(lenslet_input_shape(nullptr, dims), -1);
  EXPECT_EQ(lenslet_output_shape(network.get(), nullptr), -1);
  EXPECT_EQ(lenslet_input_elements(nullptr), -1);
  EXPECT_EQ(lenslet_output_elements(nullptr), -1);
  EXPECT_EQ(lenslet_trained_on(nullptr), LENSLET_INPUT_UNKNOWN);
  EXPECT_EQ(lenslet_output_names(nullptr), 0);
  EXPECT_EQ(lenslet_output_name(nullptr, 0), nullptr);
  EXPECT_EQ(lenslet_steps(nullptr), -1);
  lenslet_free(nullptr);
  lenslet_trainer_free(nullptr);
  lenslet_free_bytes(nullptr);
}

TEST(LensletCTest, RejectsTruncatedAndChangedMemory) {
  const std::string bytes = Small().Bytes();
  lenslet_network* network = nullptr;
  for (size_t size = 0; size < bytes.size(); ++size) {
    // Memory of exactly that size.
    const std::vector<char> part(bytes.begin(), bytes.begin() + size);
    const lenslet_code code = lenslet_load_memory(
        size == 0 ? bytes.data() : part.data(), size, &network);
    EXPECT_EQ(code, size < 8 ? LENSLET_INVALID_ARGUMENT : LENSLET_DATA_LOSS);
    EXPECT_EQ(network, nullptr);
  }
  EXPECT_THAT(lenslet_last_error(), StartsWith("the memory is damaged"));
  std::string changed = bytes;
  changed[bytes.size() / 2] ^= 1;
  EXPECT_EQ(lenslet_load_memory(changed.data(), changed.size(), &network),
            LENSLET_DATA_LOSS);
}

TEST(LensletCTest, RejectsFiles) {
  const std::string path = EmptyTempFolder("lenslet_c_files") + "/net.ckpt";
  lenslet_network* network = nullptr;
  ExpectError(lenslet_load_file(path.c_str(), &network), LENSLET_NOT_FOUND,
              path);
  ASSERT_TRUE(WriteFileAtomically(path, "not a checkpoint").ok());
  ExpectError(lenslet_load_file(path.c_str(), &network),
              LENSLET_INVALID_ARGUMENT, "is not a checkpoint");
  const CNetwork loaded = Loaded(Small());
  EXPECT_NE(lenslet_save_file(loaded.get(), "/no/such/folder/net.ckpt"),
            LENSLET_OK);
  EXPECT_THAT(lenslet_last_error(), HasSubstr("/no/such/folder"));
}

TEST(LensletCTest, RejectsWrongNumbersOfElements) {
  const CNetwork network = Loaded(Small());
  const std::vector<uint8_t> bytes(144);
  std::vector<float> outputs(6);
  for (const auto& [inputs, of_outputs] : std::vector<std::pair<int, int>>{
           {71, 3}, {72, 2}, {72, 6}, {144, 3}, {0, 3}, {72, 0}, {-72, 3}}) {
    ExpectError(lenslet_predict_bytes(network.get(), bytes.data(), inputs,
                                      outputs.data(), of_outputs),
                LENSLET_INVALID_ARGUMENT, "expected");
  }
  ExpectError(
      lenslet_probabilities(network.get(), outputs.data(), 4, outputs.data()),
      LENSLET_INVALID_ARGUMENT, "a multiple of 3");
  ExpectError(lenslet_set_block(network.get(), 0), LENSLET_INVALID_ARGUMENT,
              "examples is 0");
  ExpectError(lenslet_set_block(network.get(), 1000001),
              LENSLET_INVALID_ARGUMENT, "examples is 1000001");
  EXPECT_EQ(
      lenslet_probabilities(network.get(), outputs.data(), 0, outputs.data()),
      LENSLET_OK);
}

TEST(LensletCTest, ErrorsAreCutAtACharacter) {
  // 3 bytes each, so that one of three lengths would be cut within one.
  for (const std::string start : {"", "a", "aa"}) {
    std::string path = "/" + start;
    for (int i = 0; i < 600; ++i) path += "\u20ac";
    lenslet_network* network = nullptr;
    EXPECT_NE(lenslet_load_file(path.c_str(), &network), LENSLET_OK);
    const std::string text = lenslet_last_error();
    EXPECT_LE(text.size(), 1023);
    EXPECT_GT(text.size(), 1000);
    EXPECT_EQ(text.substr(text.size() - 3), "\u20ac");
  }
}

// The trainer's steps on the same batches.
TEST(LensletCTest, TrainsAsTrainer) {
  const int64_t examples = 40;
  const SmallBatch small(examples);
  ExampleArrays arrays = {
      .inputs = Tensor({examples, 6, 6, 2}, ElementType::kUint8),
      .targets = Tensor({examples}, ElementType::kUint8)};
  std::copy(small.bytes.begin(), small.bytes.end(),
            arrays.inputs.data<uint8_t>());
  std::copy(small.classes.begin(), small.classes.end(),
            arrays.targets.data<uint8_t>());
  for (const int optimizer :
       {LENSLET_SGD, LENSLET_MOMENTUM, LENSLET_NESTEROV, LENSLET_ADAGRAD,
        LENSLET_RMSPROP, LENSLET_ADAM, LENSLET_ADAMW}) {
    Net net = Small();
    const CNetwork loaded = Loaded(net);
    const Dataset dataset = MakeDataset({.inputs = arrays.inputs.Clone(),
                                         .targets = arrays.targets.Clone()},
                                        net.targets.names, net.normalization)
                                .value();
    const auto trainer =
        Trainer::Create(
            net.graph, dataset, net.parameters,
            {.threads = 1,
             .batch_size = 32,
             .schedule = {.base_rate = 0.05},
             .optimizer = {.kind = static_cast<OptimizerKind>(optimizer),
                           .momentum = 0.8,
                           .rms_decay = 0.7,
                           .beta1 = 0.85,
                           .beta2 = 0.99,
                           .epsilon = 1e-6,
                           .weight_decay = 0.01},
             .clip_norm = 0.5,
             .seed = 4,
             .block = 8})
            .value();
    const CTrainer c_trainer = TrainerOf(loaded, {.optimizer = optimizer,
                                                  .inputs = LENSLET_INPUT_BYTES,
                                                  .learning_rate = 0.05,
                                                  .momentum = 0.8,
                                                  .rms_decay = 0.7,
                                                  .beta1 = 0.85,
                                                  .beta2 = 0.99,
                                                  .epsilon = 1e-6,
                                                  .weight_decay = 0.01,
                                                  .clip_norm = 0.5,
                                                  .batch_size = 32,
                                                  .block = 8,
                                                  .trained_layers = 0,
                                                  .seed = 4,
                                                  .threads = 2});
    for (int step = 0; step < 4; ++step) {
      // Batches of several sizes, from several places.
      const int64_t first = 3 * step;
      const int64_t size = 32 - 7 * step;
      std::vector<int64_t> indices;
      for (int64_t i = 0; i < size; ++i) indices.push_back(first + i);
      const double expected = trainer->Step(indices)->loss();
      const lenslet_batch batch = {.examples = size,
                                   .bytes = small.bytes.data() + first * 72,
                                   .floats = nullptr,
                                   .input_elements = size * 72,
                                   .classes = small.classes.data() + first,
                                   .values = nullptr,
                                   .target_elements = size};
      double loss = 0;
      ASSERT_EQ(lenslet_train_step(c_trainer.get(), &batch, &loss), LENSLET_OK)
          << lenslet_last_error();
      EXPECT_EQ(loss, expected) << "optimizer " << optimizer;
    }
    EXPECT_EQ(lenslet_steps(c_trainer.get()), 4);
    EXPECT_EQ(Saved(loaded.get()), net.Bytes());
  }
}

TEST(LensletCTest, PredictsWithTheTrainedParameters) {
  const CNetwork network = Loaded(Small());
  const SmallBatch examples(30);
  std::vector<float> before(90), after(90), reloaded(90);
  ASSERT_EQ(lenslet_predict_bytes(network.get(), examples.bytes.data(), 2160,
                                  before.data(), 90),
            LENSLET_OK);
  const CTrainer trainer = TrainerOf(network, LENSLET_TRAINING_DEFAULTS);
  ASSERT_EQ(lenslet_train_step(trainer.get(), &examples.batch, nullptr),
            LENSLET_OK);
  ASSERT_EQ(lenslet_predict_bytes(network.get(), examples.bytes.data(), 2160,
                                  after.data(), 90),
            LENSLET_OK);
  EXPECT_NE(after, before);
  const std::string bytes = Saved(network.get());
  lenslet_network* again = nullptr;
  ASSERT_EQ(lenslet_load_memory(bytes.data(), bytes.size(), &again),
            LENSLET_OK);
  const CNetwork owned(again);
  ASSERT_EQ(lenslet_predict_bytes(again, examples.bytes.data(), 2160,
                                  reloaded.data(), 90),
            LENSLET_OK);
  EXPECT_EQ(after, reloaded);
}

TEST(LensletCTest, TrainsTheLastLayersOnly) {
  const Net net = Small();
  const CNetwork loaded = Loaded(net);
  lenslet_training training = LENSLET_TRAINING_DEFAULTS;
  training.trained_layers = 1;
  const CTrainer trainer = TrainerOf(loaded, training);
  const SmallBatch examples(30);
  ASSERT_EQ(lenslet_train_step(trainer.get(), &examples.batch, nullptr),
            LENSLET_OK);
  const CheckpointProto checkpoint =
      CheckpointFromBytes(Saved(loaded.get())).value();
  const Parameters after = RestoreParameters(net.graph, checkpoint).value();
  for (int i = 0; i < after.size(); ++i) {
    const std::string& name = after.info(i).name;
    EXPECT_EQ(net.parameters.view(i).span() == after.view(i).span(),
              name.find("linear") == std::string::npos)
        << name;
  }
}

TEST(LensletCTest, ATrainerMayOutliveItsNetwork) {
  CNetwork network = Loaded(Small());
  const CTrainer trainer = TrainerOf(network, LENSLET_TRAINING_DEFAULTS);
  network = nullptr;
  const SmallBatch examples(4);
  EXPECT_EQ(lenslet_train_step(trainer.get(), &examples.batch, nullptr),
            LENSLET_OK);
}

TEST(LensletCTest, ANetworkHasOneTrainerAtATime) {
  const CNetwork network = Loaded(Small());
  const lenslet_training training = LENSLET_TRAINING_DEFAULTS;
  CTrainer trainer = TrainerOf(network, training);
  lenslet_trainer* second = nullptr;
  ExpectError(lenslet_trainer_create(network.get(), &training, &second),
              LENSLET_FAILED_PRECONDITION, "has a trainer");
  EXPECT_EQ(second, nullptr);
  trainer = nullptr;
  trainer = TrainerOf(network, training);
}

TEST(LensletCTest, RejectsTrainingOptions) {
  const CNetwork network = Loaded(Small());
  const auto expect = [&](auto change, const std::string& text) {
    lenslet_training training = LENSLET_TRAINING_DEFAULTS;
    change(training);
    lenslet_trainer* trainer = nullptr;
    ExpectError(lenslet_trainer_create(network.get(), &training, &trainer),
                LENSLET_INVALID_ARGUMENT, text);
    EXPECT_EQ(trainer, nullptr);
  };
  using Training = lenslet_training;
  expect([](Training& t) { t.optimizer = 7; }, "optimizer is 7");
  expect([](Training& t) { t.optimizer = -1; }, "optimizer is -1");
  expect([](Training& t) { t.inputs = 3; }, "inputs is 3");
  expect([](Training& t) { t.learning_rate = kNan; }, "rate is nan");
  expect([](Training& t) { t.learning_rate = 0; }, "rate is 0");
  expect([](Training& t) { t.momentum = 1; }, "momentum is 1");
  expect([](Training& t) { t.rms_decay = -1; }, "rms_decay is -1");
  expect([](Training& t) { t.beta1 = kNan; }, "beta1 is nan");
  expect([](Training& t) { t.beta2 = 1; }, "beta2 is 1");
  expect([](Training& t) { t.epsilon = 0; }, "epsilon is 0");
  expect([](Training& t) { t.weight_decay = -1; }, "weight_decay is -1");
  expect([](Training& t) { t.clip_norm = kNan; }, "clip_norm is nan");
  expect([](Training& t) { t.batch_size = 0; }, "batch_size is 0");
  expect([](Training& t) { t.batch_size = 1000001; }, "batch_size is 1000001");
  expect([](Training& t) { t.block = 0; }, "block is 0");
  expect([](Training& t) { t.block = 1000001; }, "block is 1000001");
  expect([](Training& t) { t.trained_layers = -1; }, "trained_layers is -1");
  expect([](Training& t) { t.threads = 0; }, "threads is 0");
  expect([](Training& t) { t.threads = 1025; }, "threads is 1025");
}

TEST(LensletCTest, RejectsBatches) {
  const CNetwork network = Loaded(Small());
  lenslet_training training = LENSLET_TRAINING_DEFAULTS;
  training.batch_size = 4;
  const CTrainer trainer = TrainerOf(network, training);
  const std::string before = Saved(network.get());
  const float number = 1;
  const auto expect = [&](auto change, const std::string& text) {
    SmallBatch examples(4);
    change(examples);
    double loss = 17;
    ExpectError(lenslet_train_step(trainer.get(), &examples.batch, &loss),
                LENSLET_INVALID_ARGUMENT, text);
    EXPECT_EQ(loss, 17);
  };
  using Batch = SmallBatch;
  ExpectError(lenslet_train_step(trainer.get(), nullptr, nullptr),
              LENSLET_INVALID_ARGUMENT, "batch is NULL");
  expect([](Batch& b) { b.batch.examples = 0; }, "0 examples; expected 1 to 4");
  expect([](Batch& b) { b.batch.examples = 5; }, "5 examples; expected 1 to 4");
  expect([](Batch& b) { b.batch.bytes = nullptr; }, "must be bytes");
  expect([&](Batch& b) { b.batch.floats = &number; }, "must be bytes");
  expect([](Batch& b) { b.batch.classes = nullptr; }, "must be classes");
  expect([&](Batch& b) { b.batch.values = &number; }, "must be classes");
  expect([](Batch& b) { b.batch.input_elements = 287; },
         "287 elements of inputs; expected 288 for 4 examples");
  expect([](Batch& b) { b.batch.target_elements = 5; },
         "5 elements of targets; expected 4 for 4 examples");
  expect([](Batch& b) { b.classes[2] = 3; }, "example 2 has class 3");
  expect([](Batch& b) { b.classes[3] = -1; }, "example 3 has class -1");
  EXPECT_EQ(Saved(network.get()), before);
  EXPECT_EQ(lenslet_steps(trainer.get()), 0);
  ExpectError(lenslet_set_learning_rate(trainer.get(), kNan),
              LENSLET_INVALID_ARGUMENT, "nan");
  ExpectError(lenslet_set_learning_rate(trainer.get(), -1),
              LENSLET_INVALID_ARGUMENT, "-1");
}

TEST(LensletCTest, RejectsInputsThatAreNotFinite) {
  const CNetwork network = Loaded(Small());
  lenslet_training training = LENSLET_TRAINING_DEFAULTS;
  training.inputs = LENSLET_INPUT_FLOATS;
  const CTrainer trainer = TrainerOf(network, training);
  const std::string before = Saved(network.get());
  std::vector<float> floats = RandomFloats(72, /*seed=*/1);
  floats[17] = kNan;
  const int32_t label = 1;
  const lenslet_batch batch = {.examples = 1,
                               .bytes = nullptr,
                               .floats = floats.data(),
                               .input_elements = 72,
                               .classes = &label,
                               .values = nullptr,
                               .target_elements = 1};
  ExpectError(lenslet_train_step(trainer.get(), &batch, nullptr),
              LENSLET_FAILED_PRECONDITION, "loss is");
  EXPECT_EQ(Saved(network.get()), before);
}

TEST(LensletCTest, SetsTheLearningRate) {
  const CNetwork network = Loaded(Small());
  const CNetwork other = Loaded(Small());
  lenslet_training training = LENSLET_TRAINING_DEFAULTS;
  training.learning_rate = 0.5;
  const CTrainer trainer = TrainerOf(network, training);
  const CTrainer changed = TrainerOf(other, LENSLET_TRAINING_DEFAULTS);
  ASSERT_EQ(lenslet_set_learning_rate(changed.get(), 0.5), LENSLET_OK);
  const SmallBatch examples(9);
  for (const CTrainer* t : {&trainer, &changed}) {
    ASSERT_EQ(lenslet_train_step(t->get(), &examples.batch, nullptr),
              LENSLET_OK);
  }
  EXPECT_EQ(Saved(network.get()), Saved(other.get()));
}

// Labels, values and a class at each position.
TEST(LensletCTest, TrainsOtherTargets) {
  const std::vector<float> floats = RandomFloats(8 * 16, /*seed=*/3);
  for (const TargetKind kind :
       {TargetKind::kLabels, TargetKind::kValues, TargetKind::kClasses}) {
    const bool is_map = kind == TargetKind::kClasses;
    Net net(absl::StrCat(
        "input { name: 'image' shape: [4, 4, 1] } ",
        is_map
            ? "layer { name: 'conv' conv2d { output_channels: 3 kernel: 1 } }"
            : "layer { name: 'flatten' flatten {} } "
              "layer { name: 'linear' linear { output_features: 2 } }"));
    net.targets.kind = kind;
    net.inputs.type = ElementType::kFloat32;
    const CNetwork loaded = Loaded(net);
    EXPECT_EQ(lenslet_output_kind(loaded.get()), static_cast<int>(kind));
    EXPECT_EQ(lenslet_output_names(loaded.get()), 0);
    lenslet_training training = LENSLET_TRAINING_DEFAULTS;
    training.optimizer = LENSLET_ADAM;
    const CTrainer trainer = TrainerOf(loaded, training);
    std::vector<int32_t> classes(is_map ? 8 * 16 : 0, 2);
    if (is_map) classes[5] = -1;
    std::vector<float> values(is_map ? 0 : 16, 1);
    lenslet_batch batch = {.examples = 8,
                           .bytes = nullptr,
                           .floats = floats.data(),
                           .input_elements = 8 * 16,
                           .classes = is_map ? classes.data() : nullptr,
                           .values = is_map ? nullptr : values.data(),
                           .target_elements = is_map ? 8 * 16 : 16};
    double first = 0, loss = 0;
    for (int step = 0; step < 20; ++step) {
      ASSERT_EQ(lenslet_train_step(trainer.get(), &batch, &loss), LENSLET_OK)
          << lenslet_last_error();
      if (step == 0) first = loss;
    }
    EXPECT_LT(loss, first);
    const int64_t outputs = is_map ? 48 : 2;
    std::vector<float> scores(outputs, 0.5f);
    const lenslet_code code = lenslet_probabilities(loaded.get(), scores.data(),
                                                    outputs, scores.data());
    if (kind == TargetKind::kValues) {
      EXPECT_EQ(code, LENSLET_FAILED_PRECONDITION);
      values[3] = kNan;
    } else {
      EXPECT_EQ(code, LENSLET_OK);
      EXPECT_NEAR(scores[0], is_map ? 1.0 / 3 : 1 / (1 + std::exp(-0.5)), 1e-6);
      if (is_map) {
        classes[20] = 3;
      } else {
        values[3] = 1.5;
      }
    }
    ExpectError(lenslet_train_step(trainer.get(), &batch, nullptr),
                LENSLET_INVALID_ARGUMENT, "example 1 has");
  }
}

}  // namespace
}  // namespace lenslet
