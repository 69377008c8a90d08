#include "lenslet/train/parameter_updater.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/denormals.h"
#include "lenslet/base/scoped_timer.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"

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
    return absl::InvalidArgumentError(
        absl::StrCat("there are ", factors.size(), " rate_factors; expected ",
                     graph.parameters().size(), ", one for each parameter"));
  }
  bool some = false;
  for (size_t i = 0; i < factors.size(); ++i) {
    const Graph::Parameter& parameter = graph.parameters()[i];
    if (!std::isfinite(factors[i]) || factors[i] < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("the rate factor of \"", parameter.name, "\" is ",
                       factors[i], "; expected a number of at least 0"));
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
    return BadValue("clip_norm", options.clip_norm, "a number of at least 0");
  }
  if (!(options.average_decay >= 0 && options.average_decay < 1)) {
    return BadValue("average_decay", options.average_decay,
                    "a number in [0, 1)");
  }
  return CheckRateFactors(graph, options);
}

// Zero times what is not finite is NaN, and so is every sum with it. There are
// as many sums as keep vectors of any width busy.
bool AreFinite(absl::Span<const float> values) {
  constexpr size_t kSums = 16;
  float sums[kSums] = {};
  const float* v = values.data();
  const size_t whole = values.size() / kSums * kSums;
  for (size_t i = 0; i < whole; i += kSums) {
    for (size_t j = 0; j < kSums; ++j) sums[j] += 0.0f * v[i + j];
  }
  float sum = 0;
  for (const float s : sums) sum += s;
  for (size_t i = whole; i < values.size(); ++i) sum += 0.0f * v[i];
  return sum == 0;
}

// There is one.
int64_t FirstNotFinite(absl::Span<const float> values) {
  int64_t i = 0;
  while (std::isfinite(values[i])) ++i;
  return i;
}

absl::StatusOr<Parameters> Copy(const Graph& graph, const Parameters& from) {
  LENSLET_ASSIGN_OR_RETURN(Parameters copy, Parameters::Create(graph));
  std::copy(from.array().begin(), from.array().end(), copy.array().begin());
  return copy;
}

absl::Status CheckSize(absl::string_view name, const Parameters& given,
                       const Parameters& needed) {
  if (given.array().size() == needed.array().size()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      name, " has ", CountText(given.array().size(), "number"), "; expected ",
      needed.array().size(), ": is it another model?"));
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
  updater->faults_.resize(updater->parts_.size());
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
  // More than lies between neighboring parameters, and no more than one takes.
  constexpr int64_t kNoNeighbor = 16;
  const auto is_like = [&](const Part& other) {
    return other.product == nullptr && other.statistic == part.statistic &&
           other.decay == part.decay && other.rate_factor == part.rate_factor;
  };
  for (int64_t i = part.begin; i < part.end; i += kChunk) {
    const int64_t chunk_end = std::min(part.end, i + kChunk);
    if (!parts_.empty()) {
      Part& last = parts_.back();
      if (is_like(last) && i - last.end < kNoNeighbor &&
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

std::optional<ParameterUpdater::Fault> ParameterUpdater::Update(
    absl::Span<Parameters> shards, int64_t images, float gradient_factor,
    double rate, ThreadPool& pool) {
  const double t = static_cast<double>(updates_done_);
  const Step step = {.shards = shards,
                     .images = images,
                     .rate = rate,
                     .average_weight = 1 - std::min(options_.average_decay,
                                                    (1 + t) / (10 + t))};
  float factor = gradient_factor;
  const bool needs_norm = options_.clip_norm > 0 || options_.measure_norm;
  if (needs_norm) {
    const double norm = ReduceAll(step, pool) * gradient_factor;
    if (!std::isfinite(norm)) {
      NoteGradients(step);
      return TakeFault();
    }
    gradient_norm_ = norm;
    if (options_.clip_norm > 0 && norm > options_.clip_norm) {
      factor = static_cast<float>(options_.clip_norm / norm * gradient_factor);
    }
  }
  ++updates_done_;
  pool.ParallelFor(parts_.size(), [&](int thread, int64_t i) {
    ScopedTimer timer(BusySeconds(thread));
    FlushDenormals flush;
    const Part& part = parts_[i];
    if (!needs_norm) Reduce(part, step, thread);
    if (!part.statistic && factor != 1) {
      float* gradients = shards[0].array().data();
      for (int64_t j = part.begin; j < part.end; ++j) gradients[j] *= factor;
    }
    Apply(i, step);
  });
  std::optional<Fault> fault = TakeFault();
  if (fault.has_value()) Undo(step);
  return fault;
}

void ParameterUpdater::set_momentum(double momentum) {
  optimizer_ = WithMomentum(optimizer_, momentum);
  optimizer_without_decay_ = WithMomentum(optimizer_without_decay_, momentum);
}

void ParameterUpdater::Undo(const Step& step) {
  for (const Part& part : parts_) {
    const absl::Span<const float> before =
        step.shards[0].array().subspan(part.begin, part.end - part.begin);
    std::copy(before.begin(), before.end(),
              parameters_.array().begin() + part.begin);
  }
  --updates_done_;
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
  const size_t count = step.shards.size();
  for (size_t stride = 1; stride < count; stride *= 2) {
    for (size_t i = 0; i + stride < count; i += 2 * stride) {
      float* sum = step.shards[i].array().data() + part.begin;
      const float* add = step.shards[i + stride].array().data() + part.begin;
      for (int64_t j = 0; j < size; ++j) sum[j] += add[j];
    }
  }
}

double ParameterUpdater::ReduceAll(const Step& step, ThreadPool& pool) {
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
  return std::sqrt(std::accumulate(squares_.begin(), squares_.end(), 0.0));
}

void ParameterUpdater::NoteGradients(const Step& step) {
  for (size_t i = 0; i < parts_.size(); ++i) {
    if (std::isfinite(squares_[i])) continue;
    const Part& part = parts_[i];
    faults_[i] = MakeFault(
        part, part.begin,
        step.shards[0].array().subspan(part.begin, part.end - part.begin),
        /*before=*/{});
  }
}

void ParameterUpdater::Apply(int64_t i, const Step& step) {
  for (int64_t begin = parts_[i].begin; begin < parts_[i].end;
       begin += kChunk) {
    ApplyChunk(i, begin, std::min(parts_[i].end, begin + kChunk), step);
  }
}

void ParameterUpdater::ApplyChunk(int64_t i, int64_t begin, int64_t end,
                                  const Step& step) {
  const Part& part = parts_[i];
  const int64_t size = end - begin;
  const absl::Span<float> gradients =
      step.shards[0].array().subspan(begin, size);
  const absl::Span<float> values = parameters_.array().subspan(begin, size);
  std::array<float, kChunk> before;
  std::copy(values.begin(), values.end(), before.begin());
  bool finite = true;
  if (part.statistic) {
    const float scale = 1.0f / static_cast<float>(step.images);
    for (int64_t j = 0; j < size; ++j) values[j] += scale * gradients[j];
  } else {
    std::array<absl::Span<float>, kMaxStateArrays> state;
    for (size_t j = 0; j < state_.size(); ++j) {
      state[j] = state_[j].array().subspan(begin, size);
    }
    UpdateValues(part.decay ? optimizer_ : optimizer_without_decay_,
                 step.rate * part.rate_factor, updates_done_, gradients,
                 absl::MakeConstSpan(state.data(), state_.size()), values);
    for (size_t j = 0; j < state_.size(); ++j) finite &= AreFinite(state[j]);
  }
  finite &= AreFinite(values);
  if (averages_.has_value()) {
    const float weight = static_cast<float>(step.average_weight);
    const absl::Span<float> averages = averages_->array().subspan(begin, size);
    for (int64_t j = 0; j < size; ++j) {
      averages[j] += weight * (values[j] - averages[j]);
    }
    finite &= AreFinite(averages);
  }
  if (!finite && !faults_[i].has_value()) {
    faults_[i] = MakeFault(part, begin, gradients,
                           absl::MakeConstSpan(before.data(), size));
  }
  std::copy_n(before.begin(), size, gradients.begin());
}

ParameterUpdater::Fault ParameterUpdater::MakeFault(
    const Part& part, int64_t begin, absl::Span<const float> gradients,
    absl::Span<const float> before) const {
  const char* const change = part.statistic ? "change" : "gradient";
  const int64_t size = static_cast<int64_t>(gradients.size());
  const auto elements_of = [&](const Parameters& parameters) {
    return parameters.array().subspan(begin, size);
  };
  if (!AreFinite(gradients)) {
    // Of the last layer, if there are several in the part.
    int64_t i = FirstNotFinite(gradients);
    if (!part.statistic) {
      i = size - 1;
      while (std::isfinite(gradients[i])) --i;
    }
    return {.text = absl::StrCat("the ", change, " of ", ParameterAt(begin + i),
                                 " is ", gradients[i]),
            .gradient = true};
  }
  const absl::Span<const float> values = elements_of(parameters_);
  if (!AreFinite(values)) {
    const int64_t i = FirstNotFinite(values);
    return {.text = absl::StrCat(ParameterAt(begin + i), " would become ",
                                 values[i], ", from ", before[i], " by a ",
                                 change, " of ", gradients[i])};
  }
  for (const Parameters& parameters : state_) {
    const absl::Span<const float> state = elements_of(parameters);
    if (AreFinite(state)) continue;
    const int64_t i = FirstNotFinite(state);
    return {.text =
                absl::StrCat("the optimizer's state of ",
                             ParameterAt(begin + i), " would become ", state[i],
                             ", by a gradient of ", gradients[i])};
  }
  const absl::Span<const float> averages = elements_of(*averages_);
  const int64_t i = FirstNotFinite(averages);
  return {.text = absl::StrCat("the average of ", ParameterAt(begin + i),
                               " would become ", averages[i])};
}

std::optional<ParameterUpdater::Fault> ParameterUpdater::TakeFault() {
  // Forward, backward, update.
  const auto phase = [](const Fault& fault, const Part& part) {
    return !fault.gradient ? 2 : part.statistic ? 0 : 1;
  };
  std::optional<Fault> first;
  int first_phase = 3;
  for (size_t i = 0; i < parts_.size(); ++i) {
    if (!faults_[i].has_value()) continue;
    const int phase_of_part = phase(*faults_[i], parts_[i]);
    // Backward, the last layer comes first.
    if (phase_of_part < first_phase ||
        (phase_of_part == first_phase && first_phase == 1)) {
      first = std::move(faults_[i]);
      first_phase = phase_of_part;
    }
    faults_[i].reset();
  }
  return first;
}

std::string ParameterUpdater::ParameterAt(int64_t element) const {
  int i = 0;
  while (i + 1 < parameters_.size() &&
         parameters_.info(i + 1).offset <= element) {
    ++i;
  }
  return absl::StrCat("parameter \"", parameters_.info(i).name, "\"");
}

absl::Status ParameterUpdater::Restore(
    int64_t updates_done, absl::Span<const Parameters> optimizer_state,
    const Parameters* averages) {
  if (updates_done < 0) {
    return BadValue("updates_done", updates_done, "a number of at least 0");
  }
  if (optimizer_state.size() != state_.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the optimizer's state has ", optimizer_state.size(),
        " arrays; expected ", state_.size(), ": is it another optimizer?"));
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
