#include "lenslet/data/mnist.h"

#include <sys/stat.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/class_names.h"
#include "lenslet/data/idx.h"

namespace lenslet {
namespace {

constexpr char kHowToGetMnist[] =
    "\"apt-get install dataset-fashion-mnist\" puts Fashion-MNIST into "
    "/usr/share/datasets/fashion-mnist; MNIST has the same four files";

absl::Status CheckDirectory(const std::string& directory) {
  struct stat info;
  if (stat(directory.c_str(), &info) != 0) {
    return absl::NotFoundError(
        absl::StrCat(directory, ": there is no such folder; ", kHowToGetMnist));
  }
  if (!S_ISDIR(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory,
                     ": is not a folder; expected the one with the data "
                     "set's four files"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> FindFile(const std::string& directory,
                                     absl::string_view name) {
  const std::string plain = absl::StrCat(directory, "/", name);
  if (FileExists(plain)) return plain;
  const std::string gzipped = absl::StrCat(plain, ".gz");
  if (FileExists(gzipped)) return gzipped;
  return absl::NotFoundError(absl::StrCat(
      plain, ": neither this file nor ", gzipped, " exists; ", kHowToGetMnist));
}

}  // namespace

absl::StatusOr<Dataset> LoadMnist(const std::string& directory, Split split) {
  LENSLET_RETURN_IF_ERROR(CheckDirectory(directory));
  const std::string prefix = split == Split::kTrain ? "train" : "t10k";
  LENSLET_ASSIGN_OR_RETURN(
      const std::string images_path,
      FindFile(directory, absl::StrCat(prefix, "-images-idx3-ubyte")));
  LENSLET_ASSIGN_OR_RETURN(
      const std::string labels_path,
      FindFile(directory, absl::StrCat(prefix, "-labels-idx1-ubyte")));

  std::vector<std::string> names;
  const std::string classes_path = absl::StrCat(directory, "/classes.txt");
  std::string classes_source = "\"0\" to \"9\"";
  if (FileExists(classes_path)) {
    LENSLET_ASSIGN_OR_RETURN(names, ReadClassNames(classes_path));
    classes_source = absl::StrCat("the lines of ", classes_path);
  } else {
    for (int i = 0; i < 10; ++i) names.push_back(absl::StrCat(i));
  }

  ExampleArrays arrays;
  LENSLET_ASSIGN_OR_RETURN(arrays.targets, ReadIdxLabels(labels_path));
  const absl::Span<const uint8_t> labels =
      std::as_const(arrays.targets).span<uint8_t>();
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= names.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat(labels_path, ": label ", labels[i], " at index ", i,
                       "; expected a label below ", names.size(),
                       ", the number of classes (", classes_source, ")"));
    }
  }
  LENSLET_ASSIGN_OR_RETURN(arrays.inputs, ReadIdxImages(images_path));
  const size_t images = arrays.inputs.shape().dim(0);
  if (images != labels.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        images_path, ": has ", images, " images; expected ", labels.size(),
        ", as many as ", labels_path, " has labels"));
  }
  return MakeDataset(std::move(arrays), std::move(names));
}

}  // namespace lenslet
