// Errors of nodes that cannot be imported. What reports them names the node.

#ifndef LENSLET_ONNX_IMPORT_ERRORS_H_
#define LENSLET_ONNX_IMPORT_ERRORS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/text_format.h"
#include "lenslet/onnx/nearest_form.h"

namespace lenslet {

// Of a node that no ONNX model may have.
inline absl::Status Wrong(const std::string& reason) {
  return absl::InvalidArgumentError(reason);
}

// Of a node that layers lack.
inline absl::Status Lacking(const std::string& reason) {
  return absl::UnimplementedError(reason);
}

inline absl::Status NoLayer(absl::string_view type) {
  return Lacking(absl::StrCat("no layer computes it", NearestForm(type)));
}

// "1 number", "2 numbers"
inline std::string Numbers(int64_t count) { return CountText(count, "number"); }

}  // namespace lenslet

#endif  // LENSLET_ONNX_IMPORT_ERRORS_H_
