// Loads images from comma-separated values. Each row has the label and the
// pixels of one image, as in common MNIST files.
//
//   label,1x1,1x2,1x3,...
//   5,0,0,18,...

#ifndef LENSLET_DATA_CSV_H_
#define LENSLET_DATA_CSV_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

struct CsvOptions {
  // Whether the first line is a header, which is skipped.
  bool has_header = false;
  // The index of the label column, counted from 0, or from the end: -1 is the
  // last. All other columns are pixels.
  int64_t label_column = 0;
  // What separates the columns. By default, what separates them in the first
  // line: commas, tabs, semicolons or bars.
  std::optional<char> column_separator = {};
  // A row has one column per element of this shape, in row-major order, and one
  // for the label.
  Shape image_shape = {28, 28, 1};
  // The classes that labels must be in, such as those of the training examples.
  // If empty, the classes come from the file.
  std::vector<std::string> class_names = {};
};

// Reads a plain or gzip file. Pixels are integers from 0 to 255. Labels are
// either all integers or all words. If integer labels are from 0 to 4095, the
// classes are "0" to the largest label; of others, such as -1 and 1, each is a
// class, sorted by value. "2.0" is 2. Word labels make one class per word,
// sorted by bytes. If part of a data set lacks a class, it may therefore number
// the classes differently. To avoid that, pass the class names of the whole
// data set.
//
// Lines end with "\n" or "\r\n"; empty ones do not matter. Values may have
// blanks around them. They may be quoted; quoted values may contain
// separators, line breaks, and two quotation marks for one (RFC 4180). A byte
// order mark is skipped.
//
// Reads the file twice. Uses memory only for the data set, a few lines and some
// 200 KiB.
//
// Errors: CsvRowReader's (data/csv_rows.h). InvalidArgument for options out of
// range, or a file without rows. InvalidArgument, with line and column counted
// from 1, for: too few or too many columns, a value of another form, words
// mixed with numbers, a number with a fraction, one that is written in two ways
// ("1", "01" and "+1"), a word that is not UTF-8, more than kMaxClasses labels,
// or a label that is not in `class_names`. ResourceExhausted for lines of more
// than 64 MiB, or images that do not fit into memory. DataLoss for a file that
// changes while it is read.
absl::StatusOr<Dataset> LoadCsv(const std::string& path,
                                const CsvOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_DATA_CSV_H_
