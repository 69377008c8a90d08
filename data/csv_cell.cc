#include "lenslet/data/csv_cell.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/line_reader.h"

namespace lenslet {
namespace {

// Where the first cell of `line` ends, which has quotation marks.
size_t CellEnd(absl::string_view line, char separator) {
  const size_t start = line.find_first_not_of(' ');
  if (start != line.npos && line[start] == '"') {
    size_t close = line.find('"', start + 1);
    while (close != line.npos && close + 1 < line.size() &&
           line[close + 1] == '"') {
      close = line.find('"', close + 2);
    }
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
  for (const char separator : {',', '\t', ';'}) {
    if (outside.find(separator) != outside.npos) return separator;
  }
  return ',';
}

absl::StatusOr<char> FindCsvSeparator(const std::string& path,
                                      std::optional<char> separator) {
  if (separator.has_value()) return *separator;
  LENSLET_ASSIGN_OR_RETURN(LineReader reader, LineReader::Open(path));
  LENSLET_ASSIGN_OR_RETURN(const bool has_line, reader.Next());
  return has_line ? GuessSeparator(reader.line()) : ',';
}

std::string SeparatorName(char separator) {
  switch (separator) {
    case ',':
      return "commas";
    case '\t':
      return "tabs";
    case ';':
      return "semicolons";
    default:
      return absl::StrCat("\"", absl::string_view(&separator, 1), "\"");
  }
}

std::optional<absl::string_view> UnquotedCell(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.find('"') == text.npos) return text;
  absl::string_view inner = text;
  if (text.size() < 2 || !absl::ConsumePrefix(&inner, "\"") ||
      !absl::ConsumeSuffix(&inner, "\"") || inner.find('"') != inner.npos) {
    return std::nullopt;
  }
  return inner;
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

bool LooksLikeNumber(absl::string_view text) {
  double value;
  return std::any_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtod(text, &value);
}

}  // namespace lenslet
