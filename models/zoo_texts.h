// The texts of the zoo's models.

#ifndef LENSLET_MODELS_ZOO_TEXTS_H_
#define LENSLET_MODELS_ZOO_TEXTS_H_

#include "absl/types/span.h"
#include "lenslet/base/named_text.h"

namespace lenslet {

// Returns the files models/NAME.textproto, sorted by name.
absl::Span<const NamedText> ZooTexts();

}  // namespace lenslet

#endif  // LENSLET_MODELS_ZOO_TEXTS_H_
