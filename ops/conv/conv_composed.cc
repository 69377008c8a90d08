#include "lenslet/ops/conv/conv_composed.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/pad/pad_copy.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

ConvPlainFilter::ConvPlainFilter(const ConvGeometry& geometry)
    : g_(geometry),
      inputs_(g_.input_channels / g_.groups),
      taps_(Volume(g_.window.kernel)) {}

// A filter that is reversed along every axis is reversed in memory, but for its
// channels.
template <typename Body>
void ConvPlainFilter::ForEachNumber(Body body) const {
  if (!g_.connections.empty()) {
    int64_t pair = 0;
    for (int64_t k = 0; k < g_.output_channels; ++k) {
      for (int64_t c : g_.connections[k]) {
        for (int64_t tap = 0; tap < taps_; ++tap) {
          body((k * taps_ + tap) * inputs_ + c,
               pair * taps_ + TapInFilter(tap));
        }
        ++pair;
      }
    }
    return;
  }
  for (int64_t k = 0; k < g_.output_channels; ++k) {
    for (int64_t tap = 0; tap < taps_; ++tap) {
      const int64_t to = (k * taps_ + tap) * inputs_;
      const int64_t from = (k * taps_ + TapInFilter(tap)) * inputs_;
      for (int64_t c = 0; c < inputs_; ++c) body(to + c, from + c);
    }
  }
}

void ConvPlainFilter::Write(const float* filter, float* plain) const {
  if (!g_.connections.empty()) {
    std::fill_n(plain, g_.output_channels * taps_ * inputs_, 0.0f);
  }
  ForEachNumber([&](int64_t in_plain, int64_t in_filter) {
    plain[in_plain] = filter[in_filter];
  });
}

void ConvPlainFilter::AddGradient(const float* plain_gradient,
                                  float* gradient) const {
  ForEachNumber([&](int64_t in_plain, int64_t in_filter) {
    gradient[in_filter] += plain_gradient[in_plain];
  });
}

namespace {

bool HoldsCopies(const ConvGeometry& g) {
  return g.padding_mode != PaddingMode::kZero;
}

// What the plain convolution computes.
ConvGeometry PlainOf(const ConvGeometry& geometry) {
  ConvGeometry plain = geometry;
  plain.flip = false;
  plain.connections.clear();
  if (HoldsCopies(geometry)) {
    plain.input = PaddedInput(geometry);
    plain.window.padding = {{0, 0, 0}, {0, 0, 0}};
    plain.padding_mode = PaddingMode::kZero;
  }
  return plain;
}

class ConvComposedKernel : public Kernel {
 public:
  ConvComposedKernel(const ConvGeometry& geometry, int64_t images,
                     std::unique_ptr<Kernel> kernel)
      : g_(geometry),
        plain_(PlainOf(geometry)),
        layout_(kernel->layout()),
        unit_(layout_ == Layout::kLanes ? kLanes : 1),
        block_(Count(images)),
        rewrites_filter_(g_.flip || !g_.connections.empty()),
        plain_filter_(geometry),
        kernel_(std::move(kernel)) {
    if (!HoldsCopies(g_)) return;
    pad_.emplace(PadGeometry{.mode = g_.padding_mode,
                             .padding = g_.window.padding,
                             .input = g_.input,
                             .output = plain_.input,
                             .channels = g_.input_channels},
                 g_.input_channels * unit_);
  }

  Layout layout() const override { return layout_; }

  absl::Status Bind(KernelBuffers buffers) override {
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    KernelBuffers inner = this->buffers();
    if (pad_) {
      LENSLET_ASSIGN_OR_RETURN(padded_, MakePadded());
      inner.inputs[0] = padded_.data();
      if (WantsInputGradient()) {
        LENSLET_ASSIGN_OR_RETURN(padded_gradient_, MakePadded());
        inner.input_gradients[0] = padded_gradient_.data();
      }
    }
    if (rewrites_filter_) {
      LENSLET_ASSIGN_OR_RETURN(filter_, MakeFilter());
      inner.parameters[0] = filter_.data();
      if (WantsGradients()) {
        LENSLET_ASSIGN_OR_RETURN(filter_gradient_, MakeFilter());
      }
    }
    return kernel_->Bind(std::move(inner));
  }

  absl::Status ParametersChanged() override {
    if (rewrites_filter_) {
      plain_filter_.Write(ParameterData(0), filter_.data());
    }
    return kernel_->ParametersChanged();
  }

  void Forward(int64_t images) override {
    if (pad_) {
      pad_->Forward(Count(images), InputData(0), padded_.data());
    }
    kernel_->Forward(images);
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    std::array<float*, 2> gradients = {};
    std::copy(parameter_gradients.begin(), parameter_gradients.end(),
              gradients.begin());
    float* const filter_gradient = gradients[0];
    const bool rewrites = filter_gradient != nullptr && rewrites_filter_;
    if (rewrites) {
      std::fill(filter_gradient_.span().begin(), filter_gradient_.span().end(),
                0.0f);
      gradients[0] = filter_gradient_.data();
    }
    kernel_->Backward(images, absl::MakeConstSpan(gradients.data(),
                                                  parameter_gradients.size()));
    if (rewrites) plain_filter_.AddGradient(gradients[0], filter_gradient);
    if (pad_ && WantsInputGradient()) {
      pad_->Backward(Count(images), padded_gradient_.data(),
                     buffers().input_gradients[0]);
    }
  }

 private:
  // Images, or groups of lanes.
  int64_t Count(int64_t images) const {
    return layout_ == Layout::kLanes ? LaneGroups(images) : images;
  }

  bool WantsGradients() const { return buffers().output_gradient != nullptr; }
  bool WantsInputGradient() const {
    return WantsGradients() && buffers().input_gradients[0] != nullptr;
  }

  absl::StatusOr<Tensor> MakePadded() const {
    const Axes& size = plain_.input;
    LENSLET_ASSIGN_OR_RETURN(const Shape shape,
                             Shape::Create({block_, size[0], size[1], size[2],
                                            g_.input_channels, unit_}));
    return Tensor::Create(ElementType::kFloat32, shape);
  }

  absl::StatusOr<Tensor> MakeFilter() const {
    const Axes& kernel = plain_.window.kernel;
    LENSLET_ASSIGN_OR_RETURN(
        const Shape shape,
        Shape::Create({plain_.output_channels, kernel[0], kernel[1], kernel[2],
                       plain_.input_channels / plain_.groups}));
    return Tensor::Create(ElementType::kFloat32, shape);
  }

  const ConvGeometry g_;
  const ConvGeometry plain_;
  const Layout layout_;
  const int64_t unit_;   // Floats of an element.
  const int64_t block_;  // Count() of the most images.
  const bool rewrites_filter_;
  const ConvPlainFilter plain_filter_;
  const std::unique_ptr<Kernel> kernel_;
  std::optional<PadCopy> pad_;
  Tensor padded_;
  Tensor padded_gradient_;
  Tensor filter_;
  Tensor filter_gradient_;
};

}  // namespace

bool NeedsComposition(const ConvGeometry& geometry) {
  return HoldsCopies(geometry) || geometry.flip ||
         !geometry.connections.empty();
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeConvComposedKernel(
    const ConvGeometry& geometry, int64_t images, MakePlainConv make_plain) {
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> kernel,
                           make_plain(PlainOf(geometry)));
  return std::make_unique<ConvComposedKernel>(geometry, images,
                                              std::move(kernel));
}

}  // namespace lenslet
