// The dropout layer: ops/dropout. It has no parameters, and in inference
// nothing to do.

#ifndef LENSLET_LAYERS_DROPOUT_H_
#define LENSLET_LAYERS_DROPOUT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "lenslet/layers/layer.h"
#include "lenslet/ops/dropout/dropout.h"

namespace lenslet::layers {

// Any shape -> the same shape.
class Dropout : public Layer {
 public:
  // `rate` is the part of the numbers that training leaves out, in [0, 1).
  explicit Dropout(double rate) : spec_{.rate = rate} {}

  absl::string_view type() const override { return "Dropout"; }
  std::string Details() const override {
    return absl::StrCat("rate ", spec_.rate);
  }
  absl::StatusOr<LayerInfo> Infer(
      absl::Span<const Shape> inputs) const override;
  bool IsReshape(bool training) const override { return !training; }
  absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(
      Backend backend, absl::Span<const Shape> inputs,
      int64_t images) const override;

 private:
  const DropoutSpec spec_;
};

}  // namespace lenslet::layers

#endif  // LENSLET_LAYERS_DROPOUT_H_
