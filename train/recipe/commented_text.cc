#include "lenslet/train/recipe/commented_text.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/printable.h"

namespace lenslet {

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"",
                      Printable(text) == text ? absl::Utf8SafeCEscape(text)
                                              : absl::CEscape(text),
                      "\"");
}

std::string ListText(const Shape& shape) {
  return absl::StrCat("[", absl::StrJoin(shape.dims(), ", "), "]");
}

}  // namespace lenslet
