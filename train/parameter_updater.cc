#include "train/parameter_updater.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/denormals.h"
#include "base/scoped_timer.h"
#include "base/status_macros.h"

namespace lenslet {
namespace {

double RateFactor(const ParameterUpdaterOptions& options, int parameter) {
  return options.rate_factors.empty() ? 1 : options.rate_factors[parameter];
}

absl::Status CheckRateFactors(const Graph& graph,
                              const ParameterUpdaterOptions& options) {
  const std::vector<double>& factors = options.rate_factors;
  if (factors.empty()) return absl::OkStatus();
  if (factors.size() != graph.parameters().size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there are ", factors.size(), " rate_factors, ",
        graph.parameters().size(), " are needed: one for each parameter"));
  }
  bool some = false;
  for (size_t i = 0; i < factors.size(); ++i) {
    const Graph::Parameter& parameter = graph.parameters()[i];
    if (!std::isfinite(factors[i]) || factors[i] < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("the rate factor of \"", parameter.name, "\" is ",
                       factors[i], ", a number of at least 0 is needed"));
    }
    some |= parameter.info.trainable && !IsStatistic(parameter.info.role) &&
            factors[i] > 0;
  }
  if (!some) {
    return absl::InvalidArgumentError(
        "the rate factors of all trainable parameters are 0: there is nothing "
        "to train");
  }
  return absl::OkStatus();
}

absl::Status CheckOptions(const Graph& graph,
                          const ParameterUpdaterOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckOptimizer(options.optimizer));
  if (!std::isfinite(options.clip_norm) || options.clip_norm < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("clip_norm is ", options.clip_norm,
                     ", a number of at least 0 is needed"));
  }
  if (!(options.average_decay >= 0 && options.average_decay < 1)) {
    return absl::InvalidArgumentError(absl::StrCat("average_decay is ",
                                                   options.average_decay,
                                                   ", which is not in [0, 1)"));
  }
  return CheckRateFactors(graph, options);
}

absl::StatusOr<Parameters> Copy(const Graph& graph, const Parameters& from) {
  LENSLET_ASSIGN_OR_RETURN(Parameters copy, Parameters::Create(graph));
  std::copy(from.array().begin(), from.array().end(), copy.array().begin());
  return copy;
}

absl::Status CheckSize(absl::string_view name, const Parameters& given,
                       const Parameters& needed) {
  if (given.array().size() == needed.array().size()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(name, " has ", given.array().size(), " numbers, ",
                   needed.array().size(), " are needed: is it another model?"));
}

}  // namespace

int UpdaterArrays(const ParameterUpdaterOptions& options) {
  return StateArrays(options.optimizer.kind) +
         (options.average_decay > 0 ? 1 : 0);
}

absl::StatusOr<std::unique_ptr<ParameterUpdater>> ParameterUpdater::Create(
    const Graph& graph, const BatchProducts& products, Parameters& parameters,
    ParameterUpdaterOptions options) {
  LENSLET_RETURN_IF_ERROR(CheckOptions(graph, options));
  std::unique_ptr<ParameterUpdater> updater(
      new ParameterUpdater(products, parameters, std::move(options)));
  const ParameterUpdaterOptions& o = updater->options_;
  for (int i = 0; i < StateArrays(o.optimizer.kind); ++i) {
    LENSLET_ASSIGN_OR_RETURN(Parameters state, Parameters::Create(graph));
    updater->state_.push_back(std::move(state));
  }
  if (o.average_decay > 0) {
    LENSLET_ASSIGN_OR_RETURN(updater->averages_, Copy(graph, parameters));
  }
  updater->busy_seconds_.resize(o.threads);
  updater->product_seconds_.assign(o.threads,
                                   std::vector<double>(graph.nodes().size()));
  updater->Plan(graph);
  updater->squares_.resize(updater->parts_.size());
  return updater;
}

void ParameterUpdater::Plan(const Graph& graph) {
  auto product = products_.parts().begin();
  const auto products_end = products_.parts().end();
  for (size_t i = 0; i < graph.parameters().size(); ++i) {
    const Graph::Parameter& parameter = graph.parameters()[i];
    if (!Graph::Changes(parameter)) continue;
    Part part = {.begin = parameter.offset,
                 .end = parameter.offset + parameter.info.shape.elements(),
                 .statistic = IsStatistic(parameter.info.role),
                 .decay = options_.decay_all ||
                          parameter.info.role == ParameterRole::kWeight,
                 .rate_factor = RateFactor(options_, static_cast<int>(i))};
    // What stays as it is needs no gradient, be it a product or not.
    const bool stays = part.rate_factor == 0;
    if (part.statistic) part.rate_factor = 1;
    // Both are in the order of the parameters.
    if (product == products_end || product->begin != part.begin) {
      if (!stays) PlanShardParts(part);
      continue;
    }
    for (const int64_t end = part.end;
         product != products_end && product->begin < end; ++product) {
      if (stays) continue;
      part.begin = product->begin;
      part.end = product->end;
      part.product = &*product;
      parts_.push_back(part);
    }
  }
}

void ParameterUpdater::PlanShardParts(const Part& part) {
  // Small enough to stay in the L1 cache while the shards are added up.
  constexpr int64_t kChunk = 2048;
  // More than lies between neighbouring parameters, and no more than one takes.
  constexpr int64_t kNoNeighbour = 16;
  const auto is_like = [&](const Part& other) {
    return other.product == nullptr && other.statistic == part.statistic &&
           other.decay == part.decay && other.rate_factor == part.rate_factor;
  };
  for (int64_t i = part.begin; i < part.end; i += kChunk) {
    const int64_t chunk_end = std::min(part.end, i + kChunk);
    if (!parts_.empty()) {
      Part& last = parts_.back();
      if (is_like(last) && i - last.end < kNoNeighbour &&
          chunk_end - last.begin <= kChunk) {
        last.end = chunk_end;
        continue;
      }
    }
    parts_.push_back(part);
    parts_.back().begin = i;
    parts_.back().end = chunk_end;
  }
}

void ParameterUpdater::Clear(absl::Span<float> gradients) const {
  for (const Part& part : parts_) {
    if (part.product != nullptr) continue;
    std::fill(gradients.begin() + part.begin, gradients.begin() + part.end,
              0.0f);
  }
}

void ParameterUpdater::Update(absl::Span<Parameters> shards, int64_t images,
                              double rate, ThreadPool& pool) {
  const double t = static_cast<double>(updates_done_);
  ++updates_done_;
  const Step step = {.shards = shards,
                     .images = images,
                     .rate = rate,
                     .average_weight = 1 - std::min(options_.average_decay,
                                                    (1 + t) / (10 + t))};
  const int64_t parts = static_cast<int64_t>(parts_.size());
  if (options_.clip_norm == 0) {
    pool.ParallelFor(parts, [&](int thread, int64_t i) {
      ScopedTimer timer(BusySeconds(thread));
      FlushDenormals flush;
      Reduce(parts_[i], step, thread);
      Apply(parts_[i], step);
    });
    return;
  }
  const float factor = static_cast<float>(ClipFactor(step, pool));
  pool.ParallelFor(parts, [&](int thread, int64_t i) {
    ScopedTimer timer(BusySeconds(thread));
    FlushDenormals flush;
    const Part& part = parts_[i];
    if (!part.statistic && factor != 1) {
      float* gradients = shards[0].array().data();
      for (int64_t j = part.begin; j < part.end; ++j) gradients[j] *= factor;
    }
    Apply(part, step);
  });
}

void ParameterUpdater::Reduce(const Part& part, const Step& step, int thread) {
  if (part.product != nullptr) {
    ScopedTimer timer(options_.measure_time
                          ? &product_seconds_[thread][part.product->node]
                          : nullptr);
    products_.Compute(*part.product, step.images, step.shards[0].array());
    return;
  }
  const int64_t size = part.end - part.begin;
  float* sum = step.shards[0].array().data() + part.begin;
  for (Parameters& shard : step.shards.subspan(1)) {
    const float* add = shard.array().data() + part.begin;
    for (int64_t j = 0; j < size; ++j) sum[j] += add[j];
  }
}

double ParameterUpdater::ClipFactor(const Step& step, ThreadPool& pool) {
  pool.ParallelFor(parts_.size(), [&](int thread, int64_t i) {
    ScopedTimer timer(BusySeconds(thread));
    FlushDenormals flush;
    const Part& part = parts_[i];
    Reduce(part, step, thread);
    double sum = 0;
    if (!part.statistic) {
      const float* gradients = step.shards[0].array().data();
      for (int64_t j = part.begin; j < part.end; ++j) {
        sum += double{gradients[j]} * double{gradients[j]};
      }
    }
    squares_[i] = sum;
  });
  const double norm =
      std::sqrt(std::accumulate(squares_.begin(), squares_.end(), 0.0));
  return norm > options_.clip_norm ? options_.clip_norm / norm : 1;
}

void ParameterUpdater::Apply(const Part& part, const Step& step) {
  const int64_t size = part.end - part.begin;
  const absl::Span<const float> sum =
      step.shards[0].array().subspan(part.begin, size);
  const absl::Span<float> values =
      parameters_.array().subspan(part.begin, size);
  if (part.statistic) {
    const float scale = 1.0f / static_cast<float>(step.images);
    for (int64_t j = 0; j < size; ++j) values[j] += scale * sum[j];
  } else {
    std::array<absl::Span<float>, kMaxStateArrays> state;
    for (size_t j = 0; j < state_.size(); ++j) {
      state[j] = state_[j].array().subspan(part.begin, size);
    }
    UpdateValues(part.decay ? options_.optimizer : optimizer_without_decay_,
                 step.rate * part.rate_factor, updates_done_, sum,
                 absl::MakeConstSpan(state.data(), state_.size()), values);
  }
  if (averages_.has_value()) {
    const float weight = static_cast<float>(step.average_weight);
    float* averages = averages_->array().data() + part.begin;
    for (int64_t j = 0; j < size; ++j) {
      averages[j] += weight * (values[j] - averages[j]);
    }
  }
}

absl::Status ParameterUpdater::Restore(
    int64_t updates_done, absl::Span<const Parameters> optimizer_state,
    const Parameters* averages) {
  if (updates_done < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("updates_done is ", updates_done, ", which is below 0"));
  }
  if (optimizer_state.size() != state_.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the optimizer's state has ", optimizer_state.size(), " arrays, ",
        state_.size(), " are needed: is it another optimizer?"));
  }
  for (const Parameters& array : optimizer_state) {
    LENSLET_RETURN_IF_ERROR(
        CheckSize("the optimizer's state", array, parameters_));
  }
  if ((averages != nullptr) != averages_.has_value()) {
    return absl::InvalidArgumentError(
        averages == nullptr ? "averages are missing: average_decay is not 0"
                            : "there are averages, but average_decay is 0");
  }
  if (averages != nullptr) {
    LENSLET_RETURN_IF_ERROR(CheckSize("averages", *averages, parameters_));
    std::copy(averages->array().begin(), averages->array().end(),
              averages_->array().begin());
  }
  for (size_t i = 0; i < state_.size(); ++i) {
    std::copy(optimizer_state[i].array().begin(),
              optimizer_state[i].array().end(), state_[i].array().begin());
  }
  updates_done_ = updates_done;
  return absl::OkStatus();
}

double ParameterUpdater::BusySeconds() const {
  return std::accumulate(busy_seconds_.begin(), busy_seconds_.end(), 0.0);
}

double ParameterUpdater::ProductSeconds(int node) const {
  double seconds = 0;
  for (const std::vector<double>& of_nodes : product_seconds_) {
    seconds += of_nodes[node];
  }
  return seconds;
}

}  // namespace lenslet
