#include "lenslet/base/natural_less.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"

namespace lenslet {

bool NaturalLess(absl::string_view a, absl::string_view b) {
  const auto digits = [](absl::string_view text) {
    size_t count = 0;
    while (count < text.size() && absl::ascii_isdigit(text[count])) ++count;
    return text.substr(0, count);
  };
  absl::string_view rest_a = a, rest_b = b;
  while (!rest_a.empty() && !rest_b.empty()) {
    absl::string_view number_a = digits(rest_a), number_b = digits(rest_b);
    if (number_a.empty() || number_b.empty()) {
      if (rest_a[0] != rest_b[0]) {
        return static_cast<uint8_t>(rest_a[0]) <
               static_cast<uint8_t>(rest_b[0]);
      }
      rest_a.remove_prefix(1);
      rest_b.remove_prefix(1);
      continue;
    }
    rest_a.remove_prefix(number_a.size());
    rest_b.remove_prefix(number_b.size());
    while (absl::ConsumePrefix(&number_a, "0")) {
    }
    while (absl::ConsumePrefix(&number_b, "0")) {
    }
    if (number_a.size() != number_b.size()) {
      return number_a.size() < number_b.size();
    }
    if (number_a != number_b) return number_a < number_b;
  }
  if (rest_a.empty() != rest_b.empty()) return rest_a.empty();
  return a < b;
}

}  // namespace lenslet
