#include "lenslet/benchmarks/peers/worker.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lenslet/base/scoped_timer.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/benchmarks/peers/examples.h"
#include "lenslet/benchmarks/peers/network.h"

namespace lenslet::peers {
namespace {

using Clock = std::chrono::steady_clock;

absl::StatusOr<int64_t> PeakMemoryBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    absl::string_view text = line;
    int64_t kibibytes;
    if (absl::ConsumePrefix(&text, "VmHWM:") &&
        absl::ConsumeSuffix(&text, "kB") &&
        absl::SimpleAtoi(text, &kibibytes)) {
      return kibibytes * 1024;
    }
  }
  return absl::NotFoundError("/proc/self/status has no VmHWM");
}

// Carries commands out.
class Worker {
 public:
  Worker(const WorkerSettings& settings, std::unique_ptr<Peer> peer)
      : settings_(settings), peer_(std::move(peer)) {}

  absl::StatusOr<std::string> Run(absl::string_view command) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(command, absl::MaxSplits(' ', 1));
    if (command == "memory") {
      LENSLET_ASSIGN_OR_RETURN(const int64_t bytes, PeakMemoryBytes());
      return absl::StrCat(bytes);
    }
    int64_t count;
    if (absl::SimpleAtoi(parts.second, &count) && count >= 1) {
      if (job_.empty()) job_ = std::string(parts.first);
      if (parts.first != job_) {
        return absl::FailedPreconditionError(
            absl::StrCat("this process does \"", job_, "\" already"));
      }
      if (parts.first == "train") return Train(count);
      if (parts.first == "infer") return Infer(count);
      if (parts.first == "latency") return Latency(count);
    }
    return absl::InvalidArgumentError(
        absl::StrCat("\"", command, "\" is no command"));
  }

 private:
  absl::StatusOr<std::string> Train(int64_t steps) {
    const Workload& workload = settings_.workload;
    if (!order_.has_value()) {
      LENSLET_ASSIGN_OR_RETURN(
          Dataset dataset,
          LoadExamples(settings_.data_folder, workload.examples,
                       workload.image_size, workload.channels));
      order_.emplace(dataset.size(), workload.batch, workload.seed);
      LENSLET_RETURN_IF_ERROR(peer_->PrepareTraining(std::move(dataset)));
    }
    std::vector<double> losses(steps);
    int64_t examples = 0;
    const Clock::time_point start = Clock::now();
    for (double& loss : losses) {
      const absl::Span<const int64_t> batch = order_->NextBatch();
      LENSLET_ASSIGN_OR_RETURN(loss, peer_->TrainStep(batch));
      examples += static_cast<int64_t>(batch.size());
    }
    std::string answer = absl::StrCat(SecondsSince(start), " ", examples);
    for (double loss : losses) absl::StrAppendFormat(&answer, " %.9g", loss);
    return answer;
  }

  absl::StatusOr<std::string> Infer(int64_t times) {
    if (!ready_for_inference_) {
      LENSLET_ASSIGN_OR_RETURN(Dataset dataset, InferenceExamples());
      LENSLET_RETURN_IF_ERROR(peer_->PrepareInference(std::move(dataset)));
      ready_for_inference_ = true;
    }
    double loss = 0;
    const Clock::time_point start = Clock::now();
    for (int64_t i = 0; i < times; ++i) {
      LENSLET_ASSIGN_OR_RETURN(loss, peer_->Infer());
    }
    return absl::StrFormat("%.9g %d %.9g", SecondsSince(start),
                           times * settings_.workload.inference_examples(),
                           loss);
  }

  absl::StatusOr<std::string> Latency(int64_t images) {
    if (!single_images_.has_value()) {
      LENSLET_ASSIGN_OR_RETURN(const Dataset dataset, InferenceExamples());
      single_images_.emplace(dataset);
      LENSLET_RETURN_IF_ERROR(peer_->PrepareLatency());
    }
    float scores[kClasses];
    std::vector<double> seconds(images);
    for (int64_t i = 0; i < images; ++i) {
      const float* image = single_images_->image(i % single_images_->size());
      const Clock::time_point start = Clock::now();
      LENSLET_RETURN_IF_ERROR(peer_->InferOne(image, scores));
      seconds[i] = SecondsSince(start);
    }
    std::sort(seconds.begin(), seconds.end());
    return absl::StrCat(seconds[images / 2], " ", seconds[images * 99 / 100]);
  }

  absl::StatusOr<Dataset> InferenceExamples() {
    const Workload& workload = settings_.workload;
    return LoadExamples(settings_.data_folder, workload.inference_examples(),
                        workload.image_size, workload.channels);
  }

  const WorkerSettings settings_;
  const std::unique_ptr<Peer> peer_;
  std::string job_;  // The first command.
  std::optional<ExampleOrder> order_;
  bool ready_for_inference_ = false;
  std::optional<FloatExamples> single_images_;
};

absl::Status Missing() {
  return absl::UnimplementedError("this peer does not do that");
}

}  // namespace

absl::Status Peer::PrepareTraining(Dataset) { return Missing(); }
absl::StatusOr<double> Peer::TrainStep(absl::Span<const int64_t>) {
  return Missing();
}
absl::Status Peer::PrepareInference(Dataset) { return Missing(); }
absl::StatusOr<double> Peer::Infer() { return Missing(); }
absl::Status Peer::PrepareLatency() { return Missing(); }
absl::Status Peer::InferOne(const float*, float*) { return Missing(); }

int WorkerMain(int argc, char** argv, PeerFactory make_peer) {
  const absl::StatusOr<WorkerSettings> settings =
      ParseWorkerSettings(absl::MakeConstSpan(argv, argc).subspan(1));
  if (!settings.ok()) {
    std::cerr << settings.status().message() << std::endl;
    return 2;
  }
  absl::StatusOr<std::unique_ptr<Peer>> peer = make_peer(*settings);
  if (!peer.ok()) {
    std::cout << "error: " << peer.status().message() << std::endl;
    return 1;
  }
  Worker worker(*settings, *std::move(peer));
  for (std::string line; std::getline(std::cin, line);) {
    const absl::StatusOr<std::string> answer = worker.Run(line);
    if (answer.ok()) {
      std::cout << *answer << std::endl;
    } else {
      std::cout << "error: " << answer.status().message() << std::endl;
    }
  }
  return 0;
}

}  // namespace lenslet::peers
