// Formats numbers and durations for people, and cells of comma-separated values
// for programs.

#ifndef LENSLET_BASE_TEXT_FORMAT_H_
#define LENSLET_BASE_TEXT_FORMAT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace lenslet {

// "117,600", "-1,234"
std::string WithCommas(int64_t number);

// "1 input", "2 inputs": a noun whose plural ends in s.
std::string CountText(int64_t count, absl::string_view noun);

// The nearest whole number, as WithCommas(). Numbers of magnitude 1e15 or more
// have six significant digits: "2.5e+17". Non-finite numbers are "nan", "inf"
// or "-inf".
std::string RoundedWithCommas(double number);

// `decimals` digits after the point: "0.4711". Numbers of magnitude 1e4 or more
// have `digits` significant digits instead: "123456", "1.235e+05". Non-finite
// numbers are "nan", "inf" or "-inf".
std::string NumberText(double number, int decimals, int digits);

// How DurationText() formats a duration.
struct DurationFormat {
  // Goes between a number and its unit.
  absl::string_view space = " ";
  // Whether durations below 10 seconds have tenths: "4.2 s", not "4 s".
  bool tenths = true;
  // Whether to show a smaller unit that is zero: "3 min 0 s", not "3 min".
  bool zeros = false;
};

// "4.2 s", "48 s", "3 min 5 s", "2 h 10 min"; "not finite" for a negative or
// non-finite number.
std::string DurationText(double seconds, const DurationFormat& format = {});

// Each returns one cell. Text is quoted only if necessary (RFC 4180). A number
// has the fewest digits that read back as the same double, or `digits`
// significant digits. Non-finite numbers are "nan", "inf" or "-inf". An absent
// number is "".
std::string CsvCell(absl::string_view text);
std::string CsvCell(int64_t number);
std::string CsvCell(double number);
std::string CsvCell(double number, int digits);
std::string CsvCell(const std::optional<double>& number);
std::string CsvCell(const std::optional<double>& number, int digits);
// "true" or "false".
std::string CsvCell(bool value);
// Keeps string literals from converting to bool.
inline std::string CsvCell(const char* text) {
  return CsvCell(absl::string_view(text));
}

}  // namespace lenslet

#endif  // LENSLET_BASE_TEXT_FORMAT_H_
