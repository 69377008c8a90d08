#include "lenslet/data/csv_cell.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace lenslet {
namespace {

// The mark that closes a cell, at or after `start`; npos if there is none. Two
// marks are one of the text.
size_t ClosingMark(absl::string_view line, size_t start) {
  size_t close = line.find('"', start);
  while (close != line.npos && close + 1 < line.size() &&
         line[close + 1] == '"') {
    close = line.find('"', close + 2);
  }
  return close;
}

// The mark that opens the first cell of `line`; npos if none does.
size_t OpeningMark(absl::string_view line) {
  const size_t start = line.find_first_not_of(' ');
  return start != line.npos && line[start] == '"' ? start : line.npos;
}

// Where the first cell of `line` ends, which has quotation marks.
size_t CellEnd(absl::string_view line, char separator) {
  if (const size_t open = OpeningMark(line); open != line.npos) {
    const size_t close = ClosingMark(line, open + 1);
    // A mark that nothing closes is part of the text.
    if (close != line.npos) return line.find(separator, close + 1);
  }
  return line.find(separator);
}

}  // namespace

bool CsvCells::Next() {
  if (ended_) return false;
  const size_t end =
      has_quotes_ ? CellEnd(line_, separator_) : line_.find(separator_);
  cell_ = line_.substr(0, end);
  ended_ = end == line_.npos;
  if (!ended_) line_.remove_prefix(end + 1);
  return true;
}

QuoteState QuotesAfter(absl::string_view line, char separator, bool is_inside) {
  if (is_inside) {
    const size_t close = ClosingMark(line, 0);
    if (close == line.npos) return QuoteState::kInside;
    line.remove_prefix(close + 1);
    const size_t next = line.find_first_not_of(' ');
    if (next == line.npos) return QuoteState::kOutside;
    if (line[next] != separator) return QuoteState::kWrong;
    line.remove_prefix(next + 1);
  }
  for (size_t mark = line.find('"'); mark != line.npos; mark = line.find('"')) {
    // The cells before the one with the mark have none.
    const size_t before = line.substr(0, mark).rfind(separator);
    if (before != line.npos) line.remove_prefix(before + 1);
    size_t end = line.find(separator);
    if (const size_t open = OpeningMark(line); open != line.npos) {
      const size_t close = ClosingMark(line, open + 1);
      if (close == line.npos) return QuoteState::kInside;
      end = line.find(separator, close + 1);
    }
    if (end == line.npos) break;
    line.remove_prefix(end + 1);
  }
  return QuoteState::kOutside;
}

int64_t CountCells(absl::string_view line, char separator) {
  if (line.find('"') == line.npos) {
    return std::count(line.begin(), line.end(), separator) + 1;
  }
  int64_t count = 0;
  for (CsvCells cells(line, separator); cells.Next();) ++count;
  return count;
}

std::vector<absl::string_view> SplitCells(absl::string_view line,
                                          char separator) {
  std::vector<absl::string_view> result;
  for (CsvCells cells(line, separator); cells.Next();) {
    result.push_back(cells.cell());
  }
  return result;
}

char GuessSeparator(absl::string_view first_line) {
  std::string outside;
  bool is_quoted = false;
  for (const char c : first_line) {
    if (c == '"') is_quoted = !is_quoted;
    if (!is_quoted) outside += c;
  }
  const auto has = [&](char c) { return outside.find(c) != outside.npos; };
  if (has(',')) {
    for (const char separator : {';', '\t', '|'}) {
      if (!has(separator)) continue;
      const std::vector<absl::string_view> cells =
          SplitCells(outside, separator);
      const bool are_decimal =
          std::all_of(cells.begin(), cells.end(), [](absl::string_view cell) {
            return cell.find(',') == cell.npos || HasDecimalComma(cell);
          });
      if (are_decimal) return separator;
    }
    return ',';
  }
  for (const char separator : {'\t', ';', '|'}) {
    if (has(separator)) return separator;
  }
  return ',';
}

std::string SeparatorName(char separator) {
  switch (separator) {
    case ',':
      return "commas";
    case '\t':
      return "tabs";
    case ';':
      return "semicolons";
    case '|':
      return "bars";
    default:
      return absl::StrCat("\"", absl::string_view(&separator, 1), "\"");
  }
}

std::optional<absl::string_view> UnquotedCell(absl::string_view text,
                                              std::string& room) {
  text = absl::StripAsciiWhitespace(text);
  if (text.find('"') == text.npos) return text;
  absl::string_view inner = text;
  if (text.size() < 2 || !absl::ConsumePrefix(&inner, "\"") ||
      !absl::ConsumeSuffix(&inner, "\"")) {
    return std::nullopt;
  }
  if (inner.find('"') == inner.npos) return inner;
  room.clear();
  for (size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] == '"' && (++i == inner.size() || inner[i] != '"')) {
      return std::nullopt;
    }
    room += inner[i];
  }
  return room;
}

std::optional<uint8_t> ParseByte(absl::string_view text) {
  if (text.empty()) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (!absl::ascii_isdigit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
    if (value > std::numeric_limits<uint8_t>::max()) return std::nullopt;
  }
  return static_cast<uint8_t>(value);
}

std::optional<CsvWholeNumber> ParseWholeNumber(absl::string_view text) {
  constexpr size_t kMostDigits = 18;
  const bool is_negative = absl::ConsumePrefix(&text, "-");
  const size_t sign = !is_negative && absl::StartsWith(text, "+") ? 1 : 0;
  const size_t point = text.find('.');
  if (point != text.npos) {
    const absl::string_view fraction = text.substr(point + 1);
    if (fraction.find_first_not_of('0') != fraction.npos) return std::nullopt;
    text = text.substr(0, point);
  }
  if (text.size() == sign || text.size() > kMostDigits) return std::nullopt;
  int64_t value = 0;
  for (const char c : text.substr(sign)) {
    if (!absl::ascii_isdigit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return CsvWholeNumber{.value = is_negative ? -value : value, .digits = text};
}

bool ParseCsvFloat(absl::string_view text, float& number) {
  return text.find_first_of("xX") == text.npos &&
         absl::SimpleAtof(text, &number);
}

bool LooksLikeNumber(absl::string_view text) {
  float value;
  return std::any_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         ParseCsvFloat(text, value);
}

bool AreNumbersOfColumns(absl::Span<const absl::string_view> cells) {
  std::vector<double> numbers;
  for (const absl::string_view cell : cells) {
    double number;
    if (LooksLikeNumber(cell) && absl::SimpleAtod(cell, &number)) {
      numbers.push_back(number);
    }
  }
  if (numbers.size() < 2) return false;
  if (numbers.size() == 2) return numbers[0] == 0 && numbers[1] == 1;
  const double step = numbers[1] - numbers[0];
  for (size_t i = 2; i < numbers.size(); ++i) {
    // Decimals are not exact in binary.
    const double difference = numbers[i] - numbers[i - 1] - step;
    if (std::abs(difference) > 1e-6 * std::abs(step)) return false;
  }
  return step != 0;
}

bool CountColumns(absl::Span<const absl::string_view> cells) {
  constexpr size_t kFewestColumns = 3;
  if (cells.size() < 2) return false;
  const bool numbers_rows = cells[0].empty();
  if (!numbers_rows && cells.size() < kFewestColumns) return false;
  if (numbers_rows) cells.remove_prefix(1);
  const int64_t first = !numbers_rows && cells[0] == "1" ? 1 : 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (cells[i] != absl::StrCat(first + static_cast<int64_t>(i))) return false;
  }
  return true;
}

bool HasDecimalComma(absl::string_view text) {
  return text.find(',') != text.npos && text.find('.') == text.npos &&
         LooksLikeNumber(absl::StrReplaceAll(text, {{",", "."}}));
}

bool MayHaveThousands(absl::string_view text, char mark) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    text.remove_prefix(1);
  }
  const size_t place = text.find(mark);
  if (place < 1 || place > 3 || text.size() != place + 4 || text[0] == '0') {
    return false;
  }
  const auto are_digits = [](absl::string_view part) {
    return std::all_of(part.begin(), part.end(), absl::ascii_isdigit);
  };
  return are_digits(text.substr(0, place)) &&
         are_digits(text.substr(place + 1));
}

}  // namespace lenslet
