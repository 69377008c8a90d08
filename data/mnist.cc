#include "lenslet/data/mnist.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/class_names.h"
#include "lenslet/data/idx.h"
#include "lenslet/data/idx_names.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// The classes, in order, and their labels.
struct LabelNames {
  std::vector<std::string> names = {};
  std::map<int32_t, int32_t> index_of = {};  // Of a label.
  std::string source;                        // For errors.
};

LabelNames LabelsFrom(int32_t first, std::vector<std::string> names,
                      std::string source) {
  LabelNames labels = {.names = std::move(names), .source = std::move(source)};
  for (size_t i = 0; i < labels.names.size(); ++i) {
    labels.index_of.emplace(first + static_cast<int32_t>(i),
                            static_cast<int32_t>(i));
  }
  return labels;
}

// EMNIST's: in each line, a label and the codes of the characters that it
// stands for, of which the first is the name.
absl::StatusOr<LabelNames> ReadMapping(const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(const std::vector<std::string> lines,
                           ReadClassNames(path));
  std::map<int32_t, std::string> name_of;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(lines[i], ' ', absl::SkipWhitespace());
    int32_t label, code;
    if (words.size() < 2 || !absl::SimpleAtoi(words[0], &label) ||
        !absl::SimpleAtoi(words[1], &code)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": line ", i + 1, " is \"",
                       absl::StripAsciiWhitespace(lines[i]),
                       "\"; expected a label and the code of its character"));
    }
    const bool is_visible = code > 32 && code < 127;
    const std::string name = is_visible
                                 ? std::string(1, static_cast<char>(code))
                                 : absl::StrCat(code);
    if (!name_of.emplace(label, name).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": line ", i + 1, " has label ", label, ", as one before"));
    }
  }
  LabelNames labels = {.source = absl::StrCat("the lines of ", path)};
  for (const auto& [label, name] : name_of) {
    labels.index_of.emplace(label, static_cast<int32_t>(labels.names.size()));
    labels.names.push_back(name);
  }
  LENSLET_RETURN_IF_ERROR(CheckClassNames(path, labels.names));
  return labels;
}

absl::StatusOr<LabelNames> ReadNames(const std::string& path,
                                     int32_t first_label) {
  if (absl::EndsWith(path, "mapping.txt")) return ReadMapping(path);
  LENSLET_ASSIGN_OR_RETURN(std::vector<std::string> names,
                           ReadClassNames(path));
  LENSLET_RETURN_IF_ERROR(CheckClassNames(path, names));
  return LabelsFrom(first_label, std::move(names),
                    absl::StrCat("the lines of ", path));
}

absl::StatusOr<LabelNames> FindNames(const std::string& directory,
                                     const std::string& prefix,
                                     absl::Span<const int32_t> labels,
                                     const MnistOptions& options) {
  const int32_t first = options.first_label;
  std::string file = options.class_names_file;
  if (file.empty()) {
    for (const std::string& name :
         {std::string("classes.txt"), absl::StrCat(prefix, "mapping.txt")}) {
      const std::string path = absl::StrCat(directory, "/", name);
      if (file.empty() && FileExists(path)) file = path;
    }
  }
  if (!options.class_names.empty()) {
    const std::vector<std::string>& names = options.class_names;
    LENSLET_RETURN_IF_ERROR(CheckClassNames("class_names", names));
    if (!file.empty()) {
      // Those of the training examples may be the file's, which says more.
      const auto found = ReadNames(file, first);
      if (found.ok() && found->names == names) return found;
    }
    return LabelsFrom(
        first, names,
        absl::StrCat("\"", names.front(), "\" to \"", names.back(), "\""));
  }
  if (!file.empty()) return ReadNames(file, first);
  constexpr int32_t kFewestClasses = 10;
  int32_t last = first + kFewestClasses - 1;
  for (const int32_t label : labels) last = std::max(last, label);
  last = std::min(last, first + kMaxClasses - 1);
  std::vector<std::string> names;
  for (int32_t i = first; i <= last; ++i) names.push_back(absl::StrCat(i));
  return LabelsFrom(first, std::move(names),
                    absl::StrCat("\"", first, "\" to \"", last, "\""));
}

// "1 to 4, 7 and 9 to 12"; the first ranges of many.
std::string LabelList(const LabelNames& names) {
  constexpr size_t kMostRanges = 6;
  std::vector<std::pair<int32_t, int32_t>> ranges;
  for (const auto& [label, index] : names.index_of) {
    if (ranges.empty() || ranges.back().second + 1 != label) {
      ranges.emplace_back(label, label);
    }
    ranges.back().second = label;
  }
  std::string list;
  for (size_t i = 0; i < std::min(ranges.size(), kMostRanges); ++i) {
    const auto [first, last] = ranges[i];
    absl::StrAppend(&list,
                    i == 0                   ? ""
                    : i + 1 == ranges.size() ? " and "
                                             : ", ",
                    first, first == last ? "" : absl::StrCat(" to ", last));
  }
  return ranges.size() > kMostRanges ? list + ", ..." : list;
}

// Makes labels indices of classes.
absl::Status ToIndices(const std::string& path, const LabelNames& names,
                       absl::Span<int32_t> labels) {
  for (size_t i = 0; i < labels.size(); ++i) {
    const auto found = names.index_of.find(labels[i]);
    if (found != names.index_of.end()) {
      labels[i] = found->second;
      continue;
    }
    const int32_t first = names.index_of.begin()->first;
    const int32_t last = names.index_of.rbegin()->first;
    const auto count = static_cast<int32_t>(names.names.size());
    std::string expected;
    if (last - first + 1 != count) {
      // A mapping may leave labels out.
      expected = absl::StrCat("one of the ", count, " labels of ", names.source,
                              ": ", LabelList(names));
    } else if (first != 0) {
      expected = absl::StrCat("a label from ", first, " and below ", last + 1,
                              " (", names.source, ")");
    } else {
      expected = absl::StrCat(
          labels[i] < 0 ? "a label from 0 and below " : "a label below ",
          last + 1, ", the number of classes (", names.source, ")",
          labels[i] == count ? "; if labels count from 1, set "
                               "first_label: 1"
                             : "");
    }
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": label ", labels[i], " at index ", i, "; expected ", expected));
  }
  return absl::OkStatus();
}

template <typename T>
void TransposeTo(const Tensor& from, Tensor& to) {
  const Shape& shape = from.shape();
  const int64_t height = shape.dim(1), width = shape.dim(2);
  const int64_t channels = shape.elements() / (shape.dim(0) * height * width);
  const T* in = from.data<T>();
  for (int64_t i = 0; i < shape.dim(0); ++i) {
    T* const image = to.data<T>() + i * height * width * channels;
    for (int64_t y = 0; y < height; ++y) {
      for (int64_t x = 0; x < width; ++x) {
        std::copy_n(in, channels, image + (x * height + y) * channels);
        in += channels;
      }
    }
  }
}

// Swaps height and width.
absl::StatusOr<Tensor> TransposeImages(const std::string& path,
                                       const Tensor& images) {
  const Shape& shape = images.shape();
  if (shape.rank() < 4) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": has inputs of shape ", shape.ToString(),
                     "; expected images, since transposed is set"));
  }
  std::vector<int64_t> dims(shape.dims().begin(), shape.dims().end());
  std::swap(dims[1], dims[2]);
  LENSLET_ASSIGN_OR_RETURN(const Shape swapped, Shape::Create(dims));
  LENSLET_ASSIGN_OR_RETURN(Tensor result,
                           Tensor::Create(images.type(), swapped));
  if (images.type() == ElementType::kUint8) {
    TransposeTo<uint8_t>(images, result);
  } else {
    TransposeTo<float>(images, result);
  }
  return result;
}

}  // namespace

absl::StatusOr<Dataset> LoadMnist(const std::string& directory, Split split,
                                  const MnistOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const IdxFolder folder,
                           IdxFolder::Open(directory, options.prefix));
  LENSLET_ASSIGN_OR_RETURN(const std::string images_path,
                           folder.Find(split, IdxContents::kImages));
  LENSLET_ASSIGN_OR_RETURN(const std::string labels_path,
                           folder.Find(split, IdxContents::kLabels));
  LENSLET_ASSIGN_OR_RETURN(std::vector<int32_t> labels,
                           ReadIdxLabels(labels_path));
  LENSLET_ASSIGN_OR_RETURN(
      LabelNames names, FindNames(directory, folder.prefix(), labels, options));
  LENSLET_RETURN_IF_ERROR(
      ToIndices(labels_path, names, absl::MakeSpan(labels)));
  ExampleArrays arrays;
  LENSLET_ASSIGN_OR_RETURN(arrays.inputs, ReadIdxImages(images_path));
  const size_t images = arrays.inputs.shape().dim(0);
  if (images != labels.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        images_path, ": has ", images, " images; expected ", labels.size(),
        ", as many as ", labels_path, " has labels"));
  }
  if (options.transposed) {
    LENSLET_ASSIGN_OR_RETURN(arrays.inputs,
                             TransposeImages(images_path, arrays.inputs));
  }
  LENSLET_ASSIGN_OR_RETURN(
      arrays.targets,
      ClassTensor(labels, {static_cast<int64_t>(labels.size())}));
  absl::StatusOr<Dataset> dataset =
      MakeDataset(std::move(arrays), std::move(names.names));
  if (dataset.ok()) return dataset;
  return absl::Status(
      dataset.status().code(),
      absl::StrCat(images_path, ": ", dataset.status().message()));
}

}  // namespace lenslet
