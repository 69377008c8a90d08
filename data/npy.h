// Loads NumPy's .npy and .npz files: an array of inputs, and an array of
// targets.
//
//   np.save("x.npy", x.astype("float32"))  # [examples, ...]
//   np.save("y.npy", y)                    # [examples]
//   np.savez_compressed("xy.npz", x=x, y=y)  # "xy.npz/x" and "xy.npz/y"

#ifndef LENSLET_DATA_NPY_H_
#define LENSLET_DATA_NPY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

struct NpyOptions {
  // By default, integers are classes, and floats are values.
  std::optional<TargetKind> kind = {};
  // For classes: whether targets [examples, classes] are one-hot, a 1 for the
  // class and 0 for all others, rather than a class at each position.
  bool one_hot = false;
  // The names of the classes, labels or values. By default, classes are named
  // by their numbers, as ClassNumbers() (data/class_indices.h) says; labels and
  // values have no names.
  std::vector<std::string> target_names = {};
  // Whether names of classes are their numbers, as those of training examples
  // without names are: "-1" and "1". Otherwise, the numbers are indices.
  bool names_are_numbers = false;
  // As in ExampleArrays (data/arrays.h).
  std::optional<uint8_t> ignored = {};
  // The shape of one input, with as many elements as the array has for each
  // example. By default, the array's without its first dimension.
  std::optional<Shape> shape = {};
};

// Paths may name arrays of .npz files, as OpenNpy() (data/npz.h) says.
//
// Reads files of versions 1 to 3, with arrays in C order and little-endian
// numbers. The first dimension of both arrays is that of the examples.
//
// Inputs are uint8, float32 or float64 [examples, ...]. float64 is rounded to
// float32 in memory. Files of the others are mapped into memory: pages come
// from the disk when they are needed, and the file may be larger than memory.
// It must not be changed or cut while the data set lives; the process dies if
// it reads what was cut off. An input that is not finite is an error of the
// first function that reads it, with the file and the example's index.
//
// Targets, of numbers of any of these types, other integers up to the largest
// int64, or bool:
//   kClasses  integers [examples] or [examples, 1]: without names, any of at
//             most kMaxClasses; otherwise from 0 to 4095. Or [examples, ...],
//             with a class from 0 to 4095 at each position. Or, if the options
//             say so, numbers [examples, classes] that are one-hot.
//   kLabels   integers 0 and 1 [examples, labels].
//   kValues   numbers [examples, ...]; [examples] has one value each.
//
// Without `targets_path`, each input is a value target of no numbers, for
// WithInputsAsTargets() (data/input_targets.h).
//
// Errors, naming the file: OpenNpy()'s; InvalidArgument for
// a file of another form or size, Fortran order, other types, no numbers, and
// targets that do not fit the inputs, the names or their kind;
// ResourceExhausted.
absl::StatusOr<Dataset> LoadNpy(const std::string& inputs_path,
                                const std::string& targets_path,
                                const NpyOptions& options = {});

// Whether targets [examples, 2 or more], labels, values or a class at each
// position, are one-hot: a 1 and otherwise 0. Errors: those of reading targets.
absl::StatusOr<bool> AreOneHot(const Dataset& dataset);

}  // namespace lenslet

#endif  // LENSLET_DATA_NPY_H_
