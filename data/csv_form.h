// Guesses which columns a CSV file has, from its first rows.

#ifndef LENSLET_DATA_CSV_FORM_H_
#define LENSLET_DATA_CSV_FORM_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

struct CsvForm {
  // Whether the first line is a header: in some column it is not a number, but
  // all other rows are; or it numbers the columns, as CountColumns()
  // (data/csv_cell.h) says, or by steps such as 5, and has words that no other
  // row has.
  bool has_header = false;
  // The index of the label column, counted from 0: the one that the header
  // calls "label", "class", "target", "category", "digit" or "y"; or else the
  // only one with words; or else the first or the last, whichever has fewer
  // values. If the first has one value only, the last if its values have no
  // gaps.
  int64_t label_column = 0;
  int64_t columns = 0;
  // The column that numbers the rows, if the first one does.
  std::optional<int64_t> number_column = {};
  // What names that column: "0", or the number from the end if "0" is the name
  // of another.
  std::string number_name = {};
  // The shape of the other columns: [side, side, 1] or [side, side, 3] if they
  // are as many as a square has pixels, otherwise [number of columns].
  Shape image_shape = {1};
  // Whether the other columns are likely to be pixels, not the numbers of a
  // table: most are whole numbers from 0 to 255, the labels are words or whole
  // numbers, and either the header names pixels, such as "pixel0" or "1x1"; or
  // there are as many as in a square of at least 8 x 8, without a header or
  // with numbered names.
  bool looks_like_pixels = false;
};

// Whether a header's name is one of a pixel: "pixel0", "px_12" or "1x28".
bool IsPixelName(absl::string_view name);

// [side, side, 1] or [side, side, 3] of so many pixels, otherwise [pixels].
Shape ShapeOfPixels(int64_t pixels);

// Reads at most 1000 rows or 64 MiB of a plain or gzip file. Does not check
// what LoadCsv() (data/csv.h) does. Errors: CsvRowReader's (data/csv_rows.h);
// ResourceExhausted for a line of more than 16 MiB; InvalidArgument for a file
// that is empty, whose first line has one column, or whose words
// are in several columns of which none is called the label; for a header
// without rows, one column that has other values than pixels,
// or more than kMaxClasses labels.
absl::StatusOr<CsvForm> GuessCsvForm(const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_DATA_CSV_FORM_H_
