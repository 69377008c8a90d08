#include "lenslet/data/examination.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/thread_pool.h"
#include "lenslet/data/digest.h"

namespace lenslet {
namespace {

constexpr size_t kMostErrors = 1000;

// What one example is.
struct Look {
  std::string error = "";
  std::string digest = "";  // Empty if it could not be read.
  bool is_constant = false;
  double largest = 0;
};

int64_t SizeOfElement(ElementType type) {
  return type == ElementType::kUint8 ? 1 : sizeof(float);
}

// Whether all elements have the bytes of the first.
bool IsConstant(const void* input, int64_t elements, int64_t element_size) {
  const auto* const bytes = static_cast<const char*>(input);
  return elements > 1 && std::memcmp(bytes, bytes + element_size,
                                     (elements - 1) * element_size) == 0;
}

template <typename T>
double Largest(const void* input, int64_t elements) {
  const auto* const numbers = static_cast<const T*>(input);
  float largest = 0;
  for (int64_t i = 0; i < elements; ++i) {
    largest = std::max(largest, std::abs(static_cast<float>(numbers[i])));
  }
  return largest;
}

Look LookAt(const Examples& examples, int64_t index, ExampleBatch& batch) {
  const absl::Status status = batch.ReadInputs(examples, {index});
  if (!status.ok())
    return {.error = std::string(status.message()), .digest = ""};
  const void* const input = batch.inputs()[0];
  const int64_t elements = examples.shape().elements();
  const int64_t element_size = SizeOfElement(examples.type());
  Look look;
  Digest digest;
  digest.Add(input, elements * element_size);
  look.digest = digest.Hex();
  if (examples.shape().rank() < 2) return look;
  look.is_constant = IsConstant(input, elements, element_size);
  look.largest = examples.type() == ElementType::kUint8
                     ? Largest<uint8_t>(input, elements)
                     : Largest<float>(input, elements);
  return look;
}

// The indices to read.
std::vector<int64_t> SpreadIndices(int64_t size, int64_t most) {
  const int64_t count = std::min(size, most);
  std::vector<int64_t> indices(count);
  for (int64_t i = 0; i < count; ++i) indices[i] = i * size / count;
  return indices;
}

absl::StatusOr<std::vector<Look>> LookAtAll(const Dataset& dataset,
                                            absl::Span<const int64_t> indices,
                                            int threads) {
  std::vector<Look> looks(indices.size());
  if (looks.empty()) return looks;
  LENSLET_ASSIGN_OR_RETURN(const std::unique_ptr<ThreadPool> pool,
                           ThreadPool::Create(threads));
  std::vector<ExampleBatch> batches(threads);
  pool->ParallelFor(
      static_cast<int64_t>(looks.size()), [&](int thread, int64_t i) {
        looks[i] = LookAt(*dataset.examples, indices[i], batches[thread]);
      });
  return looks;
}

// How many of these examples each class has.
absl::StatusOr<std::vector<int64_t>> CountClasses(
    const Dataset& dataset, absl::Span<const int64_t> indices) {
  LENSLET_ASSIGN_OR_RETURN(const std::vector<int32_t> classes,
                           dataset.Classes(indices));
  std::vector<int64_t> counts(dataset.target_names.size());
  for (const int32_t c : classes) ++counts[c];
  return counts;
}

absl::StatusOr<ExaminedExamples> SumLooks(const Dataset& dataset,
                                          absl::Span<const int64_t> indices,
                                          absl::Span<const Look> looks) {
  ExaminedExamples result = {.size = dataset.size(),
                             .read = static_cast<int64_t>(looks.size())};
  std::vector<int64_t> read, constant;
  for (size_t i = 0; i < looks.size(); ++i) {
    if (!looks[i].error.empty()) {
      ++result.unreadable;
      if (result.errors.size() < kMostErrors) {
        result.errors.push_back(looks[i].error);
      }
      continue;
    }
    read.push_back(indices[i]);
    result.largest = std::max(result.largest, looks[i].largest);
    if (looks[i].is_constant) constant.push_back(indices[i]);
  }
  result.constant = static_cast<int64_t>(constant.size());
  if (constant.empty()) return result;
  result.first_constant = constant[0];
  if (dataset.examples->target() != TargetSpec()) return result;
  LENSLET_ASSIGN_OR_RETURN(const std::vector<int64_t> of_read,
                           CountClasses(dataset, read));
  LENSLET_ASSIGN_OR_RETURN(const std::vector<int64_t> of_constant,
                           CountClasses(dataset, constant));
  for (size_t c = 0; c < of_read.size(); ++c) {
    if (of_read[c] > 0 && of_read[c] == of_constant[c]) {
      result.constant_classes.push_back(static_cast<int32_t>(c));
    }
  }
  return result;
}

bool IsSample(const ExaminedExamples& examples) {
  return examples.read < examples.size;
}

// "3 of 12 training examples", or "3 of 4,096 checked training examples".
std::string ShareText(int64_t count, const ExaminedExamples& examples,
                      absl::string_view split) {
  return absl::StrCat(WithCommas(count), " of ", WithCommas(examples.read),
                      IsSample(examples) ? " checked " : " ", split,
                      " examples");
}

std::string ClassList(absl::Span<const int32_t> classes,
                      const Dataset& dataset) {
  constexpr size_t kMostShown = 10;
  std::string list;
  for (const int32_t c : classes.subspan(0, kMostShown)) {
    absl::StrAppend(&list, list.empty() ? "" : ", ", "\"",
                    Printable(dataset.target_names[c]), "\"");
  }
  return classes.size() > kMostShown ? list + ", ..." : list;
}

void AddWarningsOf(const ExaminedExamples& examples, absl::string_view split,
                   const Dataset& dataset, std::vector<std::string>& warnings) {
  if (examples.constant == 0) return;
  const auto& classes = examples.constant_classes;
  const Shape shape = dataset.example_shape();
  const bool are_images =
      shape.rank() == 3 && (shape.dim(2) == 1 || shape.dim(2) == 3);
  warnings.push_back(absl::StrCat(
      ShareText(examples.constant, examples, split),
      examples.constant == 1 ? " has" : " have",
      " one value everywhere, the first at index ", examples.first_constant,
      classes.empty()
          ? ""
          : absl::StrCat(", among them all of ",
                         classes.size() == 1 ? "class " : "classes ",
                         ClassList(classes, dataset)),
      "; only that value can be learned from them",
      are_images ? "; if they are drawn on a transparent ground, set background"
                 : ""));
}

// The first example of each input, by its digest.
using FirstIndices = std::map<std::string, int64_t>;

// Adds to `first`. Returns the examples whose input is there already, each with
// the first one.
std::vector<std::pair<int64_t, int64_t>> FindRepeats(
    absl::Span<const int64_t> indices, absl::Span<const Look> looks,
    FirstIndices& first) {
  std::vector<std::pair<int64_t, int64_t>> repeats;
  for (size_t i = 0; i < looks.size(); ++i) {
    if (looks[i].digest.empty()) continue;
    const auto [found, is_new] = first.emplace(looks[i].digest, indices[i]);
    if (!is_new) repeats.emplace_back(indices[i], found->second);
  }
  return repeats;
}

absl::Status FindContradictions(
    const Dataset& dataset,
    absl::Span<const std::pair<int64_t, int64_t>> repeats,
    Examination& result) {
  if (repeats.empty() || dataset.example_shape().rank() < 2 ||
      dataset.examples->target() != TargetSpec()) {
    return absl::OkStatus();
  }
  std::vector<int64_t> indices;
  for (const auto& [index, first] : repeats) {
    indices.push_back(index);
    indices.push_back(first);
  }
  LENSLET_ASSIGN_OR_RETURN(const std::vector<int32_t> classes,
                           dataset.Classes(indices));
  for (size_t i = 0; i < repeats.size(); ++i) {
    if (classes[2 * i] == classes[2 * i + 1]) continue;
    if (result.contradicting == 0) {
      result.contradicting_index = repeats[i].first;
      result.contradicted_index = repeats[i].second;
    }
    ++result.contradicting;
  }
  return absl::OkStatus();
}

// Of inputs of few numbers. `repeated_test` are the test examples that repeat
// others.
bool AreEqualByMoreThanChance(const Examination& examination,
                              int64_t repeated_test) {
  constexpr int64_t kMinTest = 10;
  constexpr double kMostRepeated = 0.1, kLeastShared = 0.7;
  const auto train = static_cast<double>(examination.train.read);
  const auto test = static_cast<double>(examination.test.read);
  return examination.test.read >= kMinTest &&
         static_cast<double>(examination.repeated) <= kMostRepeated * train &&
         static_cast<double>(repeated_test) <= kMostRepeated * test &&
         static_cast<double>(examination.shared) >= kLeastShared * test;
}

// That one set of images is much darker than the other: files of 10 bits in 16,
// read as bytes, are black.
void AddRangeWarning(const Examination& examination,
                     std::vector<std::string>& warnings) {
  constexpr double kMostTimes = 16;
  const double train = examination.train.largest;
  const double test = examination.test.largest;
  if (train == 0 || test == 0) return;
  if (train < kMostTimes * test && test < kMostTimes * train) return;
  warnings.push_back(absl::StrFormat(
      "the largest number of the training examples is %.4g, but that of the "
      "test examples %.4g; expected the same range, from files of the same "
      "number of bits",
      train, test));
}

}  // namespace

absl::StatusOr<Examination> ExamineExamples(const Dataset& train,
                                            const Dataset& test,
                                            const ExaminationOptions& options) {
  Examination result;
  FirstIndices first;
  {
    const std::vector<int64_t> indices =
        SpreadIndices(train.size(), options.max_examples);
    LENSLET_ASSIGN_OR_RETURN(const std::vector<Look> looks,
                             LookAtAll(train, indices, options.threads));
    LENSLET_ASSIGN_OR_RETURN(result.train, SumLooks(train, indices, looks));
    const std::vector<std::pair<int64_t, int64_t>> repeats =
        FindRepeats(indices, looks, first);
    result.repeated = static_cast<int64_t>(repeats.size());
    LENSLET_RETURN_IF_ERROR(FindContradictions(train, repeats, result));
  }
  const std::vector<int64_t> indices =
      SpreadIndices(test.size(), options.max_examples);
  LENSLET_ASSIGN_OR_RETURN(const std::vector<Look> looks,
                           LookAtAll(test, indices, options.threads));
  LENSLET_ASSIGN_OR_RETURN(result.test, SumLooks(test, indices, looks));
  for (size_t i = 0; i < looks.size(); ++i) {
    const auto found = first.find(looks[i].digest);
    if (looks[i].digest.empty() || found == first.end()) continue;
    if (result.shared == 0) {
      result.first_test = indices[i];
      result.first_train = found->second;
    }
    ++result.shared;
  }
  if (train.size() == 0 ||
      train.example_shape().elements() >= kMinComparedNumbers) {
    return result;
  }
  FirstIndices of_test;
  const auto repeated_test =
      static_cast<int64_t>(FindRepeats(indices, looks, of_test).size());
  if (!AreEqualByMoreThanChance(result, repeated_test)) result.shared = 0;
  result.repeated = 0;
  return result;
}

std::vector<std::string> ExaminationWarnings(const Examination& examination,
                                             const Dataset& train,
                                             const Dataset& test) {
  std::vector<std::string> warnings;
  AddWarningsOf(examination.train, "training", train, warnings);
  AddWarningsOf(examination.test, "test", test, warnings);
  if (examination.shared > 0) {
    warnings.push_back(
        absl::StrCat(ShareText(examination.shared, examination.test, "test"),
                     examination.shared == 1 ? " is" : " are",
                     " among the training examples, too, as test example ",
                     examination.first_test, " is training example ",
                     examination.first_train,
                     "; test results are too good by what is known by heart"));
  }
  AddRangeWarning(examination, warnings);
  if (examination.contradicting > 0) {
    warnings.push_back(absl::StrCat(
        ShareText(examination.contradicting, examination.train, "training"),
        examination.contradicting == 1 ? " is" : " are",
        " of another class than an equal one, as example ",
        examination.contradicting_index, " is example ",
        examination.contradicted_index, "; expected one class for both"));
  }
  if (examination.repeated > 0) {
    warnings.push_back(absl::StrCat(
        ShareText(examination.repeated, examination.train, "training"),
        examination.repeated == 1 ? " repeats" : " repeat",
        " another; validation examples that are set aside may repeat those "
        "that are trained on"));
  }
  return warnings;
}

std::string ExaminationNote(const Examination& examination) {
  const auto part = [](const ExaminedExamples& examples,
                       absl::string_view split) {
    return absl::StrCat(WithCommas(examples.read), " of ",
                        WithCommas(examples.size), " ", split, " examples");
  };
  const ExaminedExamples& train = examination.train;
  const ExaminedExamples& test = examination.test;
  if (!IsSample(train) && !IsSample(test)) return "";
  return absl::StrCat(
      "checked ", part(train, "training"),
      test.size > 0 ? absl::StrCat(" and ", part(test, "test")) : "",
      ", spread evenly, for unreadable files, constant inputs and duplicates");
}

}  // namespace lenslet
