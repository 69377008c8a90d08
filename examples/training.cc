#include "lenslet/examples/training.h"

#include <algorithm>
#include <memory>
#include <thread>

#include "lenslet/data/fashion_mnist.h"
#include "lenslet/data/mnist.h"
#include "lenslet/train/evaluator.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/trainer.h"

namespace lenslet {
namespace {

int Threads() {
  return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u,
                                     unsigned{Trainer::kMaxShards}));
}

}  // namespace

FashionMnist LoadFashionMnist(const std::string& argv0) {
  const std::string folder = FindFashionMnist(argv0).value();
  return {.train = LoadMnist(folder, Split::kTrain).value(),
          .test = LoadMnist(folder, Split::kTest).value()};
}

Parameters Train(const Graph& graph, const Dataset& dataset,
                 const TrainingOptions& options) {
  Parameters parameters = Parameters::Create(graph).value();
  InitializeParameters(Initializer(), /*seed=*/0, parameters);
  const std::unique_ptr<Trainer> trainer =
      Trainer::Create(graph, dataset, parameters,
                      {.threads = Threads(),
                       .batch_size = options.batch_size,
                       .schedule = {.base_rate = options.learning_rate}})
          .value();
  for (int64_t epoch = 0; epoch < options.epochs; ++epoch) {
    trainer->TrainEpoch(epoch, [](const Metrics&) {}).value();
  }
  return parameters;
}

double Accuracy(const Graph& graph, const Parameters& parameters,
                const Dataset& dataset) {
  return Evaluator::Create(graph, parameters, {.threads = Threads()})
      .value()
      ->Evaluate(dataset)
      .value()
      .accuracy();
}

}  // namespace lenslet
