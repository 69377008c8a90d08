// Normalizations.

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/layer_writer.h"

namespace lenslet {
namespace {

using Result = absl::StatusOr<OnnxValue>;

}  // namespace

Result LayerWriter::WriteKind(const BatchNormSpec& spec) {
  return Pointwise(
      writer_.Add("BatchNormalization",
                  {x(), WriteFeatures(0), WriteFeatures(1), WriteFeatures(2),
                   WriteFeatures(3)},
                  {{"epsilon", static_cast<float>(spec.epsilon)}}));
}

Result LayerWriter::WriteKind(const LayerNormSpec& spec) {
  const int rank = image().rank();
  const auto axis = static_cast<int>(spec.axis.value_or(rank - 1));
  const auto epsilon = static_cast<float>(spec.epsilon);
  if (writer_.opset() < 17) return WriteLayerNorm(axis, epsilon);
  if (rank == 1 || axis == 0) {
    std::vector<std::string> inputs = {x()};
    for (const int i : {0, 1}) {
      inputs.push_back(rank == 1 ? WriteFeatures(i) : WriteNormalized(i, axis));
    }
    return Pointwise(writer_.Add("LayerNormalization", std::move(inputs),
                                 {{"axis", int64_t{1}}, {"epsilon", epsilon}}));
  }
  const Shape& shape = parameters_.info(node_.first_parameter).info.shape;
  const Ints sizes(shape.dims().begin(), shape.dims().end());
  std::vector<std::string> inputs = {ToChannelsLast(x(), rank, writer_)};
  for (const int i : {0, 1}) {
    inputs.push_back(
        writer_.Floats(parameter_name(i), sizes, parameter(i).span()));
  }
  return Output(ToChannelsFirst(
      writer_.Add("LayerNormalization", std::move(inputs),
                  {{"axis", int64_t{axis + 1}}, {"epsilon", epsilon}}),
      rank, writer_));
}

std::string LayerWriter::WriteNormalized(int i, int axis) {
  const int rank = image().rank();
  Ints sizes = ChannelsFirst(image());
  for (int k = 0; k < axis; ++k) sizes[k + 1] = 1;
  const int64_t channels = image().dim(rank - 1);
  return writer_.Floats(
      parameter_name(i), sizes,
      TransposeEach(parameter(i).span(), 1, parameter(i).size() / channels,
                    channels));
}

Result LayerWriter::WriteLayerNorm(int axis, float epsilon) {
  const int rank = image().rank();
  Ints axes = {1};
  for (int k = std::max(axis, 0); k + 1 < rank; ++k) axes.push_back(k + 2);
  const auto mean = [&](const std::string& of) {
    return writer_.Reduce("ReduceMean", of, axes, /*keep_axes=*/true);
  };
  const std::string difference = writer_.Add("Sub", {x(), mean(x())});
  const std::string variance =
      mean(writer_.Add("Mul", {difference, difference}));
  const std::string deviation = writer_.Add(
      "Sqrt",
      {writer_.Add(
          "Add", {variance, writer_.Scalar(absl::StrCat(node_.name, "/epsilon"),
                                           epsilon)})});
  std::string y = writer_.Add("Div", {difference, deviation});
  const auto parameter = [&](int i) {
    return rank == 1 ? WriteFeatures(i) : WriteNormalized(i, axis);
  };
  y = writer_.Add("Mul", {y, parameter(0)});
  return Pointwise(writer_.Add("Add", {y, parameter(1)}));
}

Result LayerWriter::WriteKind(const LrnSpec& spec) {
  if (spec.size % 2 == 0) {
    return absl::UnimplementedError(
        absl::StrCat(node_.layer.type(), " has the size ", spec.size,
                     "; expected an odd one: runtimes refuse others"));
  }
  return Output(writer_.Add("LRN", {x()},
                            {{"alpha", spec.alpha},
                             {"beta", spec.beta},
                             {"bias", spec.bias},
                             {"size", spec.size}}));
}

}  // namespace lenslet
