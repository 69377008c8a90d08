// The source of a data set's examples: arrays in memory (data/arrays.h), files,
// or whatever a program implements. A program that trains on data of its choice
// implements this interface and makes a data set of it (data/dataset.h):
//
//   class Waves : public Examples {
//    public:
//     int64_t size() const override { return 1000; }
//     Shape shape() const override { return {200, 1}; }
//     ElementType type() const override { return ElementType::kFloat32; }
//     absl::Status ReadInputs(absl::Span<const int64_t> indices,
//                             ExampleBatch& batch) const override {
//       for (size_t i = 0; i < indices.size(); ++i) {
//         Synthesize(indices[i], batch.Input<float>(i));
//       }
//       return absl::OkStatus();
//     }
//     absl::Status ReadTargets(absl::Span<const int64_t> indices,
//                              ExampleBatch& batch) const override {
//       for (size_t i = 0; i < indices.size(); ++i) {
//         batch.classes()[i] = ClassOf(indices[i]);
//       }
//       return absl::OkStatus();
//     }
//   };

#ifndef LENSLET_DATA_EXAMPLES_H_
#define LENSLET_DATA_EXAMPLES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lenslet/data/digest.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The targets of examples: their kind, and the shape of one of them.
struct TargetSpec {
  TargetKind kind = TargetKind::kClasses;
  // kClasses: the shape of the map with a class at each position; [] for a
  // class for the whole example. kLabels: [labels]. kValues: any shape.
  Shape shape = {};

  friend bool operator==(const TargetSpec&, const TargetSpec&) = default;
};

class ExampleBatch;

// Functions are thread-safe unless stated otherwise. Indices are in [0,
// size()).
class Examples {
 public:
  virtual ~Examples() = default;

  virtual int64_t size() const = 0;
  // The shape of one input: [height, width, channels] of an image. Inputs other
  // than images may have any shape: sounds [frames, channels], clips [frames,
  // height, width, channels], rows of a table [columns].
  virtual Shape shape() const = 0;
  virtual ElementType type() const = 0;
  virtual TargetSpec target() const { return {}; }

  // Put the inputs or the targets of the examples at `indices` into `batch`,
  // which has been prepared for as many of them. Errors: those of the files.
  virtual absl::Status ReadInputs(absl::Span<const int64_t> indices,
                                  ExampleBatch& batch) const = 0;
  virtual absl::Status ReadTargets(absl::Span<const int64_t> indices,
                                   ExampleBatch& batch) const = 0;

  // The order of an epoch: each index once. Depends only on the arguments. By
  // default, ShuffledIndices() (data/batches.h). Examples on a disk choose one
  // that reads neighbors together.
  virtual std::vector<int64_t> EpochOrder(uint64_t seed, int64_t epoch) const;

  // Announces that the inputs at `order` will be read, in about this order.
  // Examples that read ahead start to. An announcement replaces the one before.
  // No other function may run at the same time.
  virtual void WillRead(absl::Span<const int64_t> order) const;

  // Adds the inputs and targets at `indices`, in that order, to a digest that
  // tells data sets apart. By default, reads them all.
  virtual absl::Status AddToDigest(absl::Span<const int64_t> indices,
                                   Digest& digest) const;

  // Whether inputs stay in memory: ReadInputs() calls ExampleBatch::SetInput()
  // for each of them. If not, it fills what ExampleBatch::Input() returns.
  virtual bool keeps_inputs() const { return false; }

  // Whether ReadTargets() reads files: ReadAhead() (data/read_ahead.h) then
  // reads the targets ahead as well.
  virtual bool reads_targets() const { return false; }

  // Whether each target is its input (data/input_targets.h). Who has read
  // inputs then need not read targets.
  virtual bool target_is_input() const { return false; }

  // The memory that the examples occupy, in bytes.
  virtual int64_t bytes() const { return 0; }
};

// Examples that have been read. A thread that reads block after block keeps one
// of these: it allocates only when it grows. Not thread-safe.
class ExampleBatch {
 public:
  // Make room for the inputs or the targets of `count` examples, at least 0.
  // Errors: ResourceExhausted.
  absl::Status PrepareInputs(const Examples& examples, int64_t count);
  absl::Status PrepareTargets(const Examples& examples, int64_t count);

  // Prepare the batch and read the inputs or the targets at `indices`. Errors:
  // those of both.
  absl::Status ReadInputs(const Examples& examples,
                          absl::Span<const int64_t> indices);
  absl::Status ReadTargets(const Examples& examples,
                           absl::Span<const int64_t> indices);

  // The inputs: for each example, `examples.shape()` elements of
  // `examples.type()`. They may be in the memory of the source.
  absl::Span<const void* const> inputs() const { return inputs_; }

  // Where a source that does not keep inputs writes input `i`. T is float or
  // uint8_t.
  template <typename T>
  T* Input(int64_t i) {
    return reinterpret_cast<T*>(rooms_[i]);
  }
  // In place of PrepareInputs(), for a source that does not keep inputs: has
  // each input written to memory of the caller.
  void UseRooms(absl::Span<uint8_t* const> rooms);
  // Refers to input `i`, which a source keeps as long as it lives.
  void SetInput(int64_t i, const void* input) { inputs_[i] = input; }

  // kClasses: the index of the class at each position, or kIgnoredClass,
  // example by example.
  absl::Span<int32_t> classes() { return classes_; }
  absl::Span<const int32_t> classes() const { return classes_; }
  // kLabels, kValues: numbers, example by example; for labels, 1 for those that
  // apply and 0 for the others.
  absl::Span<float> values() { return values_; }
  absl::Span<const float> values() const { return values_; }

  // If set, examples with margins give parts at random places
  // (data/crop_margin.h): for training.
  std::optional<uint64_t> crop_seed() const { return crop_seed_; }
  void set_crop_seed(std::optional<uint64_t> seed) { crop_seed_ = seed; }

  // For a source that reads targets together with inputs: room for those of
  // `indices`, of which it reads the inputs now. `bytes` for each.
  uint8_t* KeepTargets(const Examples& source,
                       absl::Span<const int64_t> indices, int64_t bytes);
  // What the source has put there, if these are the last inputs that were read;
  // otherwise null.
  const uint8_t* KeptTargets(const Examples& source,
                             absl::Span<const int64_t> indices) const;

 private:
  std::vector<const void*> inputs_;
  std::vector<uint8_t*> rooms_;  // Where inputs are written.
  // Memory, as bytes.
  Tensor room_;
  Tensor target_room_;
  absl::Span<int32_t> classes_;
  absl::Span<float> values_;
  std::optional<uint64_t> crop_seed_;
  const Examples* kept_source_ = nullptr;
  std::vector<int64_t> kept_indices_;
  std::vector<uint8_t> kept_targets_;
};

}  // namespace lenslet

#endif  // LENSLET_DATA_EXAMPLES_H_
