#include "lenslet/ops/conv/conv_matrix.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/ops/positions.h"

namespace lenslet {
namespace {

absl::StatusOr<Tensor> MakeMatrix(int64_t rows, int64_t columns) {
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, Shape::Create({rows, columns}));
  return Tensor::Create(ElementType::kFloat32, shape);
}

absl::Status CheckTensor(absl::string_view argument, const Tensor& tensor,
                         const Shape& expected) {
  if (tensor.type() != ElementType::kFloat32 || tensor.shape() != expected) {
    return absl::InvalidArgumentError(absl::StrCat(
        argument, " is ", Name(tensor.type()), " ", tensor.shape().ToString(),
        "; expected float32 ", expected.ToString()));
  }
  return absl::OkStatus();
}

// What the functions know about a spec and an image.
struct Sizes {
  ConvGeometry geometry;
  int64_t positions;
  int64_t row;  // What a window covers at a position: taps * input_channels.
  int64_t outputs;
};

absl::Status CheckPlain(const ConvGeometry& g) {
  const auto error = [](auto... what) {
    return absl::InvalidArgumentError(
        absl::StrCat(what...,
                     "; only plain convolutions are written as a "
                     "product of matrices"));
  };
  if (g.groups > 1) return error("groups is ", g.groups);
  if (!g.connections.empty()) return error("there are connections");
  if (g.flip) return error("the filter is flipped");
  if (g.padding_mode != PaddingMode::kZero) {
    return error("the padding mode is ", Name(g.padding_mode));
  }
  return absl::OkStatus();
}

absl::StatusOr<Sizes> SizesOf(const ConvSpec& spec, const Shape& image) {
  // Its numbers fit in 64 bits, and so do their factors.
  LENSLET_RETURN_IF_ERROR(ComputeCost(spec, image).status());
  LENSLET_ASSIGN_OR_RETURN(const ConvGeometry geometry, Resolve(spec, image));
  LENSLET_RETURN_IF_ERROR(CheckPlain(geometry));
  LENSLET_ASSIGN_OR_RETURN(const Shape output, OutputShape(spec, image));
  LENSLET_ASSIGN_OR_RETURN(const Shape filter, FilterShape(spec));
  return Sizes{.geometry = geometry,
               .positions = output.elements() / spec.output_channels,
               .row = filter.inner_elements(),
               .outputs = output.elements()};
}

// Calls body(position, tap, i) for each tap of each output position that is not
// on padding, both counted in row-major order; i is the input position there.
template <typename Body>
void ForEachInputTap(const ConvGeometry& g, Body body) {
  int64_t position = 0;
  ForEachPosition(g.output, [&](const Axes& o) {
    int64_t tap = 0;
    ForEachPosition(g.window.kernel, [&](const Axes& t) {
      const Axes i = InputPosition(g.window, o, t);
      if (IsInside(i, g.input)) {
        body(position, tap, OffsetOf(0, i, g.input, 0, 1));
      }
      ++tap;
    });
    ++position;
  });
}

}  // namespace

absl::StatusOr<Tensor> Im2col(const ConvSpec& spec, const Tensor& image) {
  LENSLET_ASSIGN_OR_RETURN(const Sizes sizes, SizesOf(spec, image.shape()));
  LENSLET_RETURN_IF_ERROR(CheckTensor("image", image, image.shape()));
  LENSLET_ASSIGN_OR_RETURN(Tensor columns,
                           MakeMatrix(sizes.positions, sizes.row));
  const int64_t channels = spec.input_channels;
  ForEachInputTap(
      sizes.geometry, [&](int64_t position, int64_t tap, int64_t i) {
        std::copy_n(image.data() + i * channels, channels,
                    columns.data() + position * sizes.row + tap * channels);
      });
  return columns;
}

absl::StatusOr<Tensor> Col2im(const ConvSpec& spec, const Tensor& columns,
                              const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const Sizes sizes, SizesOf(spec, image));
  LENSLET_ASSIGN_OR_RETURN(const Shape expected,
                           Shape::Create({sizes.positions, sizes.row}));
  LENSLET_RETURN_IF_ERROR(CheckTensor("columns", columns, expected));
  LENSLET_ASSIGN_OR_RETURN(Tensor result,
                           Tensor::Create(ElementType::kFloat32, image));
  const int64_t channels = spec.input_channels;
  const ConvGeometry& g = sizes.geometry;
  float* to = result.data();
  ForEachPosition(g.input, [&](const Axes& i) {
    for (int64_t c = 0; c < channels; ++c) {
      double sum = 0;
      int64_t tap = 0;
      ForEachPosition(g.window.kernel, [&](const Axes& t) {
        Axes o;
        if (FindOutputPosition(g.window, g.output, i, t, o)) {
          const int64_t position = OffsetOf(0, o, g.output, 0, 1);
          sum += columns.data()[position * sizes.row + tap * channels + c];
        }
        ++tap;
      });
      *to++ = static_cast<float>(sum);
    }
  });
  return result;
}

absl::StatusOr<Tensor> ToeplitzMatrix(const ConvSpec& spec,
                                      const Tensor& filter,
                                      const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const Sizes sizes, SizesOf(spec, image));
  LENSLET_ASSIGN_OR_RETURN(const Shape expected, FilterShape(spec));
  LENSLET_RETURN_IF_ERROR(CheckTensor("filter", filter, expected));
  const int64_t inputs = image.elements();
  LENSLET_ASSIGN_OR_RETURN(Tensor matrix, MakeMatrix(sizes.outputs, inputs));
  const int64_t channels = spec.input_channels;
  ForEachInputTap(
      sizes.geometry, [&](int64_t position, int64_t tap, int64_t i) {
        for (int64_t k = 0; k < spec.output_channels; ++k) {
          // Two taps of a window are never at the same place.
          std::copy_n(filter.data() + k * sizes.row + tap * channels, channels,
                      matrix.data() +
                          (position * spec.output_channels + k) * inputs +
                          i * channels);
        }
      });
  return matrix;
}

}  // namespace lenslet
