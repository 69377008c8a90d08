#include "lenslet/base/number_text.h"

#include "absl/strings/str_cat.h"

namespace lenslet {

std::string WithCommas(int64_t number) {
  std::string text = absl::StrCat(number);
  const int first_digit = number < 0 ? 1 : 0;
  for (int at = static_cast<int>(text.size()) - 3; at > first_digit; at -= 3) {
    text.insert(at, 1, ',');
  }
  return text;
}

}  // namespace lenslet
