#include "lenslet/data/npy.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/check.h"
#include "lenslet/base/memory.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/class_indices.h"
#include "lenslet/data/npy_array.h"
#include "lenslet/data/npz.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Of one example.
absl::Status CheckInput(const std::string& path, int64_t example,
                        absl::Span<const float> numbers) {
  const auto bad = std::find_if(numbers.begin(), numbers.end(),
                                [](float x) { return !std::isfinite(x); });
  if (bad == numbers.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": the input of example ", example, " is ", *bad, " at position ",
      bad - numbers.begin(), "; expected a finite number"));
}

// Inputs in a mapped file or inflated ones, and targets in memory.
class MappedExamples : public Examples {
 public:
  MappedExamples(const std::string& path, NpyFile file, const NpyArray& inputs,
                 std::shared_ptr<const Examples> targets)
      : path_(path),
        file_(std::move(file)),
        inputs_(inputs.bytes.data()),
        shape_(*Shape::Create(inputs.shape.dims().subspan(1))),
        type_(inputs.type == NpyType::kUint8 ? ElementType::kUint8
                                             : ElementType::kFloat32),
        targets_(std::move(targets)),
        is_checked_(type_ == ElementType::kFloat32 ? targets_->size() : 0) {}

  int64_t size() const override { return targets_->size(); }
  Shape shape() const override { return shape_; }
  ElementType type() const override { return type_; }
  TargetSpec target() const override { return targets_->target(); }
  bool keeps_inputs() const override { return true; }
  int64_t bytes() const override {
    return AddSizes(file_.memory, targets_->bytes());
  }

  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    const int64_t stride = shape_.elements() * SizeOf(type_);
    for (size_t i = 0; i < indices.size(); ++i) {
      LENSLET_CHECK(indices[i] >= 0 && indices[i] < size());
      const char* const input = inputs_ + indices[i] * stride;
      if (type_ == ElementType::kFloat32) {
        LENSLET_RETURN_IF_ERROR(
            CheckOnce(indices[i], reinterpret_cast<const float*>(input)));
      }
      batch.SetInput(i, input);
    }
    return absl::OkStatus();
  }

  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    return targets_->ReadTargets(indices, batch);
  }

 private:
  // When an example is read for the first time, so that a file larger than
  // memory is not read in advance. Two threads may both check it.
  absl::Status CheckOnce(int64_t index, const float* input) const {
    std::atomic<bool>& is_checked = is_checked_[index];
    if (is_checked.load(std::memory_order_relaxed)) return absl::OkStatus();
    LENSLET_RETURN_IF_ERROR(CheckInput(
        path_, index, absl::MakeConstSpan(input, shape_.elements())));
    is_checked.store(true, std::memory_order_relaxed);
    return absl::OkStatus();
  }

  const std::string path_;
  const NpyFile file_;
  const char* const inputs_;
  const Shape shape_;
  const ElementType type_;
  const std::shared_ptr<const Examples> targets_;
  mutable std::vector<std::atomic<bool>> is_checked_;  // Of floats.
};

bool IsFloat(NpyType type) {
  return type == NpyType::kFloat32 || type == NpyType::kFloat64;
}

template <typename T>
T NumberAt(const NpyArray& array, int64_t i) {
  T number;
  std::memcpy(&number, array.bytes.data() + i * sizeof(T), sizeof(T));
  return number;
}

// Integers of any type, which CheckRange() has checked.
int64_t IntegerAt(const NpyArray& array, int64_t i) {
  switch (array.type) {
    case NpyType::kInt8:
      return NumberAt<int8_t>(array, i);
    case NpyType::kInt16:
      return NumberAt<int16_t>(array, i);
    case NpyType::kInt32:
      return NumberAt<int32_t>(array, i);
    case NpyType::kInt64:
      return NumberAt<int64_t>(array, i);
    case NpyType::kUint16:
      return NumberAt<uint16_t>(array, i);
    case NpyType::kUint32:
      return NumberAt<uint32_t>(array, i);
    case NpyType::kUint64:
      return static_cast<int64_t>(NumberAt<uint64_t>(array, i));
    default:
      return NumberAt<uint8_t>(array, i);
  }
}

float FloatAt(const NpyArray& array, int64_t i) {
  switch (array.type) {
    case NpyType::kFloat32:
      return NumberAt<float>(array, i);
    case NpyType::kFloat64: {
      const auto number = NumberAt<double>(array, i);
      // Beyond the floats, conversion is undefined.
      if (std::abs(number) > std::numeric_limits<float>::max()) {
        return std::copysign(std::numeric_limits<float>::infinity(),
                             static_cast<float>(number > 0 ? 1 : -1));
      }
      return static_cast<float>(number);
    }
    default:
      return static_cast<float>(IntegerAt(array, i));
  }
}

// That integers fit int64.
absl::Status CheckRange(const std::string& path, const NpyArray& array) {
  if (array.type != NpyType::kUint64) return absl::OkStatus();
  constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();
  for (int64_t i = 0; i < array.shape.elements(); ++i) {
    const auto number = NumberAt<uint64_t>(array, i);
    if (number <= uint64_t{kLargest}) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": the target of example ", i / array.shape.inner_elements(),
        " is ", number, "; expected at most ", kLargest,
        "; of classes, save the numbers np.unique(y, return_inverse=True)[1]"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Tensor> NpyTensor(const std::string& path, ElementType type,
                                 const Shape& shape) {
  absl::StatusOr<Tensor> tensor = Tensor::Create(type, shape);
  if (tensor.ok()) return tensor;
  return absl::ResourceExhaustedError(
      absl::StrCat(path, ": ", tensor.status().message()));
}

absl::StatusOr<Tensor> ToFloats(const std::string& path, const NpyArray& array,
                                const Shape& shape) {
  LENSLET_ASSIGN_OR_RETURN(Tensor floats,
                           NpyTensor(path, ElementType::kFloat32, shape));
  const absl::Span<float> all = floats.span();
  for (size_t i = 0; i < all.size(); ++i) {
    all[i] = FloatAt(array, static_cast<int64_t>(i));
  }
  return floats;
}

absl::StatusOr<Tensor> ClassTensorOf(const std::string& path,
                                     absl::Span<const int32_t> classes) {
  absl::StatusOr<Tensor> tensor =
      ClassTensor(classes, {static_cast<int64_t>(classes.size())});
  if (tensor.ok()) return tensor;
  return absl::ResourceExhaustedError(
      absl::StrCat(path, ": ", tensor.status().message()));
}

// Whole numbers below `limit`.
absl::StatusOr<Tensor> ToClasses(const std::string& path, const NpyArray& array,
                                 int64_t limit, absl::string_view what) {
  int64_t largest = 0;
  for (int64_t i = 0; i < array.shape.elements(); ++i) {
    const int64_t number = IntegerAt(array, i);
    if (number < 0 || number >= limit) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": the target of example ", i / array.shape.inner_elements(),
          " is ", number, "; expected ", what));
    }
    largest = std::max(largest, number);
  }
  if (largest > std::numeric_limits<uint8_t>::max()) {
    return ToFloats(path, array, array.shape);
  }
  LENSLET_ASSIGN_OR_RETURN(Tensor bytes,
                           NpyTensor(path, ElementType::kUint8, array.shape));
  const absl::Span<uint8_t> all = bytes.span<uint8_t>();
  for (size_t i = 0; i < all.size(); ++i) {
    all[i] = static_cast<uint8_t>(IntegerAt(array, static_cast<int64_t>(i)));
  }
  return bytes;
}

// The index of each class that integers name: by `names`, which are numbers; or
// if there are none, sets those of the numbers that occur.
absl::StatusOr<Tensor> ToNamedClasses(const std::string& path,
                                      const NpyArray& array,
                                      std::vector<std::string>& names) {
  const int64_t size = array.shape.elements();
  std::map<int64_t, int32_t> index_of;
  if (names.empty()) {
    std::set<int64_t> labels;
    for (int64_t i = 0; i < size; ++i) {
      labels.insert(IntegerAt(array, i));
      if (labels.size() <= kMaxClasses) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": has more than ", kMaxClasses,
          " different numbers; expected classes; if the numbers are values, "
          "save y.astype(\"float32\"), or set data.target { value {} }"));
    }
    for (const int64_t number :
         ClassNumbers(std::vector<int64_t>(labels.begin(), labels.end()))) {
      index_of.emplace(number, static_cast<int32_t>(names.size()));
      names.push_back(absl::StrCat(number));
    }
  } else {
    for (size_t i = 0; i < names.size(); ++i) {
      int64_t number;
      if (absl::SimpleAtoi(names[i], &number)) {
        index_of.emplace(number, static_cast<int32_t>(i));
      }
    }
  }
  std::vector<int32_t> classes;
  classes.reserve(size);
  for (int64_t i = 0; i < size; ++i) {
    const int64_t number = IntegerAt(array, i);
    const auto found = index_of.find(number);
    if (found == index_of.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": the target of example ", i, " is ", number,
          "; expected one of the ", names.size(),
          " classes of the training examples: ", ClassNameList(names)));
    }
    classes.push_back(found->second);
  }
  return ClassTensorOf(path, classes);
}

// The largest class that is not ignored; at least 0.
int LargestClass(const ExampleArrays& arrays) {
  int largest = 0;
  if (arrays.targets.type() == ElementType::kUint8) {
    for (const uint8_t c : arrays.targets.span<uint8_t>()) {
      if (c != arrays.ignored) largest = std::max<int>(largest, c);
    }
  } else {
    for (const float c : arrays.targets.span()) {
      if (c != arrays.ignored) largest = std::max(largest, static_cast<int>(c));
    }
  }
  return largest;
}

absl::Status WrongTargets(const std::string& path, const NpyArray& array,
                          absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": has ", Name(array.type), " of shape ",
                   array.shape.ToString(), "; expected ", expected));
}

// The classes of one-hot targets [examples, classes].
absl::StatusOr<Tensor> OneHotClasses(const std::string& path,
                                     const NpyArray& array) {
  const int64_t size = array.shape.dim(0);
  const int64_t classes = array.shape.dim(1);
  std::vector<int32_t> result;
  result.reserve(size);
  for (int64_t i = 0; i < size; ++i) {
    int32_t ones = 0;
    for (int64_t c = 0; c < classes; ++c) {
      const float number = FloatAt(array, i * classes + c);
      if (number == 1 && ++ones == 1) result.push_back(static_cast<int32_t>(c));
      if (number == 0 || (number == 1 && ones == 1)) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": the target of example ", i, " has ",
                       number == 1 ? "a second 1" : absl::StrCat(number),
                       " at position ", c, "; expected a single 1, and 0"));
    }
    if (ones == 1) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": the target of example ", i,
                     " is 0 everywhere; expected a single 1"));
  }
  return ClassTensorOf(path, result);
}

absl::StatusOr<ExampleArrays> ReadTargets(const std::string& path,
                                          const NpyOptions& options,
                                          std::vector<std::string>& names) {
  LENSLET_ASSIGN_OR_RETURN(const NpyFile file, OpenNpy(path));
  LENSLET_ASSIGN_OR_RETURN(NpyArray array, ParseNpy(file.name, file.bytes));
  if (array.shape.rank() == 0 || array.shape.elements() == 0) {
    return WrongTargets(path, array, "targets [examples, ...]");
  }
  LENSLET_RETURN_IF_ERROR(CheckRange(path, array));
  ExampleArrays arrays;
  arrays.ignored = options.ignored;
  arrays.kind = options.kind.value_or(
      IsFloat(array.type) ? TargetKind::kValues : TargetKind::kClasses);
  switch (arrays.kind) {
    case TargetKind::kClasses: {
      const int64_t columns = array.shape.rank() == 2 ? array.shape.dim(1) : 0;
      if (options.one_hot && columns >= 2 && columns <= kMaxClasses) {
        LENSLET_ASSIGN_OR_RETURN(arrays.targets, OneHotClasses(path, array));
        if (!names.empty()) break;
        for (int64_t c = 0; c < columns; ++c) names.push_back(absl::StrCat(c));
        break;
      }
      if (IsFloat(array.type)) {
        return WrongTargets(path, array,
                            "integers, for targets of classes; save "
                            "y.astype(\"int64\")");
      }
      // A column, as Keras has it.
      if (array.shape.rank() == 2 && array.shape.dim(1) == 1) {
        array.shape = Shape({array.shape.dim(0)});
      }
      if (array.shape.rank() == 1 &&
          (names.empty() || options.names_are_numbers)) {
        LENSLET_ASSIGN_OR_RETURN(arrays.targets,
                                 ToNamedClasses(path, array, names));
        break;
      }
      LENSLET_ASSIGN_OR_RETURN(
          arrays.targets,
          ToClasses(path, array, kMaxClasses,
                    absl::StrCat("a class from 0 to ", kMaxClasses - 1,
                                 array.shape.rank() > 1
                                     ? ""
                                     : ", an index of class_names; without "
                                       "these, any numbers are classes")));
      if (!names.empty()) break;
      const int largest = LargestClass(arrays);
      for (int i = 0; i <= largest; ++i) names.push_back(absl::StrCat(i));
      break;
    }
    case TargetKind::kLabels: {
      if (IsFloat(array.type) || array.shape.rank() != 2) {
        return WrongTargets(path, array,
                            "integers or bool [examples, labels], for targets "
                            "of several labels");
      }
      LENSLET_ASSIGN_OR_RETURN(arrays.targets,
                               ToClasses(path, array, 2, "0 or 1"));
      break;
    }
    case TargetKind::kValues: {
      const Shape shape = array.shape.rank() == 1
                              ? Shape({array.shape.dim(0), 1})
                              : array.shape;
      LENSLET_ASSIGN_OR_RETURN(arrays.targets, ToFloats(path, array, shape));
      break;
    }
  }
  return arrays;
}

bool IsAligned(absl::string_view bytes, size_t alignment) {
  return reinterpret_cast<uintptr_t>(bytes.data()) % alignment == 0;
}

}  // namespace

absl::StatusOr<Dataset> LoadNpy(const std::string& inputs_path,
                                const std::string& targets_path,
                                const NpyOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(NpyFile file, OpenNpy(inputs_path));
  LENSLET_ASSIGN_OR_RETURN(NpyArray inputs, ParseNpy(file.name, file.bytes));
  const bool are_bytes = inputs.type == NpyType::kUint8;
  if (!are_bytes && !IsFloat(inputs.type)) {
    return absl::InvalidArgumentError(
        absl::StrCat(inputs_path, ": has inputs of type ", Name(inputs.type),
                     "; expected uint8, float32 or float64; convert them with "
                     "astype(\"float32\")"));
  }
  if (inputs.shape.rank() < 2 || inputs.shape.elements() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        inputs_path, ": has an array of shape ", inputs.shape.ToString(),
        "; expected inputs [examples, ...], and at least one number"));
  }
  const int64_t size = inputs.shape.dim(0);
  if (options.shape.has_value()) {
    if (options.shape->elements() != inputs.shape.inner_elements()) {
      return absl::InvalidArgumentError(absl::StrCat(
          inputs_path, ": has an array of shape ", inputs.shape.ToString(),
          "; expected inputs of shape ", options.shape->ToString()));
    }
    LENSLET_ASSIGN_OR_RETURN(inputs.shape, options.shape->WithOuter(size));
  }
  std::vector<std::string> names = options.target_names;
  ExampleArrays arrays;
  if (targets_path.empty()) {
    arrays.kind = TargetKind::kValues;
    names.clear();
    LENSLET_ASSIGN_OR_RETURN(
        arrays.targets,
        NpyTensor(inputs_path, ElementType::kFloat32, {size, 0}));
  } else {
    LENSLET_ASSIGN_OR_RETURN(arrays, ReadTargets(targets_path, options, names));
    if (arrays.targets.shape().dim(0) != size) {
      return absl::InvalidArgumentError(
          absl::StrCat(targets_path, ": has ", arrays.targets.shape().dim(0),
                       " targets; expected ", size, ", one for each input of ",
                       inputs_path));
    }
  }
  const bool is_mapped = are_bytes || (inputs.type == NpyType::kFloat32 &&
                                       IsAligned(inputs.bytes, alignof(float)));
  if (is_mapped) {
    LENSLET_ASSIGN_OR_RETURN(
        arrays.inputs, NpyTensor(inputs_path, ElementType::kUint8, {size, 0}));
  } else {
    LENSLET_ASSIGN_OR_RETURN(arrays.inputs,
                             ToFloats(inputs_path, inputs, inputs.shape));
    for (int64_t i = 0; i < size; ++i) {
      const int64_t elements = inputs.shape.inner_elements();
      LENSLET_RETURN_IF_ERROR(
          CheckInput(inputs_path, i,
                     arrays.inputs.span().subspan(i * elements, elements)));
    }
  }
  absl::StatusOr<Dataset> dataset =
      MakeDataset(std::move(arrays), std::move(names));
  if (!dataset.ok()) {
    return absl::Status(
        dataset.status().code(),
        absl::StrCat(targets_path, ": ", dataset.status().message()));
  }
  if (is_mapped) {
    dataset->examples = std::make_shared<MappedExamples>(
        inputs_path, std::move(file), inputs, std::move(dataset->examples));
  }
  return dataset;
}

absl::StatusOr<bool> AreOneHot(const Dataset& dataset) {
  const TargetSpec target = dataset.examples->target();
  const bool are_classes = target.kind == TargetKind::kClasses;
  if (target.shape.rank() != 1 || target.shape.dim(0) < 2 ||
      dataset.size() == 0) {
    return false;
  }
  constexpr int64_t kBlock = 4096;
  const int64_t columns = target.shape.dim(0);
  ExampleBatch batch;
  for (int64_t begin = 0; begin < dataset.size(); begin += kBlock) {
    std::vector<int64_t> indices(std::min(kBlock, dataset.size() - begin));
    std::iota(indices.begin(), indices.end(), begin);
    LENSLET_RETURN_IF_ERROR(batch.ReadTargets(*dataset.examples, indices));
    for (size_t i = 0; i < indices.size(); ++i) {
      const auto is_one_hot = [&](const auto& row) {
        return std::count(row.begin(), row.end(), 1) == 1 &&
               std::count(row.begin(), row.end(), 0) == columns - 1;
      };
      const int64_t first = static_cast<int64_t>(i) * columns;
      if (!(are_classes ? is_one_hot(batch.classes().subspan(first, columns))
                        : is_one_hot(batch.values().subspan(first, columns)))) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace lenslet
