// A labeled data set of images or other examples, as returned by every loader.
//
// A program makes one of arrays in memory (data/arrays.h), or of any source of
// examples that it implements (data/examples.h).

#ifndef LENSLET_DATA_DATASET_H_
#define LENSLET_DATA_DATASET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/normalization.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The training part or the test part of a data set.
enum class Split { kTrain, kTest };

// The most classes of a data set. Tables of every class by every class, such as
// that of a report's confusions, then have 128 MiB.
inline constexpr int kMaxClasses = 4096;

// Copies are cheap: they share their examples. A default-constructed data set
// has no examples.
struct Dataset {
  // Never null. With classes as targets, each is less than
  // target_names.size(): loaders guarantee it, and training checks it.
  std::shared_ptr<const Examples> examples = NoExamples();
  // The names of the classes, in the order of their indices; of the labels; or
  // of the values, which need no names.
  std::vector<std::string> target_names = {};
  // The names of the columns, if the inputs are rows of a table that has names;
  // otherwise empty.
  std::vector<std::string> input_names = {};
  // The columns of a table's file that are no inputs, from 0.
  std::vector<int64_t> other_columns = {};
  // How inputs become inputs of a network. Fits example_shape()
  // (CheckNormalization()).
  Normalization normalization = {};

  int64_t size() const { return examples->size(); }

  // The shape of one input: [height, width, channels], or as in
  // Examples::shape().
  Shape example_shape() const { return examples->shape(); }

  // The last dimension of an input.
  int64_t channels() const { return ChannelsOf(example_shape()); }

  // Returns a copy of input `i`, of shape example_shape(). Aborts, with a
  // message that names `i` and size(), unless `i` is in [0, size()). Errors:
  // those of reading it.
  absl::StatusOr<Tensor> Example(int64_t i) const;

  // Returns all inputs as one array of shape [size(), ...]. Errors: those of
  // reading them; ResourceExhausted.
  absl::StatusOr<Tensor> Inputs() const;

  // Returns the classes of the examples at `indices`. The targets must be
  // classes (TargetKind::kClasses) of whole examples. Errors: those of reading
  // them.
  absl::StatusOr<std::vector<int32_t>> Classes(
      absl::Span<const int64_t> indices) const;
  // Of all examples.
  absl::StatusOr<std::vector<int32_t>> Classes() const;

 private:
  static std::shared_ptr<const Examples> NoExamples();
};

struct TrainAndTest {
  Dataset train;
  Dataset test;
};

// Returns 0, 1, ..., size - 1.
std::vector<int64_t> AllIndices(int64_t size);

}  // namespace lenslet

#endif  // LENSLET_DATA_DATASET_H_
