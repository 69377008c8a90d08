// The models of the zoo, as texts.

#ifndef LENSLET_MODELS_ZOO_TEXTS_H_
#define LENSLET_MODELS_ZOO_TEXTS_H_

#include "absl/types/span.h"
#include "lenslet/base/named_text.h"

namespace lenslet {

// Each file models/NAME.textproto, in the order of the names.
absl::Span<const NamedText> ZooTexts();

}  // namespace lenslet

#endif  // LENSLET_MODELS_ZOO_TEXTS_H_
