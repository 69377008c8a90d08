// What to do about nodes that are no layers.

#ifndef LENSLET_ONNX_NEAREST_FORM_H_
#define LENSLET_ONNX_NEAREST_FORM_H_

#include "absl/strings/string_view.h"

namespace lenslet {

// Returns the nearest form that is imported in place of an operator that is
// not, as the rest of an error: "; expected ...". "" if none is near.
absl::string_view NearestForm(absl::string_view op_type);

}  // namespace lenslet

#endif  // LENSLET_ONNX_NEAREST_FORM_H_
