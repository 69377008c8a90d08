#include "lenslet/onnx/export_layers.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/onnx/layer_writer.h"

namespace lenslet {
namespace {

using Result = absl::StatusOr<OnnxValue>;

}  // namespace

int64_t ChannelsOf(const OnnxValue& value) {
  return value.shape.dim(value.shape.rank() - 1);
}

int64_t PositionsOf(const Shape& image) {
  return image.elements() / image.dim(image.rank() - 1);
}

Ints ChannelsFirst(const Shape& image) {
  Ints sizes(image.dims().begin(), image.dims().end());
  if (image.rank() > 1) {
    std::rotate(sizes.begin(), sizes.end() - 1, sizes.end());
  }
  return sizes;
}

Ints WithBatch(const Ints& sizes) {
  Ints shape = {0};
  shape.insert(shape.end(), sizes.begin(), sizes.end());
  return shape;
}

std::string ToChannelsLast(const std::string& x, int rank,
                           GraphWriter& writer) {
  Ints order = {0};
  for (int axis = 2; axis <= rank; ++axis) order.push_back(axis);
  order.push_back(1);
  return writer.Transpose(x, order);
}

std::string ToChannelsFirst(const std::string& x, int rank,
                            GraphWriter& writer) {
  Ints order = {0, rank};
  for (int axis = 1; axis < rank; ++axis) order.push_back(axis);
  return writer.Transpose(x, order);
}

Ints AxesOf(const Axes& axes) { return Ints(axes.begin(), axes.end()); }

Ints InnerOf(const Axes& axes, int rank) {
  return Ints(axes.end() - rank, axes.end());
}

Ints Joined(Ints a, const Ints& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

bool AnyIsNot(const Ints& numbers, int64_t value) {
  return std::any_of(numbers.begin(), numbers.end(),
                     [&](int64_t number) { return number != value; });
}

OnnxAttributes WindowAttributes(const Ints& kernel, const Ints& stride,
                                const Ints& dilation, const Ints& pads) {
  OnnxAttributes attributes;
  if (AnyIsNot(dilation, 1)) attributes.emplace_back("dilations", dilation);
  attributes.emplace_back("kernel_shape", kernel);
  if (AnyIsNot(pads, 0)) attributes.emplace_back("pads", pads);
  if (AnyIsNot(stride, 1)) attributes.emplace_back("strides", stride);
  return attributes;
}

std::string PadImage(const std::string& x, const Ints& before,
                     const Ints& after, const char* mode, float value,
                     GraphWriter& writer) {
  return writer.Pad(x, Joined(Joined({0, 0}, before), Joined({0, 0}, after)),
                    mode, value);
}

const char* ModeName(PaddingMode mode) {
  switch (mode) {
    case PaddingMode::kZero:
      return "constant";
    case PaddingMode::kReflect:
      return "reflect";
    case PaddingMode::kReplicate:
      return "edge";
  }
  return "constant";
}

absl::StatusOr<OnnxValue> LayerWriter::Write() {
  return std::visit(
      [&](const auto& layer) -> absl::StatusOr<OnnxValue> {
        return WriteKind(layer);
      },
      node_.layer.spec());
}

OnnxValue LayerWriter::Output(std::string name) const {
  return {.name = std::move(name), .shape = node_.output};
}

OnnxValue LayerWriter::Pointwise(std::string name) const {
  return {.name = std::move(name),
          .shape = node_.output,
          .unordered = inputs_[0].unordered};
}

Result LayerWriter::NeedsOpset(int version, absl::string_view why) const {
  return absl::UnimplementedError(absl::StrCat(
      node_.layer.type(), " needs version ", version, " of the operators, ",
      why, "; the opset is ", writer_.opset()));
}

std::vector<std::string> LayerWriter::InputNames() const {
  std::vector<std::string> names;
  for (const OnnxValue& input : inputs_) names.push_back(input.name);
  return names;
}

View<const float> LayerWriter::parameter(int i) const {
  return parameters_.view(node_.first_parameter + i);
}

const std::string& LayerWriter::parameter_name(int i) const {
  return parameters_.info(node_.first_parameter + i).name;
}

std::string LayerWriter::WriteVector(int i) {
  return writer_.Floats(parameter_name(i), {parameter(i).size()},
                        parameter(i).span());
}

std::string LayerWriter::WriteFeatures(int i) {
  const Shape& unordered = inputs_[0].unordered;
  if (unordered.rank() == 0) return WriteVector(i);
  const int64_t channels = unordered.dim(unordered.rank() - 1);
  return writer_.Floats(
      parameter_name(i), {parameter(i).size()},
      TransposeEach(parameter(i).span(), 1, PositionsOf(unordered), channels));
}

Result LayerWriter::WriteKind(const AddLayer&) {
  const bool repeats = std::any_of(
      inputs_.begin(), inputs_.end(),
      [&](const OnnxValue& input) { return input.shape != node_.output; });
  // Version 8 is the first that repeats the inputs of Sum.
  if (inputs_.size() > 2 && repeats && writer_.opset() < 8) {
    std::string sum = x();
    for (size_t i = 1; i < inputs_.size(); ++i) {
      sum = writer_.Add("Add", {sum, inputs_[i].name});
    }
    return Pointwise(sum);
  }
  return Pointwise(
      writer_.Add(inputs_.size() == 2 ? "Add" : "Sum", InputNames()));
}

Result LayerWriter::WriteKind(const MulLayer&) {
  return Pointwise(writer_.Add("Mul", InputNames()));
}

Result LayerWriter::WriteKind(const ConcatSpec& spec) {
  const int channels = image().rank() - 1;
  const int64_t axis = spec.axis.value_or(channels);
  return Output(
      writer_.Add("Concat", InputNames(),
                  {{"axis", axis == channels ? int64_t{1} : axis + 2}}));
}

Result LayerWriter::WriteKind(const DropoutSpec&) { return Pointwise(x()); }

Result LayerWriter::WriteKind(const CustomLayer&) {
  return absl::UnimplementedError(
      absl::StrCat(node_.layer.type(),
                   " is a custom layer, which ONNX has no operator for"));
}

absl::StatusOr<OnnxValue> WriteLayer(const Graph::Node& node,
                                     const Parameters& parameters,
                                     std::vector<OnnxValue> inputs,
                                     bool in_order, GraphWriter& writer) {
  return LayerWriter(node, parameters, std::move(inputs), in_order, writer)
      .Write();
}

}  // namespace lenslet
