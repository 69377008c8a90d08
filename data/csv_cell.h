// The cells of a CSV file, as data/csv.h reads them.

#ifndef LENSLET_DATA_CSV_CELL_H_
#define LENSLET_DATA_CSV_CELL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

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

// Where a line leaves a reader.
enum class QuoteState : uint8_t {
  kOutside,  // Of quotation marks: the row ends with the line.
  kInside,   // A mark opens a cell, and none closes it in the line.
  kWrong,    // Text follows the mark that closes a cell of an earlier line.
};

// `is_inside` says whether the line starts between the marks of a cell.
QuoteState QuotesAfter(absl::string_view line, char separator, bool is_inside);

int64_t CountCells(absl::string_view line, char separator);
std::vector<absl::string_view> SplitCells(absl::string_view line,
                                          char separator);

// What separates the columns: outside of quotation marks, a semicolon, a tab or
// a bar, if commas are only in numbers between them, as decimal points; or else
// a comma, if the first line has one; or else a tab, a semicolon or a bar, if
// it has one; or else a comma.
char GuessSeparator(absl::string_view first_line);

// "commas", "tabs", "semicolons", "bars" or the character in quotation marks.
std::string SeparatorName(char separator);

// Returns `text` without blanks and quotation marks around it, and one mark for
// two between them; nullopt if it has marks elsewhere. Refers to `text`, or to
// `room` if marks were doubled.
std::optional<absl::string_view> UnquotedCell(absl::string_view text,
                                              std::string& room);

// Returns the number that `text` is, if it is a whole one from 0 to 255 without
// a sign.
std::optional<uint8_t> ParseByte(absl::string_view text);

// A number without a fraction: "-1", "007", and "2.0", which pandas makes of 2
// in a column with a cell that is missing.
struct CsvWholeNumber {
  int64_t value;
  // As they are written, with zeros and a plus sign before them.
  absl::string_view digits;
};
std::optional<CsvWholeNumber> ParseWholeNumber(absl::string_view text);

// Whether `text` is a number, also one that is not finite, which is rounded to
// the nearest float. Hexadecimal ones are none.
bool ParseCsvFloat(absl::string_view text, float& number);

// Whether `text` is a number, which need not be whole nor in any range. "nan",
// "inf" and "0x1F" are not numbers, but words.
bool LooksLikeNumber(absl::string_view text);

// Whether cells of a first line name columns by numbers: those that are numbers
// are 0 and 1, or three or more with equal steps, such as 0, 1, 2 or 400.5,
// 401, 401.5. False if none is a number.
bool AreNumbersOfColumns(absl::Span<const absl::string_view> cells);

// Whether cells of a first line are the numbers of their columns, as pandas
// writes them for columns without names: 0, 1, 2 and so on, or 1, 2, 3, in
// three columns or more; or 0, 1, 2 and so on after an empty cell, over the
// numbers of the rows.
bool CountColumns(absl::Span<const absl::string_view> cells);

// Whether `text` is a number with a comma in place of the decimal point.
bool HasDecimalComma(absl::string_view text);

// Whether the mark, a comma or a point, of a number may separate thousands:
// "12,345" but not "0,125", "1234,567" and "1,5".
bool MayHaveThousands(absl::string_view text, char mark);

}  // namespace lenslet

#endif  // LENSLET_DATA_CSV_CELL_H_
