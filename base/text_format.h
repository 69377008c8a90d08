// Numbers and durations for people, and the cells of tables of comma-separated
// values for programs.

#ifndef LENSLET_BASE_TEXT_FORMAT_H_
#define LENSLET_BASE_TEXT_FORMAT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace lenslet {

// "117,600", "-1,234"
std::string WithCommas(int64_t number);

// Of the nearest whole number, as WithCommas(); from 1e15 on six significant
// digits: "2.5e+17". "nan", "inf", "-inf" for what is not finite.
std::string RoundedWithCommas(double number);

// `decimals` digits after the point: "0.4711". From 1e4 on, where those say
// nothing, `digits` significant digits instead: "123456", "1.235e+05". "nan",
// "inf", "-inf" for what is not finite.
std::string NumberText(double number, int decimals, int digits);

// Between the numbers and units of durations, and what they leave out.
struct DurationFormat {
  // Between a number and its unit.
  absl::string_view space = " ";
  // Below 10 seconds: "4.2 s", not "4 s".
  bool tenths = true;
  // "3 min 0 s", not "3 min".
  bool zeros = false;
};

// "4.2 s", "48 s", "3 min 5 s", "2 h 10 min"; "not finite" for what is not
// finite or below 0.
std::string DurationText(double seconds, const DurationFormat& format = {});

// One cell. A text is quoted where it needs to be (RFC 4180). A number has the
// fewest digits that are read back as the same double, or `digits` significant
// ones; what is not finite is "nan", "inf", "-inf", and what is absent "".
std::string CsvCell(absl::string_view text);
std::string CsvCell(int64_t number);
std::string CsvCell(double number);
std::string CsvCell(double number, int digits);
std::string CsvCell(const std::optional<double>& number);
std::string CsvCell(const std::optional<double>& number, int digits);
// "true" or "false".
std::string CsvCell(bool value);
// Not bool's.
inline std::string CsvCell(const char* text) {
  return CsvCell(absl::string_view(text));
}

}  // namespace lenslet

#endif  // LENSLET_BASE_TEXT_FORMAT_H_
