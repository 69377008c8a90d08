// A text that is compiled in (base/named_texts.bzl).

#ifndef LENSLET_BASE_NAMED_TEXT_H_
#define LENSLET_BASE_NAMED_TEXT_H_

#include "absl/strings/string_view.h"

namespace lenslet {

struct NamedText {
  const char* name;
  absl::string_view text;
};

}  // namespace lenslet

#endif  // LENSLET_BASE_NAMED_TEXT_H_
