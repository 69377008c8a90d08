#include "lenslet/onnx/graph_writer.h"

#include <bit>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "lenslet/base/check.h"
#include "lenslet/base/overloaded.h"

namespace lenslet {
namespace {

static_assert(std::endian::native == std::endian::little,
              "raw_data is little-endian");

onnx::AttributeProto AttributeOf(const char* name, const OnnxAttribute& value) {
  onnx::AttributeProto attribute;
  attribute.set_name(name);
  std::visit(Overloaded{[&](int64_t number) {
                          attribute.set_type(onnx::AttributeProto::INT);
                          attribute.set_i(number);
                        },
                        [&](float number) {
                          attribute.set_type(onnx::AttributeProto::FLOAT);
                          attribute.set_f(number);
                        },
                        [&](const std::string& text) {
                          attribute.set_type(onnx::AttributeProto::STRING);
                          attribute.set_s(text);
                        },
                        [&](const Ints& numbers) {
                          attribute.set_type(onnx::AttributeProto::INTS);
                          attribute.mutable_ints()->Add(numbers.begin(),
                                                        numbers.end());
                        }},
             value);
  return attribute;
}

}  // namespace

std::string GraphWriter::Unique(const std::string& name) {
  std::string unique = name;
  for (int i = 2; !names_.insert(unique).second; ++i) {
    unique = absl::StrCat(name, "_", i);
  }
  return unique;
}

std::string GraphWriter::NameLast() {
  onnx::NodeProto& node = *graph_.mutable_node()->rbegin();
  node.set_name(layer_);
  node.set_output(0, layer_);
  return layer_;
}

std::string GraphWriter::Add(const char* type, std::vector<std::string> inputs,
                             const OnnxAttributes& attributes) {
  onnx::NodeProto& node = *graph_.add_node();
  const std::string name = Unique(absl::StrCat(layer_, "/", type));
  node.set_name(name);
  node.set_op_type(type);
  for (std::string& input : inputs) node.add_input(std::move(input));
  node.add_output(name);
  for (const auto& [key, value] : attributes) {
    *node.add_attribute() = AttributeOf(key, value);
  }
  return name;
}

onnx::TensorProto& GraphWriter::AddConstant(const std::string& name,
                                            const Ints& shape,
                                            onnx::TensorProto::DataType type,
                                            const void* values, size_t bytes) {
  onnx::TensorProto& tensor = *graph_.add_initializer();
  tensor.set_name(Unique(name));
  tensor.mutable_dims()->Add(shape.begin(), shape.end());
  tensor.set_data_type(type);
  tensor.set_raw_data(values, bytes);
  return tensor;
}

std::string GraphWriter::Floats(const std::string& name, const Ints& shape,
                                absl::Span<const float> values) {
  return AddConstant(name, shape, onnx::TensorProto::FLOAT, values.data(),
                     values.size() * sizeof(float))
      .name();
}

std::string GraphWriter::Numbers(const std::string& name,
                                 absl::Span<const int64_t> values) {
  return AddConstant(name, {static_cast<int64_t>(values.size())},
                     onnx::TensorProto::INT64, values.data(),
                     values.size() * sizeof(int64_t))
      .name();
}

std::string GraphWriter::Scalar(const std::string& name, float value) {
  return Floats(name, {}, absl::MakeConstSpan(&value, 1));
}

std::string GraphWriter::Reshape(const std::string& x, const Ints& shape) {
  return Add("Reshape", {x, Numbers(absl::StrCat(layer_, "/shape"), shape)});
}

std::string GraphWriter::Transpose(const std::string& x, const Ints& order) {
  return Add("Transpose", {x}, {{"perm", order}});
}

std::string GraphWriter::Slice(const std::string& x, const Ints& axes,
                               const Ints& begins, const Ints& ends,
                               const Ints& steps) {
  if (opset_ < 10) {
    for (const int64_t step : steps) LENSLET_CHECK(step == 1);
    return Add("Slice", {x},
               {{"axes", axes}, {"ends", ends}, {"starts", begins}});
  }
  const auto constant = [&](const char* name, const Ints& values) {
    return Numbers(absl::StrCat(layer_, "/", name), values);
  };
  return Add("Slice", {x, constant("starts", begins), constant("ends", ends),
                       constant("axes", axes), constant("steps", steps)});
}

std::string GraphWriter::Unsqueeze(const std::string& x, int64_t axis) {
  if (opset_ < 13) return Add("Unsqueeze", {x}, {{"axes", Ints{axis}}});
  return Add("Unsqueeze", {x, Numbers(absl::StrCat(layer_, "/axes"), {axis})});
}

std::string GraphWriter::Reduce(const char* type, const std::string& x,
                                const Ints& axes, bool keep_axes) {
  const OnnxAttribute keepdims = static_cast<int64_t>(keep_axes);
  // ReduceSum was the first to take its axes from an input.
  const int first_version = absl::string_view(type) == "ReduceSum" ? 13 : 18;
  if (opset_ < first_version) {
    return Add(type, {x}, {{"axes", axes}, {"keepdims", keepdims}});
  }
  return Add(type, {x, Numbers(absl::StrCat(layer_, "/axes"), axes)},
             {{"keepdims", keepdims}});
}

std::string GraphWriter::Pad(const std::string& x, const Ints& pads,
                             const char* mode, float value) {
  if (opset_ < 11) {
    return Add("Pad", {x},
               {{"mode", std::string(mode)}, {"pads", pads}, {"value", value}});
  }
  std::vector<std::string> inputs = {
      x, Numbers(absl::StrCat(layer_, "/pads"), pads)};
  if (value != 0)
    inputs.push_back(Scalar(absl::StrCat(layer_, "/value"), value));
  return Add("Pad", std::move(inputs), {{"mode", std::string(mode)}});
}

}  // namespace lenslet
