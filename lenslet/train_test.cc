#include "lenslet/train.h"

#include <cstdint>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/compute_normalization.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/synthetic.h"
#include "lenslet/network.h"
#include "lenslet/short_layers.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using namespace layers;  // NOLINT: as users do.

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

constexpr absl::StatusCode kInvalidCall = absl::StatusCode::kInvalidArgument;

Dataset Examples(double noise = 0.5) {
  return *MakeSyntheticDataset({8, 8, 1},
                               {.examples = 120, .classes = 3, .noise = noise});
}

Network SmallConvNet() {
  return *Network::Sequential(
      {8, 8, 1}, {Conv2d(4, 3), Relu(), MaxPool2d(2), Flatten(), Linear(3)});
}

std::vector<float> ParameterValues(const Network& network) {
  const absl::Span<const float> array = network.parameters().array();
  return {array.begin(), array.end()};
}

TEST(TrainTest, LearnsAndReports) {
  const Dataset data = Examples();
  Network network = SmallConvNet();
  std::ostringstream out;
  const absl::StatusOr<Metrics> metrics =
      Train(network, data,
            {.epochs = 20,
             .batch_size = 20,
             .learning_rate = 0.2,
             .threads = 2,
             .on_epoch = PrintTo(out, data)});
  ASSERT_THAT(metrics, IsOk());
  EXPECT_EQ(metrics->examples, 120);
  EXPECT_GT(metrics->accuracy(), 0.9);
  EXPECT_THAT(out.str(), HasSubstr("epoch  1/20  train loss "));
  EXPECT_THAT(out.str(), HasSubstr("\nepoch 20/20  train loss "));
  EXPECT_THAT(network.class_names(), ElementsAreArray(data.target_names));

  const absl::StatusOr<ClassificationReport> report = Evaluate(network, data);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->examples, 120);
  EXPECT_GT(report->accuracy, 0.9);
}

TEST(TrainTest, ThreadsDoNotChangeTheResult) {
  const Dataset data = Examples();
  std::vector<float> values;
  for (const int threads : {1, 2, 3}) {
    Network network = SmallConvNet();
    ASSERT_THAT(
        Train(network, data,
              {.epochs = 2, .batch_size = 50, .seed = 7, .threads = threads}),
        IsOk());
    if (values.empty()) values = ParameterValues(network);
    EXPECT_THAT(ParameterValues(network), ElementsAreArray(values));
  }
}

TEST(TrainTest, EachOptionOfTheUpdateHasAnEffect) {
  const Dataset data = Examples();
  const TrainOptions plain = {
      .epochs = 2, .batch_size = 40, .optimizer = {.weight_decay = 0.1}};
  const auto train = [&](auto change) {
    TrainOptions options = plain;
    change(options);
    Network network = *Network::Sequential(
        {8, 8, 1}, {Conv2d(4, 3), BatchNorm(), Relu(), Flatten(), Linear(3)});
    EXPECT_THAT(Train(network, data, options), IsOk());
    return ParameterValues(network);
  };
  const std::vector<float> values = train([](TrainOptions&) {});
  EXPECT_EQ(train([](TrainOptions& o) { o.clip_norm = 1e6; }), values);
  EXPECT_NE(train([](TrainOptions& o) { o.clip_norm = 1e-3; }), values);
  EXPECT_NE(train([](TrainOptions& o) { o.average_decay = 0.9; }), values);
  EXPECT_NE(train([](TrainOptions& o) { o.decay_all = false; }), values);
  EXPECT_NE(train([](TrainOptions& o) { o.block = 40; }), values);
}

// The cause, not what follows from it: an untrained network has other class
// names, too.
TEST(TrainTest, EvaluateNamesWhatDoesNotFit) {
  const Dataset data = Examples();
  const auto expect_error = [&](const Network& network,
                                const std::string& message) {
    EXPECT_THAT(Evaluate(network, data),
                StatusIs(kInvalidCall, HasSubstr(message)));
  };
  expect_error(*Network::Sequential({9, 8, 1}, {Flatten(), Linear(3)}),
               "has shape [9, 8, 1]; the data set's examples have shape "
               "[8, 8, 1]");
  expect_error(*Network::Sequential({8, 8, 1}, {Linear(3)}),
               "linear layer \"linear_1\" transforms each position separately");
  expect_error(*Network::Sequential({8, 8, 1}, {Flatten(), Linear(4)}),
               "has shape [4]; expected [3], a score for each class");
  EXPECT_THAT(Evaluate(SmallConvNet(), data),
              StatusIs(kInvalidCall,
                       "class 0 is \"class 0\" in the data but \"0\" in the "
                       "network; Train() or SetClassNames(data.target_names) "
                       "sets them"));
}

// The mistake that this prevents: a network whose normalization is lost
// predicts worse than it evaluates.
TEST(TrainTest, PredictsNormalizedDataAsItEvaluates) {
  Dataset data = Examples(/*noise=*/0.8);
  data.normalization = *ComputeNormalization(data);
  Network network = SmallConvNet();
  ASSERT_THAT(Train(network, data, {.epochs = 3, .batch_size = 20}), IsOk());
  const absl::StatusOr<std::string> bytes = network.ToBytes();
  ASSERT_THAT(bytes, IsOk());
  const absl::StatusOr<Network> loaded = Network::FromBytes(*bytes);
  ASSERT_THAT(loaded, IsOk());

  const absl::StatusOr<ClassificationReport> report = Evaluate(*loaded, data);
  ASSERT_THAT(report, IsOk());
  const std::vector<int32_t> labels = *data.Classes();
  int64_t correct = 0;
  for (int64_t i = 0; i < data.size(); ++i) {
    const absl::StatusOr<std::vector<ClassScore>> best =
        loaded->Classify(*data.Example(i), 1);
    ASSERT_THAT(best, IsOk());
    if (best->front().class_index == labels[i]) ++correct;
  }
  EXPECT_EQ(correct, report->correct);

  data.normalization = {};
  EXPECT_THAT(
      Evaluate(*loaded, data),
      StatusIs(kInvalidCall, HasSubstr("normalization is not that of the")));
}

TEST(TrainTest, RejectsBadOptions) {
  const Dataset data = Examples();
  Network network = SmallConvNet();
  EXPECT_THAT(Train(network, data, {.epochs = 0}),
              StatusIs(kInvalidCall, "epochs is 0; expected at least 1"));
  EXPECT_THAT(Train(network, data, {.learning_rate = -1}),
              StatusIs(kInvalidCall, HasSubstr("-1")));
  EXPECT_THAT(
      Train(network, data, {.schedule_in_steps = {.base_rate = 0.1}}),
      StatusIs(kInvalidCall, HasSubstr("schedule_in_steps.base_rate is 0.1")));
  EXPECT_THAT(
      Train(network, data,
            {.optimizer = {.kind = OptimizerKind::kMomentum, .momentum = 1}}),
      StatusIs(kInvalidCall, HasSubstr("optimizer.momentum is 1")));
  EXPECT_THAT(Train(network, data, {.clip_norm = -1}),
              StatusIs(kInvalidCall, HasSubstr("clip_norm is -1")));
  EXPECT_THAT(Train(network, data, {.average_decay = 1}),
              StatusIs(kInvalidCall, HasSubstr("average_decay is 1")));
  EXPECT_THAT(Train(network, data, {.block = 0}),
              StatusIs(kInvalidCall, HasSubstr("block is 0")));
  EXPECT_THAT(Train(network, data, {.threads = -1}),
              StatusIs(kInvalidCall, HasSubstr("threads is -1")));
  Dataset bad = Examples();
  bad.target_names.pop_back();
  Network of_two = *Network::Sequential({8, 8, 1}, {Flatten(), Linear(2)});
  EXPECT_THAT(Train(of_two, bad),
              StatusIs(kInvalidCall, HasSubstr(" of the data set has class 2; "
                                               "expected a number in [0, 1]")));
  bad.target_names.clear();
  EXPECT_THAT(Train(network, bad),
              StatusIs(kInvalidCall, "the data set has no names of classes"));
  EXPECT_THAT(Train(network, Dataset()),
              StatusIs(kInvalidCall, HasSubstr("no examples")));

  Dataset reordered = Examples();
  ASSERT_THAT(Train(network, reordered, {.epochs = 1}), IsOk());
  std::swap(reordered.target_names[0], reordered.target_names[1]);
  EXPECT_THAT(
      Evaluate(network, reordered),
      StatusIs(
          kInvalidCall,
          "class 0 is \"class 1\" in the data but \"class 0\" in the "
          "network; Train() or SetClassNames(data.target_names) sets them"));
  Network other = *Network::Sequential({8, 8, 1}, {Flatten(), Linear(4)});
  EXPECT_THAT(Train(other, data), StatusIs(kInvalidCall, HasSubstr("[4]")));
}

}  // namespace
}  // namespace lenslet
