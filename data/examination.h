// Looks at the examples of a data set for mistakes that training does not show:
// files that cannot be read, inputs without contents, and test examples that
// are training examples, too.

#ifndef LENSLET_DATA_EXAMINATION_H_
#define LENSLET_DATA_EXAMINATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

struct ExaminationOptions {
  // The most examples of a data set that are read; if it has more, they are
  // spread evenly over it. At least 1.
  int64_t max_examples = 1000000;
  int threads = 1;  // At least 1.
};

// Inputs of fewer numbers may be equal by chance: equal ones are only counted
// between the training and the test examples, if few are equal within each and
// most test examples are training examples.
inline constexpr int64_t kMinComparedNumbers = 4;

struct ExaminedExamples {
  int64_t size = 0;
  int64_t read = 0;
  // How many could not be read, and the errors of the first 1,000.
  int64_t unreadable = 0;
  std::vector<std::string> errors = {};
  // Inputs of 2 or more dimensions whose numbers are all the same: how many
  // there are, the first one, and for targets that are a class, the classes of
  // which no other input was read.
  int64_t constant = 0;
  int64_t first_constant = 0;
  std::vector<int32_t> constant_classes = {};
  // The largest absolute number of inputs of 2 or more dimensions.
  double largest = 0;
};

struct Examination {
  ExaminedExamples train, test;
  // The inputs of test examples that are also those of training examples, bit
  // by bit, and the first one's index in both.
  int64_t shared = 0;
  int64_t first_test = 0;
  int64_t first_train = 0;
  // The inputs of training examples that are those of others before them.
  int64_t repeated = 0;
  // Of those with 2 or more dimensions: how many have another class than the
  // one that they repeat, and the first one's index and that which it repeats.
  int64_t contradicting = 0;
  int64_t contradicting_index = 0;
  int64_t contradicted_index = 0;
};

// Reads inputs, and their classes if some are constant or repeated. The result
// does not depend on the number of threads. Errors: those of reading targets;
// ResourceExhausted.
absl::StatusOr<Examination> ExamineExamples(
    const Dataset& train, const Dataset& test,
    const ExaminationOptions& options = {});

// What is to be said of it but for unreadable examples, which are errors: each
// a sentence without its end, with the number of examples that were read.
// Nothing if all is well.
std::vector<std::string> ExaminationWarnings(const Examination& examination,
                                             const Dataset& train,
                                             const Dataset& test);

// "checked 4,096 of 50,000 training examples and 4,096 of 10,000 test examples,
// ...", if not all were read; otherwise "".
std::string ExaminationNote(const Examination& examination);

}  // namespace lenslet

#endif  // LENSLET_DATA_EXAMINATION_H_
