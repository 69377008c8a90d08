// Reads the attributes of an ONNX node, with their defaults.

#ifndef LENSLET_ONNX_NODE_READER_H_
#define LENSLET_ONNX_NODE_READER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "onnx/onnx.pb.h"

namespace lenslet {

// Refers to the node, which must outlive it. Functions return `otherwise` for
// an attribute that is absent. Errors: InvalidArgument, naming the attribute,
// for one of another type.
class NodeReader {
 public:
  explicit NodeReader(const onnx::NodeProto& node) : node_(node) {}

  const onnx::NodeProto& node() const { return node_; }
  const std::string& type() const { return node_.op_type(); }

  int input_count() const { return node_.input_size(); }
  // Whether input `i` is given. Optional inputs may be "".
  bool HasInput(int i) const {
    return i < node_.input_size() && !node_.input(i).empty();
  }
  const std::string& input(int i) const { return node_.input(i); }
  const std::string& output() const { return node_.output(0); }

  bool Has(absl::string_view name) const { return Find(name) != nullptr; }
  absl::StatusOr<int64_t> Int(absl::string_view name, int64_t otherwise) const;
  absl::StatusOr<float> Float(absl::string_view name, float otherwise) const;
  absl::StatusOr<std::string> Text(absl::string_view name,
                                   const std::string& otherwise) const;
  // {} if it is absent.
  absl::StatusOr<std::vector<float>> Floats(absl::string_view name) const;
  absl::StatusOr<std::vector<int64_t>> Ints(
      absl::string_view name, std::vector<int64_t> otherwise) const;
  // nullptr if it is absent or no tensor, or no graph.
  const onnx::TensorProto* Tensor(absl::string_view name) const;
  const onnx::GraphProto* Graph(absl::string_view name) const;

 private:
  const onnx::AttributeProto* Find(absl::string_view name) const;

  const onnx::NodeProto& node_;
};

}  // namespace lenslet

#endif  // LENSLET_ONNX_NODE_READER_H_
