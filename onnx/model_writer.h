// Makes ONNX models for tests.

#ifndef LENSLET_ONNX_MODEL_WRITER_H_
#define LENSLET_ONNX_MODEL_WRITER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "lenslet/onnx/import.h"
#include "onnx/onnx.pb.h"

namespace lenslet {

// Builds a model as exporters write them.
class ModelWriter {
 public:
  explicit ModelWriter(int opset = 13) {
    model_.set_ir_version(8);
    model_.add_opset_import()->set_version(opset);
    model_.mutable_graph()->set_name("test");
  }

  // A size of 0 is left open.
  ModelWriter& Input(const std::string& name, std::vector<int64_t> dims) {
    Describe(*model_.mutable_graph()->add_input(), name, dims);
    return *this;
  }
  ModelWriter& Output(const std::string& name) {
    Describe(*model_.mutable_graph()->add_output(), name, {});
    return *this;
  }
  ModelWriter& Floats(const std::string& name, std::vector<int64_t> dims,
                      std::vector<float> values) {
    SetFloats(name, dims, values, *model_.mutable_graph()->add_initializer());
    return *this;
  }
  ModelWriter& Ints(const std::string& name, std::vector<int64_t> values) {
    onnx::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.add_dims(static_cast<int64_t>(values.size()));
    tensor.set_data_type(onnx::TensorProto::INT64);
    for (const int64_t value : values) tensor.add_int64_data(value);
    return *this;
  }
  // A scalar of whole numbers.
  ModelWriter& Index(const std::string& name, int64_t value) {
    Ints(name, {value});
    model_.mutable_graph()->mutable_initializer()->rbegin()->clear_dims();
    return *this;
  }
  ModelWriter& ConstantNode(const std::string& name, std::vector<int64_t> dims,
                            std::vector<float> values) {
    onnx::NodeProto& node = *model_.mutable_graph()->add_node();
    node.set_op_type("Constant");
    node.add_output(name);
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name("value");
    attribute.set_type(onnx::AttributeProto::TENSOR);
    SetFloats("", dims, values, *attribute.mutable_t());
    return *this;
  }
  ModelWriter& Node(const std::string& type, std::vector<std::string> inputs,
                    const std::string& output) {
    onnx::NodeProto& node = *model_.mutable_graph()->add_node();
    node.set_op_type(type);
    node.set_name(output + "_node");
    for (std::string& input : inputs) node.add_input(std::move(input));
    node.add_output(output);
    return *this;
  }
  // Attributes of the last node.
  ModelWriter& With(const std::string& name, int64_t value) {
    Attribute(name, onnx::AttributeProto::INT).set_i(value);
    return *this;
  }
  ModelWriter& With(const std::string& name, float value) {
    Attribute(name, onnx::AttributeProto::FLOAT).set_f(value);
    return *this;
  }
  ModelWriter& With(const std::string& name, std::vector<int64_t> values) {
    onnx::AttributeProto& attribute =
        Attribute(name, onnx::AttributeProto::INTS);
    attribute.mutable_ints()->Add(values.begin(), values.end());
    return *this;
  }
  ModelWriter& With(const std::string& name, const char* value) {
    Attribute(name, onnx::AttributeProto::STRING).set_s(value);
    return *this;
  }

  ModelWriter& Metadata(const std::string& key, const std::string& value) {
    onnx::StringStringEntryProto& entry = *model_.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
    return *this;
  }

  onnx::ModelProto& model() { return model_; }
  std::string Bytes() const { return model_.SerializeAsString(); }

 private:
  static void Describe(onnx::ValueInfoProto& info, const std::string& name,
                       const std::vector<int64_t>& dims) {
    info.set_name(name);
    onnx::TypeProto::Tensor& tensor =
        *info.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(onnx::TensorProto::FLOAT);
    for (const int64_t dim : dims) {
      auto& size = *tensor.mutable_shape()->add_dim();
      if (dim > 0) {
        size.set_dim_value(dim);
      } else {
        size.set_dim_param("open");
      }
    }
  }
  static void SetFloats(const std::string& name,
                        const std::vector<int64_t>& dims,
                        const std::vector<float>& values,
                        onnx::TensorProto& tensor) {
    tensor.set_name(name);
    tensor.mutable_dims()->Add(dims.begin(), dims.end());
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    tensor.mutable_float_data()->Add(values.begin(), values.end());
  }
  onnx::AttributeProto& Attribute(const std::string& name,
                                  onnx::AttributeProto::AttributeType type) {
    onnx::AttributeProto& attribute =
        *model_.mutable_graph()->mutable_node()->rbegin()->add_attribute();
    attribute.set_name(name);
    attribute.set_type(type);
    return attribute;
  }

  onnx::ModelProto model_;
};

// The text of ImportOnnx()'s error; "" if there is none.
inline std::string ErrorOf(const std::string& bytes,
                           const std::string& folder = "",
                           const OnnxImportOptions& options = {}) {
  return std::string(ImportOnnx(bytes, folder, options).status().message());
}

}  // namespace lenslet

#endif  // LENSLET_ONNX_MODEL_WRITER_H_
