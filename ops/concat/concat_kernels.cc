#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "lenslet/ops/concat/concat_pieces.h"
#include "lenslet/ops/concat/kernels.h"
#include "lenslet/ops/inference_kernel.h"

namespace lenslet {
namespace {

class ConcatReferenceKernel : public Kernel {
 public:
  explicit ConcatReferenceKernel(ConcatGeometry geometry)
      : g_(std::move(geometry)) {}

  void Forward(int64_t images) override {
    ForEachElement(images, [this](int64_t y, int input, int64_t x) {
      OutputData()[y] = InputData(input)[x];
    });
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    ForEachElement(images, [this](int64_t y, int input, int64_t x) {
      float* dx = buffers().input_gradients[input];
      if (dx != nullptr) dx[x] = buffers().output_gradient[y];
    });
  }

 private:
  // Calls body(y, input, x) where element y of the output is element x of an
  // input.
  template <typename Body>
  void ForEachElement(int64_t images, Body body) {
    for (int64_t y = 0; y < images * g_.rows * g_.row; ++y) {
      const int64_t row = y / g_.row;
      int64_t x = y % g_.row;
      int input = 0;
      while (x >= g_.pieces[input]) x -= g_.pieces[input++];
      body(y, input, row * g_.pieces[input] + x);
    }
  }

  const ConcatGeometry g_;
};

}  // namespace

std::unique_ptr<Kernel> MakeConcatReferenceKernel(ConcatGeometry geometry) {
  return std::make_unique<ConcatReferenceKernel>(std::move(geometry));
}

namespace {

// Calls body(input, size, x, y) for each piece: `size` floats at x of an input
// are those at y of the output. In lanes an element is a vector of floats, and
// a group has the rows that an image has otherwise.
template <typename Body>
void ForEachPiece(const ConcatGeometry& g, Layout layout, int64_t images,
                  Body body) {
  const int64_t unit = layout == Layout::kLanes ? kLanes : 1;
  const int64_t rows = RoomForImages(layout, images) / unit * g.rows;
  int64_t first = 0;
  for (size_t input = 0; input < g.pieces.size(); ++input) {
    const int64_t size = g.pieces[input] * unit;
    for (int64_t row = 0; row < rows; ++row) {
      body(input, size, row * size, row * g.row * unit + first);
    }
    first += size;
  }
}

class ConcatCopyKernel : public Kernel {
 public:
  ConcatCopyKernel(ConcatGeometry geometry, Layout layout)
      : geometry_(std::move(geometry)), layout_(layout) {}

  Layout layout() const override { return layout_; }

  void Forward(int64_t images) override {
    ForEachPiece(geometry_, layout_, images,
                 [&](size_t input, int64_t size, int64_t x, int64_t y) {
                   std::copy_n(InputData(input) + x, size, OutputData() + y);
                 });
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    ForEachPiece(geometry_, layout_, images,
                 [&](size_t input, int64_t size, int64_t x, int64_t y) {
                   float* dx = buffers().input_gradients[input];
                   if (dx == nullptr) return;
                   std::copy_n(buffers().output_gradient + y, size, dx + x);
                 });
  }

 private:
  const ConcatGeometry geometry_;
  const Layout layout_;
};

class ConcatDirectKernel : public InferenceKernel {
 public:
  explicit ConcatDirectKernel(ConcatGeometry geometry)
      : geometry_(std::move(geometry)) {}

  void Forward(int64_t images) override {
    WriteConcatRows(pieces_, images * geometry_.rows, OutputData());
  }

 private:
  absl::Status Allocate() override {
    for (size_t i = 0; i < geometry_.pieces.size(); ++i) {
      pieces_.push_back({.from = InputData(static_cast<int>(i)),
                         .size = geometry_.pieces[i]});
    }
    return absl::OkStatus();
  }

  const ConcatGeometry geometry_;
  std::vector<ConcatPiece> pieces_;
};

}  // namespace

std::unique_ptr<Kernel> MakeConcatCopyKernel(ConcatGeometry geometry,
                                             Layout layout) {
  return std::make_unique<ConcatCopyKernel>(std::move(geometry), layout);
}

std::unique_ptr<Kernel> MakeConcatDirectKernel(ConcatGeometry geometry) {
  return std::make_unique<ConcatDirectKernel>(std::move(geometry));
}

}  // namespace lenslet
