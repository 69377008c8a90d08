#include "lenslet/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/check.h"
#include "lenslet/base/denormals.h"
#include "lenslet/base/memory.h"
#include "lenslet/base/random.h"
#include "lenslet/base/scoped_timer.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/augmentation.h"
#include "lenslet/data/batches.h"
#include "lenslet/train/check_fit.h"
#include "lenslet/train/first_non_finite.h"

namespace lenslet {
namespace {

absl::Status CheckOptions(const TrainerOptions& options) {
  if (options.threads < 1) {
    return BadValue("threads", options.threads, "at least 1");
  }
  if (options.batch_size < 1) {
    return BadValue("batch size", options.batch_size, "at least 1");
  }
  if (options.block < 1) {
    return BadValue("block", options.block, "at least 1");
  }
  LENSLET_RETURN_IF_ERROR(CheckMixing(options.augmentation, options.block));
  if (options.schedule.low_momentum.has_value() &&
      !MomentumOf(options.optimizer).has_value()) {
    return absl::InvalidArgumentError(
        "the schedule has a low_momentum, and the optimizer no momentum");
  }
  return Check(options.schedule);
}

ParameterUpdaterOptions UpdaterOptions(const TrainerOptions& options) {
  return {.optimizer = options.optimizer,
          .clip_norm = options.clip_norm,
          .average_decay = options.average_decay,
          .rate_factors = options.rate_factors,
          .decay_all = options.decay_all,
          .measure_norm = options.measure_norm,
          .threads = options.threads,
          .measure_time = options.measure_time};
}

// From the gradient of the mean over the examples to that of their weighted
// mean. The weights of a batch are known when its blocks have been read.
float GradientFactor(const Metrics& metrics) {
  if (!metrics.weight_sum.has_value() || *metrics.weight_sum == 0) return 1;
  return static_cast<float>(static_cast<double>(metrics.examples) /
                            *metrics.weight_sum);
}

bool IsRateFactor(double factor) {
  return std::isfinite(factor) && factor >= 0;
}

int64_t CeilDivide(int64_t a, int64_t b) { return (a + b - 1) / b; }

ExecutorOptions RunnerOptions(const TrainerOptions& options,
                              bool keep_outputs) {
  return {.backend = options.backend,
          .images = options.block,
          .training = true,
          .keep_outputs = keep_outputs,
          .exact = options.exact,
          .measure_time = options.measure_time};
}

int64_t Shards(const Graph& graph, const TrainerOptions& options) {
  return std::min(Trainer::MaxShards(graph),
                  CeilDivide(options.batch_size, options.block));
}

}  // namespace

int64_t Trainer::MaxShards(const Graph& graph) {
  constexpr int64_t kFew = 8;
  constexpr int64_t kMany = 64;
  constexpr int64_t kBytes = int64_t{32} << 20;
  const int64_t bytes = MultiplySizes(graph.parameter_array_size(),
                                      static_cast<int64_t>(sizeof(float)));
  return std::clamp(kBytes / std::max<int64_t>(bytes, 1), kFew, kMany);
}

absl::StatusOr<std::unique_ptr<Trainer>> Trainer::Create(
    const Graph& graph, const Dataset& dataset, Parameters& parameters,
    const TrainerOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckOptions(options));
  LENSLET_RETURN_IF_ERROR(CheckFit(graph, dataset));
  LENSLET_RETURN_IF_ERROR(
      CheckAugmentation(options.augmentation, dataset.example_shape(),
                        dataset.examples->type(), dataset.examples->target()));
  if (graph.trainable_parameter_count() == 0) {
    return absl::InvalidArgumentError(
        graph.parameters().empty()
            ? "the model has no parameters: there is nothing to train"
            : "the model's parameters are all fixed: there is nothing to "
              "train");
  }
  LENSLET_ASSIGN_OR_RETURN(const std::vector<MemoryPart> needs,
                           MemoryNeeds(graph, dataset, options));
  LENSLET_RETURN_IF_ERROR(CheckMemory(needs, "training"));
  std::unique_ptr<Trainer> trainer(
      new Trainer(graph, dataset, parameters, options));
  absl::Status status = trainer->MakeAll();
  if (absl::IsResourceExhausted(status)) {
    // Kernels know what they need beside activations only when they are made.
    status = absl::ResourceExhaustedError(
        absl::StrCat(status.message(), "; ", LargestParts(needs)));
  }
  LENSLET_RETURN_IF_ERROR(status);
  return trainer;
}

absl::StatusOr<std::vector<MemoryPart>> Trainer::MemoryNeeds(
    const Graph& graph, const Dataset& dataset, const TrainerOptions& options) {
  // The values, a gradient for each shard, what the updater keeps, and what
  // each thread's backend packs, forward and backward.
  const int64_t arrays = 1 + Shards(graph, options) +
                         UpdaterArrays(UpdaterOptions(options)) +
                         2 * int64_t{options.threads};
  ExecutorOptions runner = RunnerOptions(options, /*keep_outputs=*/false);
  runner.layout =
      options.backend == Backend::kLanes ? Layout::kLanes : Layout::kImages;
  LENSLET_ASSIGN_OR_RETURN(const int64_t of_thread,
                           Executor::BytesNeeded(graph, runner));
  return std::vector<MemoryPart>{
      {"training examples", dataset.examples->bytes()},
      {"parameters and their gradients",
       MultiplySizes(graph.parameter_array_size(),
                     arrays * static_cast<int64_t>(sizeof(float)))},
      {absl::StrCat("activations in training, blocks of ", options.block,
                    " on ", options.threads,
                    options.threads == 1 ? " thread" : " threads"),
       MultiplySizes(of_thread, options.threads)}};
}

absl::Status Trainer::MakeAll() {
  LENSLET_ASSIGN_OR_RETURN(pool_, ThreadPool::Create(options_.threads));
  for (int thread = 0; thread < options_.threads; ++thread) {
    LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<BlockRunner> runner,
                             MakeRunner(/*keep_outputs=*/false));
    runners_.push_back(std::move(runner));
  }
  busy_seconds_.resize(options_.threads);
  LENSLET_ASSIGN_OR_RETURN(
      products_,
      BatchProducts::Create(graph_, runners_[0]->executor(),
                            CeilDivide(LargestBatch(), options_.block),
                            options_.block));
  for (int64_t shard = 0; shard < Shards(graph_, options_); ++shard) {
    LENSLET_ASSIGN_OR_RETURN(Parameters gradients, Parameters::Create(graph_));
    shard_gradients_.push_back(std::move(gradients));
  }
  LENSLET_ASSIGN_OR_RETURN(
      updater_, ParameterUpdater::Create(graph_, products_, parameters_,
                                         UpdaterOptions(options_)));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<BlockRunner>> Trainer::MakeRunner(
    bool keep_outputs) const {
  return BlockRunner::Create(
      graph_, parameters_, options_.loss, dataset_.examples->target().kind,
      RunnerOptions(options_, keep_outputs), options_.augmentation);
}

absl::StatusOr<Metrics> Trainer::Step(absl::Span<const int64_t> examples) {
  if (examples.empty()) {
    return absl::InvalidArgumentError(
        "the step has 0 examples; expected at least 1");
  }
  const int64_t size = static_cast<int64_t>(examples.size());
  if (size > LargestBatch()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the step has ", size, " examples; expected at most ", LargestBatch(),
        ", the smaller of the batch size and the number of examples"));
  }
  if (executors_are_stale_) LENSLET_RETURN_IF_ERROR(TellExecutors());
  const int64_t blocks = CeilDivide(size, options_.block);
  const int64_t shards = std::min<int64_t>(shard_gradients_.size(), blocks);
  const float scale = 1.0f / static_cast<float>(size);
  block_metrics_.assign(blocks, Metrics());
  std::vector<absl::Status> statuses(shards);
  pool_->ParallelFor(shards, [&](int thread, int64_t shard) {
    ScopedTimer timer(BusySeconds(thread));
    FlushDenormals flush;
    const absl::Span<float> gradients = shard_gradients_[shard].array();
    updater_->Clear(gradients);
    for (int64_t block = shard * blocks / shards;
         block < (shard + 1) * blocks / shards; ++block) {
      products_.WriteBlock(block, runners_[thread]->executor());
      const absl::StatusOr<Metrics> metrics = runners_[thread]->ForwardBackward(
          dataset_, examples.subspan(block * options_.block, options_.block),
          scale, SeedOfBlock(block), gradients);
      if (!metrics.ok()) {
        statuses[shard] = metrics.status();
        return;
      }
      block_metrics_[block] = *metrics;
    }
  });
  for (const absl::Status& status : statuses) LENSLET_RETURN_IF_ERROR(status);
  Metrics metrics;
  for (const Metrics& m : block_metrics_) metrics.Add(m);
  if (!std::isfinite(metrics.loss_sum)) {
    return NonFiniteLoss(examples, metrics.loss_sum);
  }
  if (schedule_.low_momentum.has_value()) {
    updater_->set_momentum(
        MomentumOfStep(schedule_, *MomentumOf(options_.optimizer), step_));
  }
  const std::optional<ParameterUpdater::Fault> fault =
      updater_->Update(absl::MakeSpan(shard_gradients_).first(shards), size,
                       GradientFactor(metrics), LearningRate(), *pool_);
  if (fault.has_value()) {
    return NotFinite(fault->text, updates_done() > 0 || !fault->gradient);
  }
  ++step_;
  LENSLET_RETURN_IF_ERROR(TellExecutors());
  return metrics;
}

absl::Status Trainer::NonFiniteLoss(absl::Span<const int64_t> examples,
                                    double loss) {
  const auto block =
      std::find_if(block_metrics_.begin(), block_metrics_.end(),
                   [](const Metrics& m) { return !std::isfinite(m.loss_sum); });
  const absl::StatusOr<std::string> first =
      FirstNonFiniteInBlock(examples, block - block_metrics_.begin());
  return NotFinite(absl::StrCat("the loss is ", loss, ": ",
                                first.ok() ? *first : first.status().message()),
                   /*by_rate=*/updates_done() > 0);
}

absl::Status Trainer::NotFinite(std::string text, bool by_rate) const {
  absl::StrAppend(&text, ", in step ", step_);
  if (by_rate) {
    // In a warm-up, the one before may have been smaller.
    const double rate =
        std::max(LearningRate(), RateOfStep(std::max<int64_t>(step_ - 1, 0)));
    absl::StrAppend(&text,
                    "; training has diverged; a smaller learning rate than ",
                    rate, " may help");
  }
  return absl::FailedPreconditionError(text);
}

absl::StatusOr<std::string> Trainer::FirstNonFiniteInBlock(
    absl::Span<const int64_t> examples, int64_t block) {
  LENSLET_ASSIGN_OR_RETURN(const std::unique_ptr<BlockRunner> runner,
                           MakeRunner(/*keep_outputs=*/true));
  const int64_t first_image = block * options_.block;
  const absl::Span<const int64_t> images =
      examples.subspan(first_image, options_.block);
  // With the backward pass, which needs no memory of its own: the next step
  // clears the gradients.
  LENSLET_RETURN_IF_ERROR(runner
                              ->ForwardBackward(dataset_, images, /*scale=*/1,
                                                SeedOfBlock(block),
                                                shard_gradients_[0].array())
                              .status());
  return FirstNonFinite(graph_, parameters_,
                        {.first_image = first_image,
                         .layout = runner->layout(),
                         .losses = runner->losses().first(images.size())},
                        runner->executor());
}

// In a sequence that nothing else uses.
uint64_t Trainer::SeedOfBlock(int64_t block) const {
  constexpr uint64_t kStream = ~uint64_t{0};
  const uint64_t of_run = Random(options_.seed, kStream).Bits();
  const uint64_t of_step =
      Random(of_run, /*stream=*/static_cast<uint64_t>(step_)).Bits();
  return Random(of_step, /*stream=*/static_cast<uint64_t>(block)).Bits();
}

absl::Status Trainer::TellExecutors() {
  std::vector<absl::Status> statuses(runners_.size());
  pool_->ParallelFor(runners_.size(), [&](int thread, int64_t i) {
    ScopedTimer timer(BusySeconds(thread));
    statuses[i] = runners_[i]->executor().ParametersChanged();
  });
  for (const absl::Status& status : statuses) LENSLET_RETURN_IF_ERROR(status);
  executors_are_stale_ = false;
  return absl::OkStatus();
}

absl::StatusOr<Metrics> Trainer::TrainEpoch(
    int64_t epoch, absl::FunctionRef<void(const Metrics&)> on_step) {
  std::vector<int64_t> order =
      dataset_.examples->EpochOrder(options_.seed, epoch);
  dataset_.examples->WillRead(order);
  const Batches batches(std::move(order), options_.batch_size);
  step_ = epoch * batches.count();
  Metrics so_far;
  for (int64_t i = 0; i < batches.count(); ++i) {
    LENSLET_ASSIGN_OR_RETURN(const Metrics metrics, Step(batches.batch(i)));
    so_far.Add(metrics);
    on_step(so_far);
  }
  return so_far;
}

double Trainer::RateOfStep(int64_t step) const {
  return lenslet::LearningRate(schedule_, step) * rate_factor_;
}

void Trainer::set_rate_factor(double factor) {
  LENSLET_CHECK(IsRateFactor(factor));
  rate_factor_ = factor;
}

void Trainer::set_schedule(const ScheduleSpec& schedule) {
  LENSLET_CHECK(Check(schedule).ok());
  schedule_ = schedule;
}

TrainerState Trainer::state() const {
  return {.step = step_,
          .updates_done = updates_done(),
          .rate_factor = rate_factor_,
          .optimizer_state = optimizer_state(),
          .averages = updater_->averages()};
}

absl::Status Trainer::Restore(const TrainerState& state) {
  if (state.step < 0) {
    return BadValue("step", state.step, "a number of at least 0");
  }
  if (!IsRateFactor(state.rate_factor)) {
    return BadValue("rate_factor", state.rate_factor, "a number of at least 0");
  }
  LENSLET_RETURN_IF_ERROR(updater_->Restore(
      state.updates_done, state.optimizer_state, state.averages));
  step_ = state.step;
  rate_factor_ = state.rate_factor;
  executors_are_stale_ = true;
  return absl::OkStatus();
}

double Trainer::BusySeconds() const {
  return std::accumulate(busy_seconds_.begin(), busy_seconds_.end(),
                         updater_->BusySeconds());
}

double Trainer::KernelSeconds() const {
  double seconds = 0;
  for (size_t node = 0; node < graph_.nodes().size(); ++node) {
    seconds += ProductSeconds(static_cast<int>(node));
  }
  for (const std::unique_ptr<BlockRunner>& runner : runners_) {
    seconds += runner->KernelSeconds();
  }
  return seconds;
}

}  // namespace lenslet
