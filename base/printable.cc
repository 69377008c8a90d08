#include "base/printable.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace lenslet {
namespace {

constexpr size_t kMostCharacters = 1000;

std::string Shortened(absl::string_view text) {
  if (text.size() <= kMostCharacters) return std::string(text);
  constexpr absl::string_view kGap = " ... ";
  const size_t kept = (kMostCharacters - kGap.size()) / 2;
  return absl::StrCat(text.substr(0, kept), kGap,
                      text.substr(text.size() - kept));
}

}  // namespace

std::string Printable(absl::string_view text) {
  std::string printable;
  for (char c : Shortened(text)) {
    if (absl::ascii_isprint(c)) {
      printable.push_back(c);
    } else {
      absl::StrAppend(&printable, absl::CHexEscape(absl::string_view(&c, 1)));
    }
  }
  return Shortened(printable);
}

}  // namespace lenslet
