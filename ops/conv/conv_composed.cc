#include "lenslet/ops/conv/conv_composed.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/pad/pad_copy.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

ConvFilterParts::ConvFilterParts(const ConvGeometry& geometry, int64_t parts)
    : g_(geometry),
      part_outputs_(g_.output_channels / parts),
      part_inputs_(g_.input_channels / g_.groups),
      taps_(Volume(g_.window.kernel)) {}

// A filter that is reversed along every axis is reversed in memory, but for its
// channels.
template <typename Body>
void ConvFilterParts::ForEachNumber(int64_t part, Body body) const {
  if (!g_.connections.empty()) {
    int64_t pair = 0;
    for (int64_t k = 0; k < g_.output_channels; ++k) {
      for (int64_t c : g_.connections[k]) {
        for (int64_t tap = 0; tap < taps_; ++tap) {
          body((k * taps_ + tap) * part_inputs_ + c,
               pair * taps_ + TapInFilter(tap));
        }
        ++pair;
      }
    }
    return;
  }
  const int64_t first = part * part_outputs_;
  for (int64_t k = 0; k < part_outputs_; ++k) {
    for (int64_t tap = 0; tap < taps_; ++tap) {
      const int64_t to = (k * taps_ + tap) * part_inputs_;
      const int64_t from =
          ((first + k) * taps_ + TapInFilter(tap)) * part_inputs_;
      for (int64_t c = 0; c < part_inputs_; ++c) body(to + c, from + c);
    }
  }
}

void ConvFilterParts::Write(int64_t part, const float* filter,
                            float* part_filter) const {
  if (!g_.connections.empty()) {
    std::fill_n(part_filter, part_outputs_ * taps_ * part_inputs_, 0.0f);
  }
  ForEachNumber(part, [&](int64_t in_part, int64_t in_filter) {
    part_filter[in_part] = filter[in_filter];
  });
}

void ConvFilterParts::AddGradient(int64_t part, const float* part_gradient,
                                  float* gradient) const {
  ForEachNumber(part, [&](int64_t in_part, int64_t in_filter) {
    gradient[in_filter] += part_gradient[in_part];
  });
}

namespace {

// Copies `rows` rows of `floats` floats that start a stride apart.
void CopyRows(int64_t rows, int64_t floats, const float* from,
              int64_t from_stride, float* to, int64_t to_stride) {
  for (int64_t row = 0; row < rows; ++row) {
    std::copy_n(from + row * from_stride, floats, to + row * to_stride);
  }
}

bool HoldsCopies(const ConvGeometry& g) {
  return g.padding_mode != PaddingMode::kZero;
}

// What each of `parts` plain convolutions computes.
ConvGeometry PartOf(const ConvGeometry& geometry, int64_t parts) {
  ConvGeometry part = geometry;
  part.input_channels /= parts;
  part.output_channels /= parts;
  part.groups /= parts;
  part.flip = false;
  part.connections.clear();
  if (HoldsCopies(geometry)) {
    part.input = PaddedInput(geometry);
    part.window.padding = {{0, 0, 0}, {0, 0, 0}};
    part.padding_mode = PaddingMode::kZero;
  }
  return part;
}

struct Part {
  std::unique_ptr<Kernel> kernel;
  // Empty where the kernel has the convolution's own.
  Tensor filter;
  Tensor bias;
  Tensor x;
  Tensor y;
};

class ConvComposedKernel : public Kernel {
 public:
  ConvComposedKernel(const ConvGeometry& geometry, int64_t images,
                     std::vector<Part> parts)
      : g_(geometry),
        part_(PartOf(geometry, parts.size())),
        layout_(parts[0].kernel->layout()),
        unit_(layout_ == Layout::kLanes ? kLanes : 1),
        block_(Count(images)),
        rewrites_filter_(parts.size() > 1 || g_.flip ||
                         !g_.connections.empty()),
        filters_(geometry, parts.size()),
        parts_(std::move(parts)) {
    if (!HoldsCopies(g_)) return;
    pad_.emplace(PadGeometry{.mode = g_.padding_mode,
                             .padding = g_.window.padding,
                             .input = g_.input,
                             .output = part_.input,
                             .channels = g_.input_channels},
                 g_.input_channels * unit_);
  }

  Layout layout() const override { return layout_; }

  absl::Status Bind(KernelBuffers buffers) override {
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    if (pad_) {
      LENSLET_ASSIGN_OR_RETURN(padded_,
                               MakeBlock(part_.input, g_.input_channels));
      if (WantsInputGradient()) {
        LENSLET_ASSIGN_OR_RETURN(padded_gradient_,
                                 MakeBlock(part_.input, g_.input_channels));
      }
    }
    if (WantsGradients()) LENSLET_RETURN_IF_ERROR(MakeGradients());
    for (Part& part : parts_) LENSLET_RETURN_IF_ERROR(BindPart(part));
    return absl::OkStatus();
  }

  absl::Status ParametersChanged() override {
    for (int64_t p = 0; p < part_count(); ++p) {
      Part& part = parts_[p];
      if (rewrites_filter_) {
        filters_.Write(p, ParameterData(0), part.filter.data());
      }
      if (g_.has_bias && part_count() > 1) {
        std::copy_n(ParameterData(1) + p * part_.output_channels,
                    part_.output_channels, part.bias.data());
      }
      LENSLET_RETURN_IF_ERROR(part.kernel->ParametersChanged());
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    if (pad_) {
      pad_->Forward(Count(images), InputData(0), padded_.data());
    }
    for (int64_t p = 0; p < part_count(); ++p) {
      Part& part = parts_[p];
      if (part_count() == 1) {
        part.kernel->Forward(images);
        continue;
      }
      CopyRows(Count(images) * Volume(part_.input), InputFloats(),
               PaddedInputs() + p * InputFloats(), InputStride(), part.x.data(),
               InputFloats());
      part.kernel->Forward(images);
      CopyRows(Count(images) * Volume(g_.output), OutputFloats(), part.y.data(),
               OutputFloats(), OutputData() + p * OutputFloats(),
               OutputStride());
    }
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    for (int64_t p = 0; p < part_count(); ++p) {
      if (part_count() > 1) {
        CopyRows(Count(images) * Volume(g_.output), OutputFloats(),
                 buffers().output_gradient + p * OutputFloats(), OutputStride(),
                 dy_.data(), OutputFloats());
      }
      BackwardPart(p, images, parameter_gradients);
      if (part_count() > 1 && WantsInputGradient()) {
        CopyRows(Count(images) * Volume(part_.input), InputFloats(), dx_.data(),
                 InputFloats(), PaddedInputGradient() + p * InputFloats(),
                 InputStride());
      }
    }
    if (pad_ && WantsInputGradient()) {
      pad_->Backward(Count(images), padded_gradient_.data(),
                     buffers().input_gradients[0]);
    }
  }

 private:
  int64_t part_count() const { return static_cast<int64_t>(parts_.size()); }

  // Images, or groups of lanes.
  int64_t Count(int64_t images) const {
    return layout_ == Layout::kLanes ? LaneGroups(images) : images;
  }

  // Floats of a position: of a part, and of the whole.
  int64_t InputFloats() const { return part_.input_channels * unit_; }
  int64_t InputStride() const { return g_.input_channels * unit_; }
  int64_t OutputFloats() const { return part_.output_channels * unit_; }
  int64_t OutputStride() const { return g_.output_channels * unit_; }

  bool WantsGradients() const { return buffers().output_gradient != nullptr; }
  bool WantsInputGradient() const {
    return WantsGradients() && buffers().input_gradients[0] != nullptr;
  }

  const float* PaddedInputs() const {
    return pad_ ? padded_.data() : InputData(0);
  }
  // Null if it is not wanted.
  float* PaddedInputGradient() {
    if (!WantsInputGradient()) return nullptr;
    return pad_ ? padded_gradient_.data() : buffers().input_gradients[0];
  }

  absl::StatusOr<Tensor> MakeBlock(const Axes& size, int64_t channels) const {
    LENSLET_ASSIGN_OR_RETURN(
        const Shape shape,
        Shape::Create({block_, size[0], size[1], size[2], channels, unit_}));
    return Tensor::Create(ElementType::kFloat32, shape);
  }

  absl::StatusOr<Tensor> MakeFilter() const {
    const Axes& kernel = part_.window.kernel;
    LENSLET_ASSIGN_OR_RETURN(
        const Shape shape,
        Shape::Create({part_.output_channels, kernel[0], kernel[1], kernel[2],
                       part_.input_channels / part_.groups}));
    return Tensor::Create(ElementType::kFloat32, shape);
  }

  absl::StatusOr<Tensor> MakeBias() const {
    return Tensor::Create(ElementType::kFloat32, {part_.output_channels});
  }

  // Memory that all parts use, one after the other.
  absl::Status MakeGradients() {
    if (rewrites_filter_) {
      LENSLET_ASSIGN_OR_RETURN(filter_gradient_, MakeFilter());
    }
    if (part_count() == 1) return absl::OkStatus();
    LENSLET_ASSIGN_OR_RETURN(bias_gradient_, MakeBias());
    LENSLET_ASSIGN_OR_RETURN(dy_, MakeBlock(g_.output, part_.output_channels));
    if (WantsInputGradient()) {
      LENSLET_ASSIGN_OR_RETURN(dx_,
                               MakeBlock(part_.input, part_.input_channels));
    }
    return absl::OkStatus();
  }

  absl::Status BindPart(Part& part) {
    KernelBuffers inner = {.inputs = {PaddedInputs()},
                           .parameters = buffers().parameters,
                           .output = OutputData(),
                           .training = buffers().training,
                           .output_gradient = buffers().output_gradient,
                           .input_gradients = {PaddedInputGradient()}};
    if (rewrites_filter_) {
      LENSLET_ASSIGN_OR_RETURN(part.filter, MakeFilter());
      inner.parameters[0] = part.filter.data();
    }
    if (part_count() > 1) {
      LENSLET_ASSIGN_OR_RETURN(part.x,
                               MakeBlock(part_.input, part_.input_channels));
      LENSLET_ASSIGN_OR_RETURN(part.y,
                               MakeBlock(g_.output, part_.output_channels));
      inner.inputs[0] = part.x.data();
      inner.output = part.y.data();
      if (WantsGradients()) inner.output_gradient = dy_.data();
      if (WantsInputGradient()) inner.input_gradients[0] = dx_.data();
      if (g_.has_bias) {
        LENSLET_ASSIGN_OR_RETURN(part.bias, MakeBias());
        inner.parameters[1] = part.bias.data();
      }
    }
    return part.kernel->Bind(std::move(inner));
  }

  void BackwardPart(int64_t p, int64_t images,
                    absl::Span<float* const> parameter_gradients) {
    std::array<float*, 2> gradients = {};
    std::copy(parameter_gradients.begin(), parameter_gradients.end(),
              gradients.begin());
    float* filter_gradient = gradients[0];
    float* bias_gradient = gradients[1];
    if (filter_gradient != nullptr && rewrites_filter_) {
      std::fill(filter_gradient_.span().begin(), filter_gradient_.span().end(),
                0.0f);
      gradients[0] = filter_gradient_.data();
    }
    if (bias_gradient != nullptr && part_count() > 1) {
      std::fill(bias_gradient_.span().begin(), bias_gradient_.span().end(),
                0.0f);
      gradients[1] = bias_gradient_.data();
    }
    parts_[p].kernel->Backward(
        images,
        absl::MakeConstSpan(gradients.data(), parameter_gradients.size()));
    if (gradients[0] != filter_gradient) {
      filters_.AddGradient(p, gradients[0], filter_gradient);
    }
    if (gradients[1] != bias_gradient) {
      for (int64_t k = 0; k < part_.output_channels; ++k) {
        bias_gradient[p * part_.output_channels + k] += gradients[1][k];
      }
    }
  }

  const ConvGeometry g_;
  const ConvGeometry part_;
  const Layout layout_;
  const int64_t unit_;   // Floats of an element.
  const int64_t block_;  // Count() of the most images.
  const bool rewrites_filter_;
  const ConvFilterParts filters_;
  std::vector<Part> parts_;
  std::optional<PadCopy> pad_;
  Tensor padded_;
  Tensor padded_gradient_;
  Tensor filter_gradient_;
  Tensor bias_gradient_;
  Tensor dy_;
  Tensor dx_;
};

}  // namespace

bool NeedsComposition(const ConvGeometry& geometry, bool has_groups) {
  return HoldsCopies(geometry) || geometry.flip ||
         !geometry.connections.empty() || (geometry.groups > 1 && !has_groups);
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeConvComposedKernel(
    const ConvGeometry& geometry, int64_t images, bool has_groups,
    MakePlainConv make_plain) {
  std::vector<Part> parts(has_groups ? 1 : geometry.groups);
  const ConvGeometry plain = PartOf(geometry, parts.size());
  for (Part& part : parts) {
    LENSLET_ASSIGN_OR_RETURN(part.kernel, make_plain(plain));
  }
  return std::make_unique<ConvComposedKernel>(geometry, images,
                                              std::move(parts));
}

}  // namespace lenslet
