#include "lenslet/base/wrap_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lenslet/base/utf8.h"

namespace lenslet {

std::string WrapText(absl::string_view text, absl::string_view first,
                     absl::string_view next, int64_t width) {
  std::string wrapped;
  std::string line(first);
  bool has_words = false;
  for (const absl::string_view word :
       absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (has_words &&
        CountCharacters(line) + 1 + CountCharacters(word) > width) {
      absl::StrAppend(&wrapped, line, "\n");
      line = std::string(next);
      has_words = false;
    }
    absl::StrAppend(&line, has_words ? " " : "", word);
    has_words = true;
  }
  return absl::StrCat(wrapped, line, "\n");
}

}  // namespace lenslet
