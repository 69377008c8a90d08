#include "lenslet/base/text_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace lenslet {
namespace {

// Its sign is no news.
constexpr char kNan[] = "nan";

std::string SignificantDigits(double number, int digits) {
  return std::isnan(number) ? kNan : absl::StrFormat("%.*g", digits, number);
}

}  // namespace

std::string WithCommas(int64_t number) {
  std::string text = absl::StrCat(number);
  const int first_digit = number < 0 ? 1 : 0;
  for (int at = static_cast<int>(text.size()) - 3; at > first_digit; at -= 3) {
    text.insert(at, 1, ',');
  }
  return text;
}

std::string CountText(int64_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

std::string RoundedWithCommas(double number) {
  return std::abs(number) < 1e15 ? WithCommas(std::llround(number))
                                 : SignificantDigits(number, 6);
}

std::string NumberText(double number, int decimals, int digits) {
  return std::abs(number) < 1e4 ? absl::StrFormat("%.*f", decimals, number)
                                : SignificantDigits(number, digits);
}

std::string DurationText(double seconds, const DurationFormat& format) {
  if (!std::isfinite(seconds) || seconds < 0) return "not finite";
  if (format.tenths && seconds < 10) {
    return absl::StrFormat("%.1f%ss", seconds, format.space);
  }
  const int64_t whole = std::llround(std::min(seconds, 1e15));
  const auto two = [&](int64_t large, const char* large_unit, int64_t small,
                       const char* small_unit) {
    std::string text = absl::StrCat(large, format.space, large_unit);
    if (small > 0 || format.zeros) {
      absl::StrAppend(&text, " ", small, format.space, small_unit);
    }
    return text;
  };
  if (whole < 60) return absl::StrCat(whole, format.space, "s");
  if (whole < 3600) return two(whole / 60, "min", whole % 60, "s");
  return two(whole / 3600, "h", whole % 3600 / 60, "min");
}

std::string CsvCell(absl::string_view text) {
  if (text.find_first_of(",\"\r\n") == absl::string_view::npos) {
    return std::string(text);
  }
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string CsvCell(int64_t number) { return absl::StrCat(number); }

std::string CsvCell(double number) {
  if (std::isnan(number)) return kNan;
  char digits[32];
  const std::to_chars_result end =
      std::to_chars(std::begin(digits), std::end(digits), number);
  return std::string(digits, end.ptr);
}

std::string CsvCell(double number, int digits) {
  return SignificantDigits(number, digits);
}

std::string CsvCell(const std::optional<double>& number) {
  return number ? CsvCell(*number) : "";
}

std::string CsvCell(const std::optional<double>& number, int digits) {
  return number ? CsvCell(*number, digits) : "";
}

std::string CsvCell(bool value) { return value ? "true" : "false"; }

}  // namespace lenslet
