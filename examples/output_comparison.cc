#include "lenslet/examples/output_comparison.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace lenslet {
namespace {

bool IsPicture(absl::string_view line) { return absl::StartsWith(line, "|"); }

bool SameWord(absl::string_view a, absl::string_view b, double tolerance) {
  if (a == b) return true;
  for (absl::string_view ending : {",", "%"}) {
    if (absl::EndsWith(a, ending) && absl::EndsWith(b, ending)) {
      a.remove_suffix(1);
      b.remove_suffix(1);
    }
  }
  double x;
  double y;
  return absl::SimpleAtod(a, &x) && absl::SimpleAtod(b, &y) &&
         std::abs(x - y) <= tolerance;
}

bool SameWords(absl::string_view a, absl::string_view b, double tolerance) {
  const std::vector<absl::string_view> words_a =
      absl::StrSplit(a, ' ', absl::SkipEmpty());
  const std::vector<absl::string_view> words_b =
      absl::StrSplit(b, ' ', absl::SkipEmpty());
  return std::equal(words_a.begin(), words_a.end(), words_b.begin(),
                    words_b.end(),
                    [&](absl::string_view a, absl::string_view b) {
                      return SameWord(a, b, tolerance);
                    });
}

}  // namespace

absl::Status CompareOutput(absl::string_view expected, absl::string_view actual,
                           const OutputTolerance& tolerance) {
  const std::vector<absl::string_view> expected_lines =
      absl::StrSplit(expected, '\n');
  const std::vector<absl::string_view> actual_lines =
      absl::StrSplit(actual, '\n');
  if (expected_lines.size() != actual_lines.size()) {
    return absl::OutOfRangeError(absl::StrCat(actual_lines.size() - 1,
                                              " lines; expected ",
                                              expected_lines.size() - 1));
  }
  int64_t letters = 0;
  int64_t other_letters = 0;
  for (size_t i = 0; i < expected_lines.size(); ++i) {
    const absl::string_view a = expected_lines[i];
    const absl::string_view b = actual_lines[i];
    const bool same = IsPicture(a) ? IsPicture(b) && a.size() == b.size()
                                   : SameWords(a, b, tolerance.numbers);
    if (!same) {
      return absl::OutOfRangeError(
          absl::StrCat("line ", i + 1, " is\n", b, "\nexpected\n", a));
    }
    if (IsPicture(a)) {
      letters += a.size();
      for (size_t k = 0; k < a.size(); ++k) other_letters += a[k] != b[k];
    }
  }
  if (other_letters > tolerance.letters * letters) {
    return absl::OutOfRangeError(absl::StrCat(
        other_letters, " of the pictures' ", letters, " letters differ"));
  }
  return absl::OkStatus();
}

}  // namespace lenslet
