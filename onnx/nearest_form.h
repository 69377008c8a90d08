// What to do about nodes that are no layers.

#ifndef LENSLET_ONNX_NEAREST_FORM_H_
#define LENSLET_ONNX_NEAREST_FORM_H_

#include "absl/strings/string_view.h"

namespace lenslet {

// Returns the nearest form that is imported in place of an operator that is
// not, as the rest of an error: "; expected ...". "" if none is near.
absl::string_view NearestForm(absl::string_view op_type);

// Whether the operator's first output has the shape of its first input. Known
// of those that are not read, or only in some places.
bool KeepsShape(absl::string_view op_type);

}  // namespace lenslet

#endif  // LENSLET_ONNX_NEAREST_FORM_H_
