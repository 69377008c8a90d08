// Examples as arrays in memory.
//
//   ExampleArrays arrays = {.inputs = Tensor({size, 32, 32, 3},
//                                            ElementType::kUint8),
//                           .targets = Tensor({size}, ElementType::kUint8)};
//   uint8_t* pixel = arrays.inputs.data<uint8_t>();  // Image by image, row by
//   for (...) *pixel++ = ...;                        // row: red, green, blue.
//   for (...) arrays.targets.data<uint8_t>()[i] = ...;  // 0 or 1.
//   Dataset data = *MakeDataset(std::move(arrays), {"cat", "dog"});

#ifndef LENSLET_DATA_ARRAYS_H_
#define LENSLET_DATA_ARRAYS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

struct ExampleArrays {
  // uint8 or float32 of shape [size, ...]: [size, height, width, channels] of
  // images, [size, columns] of a table.
  Tensor inputs;
  // The first dimension is `size`. By kind:
  //   kClasses uint8 [size]: the index of the class in the data set's
  //            target_names. Or uint8 [size, ...]: a class for each position.
  //            Whole numbers as float32, if there are more than 256 classes;
  //            ClassTensor() chooses.
  //   kLabels  uint8 [size, labels]: 1 for labels that apply, else 0.
  //   kValues  float32 [size, ...].
  Tensor targets;
  TargetKind kind = TargetKind::kClasses;
  // The number in place of a class at positions that are ignored
  // (kIgnoredClass, data/target_kind.h). Only for a class at each position.
  std::optional<uint8_t> ignored = {};
};

// Classes, example by example, as targets of ExampleArrays: uint8, or float32
// if one is above 255. Errors: ResourceExhausted.
absl::StatusOr<Tensor> ClassTensor(absl::Span<const int32_t> classes,
                                   const Shape& shape);

// Errors: InvalidArgument, naming the values, if the two arrays have different
// numbers of examples or the wrong type, a class is no whole number or not less
// than the number of `target_names` and not ignored, a label is neither 0 nor
// 1, an input or a value is not finite, or there are names but not one for each
// label or value.
absl::StatusOr<Dataset> MakeDataset(ExampleArrays arrays,
                                    std::vector<std::string> target_names,
                                    Normalization normalization = {});

}  // namespace lenslet

#endif  // LENSLET_DATA_ARRAYS_H_
