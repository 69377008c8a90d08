// What an ONNX graph says of its values, before its nodes are read.

#ifndef LENSLET_ONNX_IMPORT_NAMES_H_
#define LENSLET_ONNX_IMPORT_NAMES_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lenslet/onnx/constant.h"
#include "onnx/onnx.pb.h"

namespace lenslet {

// What a model says of its values.
struct ImportedNames {
  std::string input;
  // The number of images that the model is for; 1 also if it is not stated.
  int64_t images = 1;
  bool is_for_one = false;  // It is stated, and 1.
  // For each value, the nodes that read it, as well as the output.
  std::map<std::string, int> readers;
  // The output, and the values that only nodes that change nothing separate
  // from it.
  std::set<std::string> last;
  // The same, with nodes that only reshape.
  std::set<std::string> last_reshaped;
  // The same as `last`, with sigmoids.
  std::set<std::string> last_numbers;
  // Those that a Transpose reads, or will after functions of their numbers,
  // unless it moves the channels of images from the first axis to the last.
  std::set<std::string> transposed;
  // The sizes after the batch, of values for which all are stated.
  std::map<std::string, Ints> sizes;
};

// The nodes that the value depends on.
std::vector<bool> UsedNodes(const onnx::GraphProto& graph,
                            const std::string& value);

// Of the nodes that are used, which make the output of the input.
ImportedNames NamesOf(const onnx::GraphProto& graph,
                      const std::vector<bool>& used,
                      const onnx::ValueInfoProto& input,
                      const std::string& output);

}  // namespace lenslet

#endif  // LENSLET_ONNX_IMPORT_NAMES_H_
