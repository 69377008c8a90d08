// Trains the book's LeNet, or another model, on Fashion-MNIST, or another data
// set of its format.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "base/number_text.h"
#include "base/status_macros.h"
#include "data/dataset.h"
#include "data/fashion_mnist.h"
#include "data/mnist.h"
#include "layers/summary.h"
#include "models/build_graph.h"
#include "models/load_model.h"
#include "models/zoo.h"
#include "ops/backend.h"
#include "tools/command_line.h"
#include "tools/progress_bar.h"
#include "train/checkpoint.h"
#include "train/evaluator.h"
#include "train/initializer.h"
#include "train/trainer.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "train_lenet";

// The defaults are the book's recipe.
struct Flags {
  std::string model = "lenet";
  std::string data_dir;
  std::string backend = "lanes";
  int64_t epochs = 10;
  int64_t batch_size = 256;
  double learning_rate = 0.9;
  int64_t seed = 0;
  int64_t threads = std::max(1u, std::thread::hardware_concurrency());
  std::string output;
};

std::optional<int> ParseFlags(int argc, char** argv, Flags& flags) {
  CommandLine line(
      kProgram,
      "Trains LeNet on Fashion-MNIST by the recipe of the book \"Dive into "
      "Deep Learning\":\nstochastic gradient descent on the cross-entropy, "
      "Xavier-uniform initialisation.");
  line.AddFlag(
      "model",
      absl::StrCat("The network: a name (",
                   absl::StrJoin(ZooModelNames(), ", "),
                   ") or a model file. It must take the data set's images."),
      flags.model);
  line.AddFlag("data_dir",
               "Folder with the four files of MNIST's format, plain or .gz. "
               "Without: Fashion-MNIST.",
               flags.data_dir);
  line.AddFlag("backend",
               "What trains: lanes, xnnpack, or reference (very slow).",
               flags.backend);
  line.AddFlag("epochs", "Times through the training images.", flags.epochs,
               {.min = 1, .max = 1000000});
  line.AddFlag("batch_size", "Images for each update of the parameters.",
               flags.batch_size, {.min = 1, .max = 1000000});
  line.AddPositiveFlag("learning_rate", "Factor of the gradient in an update.",
                       flags.learning_rate);
  line.AddFlag("seed",
               "Number that the first parameters and the order of images come "
               "from.",
               flags.seed, {.min = 0});
  line.AddFlag(
      "threads",
      "Threads that compute, up to 8 of use; the result does not depend "
      "on it.",
      flags.threads, {.min = 1, .max = 1024});
  line.AddFlag("output",
               "Checkpoint file to write after each epoch, for predict. "
               "Without: none.",
               flags.output);
  return line.Parse(argc, argv);
}

class Stopwatch {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start_ = Clock::now();
};

absl::StatusOr<Metrics> TrainEpoch(const Flags& flags, int64_t epoch,
                                   int64_t examples, Trainer& trainer) {
  ProgressBar bar(stdout,
                  absl::StrFormat("epoch %d/%d", epoch + 1, flags.epochs));
  const Stopwatch stopwatch;
  return trainer.TrainEpoch(epoch, [&](const Metrics& so_far) {
    const double speed = so_far.examples / stopwatch.Seconds();
    bar.Update(static_cast<double>(so_far.examples) / examples,
               absl::StrFormat("loss %.3f  %s examples/s", so_far.loss(),
                               WithCommas(static_cast<int64_t>(speed))));
  });
}

struct Data {
  std::string name;  // For people.
  Dataset train;
  Dataset test;
};

absl::StatusOr<Data> LoadData(const Flags& flags, const std::string& argv0) {
  Data data;
  std::string folder = UserPath(flags.data_dir);
  if (folder.empty()) {
    LENSLET_ASSIGN_OR_RETURN(folder, FindFashionMnist(argv0));
    data.name = "of Fashion-MNIST";
  } else {
    data.name = absl::StrCat("from ", folder);
  }
  LENSLET_ASSIGN_OR_RETURN(data.train, LoadMnist(folder, Split::kTrain));
  LENSLET_ASSIGN_OR_RETURN(data.test, LoadMnist(folder, Split::kTest));
  return data;
}

void PrintHeader(const Graph& graph, const Trainer& trainer,
                 const Evaluator& evaluator, const Data& data) {
  const std::string summary =
      Summarize(graph, [&](int node) { return trainer.BackendOfLayer(node); });
  std::printf("%s\n%s training and %s test images %s, tested on %s\n\n",
              summary.c_str(), WithCommas(data.train.size()).c_str(),
              WithCommas(data.test.size()).c_str(), data.name.c_str(),
              std::string(Name(evaluator.backend())).c_str());
  std::fflush(stdout);
}

// All but the parameters and how far training got.
CheckpointProto MakeCheckpoint(const Flags& flags, const ModelProto& model,
                               const Dataset& dataset) {
  CheckpointProto checkpoint;
  *checkpoint.mutable_model() = model;
  checkpoint.mutable_class_name()->Add(dataset.class_names.begin(),
                                       dataset.class_names.end());
  TrainingProto& training = *checkpoint.mutable_training();
  training.set_batch_size(flags.batch_size);
  training.set_learning_rate(flags.learning_rate);
  training.set_seed(flags.seed);
  training.set_backend(flags.backend);
  return checkpoint;
}

absl::Status Run(const Flags& flags, Backend backend,
                 const std::string& argv0) {
  const std::string output = UserPath(flags.output);
  if (!output.empty()) LENSLET_RETURN_IF_ERROR(CheckWritable(output));
  LENSLET_ASSIGN_OR_RETURN(const ModelText model,
                           LoadModel(flags.model, UserFolder()));
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildGraph(model));
  LENSLET_ASSIGN_OR_RETURN(const Data data, LoadData(flags, argv0));
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters, Parameters::Create(graph));
  InitializeParameters(Initializer(), flags.seed, parameters);
  const int threads = static_cast<int>(flags.threads);
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Trainer> trainer,
      Trainer::Create(graph, data.train, parameters,
                      {.backend = backend,
                       .threads = threads,
                       .batch_size = flags.batch_size,
                       .schedule = {.base_rate = flags.learning_rate},
                       .seed = static_cast<uint64_t>(flags.seed)}));
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Evaluator> evaluator,
      Evaluator::Create(graph, parameters, {.threads = threads}));
  CheckpointProto checkpoint = MakeCheckpoint(flags, model.model, data.train);
  PrintHeader(graph, *trainer, *evaluator, data);

  double seconds = 0;
  Metrics train;
  Metrics test;
  const int digits = static_cast<int>(absl::StrCat(flags.epochs).size());
  for (int64_t epoch = 0; epoch < flags.epochs; ++epoch) {
    const Stopwatch stopwatch;
    LENSLET_ASSIGN_OR_RETURN(
        train, TrainEpoch(flags, epoch, data.train.size(), *trainer));
    const double epoch_seconds = stopwatch.Seconds();
    seconds += epoch_seconds;
    LENSLET_ASSIGN_OR_RETURN(test, evaluator->Evaluate(data.test));
    absl::PrintF(
        "epoch %*d/%d  train loss %.3f  train acc %.3f  test acc %.3f  "
        "%.1f s\n",
        digits, epoch + 1, flags.epochs, train.loss(), train.accuracy(),
        test.accuracy(), epoch_seconds);
    std::fflush(stdout);
    if (!output.empty()) {
      checkpoint.mutable_training()->set_epochs(epoch + 1);
      CopyParameters(parameters, checkpoint);
      LENSLET_RETURN_IF_ERROR(SaveCheckpoint(output, checkpoint));
    }
  }
  absl::PrintF("\nloss %.3f, train acc %.3f, test acc %.3f\n", train.loss(),
               train.accuracy(), test.accuracy());
  absl::PrintF("%.1f examples/sec on %d thread%s (%s)\n",
               flags.epochs * data.train.size() / seconds, threads,
               threads == 1 ? "" : "s", flags.backend);
  if (!output.empty()) absl::PrintF("saved %s\n", output);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Flags flags;
  if (const auto exit_code = ParseFlags(argc, argv, flags)) return *exit_code;
  const absl::StatusOr<Backend> backend = BackendByName(flags.backend);
  if (!backend.ok()) {
    return ReportUsage(kProgram,
                       absl::StrCat("--backend: ", backend.status().message()));
  }
  if (!CanTrain(*backend)) {
    return ReportUsage(kProgram,
                       absl::StrCat("--backend: ", flags.backend,
                                    " only goes forward; lanes trains"));
  }
  const absl::Status status = Run(flags, *backend, argv[0]);
  return status.ok() ? 0 : ReportFailure(kProgram, status);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Main(argc, argv); }
