#include "lenslet/layers/custom_layer.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/memory.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layer_kinds.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/cost.h"

namespace lenslet {
namespace {

class CustomKernel : public Kernel {
 public:
  CustomKernel(std::shared_ptr<const CustomOperator> op, Shapes inputs,
               const LayerInfo& info)
      : op_(std::move(op)),
        input_shapes_(inputs.begin(), inputs.end()),
        output_shape_(info.output),
        inputs_(inputs.size()),
        input_gradients_(inputs.size()) {
    for (const ParameterInfo& parameter : info.parameters) {
      parameter_shapes_.push_back(parameter.shape);
    }
    parameters_.resize(parameter_shapes_.size());
    parameter_gradients_.resize(parameter_shapes_.size());
  }

  absl::Status Bind(KernelBuffers buffers) override {
    if (buffers.output_gradient != nullptr && !op_->HasBackward()) {
      return absl::UnimplementedError(
          absl::StrCat(op_->Kind(),
                       " has no backward pass; expected one, for parameters "
                       "that training changes up to this layer"));
    }
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    for (size_t i = 0; i < parameters_.size(); ++i) {
      parameters_[i] = {ParameterData(i), parameter_shapes_[i]};
    }
    return absl::OkStatus();
  }

  void Seed(uint64_t seed) override { seed_ = seed; }

  void Forward(int64_t images) override {
    SetInputs(images);
    op_->Forward({.inputs = inputs_,
                  .parameters = parameters_,
                  .output = {OutputData(), *output_shape_.WithOuter(images)},
                  .training = buffers().training,
                  .seed = seed_});
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    SetInputs(images);
    for (size_t i = 0; i < input_gradients_.size(); ++i) {
      input_gradients_[i] =
          Wanted(buffers().input_gradients[i], inputs_[i].shape());
    }
    for (size_t i = 0; i < parameter_gradients_.size(); ++i) {
      parameter_gradients_[i] =
          Wanted(parameter_gradients[i], parameter_shapes_[i]);
    }
    const Shape output = *output_shape_.WithOuter(images);
    op_->Backward({.inputs = inputs_,
                   .parameters = parameters_,
                   .output = {OutputData(), output},
                   .seed = seed_,
                   .output_gradient = {buffers().output_gradient, output},
                   .input_gradients = input_gradients_,
                   .parameter_gradients = parameter_gradients_});
  }

 private:
  static View<float> Wanted(float* gradient, const Shape& shape) {
    return gradient == nullptr ? View<float>() : View<float>(gradient, shape);
  }

  void SetInputs(int64_t images) {
    for (size_t i = 0; i < inputs_.size(); ++i) {
      inputs_[i] = {InputData(i), *input_shapes_[i].WithOuter(images)};
    }
  }

  const std::shared_ptr<const CustomOperator> op_;
  const std::vector<Shape> input_shapes_;
  const Shape output_shape_;
  std::vector<Shape> parameter_shapes_;
  uint64_t seed_ = 0;
  // What calls refer to, here so that they allocate nothing.
  std::vector<View<const float>> inputs_;
  std::vector<View<const float>> parameters_;
  std::vector<View<float>> input_gradients_;
  std::vector<View<float>> parameter_gradients_;
};

absl::Status CheckKind(const std::string& kind) {
  if (!kind.empty() && absl::ascii_isupper(kind[0]) &&
      std::all_of(kind.begin(), kind.end(), absl::ascii_isalnum)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("kind of the custom layer is ", QuotedName(kind),
                   "; expected a capital letter, then letters and digits"));
}

absl::Status CheckParameter(const ParameterInfo& parameter) {
  const auto error = [&](absl::string_view reason) {
    return absl::InvalidArgumentError(
        absl::StrCat("parameter ", QuotedName(parameter.name), ": ", reason));
  };
  if (parameter.name.empty() ||
      !std::all_of(parameter.name.begin(), parameter.name.end(),
                   [](char c) { return absl::ascii_isalnum(c) || c == '_'; })) {
    return error("invalid name; expected letters, digits and _");
  }
  const Shape& shape = parameter.shape;
  if (shape.rank() < 1 || shape.elements() == 0) {
    return error(absl::StrCat("shape is ", shape.ToString(),
                              "; expected at least 1 dimension and 1 element"));
  }
  if (parameter.fan_in < 1 || parameter.fan_out < 1) {
    return error(absl::StrCat("fan_in is ", parameter.fan_in, " and fan_out ",
                              parameter.fan_out, "; expected at least 1"));
  }
  if (parameter.type != ElementType::kFloat32) {
    return error(
        absl::StrCat("type is ", Name(parameter.type), "; expected float32"));
  }
  if (IsStatistic(parameter.role) && parameter.trainable) {
    return error("trainable is true; expected false for a statistic");
  }
  return absl::OkStatus();
}

absl::Status CheckInfo(const LayerInfo& info) {
  constexpr int kMaxRank = Shape::kMaxRank - 1;
  const Shape& output = info.output;
  if (output.rank() < 1 || output.rank() > kMaxRank || output.elements() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("output has shape ", output.ToString(), "; expected 1 to ",
                     kMaxRank, " dimensions and at least 1 element"));
  }
  if (info.type != ElementType::kFloat32) {
    return absl::InvalidArgumentError(absl::StrCat(
        "output has type ", Name(info.type), "; expected float32"));
  }
  std::set<absl::string_view> names;
  for (const ParameterInfo& parameter : info.parameters) {
    LENSLET_RETURN_IF_ERROR(CheckParameter(parameter));
    if (!names.insert(parameter.name).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          "parameter ", QuotedName(parameter.name), ": duplicate name"));
    }
  }
  if (info.cost.multiply_adds < 0 || info.cost.other_operations < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cost is ", info.cost.multiply_adds, " multiply_adds and ",
        info.cost.other_operations, " other_operations; expected at least 0"));
  }
  return absl::OkStatus();
}

absl::Status SetBytesOfShapes(Shapes inputs, LayerInfo& info) {
  FloatCounts floats = {.output = info.output.elements()};
  for (const Shape& input : inputs) {
    floats.input = AddSizes(floats.input, input.elements());
  }
  for (const ParameterInfo& parameter : info.parameters) {
    floats.weight = AddSizes(floats.weight, parameter.shape.elements());
  }
  return SetBytes(floats, info.cost);
}

}  // namespace

std::string TypeOf(const CustomLayer& layer) {
  return layer.op == nullptr ? "Custom" : layer.op->Kind();
}

std::string DetailsOf(const CustomLayer&) { return ""; }

absl::StatusOr<LayerInfo> Infer(const CustomLayer& layer, Shapes inputs) {
  if (layer.op == nullptr) {
    return absl::InvalidArgumentError(
        "operator of the custom layer is null; expected a CustomOperator");
  }
  const CustomOperator& op = *layer.op;
  LENSLET_RETURN_IF_ERROR(CheckKind(op.Kind()));
  const int count = op.InputCount();
  if (count < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("InputCount() is ", count, "; expected at least 1"));
  }
  if (static_cast<int>(inputs.size()) != count) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has ", CountText(inputs.size(), "input"), "; expected ", count));
  }
  LENSLET_ASSIGN_OR_RETURN(LayerInfo info, op.Infer(inputs));
  LENSLET_RETURN_IF_ERROR(CheckInfo(info));
  LENSLET_RETURN_IF_ERROR(SetBytesOfShapes(inputs, info));
  if (info.reach == Reach::kWindow) {
    LENSLET_ASSIGN_OR_RETURN(
        info.window,
        Resolve(info.window, Axes::Filled(info.window.kernel.rank(), 1)));
  }
  return info;
}

KernelOr MakeKernel(const CustomLayer& layer, Backend, Shapes inputs, int64_t) {
  LENSLET_ASSIGN_OR_RETURN(const LayerInfo info, Infer(layer, inputs));
  return std::make_unique<CustomKernel>(layer.op, inputs, info);
}

}  // namespace lenslet
