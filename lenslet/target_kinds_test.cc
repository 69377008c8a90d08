// Networks that learn labels, values, images and maps of classes, from data in
// memory and from a program's source of examples.

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/lenslet.h"

namespace lenslet {
namespace {

using namespace layers;  // NOLINT: as users do.

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Values: 3 x - 2 y + 1 and x y, of columns with other scales.
Dataset Table(int64_t size, uint64_t seed) {
  Random random(seed);
  ExampleArrays arrays = {.inputs = Tensor({size, 2}),
                          .targets = Tensor({size, 2}),
                          .kind = TargetKind::kValues};
  for (int64_t i = 0; i < size; ++i) {
    const double x = 2 * random.Uniform() - 1, y = 2 * random.Uniform() - 1;
    arrays.inputs(i, 0) = static_cast<float>(100 + 20 * x);
    arrays.inputs(i, 1) = static_cast<float>(0.01 * y);
    arrays.targets(i, 0) = static_cast<float>(3 * x - 2 * y + 1);
    arrays.targets(i, 1) = static_cast<float>(x * y);
  }
  return MakeDataset(std::move(arrays), {"plane", "saddle"}).value();
}

TEST(TargetKindsTest, ATableOfValues) {
  Dataset train = Table(2000, 1);
  train.normalization = ComputeNormalization(train).value();
  Dataset test = Table(500, 2);
  test.normalization = train.normalization;
  Network network =
      Network::Sequential({2}, {Linear(32), Relu(), Linear(2)}).value();
  const std::string run = EmptyTempFolder("table_run");
  std::vector<std::string> lines;
  const TrainOptions options = {
      .epochs = 20,
      .batch_size = 50,
      .learning_rate = 0.01,
      .optimizer = {.kind = OptimizerKind::kAdam},
      .test = &test,
      .run_dir = run,
      .on_epoch = [&](const EpochResult& result) {
        lines.push_back(EpochLine(result.record, result.epoch, result.epochs));
      }};
  ASSERT_THAT(Train(network, train, options), IsOk());
  EXPECT_THAT(lines.back(),
              AllOf(HasSubstr("train loss 0.0"), HasSubstr("train MAE 0.0"),
                    HasSubstr("test MAE 0.0")));
  EXPECT_THAT(lines.back(), Not(HasSubstr("acc")));
  const Metrics metrics = Measure(network, test).value();
  EXPECT_LT(metrics.values.mean_absolute_error(), 0.05);
  EXPECT_EQ(metrics.values.numbers, 1000);

  // The file knows what the outputs are.
  const std::string path = run + "/values.ckpt";
  ASSERT_THAT(network.Save(path), IsOk());
  const Network loaded = Network::Load(path).value();
  EXPECT_EQ(loaded.targets().kind, TargetKind::kValues);
  EXPECT_THAT(loaded.targets().names, ElementsAre("plane", "saddle"));
  EXPECT_EQ(Measure(loaded, test)->loss_sum, metrics.loss_sum);
  std::vector<float> outputs(2);
  const Tensor example = test.Example(0).value();
  ASSERT_THAT(loaded.Predict(example.span(), absl::MakeSpan(outputs)), IsOk());
  const double x = (example(0) - 100) / 20, y = example(1) / 0.01;
  EXPECT_NEAR(outputs[0], 3 * x - 2 * y + 1, 0.3);
  EXPECT_THAT(loaded.Classify(Tensor({2}, ElementType::kUint8), 1),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("outputs are values, not classes")));
  EXPECT_FALSE(Evaluate(loaded, test).ok());

  // A finished run says so, and nothing is trained again.
  Network same =
      Network::Sequential({2}, {Linear(32), Relu(), Linear(2)}).value();
  ASSERT_THAT(Train(same, train, options), IsOk());
  EXPECT_EQ(Measure(same, test)->loss_sum, metrics.loss_sum);
}

// A bar across, a bar down, both or none.
Dataset Bars(int64_t size, uint64_t seed) {
  Random random(seed);
  ExampleArrays arrays = {
      .inputs = Tensor({size, 8, 8, 1}, ElementType::kUint8),
      .targets = Tensor({size, 2}, ElementType::kUint8),
      .kind = TargetKind::kLabels};
  for (int64_t i = 0; i < size; ++i) {
    uint8_t* const image = arrays.inputs.data<uint8_t>() + i * 64;
    for (int p = 0; p < 64; ++p) {
      image[p] = static_cast<uint8_t>(random.Below(80));
    }
    for (const int64_t label : {0, 1}) {
      const bool applies = random.Below(2) == 1;
      arrays.targets.data<uint8_t>()[2 * i + label] = applies;
      const int64_t at = random.Below(8);
      for (int64_t k = 0; applies && k < 8; ++k) {
        image[label == 0 ? 8 * at + k : 8 * k + at] = 200;
      }
    }
  }
  return MakeDataset(std::move(arrays), {"across", "down"}).value();
}

TEST(TargetKindsTest, SeveralLabels) {
  const Dataset train = Bars(1500, 1), test = Bars(300, 2);
  Network network =
      Network::Sequential(
          {8, 8, 1}, {Conv2d(8, 3), Relu(), MaxPool2d(2), Flatten(), Linear(2)})
          .value();
  ASSERT_THAT(Train(network, train,
                    {.epochs = 12,
                     .batch_size = 32,
                     .learning_rate = 0.01,
                     .optimizer = {.kind = OptimizerKind::kAdam}}),
              IsOk());
  const Metrics metrics = Measure(network, test).value();
  EXPECT_GT(metrics.labels.f1().value(), 0.97);
  EXPECT_GT(metrics.exact, 285);
}

TEST(TargetKindsTest, ALossOfAnotherKindIsRefused) {
  Network network =
      Network::Sequential({8, 8, 1}, {Flatten(), Linear(2)}).value();
  EXPECT_THAT(Train(network, Bars(10, 1), {.loss = {.kind = HingeSpec()}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("hinge"), HasSubstr("labels"))));
  EXPECT_THAT(Measure(network, Bars(10, 1)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("the data's targets are labels, but the "
                                 "network outputs classes")));
}

// The same images as inputs and as targets.
TEST(TargetKindsTest, AnAutoencoder) {
  const Dataset bars = Bars(800, 1);
  const Tensor images = bars.Inputs().value();
  ExampleArrays arrays = {.inputs = images.Clone(),
                          .targets = Tensor(images.shape()),
                          .kind = TargetKind::kValues};
  ScalePixels(images.span<uint8_t>(), arrays.targets.data());
  const Dataset data = MakeDataset(std::move(arrays), {}).value();
  Network network =
      Network::Sequential({8, 8, 1}, {Conv2d(8, 3, {.padding = 1}), Relu(),
                                      Conv2d(1, 3, {.padding = 1})})
          .value();
  ASSERT_THAT(Train(network, data,
                    {.epochs = 15,
                     .batch_size = 20,
                     .learning_rate = 0.01,
                     .optimizer = {.kind = OptimizerKind::kAdam},
                     .augmentation = {.noise = 0.1}}),
              IsOk());
  EXPECT_LT(Measure(network, data)->values.mean_absolute_error(), 0.06);
  // Targets move with their images.
  LENSLET_EXPECT_OK(
      Train(network, data, {.augmentation = {.flip = true}}).status());
}

// Squares on a noisy ground: the class of each pixel. Drawn when they are read.
class Squares : public Examples {
 public:
  Squares(int64_t size, uint64_t seed) : size_(size), seed_(seed) {}

  int64_t size() const override { return size_; }
  Shape shape() const override { return {12, 12, 1}; }
  ElementType type() const override { return ElementType::kFloat32; }
  TargetSpec target() const override { return {.shape = {12, 12}}; }

  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    for (size_t n = 0; n < indices.size(); ++n) {
      Random random(seed_, indices[n]);
      const Square square(random);
      for (int64_t i = 0; i < 144; ++i) {
        batch.Input<float>(n)[i] = static_cast<float>(
            0.5 * random.Uniform() + (square.Has(i / 12, i % 12) ? 0.5 : 0));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    for (size_t n = 0; n < indices.size(); ++n) {
      Random random(seed_, indices[n]);
      const Square square(random);
      for (int64_t i = 0; i < 144; ++i) {
        batch.classes()[144 * n + i] = square.Has(i / 12, i % 12);
      }
    }
    return absl::OkStatus();
  }

 private:
  struct Square {
    explicit Square(Random& random)
        : side(3 + random.Below(5)),
          top(random.Below(12 - side)),
          left(random.Below(12 - side)) {}
    bool Has(int64_t row, int64_t column) const {
      return row >= top && row < top + side && column >= left &&
             column < left + side;
    }
    int64_t side, top, left;
  };

  const int64_t size_;
  const uint64_t seed_;
};

TEST(TargetKindsTest, AClassForEachPixel) {
  const Dataset train = {.examples = std::make_shared<Squares>(600, 1),
                         .target_names = {"ground", "square"}};
  const Dataset test = {.examples = std::make_shared<Squares>(100, 2),
                        .target_names = {"ground", "square"}};
  Network network =
      Network::Sequential({12, 12, 1},
                          {Conv2d(8, 3, {.padding = 1}), Relu(),
                           Conv2d(8, 3, {.padding = 1}), Relu(), Conv2d(2, 1)})
          .value();
  ASSERT_THAT(Train(network, train,
                    {.epochs = 8,
                     .batch_size = 20,
                     .learning_rate = 0.01,
                     .optimizer = {.kind = OptimizerKind::kAdam}}),
              IsOk());
  const Metrics metrics = Measure(network, test).value();
  EXPECT_EQ(metrics.predictions, 100 * 144);
  EXPECT_GT(metrics.accuracy(), 0.97);
  const std::string path = EmptyTempFolder("squares") + "/squares.ckpt";
  ASSERT_THAT(network.Save(path), IsOk());
  EXPECT_EQ(Measure(Network::Load(path).value(), test)->correct,
            metrics.correct);
}

}  // namespace
}  // namespace lenslet
