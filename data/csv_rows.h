// Reads CSV files row by row.

#ifndef LENSLET_DATA_CSV_ROWS_H_
#define LENSLET_DATA_CSV_ROWS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/line_reader.h"

namespace lenslet {

// Reads a plain or gzip file of UTF-8. A row is a line; or several lines, if
// there are line breaks between the quotation marks of a cell. Skips a byte
// order mark and, as pandas does, empty lines: those of blanks alone, unless
// these separate columns. Skips lines of separators alone, too, such as ",,,"
// that spreadsheets write, if no other line follows; of several with a line
// after them, only the first is a row. Owns the open file and the memory for a
// few lines. Movable. Not thread-safe.
class CsvRowReader {
 public:
  // The columns are separated by `separator`, or by what a line "sep=;" says,
  // or as GuessSeparator() (data/csv_cell.h) says of the first line. Errors:
  // GzipFile::Open()'s.
  static absl::StatusOr<CsvRowReader> Open(const std::string& path,
                                           std::optional<char> separator = {},
                                           int64_t max_line_bytes = int64_t{1}
                                                                    << 26);

  // Advances to the next row; the first call advances to the first one. Returns
  // false at the end of the file. Errors: LineReader::Next()'s;
  // InvalidArgument, naming the line, for a quotation mark that opens a cell
  // and is not closed within 1 MiB or followed by text where it is closed in
  // another line; and for a byte of 0 and a first line that is UTF-16,
  // not text, or has carriage returns instead of line feeds. Must not be called
  // after an error.
  absl::StatusOr<bool> Next();

  // The current row, without its line end. Valid until the next call of Next()
  // or a move.
  absl::string_view row() const {
    return joined_.empty() ? first_line_ : absl::string_view(joined_);
  }

  // The number of the current row's first line, counted from 1.
  int64_t number() const { return number_; }

  // After the first call of Next().
  char separator() const { return separator_.value_or(','); }

 private:
  CsvRowReader(const std::string& path, std::optional<char> separator,
               LineReader reader)
      : path_(path), separator_(separator), reader_(std::move(reader)) {}

  // Advances to the next line that is not empty.
  absl::StatusOr<bool> NextLine();
  // After a line of separators alone: whether another one follows.
  absl::StatusOr<bool> LookAhead();
  absl::Status CheckFirstLine();
  absl::Status Join();

  std::string path_;
  std::optional<char> separator_;
  LineReader reader_;
  absl::string_view first_line_;
  std::string joined_;      // The row, if it has several lines.
  std::string separators_;  // The row, if it has only separators.
  // Whether the line of the reader follows such a row, and is not a row yet.
  bool is_ahead_ = false;
  int64_t number_ = 0;
  bool has_started_ = false;
};

// `separator`, or that which CsvRowReader finds. Errors: CsvRowReader's.
absl::StatusOr<char> FindCsvSeparator(const std::string& path,
                                      std::optional<char> separator);

// Calls `use(number, row)` for each row, with the number of its first line, but
// for the first one if it is to be skipped. Errors: CsvRowReader's and those of
// `use`.
absl::Status ForEachCsvRow(
    const std::string& path, char separator, bool skip_first,
    const std::function<absl::Status(int64_t, absl::string_view)>& use);

}  // namespace lenslet

#endif  // LENSLET_DATA_CSV_ROWS_H_
