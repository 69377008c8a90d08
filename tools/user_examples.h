// The examples that a user gives to a trained model: rows of CSV files and
// arrays of NumPy's files.

#ifndef LENSLET_TOOLS_USER_EXAMPLES_H_
#define LENSLET_TOOLS_USER_EXAMPLES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

enum class UserFileKind : uint8_t { kImage, kCsv, kNpy };

// Tells a file by its first bytes; text is CSV if the file's name says so
// (".csv", ".csv.gz"), or if the model's input, of this shape, is no image.
// What cannot be read is kImage, unless it is named so: reading it says why. A
// relative path starts from UserFolder().
UserFileKind KindOfUserFile(const std::string& path, const Shape& input);

// The type of the examples that the model takes: that of training if it is
// known, or else what the recipe says.
ElementType InputTypeOf(const CheckpointProto& checkpoint);

struct UserExamples {
  // Without targets.
  Dataset dataset;
  // Of the rows of a CSV file, the numbers of their first lines, from 1.
  std::vector<int64_t> lines = {};
};

// Reads a file of kind kCsv or kNpy for a model with inputs of this shape.
//
// Of a CSV file whose first line has names, takes the columns that the model
// was trained on, by their names; other columns do not matter. Otherwise, the
// file has a column for each number of the input, or the columns of the
// file that the model was trained on.
//
// Errors, naming the file, and the line and column of a cell: LoadCsvTable()'s
// (data/csv_table.h), LoadNpy()'s (data/npy.h); InvalidArgument for examples of
// another shape, or of another type than InputTypeOf(), if it is known.
absl::StatusOr<UserExamples> LoadUserExamples(const std::string& path,
                                              UserFileKind kind,
                                              const CheckpointProto& checkpoint,
                                              const Shape& input);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_USER_EXAMPLES_H_
