#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/inference_kernel.h"
#include "lenslet/ops/lrn/kernels.h"
#include "lenslet/ops/lrn/negative_power.h"
#include "lenslet/ops/scratch.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

// A range of channels.
struct Channels {
  int64_t begin;
  int64_t end;
};

// The channels in the window of channel c.
Channels WindowOf(const LrnGeometry& geometry, int64_t c) {
  const int64_t size = geometry.spec.size;
  return {.begin = std::max<int64_t>(0, c - (size - 1) / 2),
          .end = std::min(geometry.channels, c + size / 2 + 1)};
}

// The channels whose windows have channel c.
Channels ReadersOf(const LrnGeometry& geometry, int64_t c) {
  const int64_t size = geometry.spec.size;
  return {.begin = std::max<int64_t>(0, c - size / 2),
          .end = std::min(geometry.channels, c + (size - 1) / 2 + 1)};
}

class LrnReferenceKernel : public Kernel {
 public:
  explicit LrnReferenceKernel(const LrnGeometry& geometry)
      : g_(geometry),
        share_(double{geometry.spec.alpha} /
               static_cast<double>(geometry.spec.size)) {}

  void Forward(int64_t images) override {
    for (int64_t p = 0; p < images * g_.positions; ++p) {
      const float* x = InputData(0) + p * g_.channels;
      for (int64_t c = 0; c < g_.channels; ++c) {
        OutputData()[p * g_.channels + c] =
            static_cast<float>(x[c] * std::pow(Divisor(x, c), -g_.spec.beta));
      }
    }
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    const double beta = g_.spec.beta;
    for (int64_t p = 0; p < images * g_.positions; ++p) {
      const float* x = InputData(0) + p * g_.channels;
      const float* dy = buffers().output_gradient + p * g_.channels;
      for (int64_t c = 0; c < g_.channels; ++c) {
        double sum = 0;
        const Channels readers = ReadersOf(g_, c);
        for (int64_t j = readers.begin; j < readers.end; ++j) {
          sum += dy[j] * x[j] * std::pow(Divisor(x, j), -beta - 1);
        }
        dx[p * g_.channels + c] =
            static_cast<float>(dy[c] * std::pow(Divisor(x, c), -beta) -
                               2 * share_ * beta * x[c] * sum);
      }
    }
  }

 private:
  double Divisor(const float* x, int64_t c) const {
    double squares = 0;
    const Channels window = WindowOf(g_, c);
    for (int64_t i = window.begin; i < window.end; ++i) {
      squares += double{x[i]} * x[i];
    }
    return g_.spec.bias + share_ * squares;
  }

  const LrnGeometry g_;
  const double share_;
};

}  // namespace

std::unique_ptr<Kernel> MakeLrnReferenceKernel(const LrnGeometry& geometry) {
  return std::make_unique<LrnReferenceKernel>(geometry);
}

namespace {

// The channels of one position of `kUnit` images, whose numbers are
// interleaved.
template <int kUnit>
class LrnPosition {
 public:
  explicit LrnPosition(const LrnGeometry& geometry)
      : g_(geometry),
        share_(geometry.spec.alpha / static_cast<float>(geometry.spec.size)),
        size_(geometry.channels * kUnit),
        room_((size_ + kLanes - 1) / kLanes * kLanes) {}

  // Errors: ResourceExhausted.
  absl::Status Allocate(bool gradients) {
    LENSLET_RETURN_IF_ERROR(divisors_.Reserve(room_));
    LENSLET_RETURN_IF_ERROR(powers_.Reserve(room_));
    return gradients ? terms_.Reserve(room_) : absl::OkStatus();
  }

  int64_t size() const { return size_; }

  void Forward(const float* x, float* y) {
    ComputePowers(x);
    const float* powers = powers_.data();
    for (int64_t i = 0; i < size_; ++i) y[i] = x[i] * powers[i];
  }

  void Backward(const float* x, const float* dy, float* dx) {
    ComputePowers(x);
    const float* powers = powers_.data();
    const float* divisors = divisors_.data();
    float* terms = terms_.data();
    for (int64_t i = 0; i < size_; ++i) {
      terms[i] = dy[i] * (x[i] * powers[i]) / divisors[i];
    }
    const float factor = 2 * share_ * g_.spec.beta;
    for (int64_t c = 0; c < g_.channels; ++c) {
      float sums[kUnit] = {};
      const Channels readers = ReadersOf(g_, c);
      for (int64_t j = readers.begin; j < readers.end; ++j) {
        for (int u = 0; u < kUnit; ++u) sums[u] += terms[j * kUnit + u];
      }
      for (int u = 0; u < kUnit; ++u) {
        const int64_t i = c * kUnit + u;
        dx[i] = dy[i] * powers[i] - factor * x[i] * sums[u];
      }
    }
  }

 private:
  void ComputePowers(const float* x) {
    float* divisors = divisors_.data();
    for (int64_t c = 0; c < g_.channels; ++c) {
      float sums[kUnit] = {};
      const Channels window = WindowOf(g_, c);
      for (int64_t i = window.begin; i < window.end; ++i) {
        for (int u = 0; u < kUnit; ++u) {
          const float number = x[i * kUnit + u];
          sums[u] += number * number;
        }
      }
      for (int u = 0; u < kUnit; ++u) {
        divisors[c * kUnit + u] = g_.spec.bias + share_ * sums[u];
      }
    }
    std::fill(divisors + size_, divisors + room_, 1.0f);
    NegativePower(room_, g_.spec.beta, divisors, powers_.data());
  }

  const LrnGeometry g_;
  const float share_;
  const int64_t size_;
  const int64_t room_;  // For whole vectors.
  Scratch divisors_;
  Scratch powers_;
  Scratch terms_;
};

class LrnLanesKernel : public Kernel {
 public:
  explicit LrnLanesKernel(const LrnGeometry& geometry)
      : positions_(geometry.positions), position_(geometry) {}

  Layout layout() const override { return Layout::kLanes; }

  absl::Status Bind(KernelBuffers buffers) override {
    LENSLET_RETURN_IF_ERROR(
        position_.Allocate(buffers.output_gradient != nullptr));
    return Kernel::Bind(std::move(buffers));
  }

  void Forward(int64_t images) override {
    for (int64_t p = 0; p < LaneGroups(images) * positions_; ++p) {
      const int64_t first = p * position_.size();
      position_.Forward(InputData(0) + first, OutputData() + first);
    }
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    for (int64_t p = 0; p < LaneGroups(images) * positions_; ++p) {
      const int64_t first = p * position_.size();
      position_.Backward(InputData(0) + first,
                         buffers().output_gradient + first, dx + first);
    }
  }

 private:
  const int64_t positions_;
  LrnPosition<kLanes> position_;
};

}  // namespace

std::unique_ptr<Kernel> MakeLrnLanesKernel(const LrnGeometry& geometry) {
  return std::make_unique<LrnLanesKernel>(geometry);
}

namespace {

class LrnDirectKernel : public InferenceKernel {
 public:
  explicit LrnDirectKernel(const LrnGeometry& geometry)
      : positions_(geometry.positions), position_(geometry) {}

  void Forward(int64_t images) override {
    for (int64_t p = 0; p < images * positions_; ++p) {
      const int64_t first = p * position_.size();
      position_.Forward(InputData(0) + first, OutputData() + first);
    }
  }

 private:
  absl::Status Allocate() override {
    return position_.Allocate(/*gradients=*/false);
  }

  const int64_t positions_;
  LrnPosition<1> position_;
};

}  // namespace

std::unique_ptr<Kernel> MakeLrnDirectKernel(const LrnGeometry& geometry) {
  return std::make_unique<LrnDirectKernel>(geometry);
}

}  // namespace lenslet
