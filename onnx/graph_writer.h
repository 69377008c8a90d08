// Writes the nodes and constants of an ONNX graph.
//
// Hides how operators changed from one version of the operator set to the next:
// a Slice has attributes up to version 9 and inputs after that. Source: the
// ONNX operator schemas, https://onnx.ai/onnx/operators.

#ifndef LENSLET_ONNX_GRAPH_WRITER_H_
#define LENSLET_ONNX_GRAPH_WRITER_H_

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/onnx/constant.h"
#include "onnx/onnx.pb.h"

namespace lenslet {

// The value of a node's attribute.
using OnnxAttribute = std::variant<int64_t, float, std::string, Ints>;
using OnnxAttributes = std::vector<std::pair<const char*, OnnxAttribute>>;

// Not thread-safe.
class GraphWriter {
 public:
  // Writes to `graph`, which must outlive the writer, for this version of the
  // operator set. Does not give `reserved` names to what it writes.
  GraphWriter(int opset, std::set<std::string> reserved,
              onnx::GraphProto& graph)
      : opset_(opset), names_(std::move(reserved)), graph_(graph) {}

  int opset() const { return opset_; }

  // Names what is written from here on: "LAYER/Relu".
  void StartLayer(const std::string& name) { layer_ = name; }
  // Gives the layer's name to the node that was written last, and to its
  // output. Returns the name. No node may have read the output.
  std::string NameLast();

  // Adds a node. Returns the name of its only output.
  std::string Add(const char* type, std::vector<std::string> inputs,
                  const OnnxAttributes& attributes = {});

  // Adds constants. Return their names, which start with `name`.
  std::string Floats(const std::string& name, const Ints& shape,
                     absl::Span<const float> values);
  std::string Numbers(const std::string& name,
                      absl::Span<const int64_t> values);
  std::string Scalar(const std::string& name, float value);

  // `shape` may have 0 for the size of x along the same axis.
  std::string Reshape(const std::string& x, const Ints& shape);
  std::string Transpose(const std::string& x, const Ints& order);
  // x[..., begin : end : step, ...] along each of the axes.
  std::string Slice(const std::string& x, const Ints& axes, const Ints& begins,
                    const Ints& ends, const Ints& steps);
  // The versions before 10 know steps of 1 only.
  bool CanSliceInSteps() const { return opset_ >= 10; }
  std::string Unsqueeze(const std::string& x, int64_t axis);
  // ReduceMax, ReduceMean, ReduceSum, along the axes.
  std::string Reduce(const char* type, const std::string& x, const Ints& axes,
                     bool keep_axes);
  // `pads` has the positions to add before each axis, then those after each.
  // mode: "constant", "reflect" or "edge".
  std::string Pad(const std::string& x, const Ints& pads, const char* mode,
                  float value = 0);

 private:
  std::string Unique(const std::string& name);
  onnx::TensorProto& AddConstant(const std::string& name, const Ints& shape,
                                 onnx::TensorProto::DataType type,
                                 const void* values, size_t bytes);

  const int opset_;
  std::set<std::string> names_;
  onnx::GraphProto& graph_;
  std::string layer_;
};

}  // namespace lenslet

#endif  // LENSLET_ONNX_GRAPH_WRITER_H_
