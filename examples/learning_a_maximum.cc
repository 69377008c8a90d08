// Can a network learn the maximum of two numbers? It sees
// 1000 pairs from 0 to 20000, and their maxima.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "lenslet/base/check.h"
#include "lenslet/base/random.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/backend.h"
#include "lenslet/tensor/view.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/optimizer.h"

namespace lenslet {
namespace {

constexpr int64_t kPairs = 1000;
constexpr int64_t kBatch = 50;
constexpr int kEpochs = 100;
constexpr float kLargest = 20000;

struct Pair {
  float a;
  float b;
  float maximum() const { return std::max(a, b); }
};

std::vector<Pair> DrawPairs(uint64_t seed) {
  Random random(seed);
  std::vector<Pair> pairs(kPairs);
  for (Pair& pair : pairs) {
    pair.a = static_cast<float>(random.Uniform() * kLargest);
    pair.b = static_cast<float>(random.Uniform() * kLargest);
  }
  return pairs;
}

// Two numbers, a hidden layer with rectified linear units, one number.
Graph MakeGraph(int64_t hidden) {
  using layers::Linear;
  using layers::Relu;
  GraphBuilder builder;
  builder.AddInput("pair", {2});
  builder.AddLayer("hidden", Linear({.output_features = hidden}), {"pair"});
  builder.AddLayer("relu", Relu(), {"hidden"});
  builder.AddLayer("maximum", Linear({.output_features = 1}), {"relu"});
  return builder.Build().value();
}

// The network sees numbers times `scale`, and what it says is divided by it.
class Network {
 public:
  Network(const Graph& graph, float scale)
      : scale_(scale),
        parameters_(Parameters::Create(graph).value()),
        gradients_(Parameters::Create(graph).value()) {
    InitializeParameters(Initializer(), /*seed=*/0, parameters_);
    executor_ = Executor::Create(graph, parameters_,
                                 {.backend = Backend::kReference,
                                  .images = kBatch,
                                  .training = true})
                    .value();
  }

  absl::Span<float> parameters() { return parameters_.array(); }
  View<float> parameter(int i) { return parameters_.view(i); }
  void ParametersChanged() {
    LENSLET_CHECK(executor_->ParametersChanged().ok());
  }

  // The gradient of the batch's mean squared error by the parameters.
  absl::Span<const float> Gradients(absl::Span<const Pair> batch) {
    Forward(batch);
    // loss = 1/n sum of (y_hat - y)^2; its gradient w.r.t. y_hat is
    // 2/n (y_hat - y).
    const float factor = 2.0f / static_cast<float>(batch.size());
    for (size_t i = 0; i < batch.size(); ++i) {
      const float error = executor_->output()[i] - batch[i].maximum() * scale_;
      executor_->output_gradient()[i] = factor * error;
    }
    std::fill(gradients_.array().begin(), gradients_.array().end(), 0.0f);
    executor_->Backward(static_cast<int64_t>(batch.size()), gradients_.array());
    return gradients_.array();
  }

  // How far the network's maxima are from the true ones, on average.
  double MeanError(absl::Span<const Pair> pairs) {
    double sum = 0;
    for (size_t first = 0; first < pairs.size(); first += kBatch) {
      const absl::Span<const Pair> batch = pairs.subspan(first, kBatch);
      Forward(batch);
      for (size_t i = 0; i < batch.size(); ++i) {
        sum += std::abs(executor_->output()[i] / scale_ - batch[i].maximum());
      }
    }
    return sum / static_cast<double>(pairs.size());
  }

 private:
  void Forward(absl::Span<const Pair> batch) {
    for (size_t i = 0; i < batch.size(); ++i) {
      executor_->input()[2 * i] = batch[i].a * scale_;
      executor_->input()[2 * i + 1] = batch[i].b * scale_;
    }
    executor_->Forward(static_cast<int64_t>(batch.size()));
  }

  const float scale_;
  Parameters parameters_;
  Parameters gradients_;
  std::unique_ptr<Executor> executor_;
};

void Train(absl::Span<const Pair> pairs, const OptimizerSpec& optimizer,
           double learning_rate, Network& network) {
  std::vector<std::vector<float>> arrays(
      StateArrays(optimizer.kind),
      std::vector<float>(network.parameters().size()));
  std::vector<absl::Span<float>> state;
  for (std::vector<float>& array : arrays) {
    state.push_back(absl::MakeSpan(array));
  }
  int64_t step = 0;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    for (size_t first = 0; first < pairs.size(); first += kBatch) {
      ++step;
      UpdateValues(optimizer, learning_rate, step,
                   network.Gradients(pairs.subspan(first, kBatch)), state,
                   network.parameters());
      network.ParametersChanged();
    }
  }
}

void PrintError(const char* name, double error) {
  if (std::isfinite(error)) {
    std::printf("%-42s %8.1f\n", name, error);
  } else {
    std::printf("%-42s diverges\n", name);
  }
}

void Main() {
  const std::vector<Pair> train = DrawPairs(/*seed=*/1);
  const std::vector<Pair> test = DrawPairs(/*seed=*/2);
  const Graph graph = MakeGraph(/*hidden=*/16);

  // To say the mean of all maxima each time is not to have learned anything.
  double mean = 0;
  for (const Pair& pair : train) mean += pair.maximum() / kPairs;
  double error = 0;
  for (const Pair& pair : test) {
    error += std::abs(mean - pair.maximum()) / kPairs;
  }
  std::printf("mean error, of numbers up to 20000, after %d epochs\n", kEpochs);
  PrintError("always the mean", error);

  const auto try_training = [&](const char* name, OptimizerKind kind,
                                double rate, float scale) {
    Network network(graph, scale);
    Train(train, {.kind = kind}, rate, network);
    PrintError(name, network.MeanError(test));
  };
  constexpr OptimizerKind kSgd = OptimizerKind::kSgd;
  constexpr OptimizerKind kAdam = OptimizerKind::kAdam;

  // Gradients grow with the square of the inputs: to about 10^8 here. A rate
  // that is good for numbers around 1 throws the hidden units to where they are
  // zero for all inputs; the last bias alone is left, and learns the mean.
  // Rates that work are small, and few.
  try_training("SGD, rate 0.1, numbers as they are", kSgd, 0.1, 1);
  try_training("SGD, rate 1e-8, numbers as they are", kSgd, 1e-8, 1);
  try_training("SGD, rate 1e-10, numbers as they are", kSgd, 1e-10, 1);
  try_training("SGD, rate 1e-12, numbers as they are", kSgd, 1e-12, 1);
  // Adam divides gradients by their size, so the usual rate works.
  try_training("Adam, rate 0.01, numbers as they are", kAdam, 0.01, 1);
  // For numbers from 0 to 1 the usual rate works without it.
  try_training("SGD, rate 0.1, numbers divided by 20000", kSgd, 0.1,
               1 / kLargest);
  try_training("Adam, rate 0.01, numbers divided by 20000", kAdam, 0.01,
               1 / kLargest);

  // The network that is right for all numbers, which can be written down:
  //   max(a, b) = relu(a - b) + b = relu(a - b) + relu(b) - relu(-b)
  Network exact(MakeGraph(/*hidden=*/3), 1);
  constexpr std::array<float, 6> kHidden = {1, -1, 0, 1, 0, -1};
  constexpr std::array<float, 3> kMaximum = {1, 1, -1};
  std::copy(kHidden.begin(), kHidden.end(), exact.parameter(0).data());
  std::copy(kMaximum.begin(), kMaximum.end(), exact.parameter(2).data());
  exact.ParametersChanged();
  // Whole numbers, also negative ones, so that nothing is rounded.
  std::vector<Pair> whole = test;
  for (Pair& pair : whole) {
    pair = {std::floor(pair.a) - 10000, std::floor(pair.b) - 10000};
  }
  PrintError("relu(a - b) + b, from -10000 to 10000", exact.MeanError(whole));
}

}  // namespace
}  // namespace lenslet

int main() { lenslet::Main(); }
