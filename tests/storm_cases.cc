#include "lenslet/tests/storm_cases.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/ops/activation/activation_case.h"
#include "lenslet/ops/add/add.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/batch_norm/batch_norm_case.h"
#include "lenslet/ops/concat/concat.h"
#include "lenslet/ops/conv/conv_case.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/conv_transpose/conv_transpose.h"
#include "lenslet/ops/dropout/dropout.h"
#include "lenslet/ops/linear/linear.h"
#include "lenslet/ops/mul/mul.h"
#include "lenslet/ops/pad/pad.h"
#include "lenslet/ops/pool/pool_case.h"
#include "lenslet/ops/pool/pool_spec.h"
#include "lenslet/ops/resize/resize.h"
#include "lenslet/ops/window.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

// A block of a case takes no more multiply-adds, and no image more numbers.
constexpr int64_t kMostWork = 4000;

int64_t Pick(Random& random, std::initializer_list<int64_t> values) {
  return values.begin()[random.Below(static_cast<int64_t>(values.size()))];
}

bool OneIn(Random& random, int64_t n) { return random.Below(n) == 0; }

int PickRank(Random& random) {
  return static_cast<int>(Pick(random, {1, 2, 2, 2, 3, 3}));
}

Axes PickAxes(Random& random, int rank, std::initializer_list<int64_t> values) {
  Axes axes = Axes::Filled(rank, 0);
  for (int axis = 0; axis < rank; ++axis) axes[axis] = Pick(random, values);
  return axes;
}

int64_t PickChannels(Random& random) {
  return Pick(random,
              {1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 24, 31, 33});
}

int64_t PickImages(Random& random) { return Pick(random, {1, 1, 2, 3, 5}); }

// One frame is a separate case: some backends take it for an image.
void PickFrames(Random& random, Axes& axes) {
  if (axes.rank() == 3 && OneIn(random, 2)) axes[0] = 1;
}

Axes PickSides(Random& random, int rank) {
  Axes sides =
      PickAxes(random, rank, {1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16, 17});
  if (OneIn(random, 3)) sides = PickAxes(random, rank, {1, 2, 3});
  PickFrames(random, sides);
  return sides;
}

Window PickWindow(Random& random, int rank) {
  Window window = {
      .kernel = PickAxes(random, rank, {1, 1, 2, 2, 3, 3, 4, 5, 6, 7}),
      .stride = PickAxes(random, rank, {1, 1, 1, 2, 2, 3, 4, 5, 7}),
      .dilation = OneIn(random, 3) ? PickAxes(random, rank, {1, 1, 2, 3, 5})
                                   : Axes::Filled(rank, 1)};
  PickFrames(random, window.kernel);
  const auto padding = [&] {
    return OneIn(random, 2) ? PickAxes(random, rank, {0, 0, 1, 1, 2, 3, 4, 7})
                            : Axes::Filled(rank, 0);
  };
  const Axes before = padding();
  window.padding = Padding(before, OneIn(random, 2) ? before : padding());
  return window;
}

Shape ImageOf(const Axes& sides, int64_t channels) {
  std::vector<int64_t> dims(sides.begin(), sides.end());
  dims.push_back(channels);
  return *Shape::Create(dims);
}

Shape PickImage(Random& random) {
  while (true) {
    const Shape image =
        ImageOf(PickSides(random, PickRank(random)), PickChannels(random));
    if (image.elements() <= kMostWork) return image;
  }
}

std::string TextOf(const Window& w) {
  return absl::StrCat("kernel ", w.kernel.ToString(), " stride ",
                      w.stride.ToString(), " dilation ", w.dilation.ToString(),
                      " padding before ", w.padding.before.ToString(),
                      " after ", w.padding.after.ToString());
}

std::string TextOf(const std::vector<std::vector<int64_t>>& connections) {
  return absl::StrJoin(
      connections, "; ",
      [](std::string* out, const std::vector<int64_t>& inputs) {
        absl::StrAppend(out, absl::StrJoin(inputs, " "));
      });
}

std::string TextOf(const Shape& image, int64_t images) {
  return absl::StrCat(images, " images ", image.ToString());
}

std::string TextOf(const std::vector<Shape>& shapes) {
  return absl::StrJoin(shapes, " ", [](std::string* out, const Shape& shape) {
    absl::StrAppend(out, shape.ToString());
  });
}

// Whether it can be computed in the time that a case may take.
bool IsSmall(const absl::StatusOr<Cost>& cost) {
  return cost.ok() && cost->multiply_adds <= kMostWork &&
         cost->other_operations <= kMostWork;
}
bool IsSmall(const absl::StatusOr<Shape>& shape) {
  return shape.ok() && shape->elements() > 0 && shape->elements() <= kMostWork;
}

std::vector<std::vector<int64_t>> PickConnections(Random& random,
                                                  int64_t inputs,
                                                  int64_t outputs) {
  std::vector<std::vector<int64_t>> connections(outputs);
  for (std::vector<int64_t>& connection : connections) {
    for (int64_t c = 0; c < inputs; ++c) {
      if (OneIn(random, 2)) connection.push_back(c);
    }
    if (connection.empty()) connection.push_back(random.Below(inputs));
  }
  return connections;
}

KernelCase MakeConv(Random& random) {
  while (true) {
    const int rank = PickRank(random);
    ConvSpec spec = {.input_channels = PickChannels(random),
                     .output_channels = PickChannels(random),
                     .window = PickWindow(random, rank),
                     .has_bias = !OneIn(random, 4)};
    if (OneIn(random, 3)) {
      spec.groups = Pick(random, {2, 3, 4, 8, 16, 17});
      spec.input_channels = spec.groups * Pick(random, {1, 1, 2, 3});
      spec.output_channels = spec.groups * Pick(random, {1, 1, 2, 3});
    }
    if (OneIn(random, 4)) {
      spec.padding_mode =
          OneIn(random, 2) ? PaddingMode::kReflect : PaddingMode::kReplicate;
    }
    spec.flip = OneIn(random, 8);
    if (spec.groups == 1 && OneIn(random, 10)) {
      spec.connections =
          PickConnections(random, spec.input_channels, spec.output_channels);
    }
    const Shape image = ImageOf(PickSides(random, rank), spec.input_channels);
    if (!IsSmall(ComputeCost(spec, image)) ||
        !IsSmall(OutputShape(spec, image)) || !IsSmall(image)) {
      continue;
    }
    const int64_t images = PickImages(random);
    return ConvCase(
        absl::StrCat(TextOf(image, images), ", ", spec.output_channels,
                     " filters, ", TextOf(spec.window), ", groups ",
                     spec.groups, ", bias ", spec.has_bias, ", padding mode ",
                     Name(spec.padding_mode), ", flip ", spec.flip,
                     ", connections [", TextOf(spec.connections), "]"),
        spec, image, images);
  }
}

KernelCase MakeConvTranspose(Random& random) {
  while (true) {
    const int rank = PickRank(random);
    ConvTransposeSpec spec = {.input_channels = PickChannels(random),
                              .output_channels = PickChannels(random),
                              .window = PickWindow(random, rank),
                              .output_padding = Axes::Filled(rank, 0),
                              .has_bias = !OneIn(random, 4)};
    if (OneIn(random, 2)) {
      for (int axis = 0; axis < rank; ++axis) {
        spec.output_padding[axis] = random.Below(
            std::max(spec.window.stride[axis], spec.window.dilation[axis]));
      }
    }
    const Shape image = ImageOf(PickSides(random, rank), spec.input_channels);
    const absl::StatusOr<Shape> output = OutputShape(spec, image);
    if (!IsSmall(ComputeCost(spec, image)) || !IsSmall(output)) continue;
    const int64_t images = PickImages(random);
    const Shape filter = *FilterShape(spec);
    const int64_t taps = filter.inner_elements() / spec.input_channels;
    KernelCase c = {
        .name = absl::StrCat(
            TextOf(image, images), ", ", spec.output_channels, " filters, ",
            TextOf(spec.window), ", output padding ",
            spec.output_padding.ToString(), ", bias ", spec.has_bias),
        .make =
            [spec, image](Backend backend, int64_t images) {
              return MakeConvTransposeKernel(backend, spec, image, images);
            },
        .inputs = {image},
        .output = *output,
        .parameters = {filter},
        .images = images,
        .terms =
            std::max({taps * spec.input_channels, taps * spec.output_channels,
                      image.elements() / spec.input_channels,
                      output->elements() / spec.output_channels})};
    if (spec.has_bias) c.parameters.push_back({spec.output_channels});
    return c;
  }
}

template <PoolKind kKind>
KernelCase MakePool(Random& random) {
  while (true) {
    const int rank = PickRank(random);
    PoolSpec spec = {.kind = kKind, .count_padding = OneIn(random, 2)};
    if (OneIn(random, 6)) {
      spec.output = PickAxes(random, rank, {1, 1, 2, 3, 5, 8});
      if (OneIn(random, 2)) spec.output = Axes::Filled(rank, 1);
    } else {
      spec.window = PickWindow(random, rank);
      spec.rounding = OneIn(random, 2) ? Rounding::kCeil : Rounding::kFloor;
    }
    if (kKind == PoolKind::kSoftmax) {
      spec.temperature = static_cast<double>(Pick(random, {1, 2, 4})) / 2;
    }
    const Shape image = ImageOf(PickSides(random, rank), PickChannels(random));
    if (!IsSmall(ComputeCost(spec, image)) ||
        !IsSmall(OutputShape(spec, image)) || !IsSmall(image)) {
      continue;
    }
    const int64_t images = PickImages(random);
    return PoolKernelCase(
        absl::StrCat(TextOf(image, images), ", ",
                     spec.output.empty()
                         ? TextOf(spec.window)
                         : absl::StrCat("adaptive to ", spec.output.ToString()),
                     ", count padding ", spec.count_padding, ", ceil ",
                     spec.rounding == Rounding::kCeil, ", temperature ",
                     spec.temperature),
        spec, image, images);
  }
}

KernelCase MakePad(Random& random) {
  while (true) {
    const int rank = PickRank(random);
    const Shape image = ImageOf(PickSides(random, rank), PickChannels(random));
    const PadSpec spec = {
        .mode = static_cast<PaddingMode>(random.Below(3)),
        .padding = Padding(PickAxes(random, rank, {0, 0, 1, 2, 3, 8}),
                           PickAxes(random, rank, {0, 0, 1, 2, 5}))};
    const absl::StatusOr<Shape> output = OutputShape(spec, image);
    if (!IsSmall(output)) continue;
    const int64_t images = PickImages(random);
    int64_t copies = 1;
    for (int axis = 0; axis < rank; ++axis) {
      copies *= 1 + spec.padding.before[axis] + spec.padding.after[axis];
    }
    return {.name = absl::StrCat(TextOf(image, images), ", ", Name(spec.mode),
                                 " padding ", spec.padding.before.ToString(),
                                 " before ", spec.padding.after.ToString(),
                                 " after"),
            .make =
                [spec, image](Backend backend, int64_t images) {
                  return MakePadKernel(backend, spec, image, images);
                },
            .inputs = {image},
            .output = *output,
            .images = images,
            .terms = copies};
  }
}

KernelCase MakeResize(Random& random) {
  while (true) {
    const int rank = PickRank(random);
    const Shape image = ImageOf(PickSides(random, rank), PickChannels(random));
    ResizeSpec spec = {
        .mode = static_cast<ResizeMode>(random.Below(2)),
        .coordinates = static_cast<ResizeCoordinates>(random.Below(4)),
        .rounding = static_cast<ResizeRounding>(random.Below(4))};
    if (OneIn(random, 2)) {
      spec.output = PickSides(random, rank);
    } else {
      spec.scale = {static_cast<float>(1 + random.Below(40)) / 10};
    }
    const absl::StatusOr<Shape> output = OutputShape(spec, image);
    if (!IsSmall(output)) continue;
    const int64_t images = PickImages(random);
    const int64_t positions =
        output->elements() / output->dim(output->rank() - 1);
    return {
        .name = absl::StrCat(TextOf(image, images), " to ", output->ToString(),
                             ", ", Name(spec.mode), ", ",
                             Name(spec.coordinates), ", ", Name(spec.rounding)),
        .make = [spec, image](
                    Backend backend,
                    int64_t) { return MakeResizeKernel(backend, spec, image); },
        .inputs = {image},
        .output = *output,
        .images = images,
        .terms = positions,
        .rounding_error = 8 * 0x1p-24};
  }
}

KernelCase MakeLinear(Random& random) {
  while (true) {
    std::vector<int64_t> dims;
    const int64_t outer = Pick(random, {0, 0, 0, 1, 2});
    for (int64_t i = 0; i < outer; ++i) {
      dims.push_back(Pick(random, {1, 2, 3, 7}));
    }
    const int64_t in = Pick(random, {1, 2, 3, 5, 8, 16, 17, 33, 64, 100, 257});
    dims.push_back(in);
    const LinearSpec spec = {
        .input_features = in,
        .output_features =
            Pick(random, {1, 2, 3, 5, 8, 10, 15, 16, 17, 31, 33, 84}),
        .has_bias = !OneIn(random, 4)};
    const Shape image = *Shape::Create(dims);
    if (!IsSmall(ComputeCost(spec, image))) continue;
    const int64_t images = PickImages(random);
    KernelCase c = {
        .name =
            absl::StrCat(TextOf(image, images), ", to ", spec.output_features,
                         " features, bias ", spec.has_bias),
        .make =
            [spec, image](Backend backend, int64_t images) {
              return MakeLinearKernel(backend, spec, image, images);
            },
        .inputs = {image},
        .output = *OutputShape(spec, image),
        .parameters = {*WeightShape(spec)},
        .images = images,
        .terms = std::max({in, spec.output_features, image.elements() / in})};
    if (spec.has_bias) c.parameters.push_back({spec.output_features});
    return c;
  }
}

KernelCase MakeActivation(Random& random) {
  ActivationSpec spec = {
      .kind = kActivationKinds[random.Below(kActivationKinds.size())]};
  if (OneIn(random, 2)) {
    spec.slope = static_cast<float>(Pick(random, {0, 1, 2, 3})) / 2;
    spec.alpha = static_cast<float>(1 + random.Below(16)) / 4;
  }
  const Shape image = PickImage(random);
  const int64_t images = PickImages(random);
  return ActivationKernelCase(
      absl::StrCat(Name(spec.kind), " ", TextOf(image, images), ", slope ",
                   spec.slope, ", alpha ", spec.alpha),
      spec, image, images);
}

KernelCase MakeBatchNorm(Random& random) {
  while (true) {
    const Shape image = PickImage(random);
    const int64_t images = PickImages(random);
    const bool training = OneIn(random, 2);
    const int64_t positions =
        image.elements() / image.dim(image.rank() - 1) * images;
    if (training && positions < 2) continue;
    return BatchNormCase(
        absl::StrCat(TextOf(image, images), ", training ", training), image,
        images, training);
  }
}

KernelCase MakeDropout(Random& random) {
  const DropoutSpec spec = {.rate = static_cast<double>(random.Below(8)) / 8};
  const Shape image = PickImage(random);
  const int64_t images = PickImages(random);
  return {.name = absl::StrCat(TextOf(image, images), ", rate ", spec.rate),
          .make =
              [spec, image](Backend backend, int64_t images) {
                return MakeDropoutKernel(backend, spec, image, images);
              },
          .inputs = {image},
          .output = image,
          .images = images};
}

KernelCase MakeAdd(Random& random) {
  const Shape image = PickImage(random);
  const std::vector<Shape> inputs(Pick(random, {2, 2, 3, 5}), image);
  const int64_t images = PickImages(random);
  return {.name = absl::StrCat(inputs.size(), " times ", TextOf(image, images)),
          .make = [inputs](Backend backend,
                           int64_t) { return MakeAddKernel(backend, inputs); },
          .inputs = inputs,
          .output = image,
          .images = images,
          .terms = static_cast<int64_t>(inputs.size())};
}

// The sum or product of two inputs, which may be repeated along some axes.
template <auto Make>
KernelCase MakeRepeated(Random& random) {
  const Shape image = PickImage(random);
  std::vector<std::vector<int64_t>> sizes(
      2, {image.dims().begin(), image.dims().end()});
  std::vector<int64_t> output = sizes[0];
  for (int axis = 0; axis < image.rank(); ++axis) {
    if (OneIn(random, 2)) sizes[random.Below(2)][axis] = 1;
    output[axis] = std::max(sizes[0][axis], sizes[1][axis]);
  }
  const std::vector<Shape> inputs = {*Shape::Create(sizes[0]),
                                     *Shape::Create(sizes[1])};
  const int64_t images = PickImages(random);
  return {.name = absl::StrCat(images, " images ", TextOf(inputs)),
          .make = [inputs](Backend backend,
                           int64_t) { return Make(backend, inputs); },
          .inputs = inputs,
          .output = *Shape::Create(output),
          .images = images,
          .terms = image.elements()};
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeSum(
    Backend backend, const std::vector<Shape>& inputs) {
  return MakeAddKernel(backend, inputs);
}

KernelCase MakeConcat(Random& random) {
  const Shape image = PickImage(random);
  const int64_t axis = random.Below(image.rank());
  std::vector<Shape> inputs;
  for (int64_t i = Pick(random, {2, 2, 3, 4}); i > 0; --i) {
    std::vector<int64_t> dims(image.dims().begin(), image.dims().end());
    dims[axis] = Pick(random, {1, 2, 3, 7, 16, 17});
    inputs.push_back(*Shape::Create(dims));
  }
  const ConcatSpec spec = {.axis = axis};
  const int64_t images = PickImages(random);
  return {
      .name = absl::StrCat(images, " images ", TextOf(inputs), ", axis ", axis),
      .make = [spec, inputs](
                  Backend backend,
                  int64_t) { return MakeConcatKernel(backend, spec, inputs); },
      .inputs = inputs,
      .output = *OutputShape(spec, inputs),
      .images = images};
}

}  // namespace

std::vector<StormOperator> StormOperators() {
  return {{"convolution", 6, MakeConv},
          {"transposed convolution", 4, MakeConvTranspose},
          {"maximum pooling", 2, MakePool<PoolKind::kMax>},
          {"average pooling", 3, MakePool<PoolKind::kAverage>},
          {"minimum pooling", 1, MakePool<PoolKind::kMin>},
          {"softmax pooling", 1, MakePool<PoolKind::kSoftmax>},
          {"padding", 1, MakePad},
          {"resizing", 1, MakeResize},
          {"linear", 1, MakeLinear},
          {"activation", 1, MakeActivation},
          {"batch normalization", 1, MakeBatchNorm},
          {"dropout", 1, MakeDropout},
          {"sum", 1, MakeAdd},
          {"sum of repeated inputs", 1, MakeRepeated<MakeSum>},
          {"product", 1, MakeRepeated<MakeMulKernel>},
          {"concatenation", 1, MakeConcat}};
}

}  // namespace lenslet
