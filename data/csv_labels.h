// The cells of a CSV file as labels and pixels, and errors that name a cell.

#ifndef LENSLET_DATA_CSV_LABELS_H_
#define LENSLET_DATA_CSV_LABELS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace lenslet {

// Where an error is.
struct CsvPlace {
  const std::string& path;
  int64_t line;
  int64_t column;               // From 0.
  absl::string_view name = {};  // In the header, if there is one.
};

// Returns InvalidArgument: "PATH:LINE: column COLUMN is "VALUE"; expected ...".
// `value` is what is wrong there.
absl::Status CsvValueError(const CsvPlace& place, absl::string_view value,
                           absl::string_view expected);

// Returns InvalidArgument for a line of another number of columns than the
// first one: "PATH:LINE: has 2 columns, too few; expected 3, as in ...".
absl::Status CsvColumnsError(const std::string& path, int64_t line,
                             size_t columns, size_t expected, char separator);

// As UnquotedCell() (data/csv_cell.h). Errors: CsvValueError().
absl::StatusOr<absl::string_view> UnquoteCsvCell(const CsvPlace& place,
                                                 absl::string_view text,
                                                 std::string& room);

// Returns a whole number from 0 to 255. Errors: CsvValueError().
absl::StatusOr<uint8_t> ParseCsvByte(const CsvPlace& place,
                                     absl::string_view text);

// For warnings, of each name that mostly means that a label is missing, such as
// "NA" and "nan": "\"NA\" is a class ...".
std::vector<std::string> NotesOfMissingLabels(
    absl::Span<const std::string> names);

// Gives each label that comes a number, in the order in which they come. Not
// thread-safe.
class CsvLabels {
 public:
  // The labels are indices of `class_names`, unless there are none. Does not
  // own them.
  explicit CsvLabels(absl::Span<const std::string> class_names)
      : class_names_(class_names) {}

  // Errors: CsvValueError(), as data/csv.h says.
  absl::StatusOr<int32_t> Parse(const CsvPlace& place, absl::string_view text);

  // Returns the classes' names, and makes `labels`, which Parse() returned,
  // their indices.
  std::vector<std::string> Finish(absl::Span<int32_t> labels) const;

 private:
  absl::StatusOr<int32_t> Find(const CsvPlace& place, absl::string_view text);
  absl::StatusOr<int32_t> ParseNumber(const CsvPlace& place,
                                      absl::string_view text);
  absl::StatusOr<int32_t> ParseWord(const CsvPlace& place,
                                    absl::string_view text);

  const absl::Span<const std::string> class_names_;
  int64_t first_line_ = 0;
  bool are_numbers_ = true;
  // A label that is a number, and the way and line in which it came first.
  struct SeenNumber {
    int32_t number;
    std::string digits;
    int64_t line;
  };
  std::map<int64_t, SeenNumber> numbers_;
  std::map<std::string, int32_t, std::less<>> words_;
  // Of class_names_, once they have been asked for.
  std::map<std::string, int32_t, std::less<>> indices_;
};

}  // namespace lenslet

#endif  // LENSLET_DATA_CSV_LABELS_H_
