#include "lenslet/ops/conv/conv_case.h"

#include <algorithm>

#include "lenslet/ops/conv/conv.h"

namespace lenslet {
namespace {

// The most positions of the padded input that hold the same number.
int64_t MostCopies(const ConvGeometry& g) {
  int64_t copies = 1;
  if (g.padding_mode == PaddingMode::kZero) return copies;
  for (int axis = 0; axis < 3; ++axis) {
    copies *= 1 + g.window.padding.before[axis] + g.window.padding.after[axis];
  }
  return copies;
}

}  // namespace

KernelCase ConvCase(const std::string& name, const ConvSpec& spec,
                    const Shape& image, int64_t images) {
  const Shape output = *OutputShape(spec, image);
  const ConvGeometry g = *Resolve(spec, image);
  KernelCase c = {
      .name = name,
      .make =
          [spec, image](Backend backend, int64_t images) {
            return MakeConvKernel(backend, spec, image, images);
          },
      .inputs = {image},
      .output = output,
      .parameters = {*FilterShape(spec)},
      .images = images,
  };
  const int64_t positions = output.elements() / spec.output_channels;
  const int64_t taps = Volume(g.window.kernel);
  c.terms =
      std::max({taps * spec.input_channels / spec.groups, positions,
                taps * spec.output_channels / spec.groups * MostCopies(g)});
  if (spec.has_bias) c.parameters.push_back({spec.output_channels});
  return c;
}

std::vector<std::vector<int64_t>> LeNet5Connections() {
  return {{0, 1, 2},    {1, 2, 3},    {2, 3, 4},    {3, 4, 5},
          {0, 4, 5},    {0, 1, 5},    {0, 1, 2, 3}, {1, 2, 3, 4},
          {2, 3, 4, 5}, {0, 3, 4, 5}, {0, 1, 4, 5}, {0, 1, 2, 5},
          {0, 1, 3, 4}, {1, 2, 4, 5}, {0, 2, 3, 5}, {0, 1, 2, 3, 4, 5}};
}

}  // namespace lenslet
