// The cells of a CSV file, as data/csv.h reads them.

#ifndef LENSLET_DATA_CSV_CELL_H_
#define LENSLET_DATA_CSV_CELL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lenslet {

// The cells of a line, in order. A cell in quotation marks may have separators
// between them, if another mark follows in the line. Refers to the line.
class CsvCells {
 public:
  CsvCells(absl::string_view line, char separator)
      : line_(line),
        separator_(separator),
        has_quotes_(line.find('"') != line.npos) {}

  // Advances to the next cell; the first call advances to the first one.
  // Returns false after the last one. A line has at least one cell.
  bool Next();

  // The current cell, as it stands in the line.
  absl::string_view cell() const { return cell_; }

 private:
  absl::string_view line_;  // What follows the current cell.
  char separator_;
  bool has_quotes_;
  bool ended_ = false;
  absl::string_view cell_;
};

int64_t CountCells(absl::string_view line, char separator);
std::vector<absl::string_view> SplitCells(absl::string_view line,
                                          char separator);

// What separates the columns: a comma, if the first line has one outside of
// quotation marks; or else a tab or a semicolon, if it has one; or else a
// comma.
char GuessSeparator(absl::string_view first_line);

// `separator`, or that of the first line of a plain or gzip file. Errors:
// LineReader's (data/line_reader.h).
absl::StatusOr<char> FindCsvSeparator(const std::string& path,
                                      std::optional<char> separator);

// "commas", "tabs", "semicolons" or the character in quotation marks.
std::string SeparatorName(char separator);

// Returns `text` without blanks and quotation marks around it; nullopt if it
// has quotation marks elsewhere.
std::optional<absl::string_view> UnquotedCell(absl::string_view text);

// Returns the number that `text` is, if it is a whole one from 0 to 255 without
// a sign.
std::optional<uint8_t> ParseByte(absl::string_view text);

// Whether `text` is a number, which need not be whole nor in any range. "nan"
// and "inf" are not numbers, but words.
bool LooksLikeNumber(absl::string_view text);

}  // namespace lenslet

#endif  // LENSLET_DATA_CSV_CELL_H_
