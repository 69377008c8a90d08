// Images as rows of comma-separated values: a label and the pixels of one image
// in each row, the form in which MNIST is often handed round.
//
//   label,1x1,1x2,1x3,...
//   5,0,0,18,...

#ifndef LENSLET_DATA_CSV_H_
#define LENSLET_DATA_CSV_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

struct CsvOptions {
  // Whether the first line names the columns; it is not read.
  bool has_header = false;
  // Which column has the labels, counted from 0. The others are the pixels.
  int64_t label_column = 0;
  // A row has one column for each of its elements, in order of memory, and one
  // for the label.
  Shape image_shape = {28, 28, 1};
  // Those that labels must be of, as those of another part of the data set. If
  // empty, the classes are those that the file has.
  std::vector<std::string> class_names = {};
};

// Reads a plain or a gzip file. Pixels are whole numbers from 0 to 255. Labels
// are either all whole numbers from 0 to 255, and the classes are "0" to the
// largest one; or all words, and the classes are the words in the order of
// their bytes. So a part of a data set in which a class is missing may number
// the classes differently, unless it is given those of the whole.
//
// Lines end with "\n" or "\r\n"; empty ones may follow the last row. A value
// may have blanks around it, and quotation marks if there are no commas and no
// quotation marks between them. A byte order mark is passed over.
//
// Reads the file twice, and takes no more memory than the data set, a few lines
// and some 200 KiB.
//
// Errors: GzipFile's (data/gzip_file.h). InvalidArgument for options out of
// their range; a file without rows; and, with the number of the line and of the
// column, both counted from 1: too few or too many columns, an empty line
// before the last row, a value that is not as above, words among numbers or the
// other way round, a word that is not UTF-8, more than 256 words, a label that
// is none of the class names.
// ResourceExhausted for lines of more than 64 MiB and images that do not fit
// into memory. DataLoss for a file that changes while it is read.
absl::StatusOr<Dataset> LoadCsv(const std::string& path,
                                const CsvOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_DATA_CSV_H_
