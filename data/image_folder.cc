#include "lenslet/data/image_folder.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/utf8.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/image_file.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

bool IsImageName(absl::string_view name) {
  for (const absl::string_view ending :
       {".png", ".jpg", ".jpeg", ".pgm", ".ppm"}) {
    if (absl::EndsWithIgnoreCase(name, ending)) return true;
  }
  return false;
}

// Whether an entry of a folder is a folder, or a link to one.
bool IsFolder(const std::string& folder, const dirent& entry) {
  if (entry.d_type == DT_DIR) return true;
  if (entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN) return false;
  struct stat info;
  return stat(absl::StrCat(folder, "/", entry.d_name).c_str(), &info) == 0 &&
         S_ISDIR(info.st_mode);
}

absl::Status ClassError(const std::string& directory, absl::string_view name,
                        absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat(PathIn(directory, absl::CHexEscape(name)), ": ", problem));
}

absl::Status CheckClasses(const std::string& directory,
                          const std::vector<std::string>& found,
                          absl::Span<const std::string> expected) {
  if (found.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(directory, ": has no folders; expected one per class"));
  }
  if (found.size() > kMaxClasses) {
    return absl::InvalidArgumentError(absl::StrCat(
        directory, ": has ", found.size(),
        " folders, one per class; expected at most ", kMaxClasses));
  }
  for (const std::string& name : found) {
    if (!IsValidUtf8(name)) {
      return ClassError(directory, name, "the class's name is not UTF-8");
    }
    if (!expected.empty() &&
        std::find(expected.begin(), expected.end(), name) == expected.end()) {
      return ClassError(directory, name,
                        "the training examples have no such class");
    }
  }
  for (const std::string& name : expected) {
    if (std::find(found.begin(), found.end(), name) == found.end()) {
      return ClassError(
          directory, name,
          "there is no such folder, but the training examples have this "
          "class");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ListClasses(
    const std::string& directory, absl::Span<const std::string> expected) {
  if (struct stat info;
      stat(directory.c_str(), &info) == 0 && !S_ISDIR(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(
        directory, ": is not a folder; expected one with a folder per class"));
  }
  LENSLET_ASSIGN_OR_RETURN(FolderContents contents, ListFolder(directory));
  LENSLET_RETURN_IF_ERROR(CheckClasses(directory, contents.folders, expected));
  return std::move(contents.folders);
}

bool HasCheckpoint(const FolderContents& contents) {
  return std::any_of(
      contents.others.begin(), contents.others.end(),
      [](const std::string& name) { return absl::EndsWith(name, ".ckpt"); });
}

// Where an image is, and its label.
struct LabeledFile {
  std::string path;
  uint8_t label;
};

std::vector<LabeledFile> TakeTurns(absl::Span<const ImageClass> classes) {
  std::vector<LabeledFile> examples;
  for (size_t i = 0;; ++i) {
    const size_t before = examples.size();
    for (size_t c = 0; c < classes.size(); ++c) {
      if (i >= classes[c].files.size()) continue;
      examples.push_back(
          {.path = PathIn(classes[c].folder, classes[c].files[i]),
           .label = static_cast<uint8_t>(c)});
    }
    if (examples.size() == before) return examples;
  }
}

absl::Status ReadPixels(const std::string& path, const Shape& shape,
                        uint8_t* out) {
  LENSLET_ASSIGN_OR_RETURN(const FittedImage fitted,
                           ReadFittedImage(path, shape));
  const absl::Span<const uint8_t> bytes = fitted.image.span<uint8_t>();
  std::copy(bytes.begin(), bytes.end(), out);
  return absl::OkStatus();
}

// Images that stay in their files.
class FileExamples : public Examples {
 public:
  FileExamples(std::vector<LabeledFile> files, const Shape& shape)
      : files_(std::move(files)), shape_(shape) {}

  int64_t size() const override { return files_.size(); }
  Shape shape() const override { return shape_; }
  ElementType type() const override { return ElementType::kUint8; }

  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    for (size_t i = 0; i < indices.size(); ++i) {
      LENSLET_RETURN_IF_ERROR(ReadPixels(files_.at(indices[i]).path, shape_,
                                         batch.Input<uint8_t>(i)));
    }
    return absl::OkStatus();
  }

  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    for (size_t i = 0; i < indices.size(); ++i) {
      batch.classes()[i] = files_.at(indices[i]).label;
    }
    return absl::OkStatus();
  }

  absl::Status AddToDigest(absl::Span<const int64_t> indices,
                           Digest& digest) const override {
    digest.AddWord("files");
    digest.AddWord(shape_.ToString());
    for (const int64_t index : indices) {
      const LabeledFile& file = files_.at(index);
      LENSLET_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(file.path));
      digest.AddWord(bytes);
      digest.AddWord(absl::StrCat(file.label));
    }
    return absl::OkStatus();
  }

 private:
  const std::vector<LabeledFile> files_;
  const Shape shape_;
};

}  // namespace

absl::Status CheckImageFolderShape(const Shape& shape) {
  if (shape.rank() == 3 && shape.elements() > 0 &&
      (shape.dim(2) == 1 || shape.dim(2) == 3) &&
      shape.dim(0) <= kMaxImagePixels / shape.dim(1)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "shape is ", shape.ToString(), "; expected [height, width, channels], ",
      "with 1 channel (gray) or 3 (red, green, blue) and at most ",
      kMaxImagePixels, " pixels"));
}

absl::StatusOr<FolderContents> ListFolder(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()),
                                                   &closedir);
  if (folder == nullptr) return absl::ErrnoToStatus(errno, path);
  FolderContents contents;
  while (true) {
    errno = 0;
    const dirent* entry = readdir(folder.get());
    if (entry == nullptr) break;
    const absl::string_view name = entry->d_name;
    if (name[0] == '.') continue;
    std::vector<std::string>& names = IsFolder(path, *entry) ? contents.folders
                                      : IsImageName(name)    ? contents.images
                                                             : contents.others;
    names.emplace_back(name);
  }
  if (errno != 0) return absl::ErrnoToStatus(errno, path);
  for (std::vector<std::string>* names :
       {&contents.folders, &contents.images, &contents.others}) {
    std::sort(names->begin(), names->end());
  }
  return contents;
}

absl::StatusOr<std::vector<ImageClass>> ListImageClasses(
    const std::string& directory, absl::Span<const std::string> class_names) {
  LENSLET_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                           ListClasses(directory, class_names));
  std::vector<ImageClass> classes;
  for (const std::string& name : names) {
    const std::string folder = PathIn(directory, name);
    LENSLET_ASSIGN_OR_RETURN(FolderContents contents, ListFolder(folder));
    if (contents.images.empty() && HasCheckpoint(contents)) {
      return absl::InvalidArgumentError(absl::StrCat(
          folder,
          ": is the folder of a run; expected images of a class; move "
          "it out of ",
          directory, ", whose folders are classes"));
    }
    if (contents.images.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          folder,
          ": has no images; expected files that end in .png, .jpg, .jpeg, "
          ".pgm or .ppm"));
    }
    classes.push_back(
        {.name = name, .folder = folder, .files = std::move(contents.images)});
  }
  return classes;
}

absl::StatusOr<Dataset> LoadImageFolders(
    const std::string& directory, const Shape& shape,
    absl::Span<const std::string> class_names,
    const std::optional<ReadAheadOptions>& read_ahead) {
  LENSLET_RETURN_IF_ERROR(CheckImageFolderShape(shape));
  LENSLET_ASSIGN_OR_RETURN(const std::vector<ImageClass> classes,
                           ListImageClasses(directory, class_names));
  std::vector<std::string> names;
  for (const ImageClass& c : classes) names.push_back(c.name);
  std::vector<LabeledFile> files = TakeTurns(classes);
  if (read_ahead.has_value()) {
    LENSLET_ASSIGN_OR_RETURN(
        std::shared_ptr<const Examples> examples,
        ReadAhead(std::make_shared<FileExamples>(std::move(files), shape),
                  *read_ahead));
    return Dataset{.examples = std::move(examples),
                   .target_names = std::move(names)};
  }
  const int64_t count = static_cast<int64_t>(files.size());
  LENSLET_ASSIGN_OR_RETURN(const Shape all, shape.WithOuter(count));
  absl::StatusOr<Tensor> images = Tensor::Create(ElementType::kUint8, all);
  if (!images.ok()) {
    return absl::ResourceExhaustedError(
        absl::StrCat(directory, ": ", images.status().message()));
  }
  LENSLET_ASSIGN_OR_RETURN(Tensor labels,
                           Tensor::Create(ElementType::kUint8, {count}));
  uint8_t* pixels = images->data<uint8_t>();
  for (int64_t i = 0; i < count; ++i) {
    LENSLET_RETURN_IF_ERROR(ReadPixels(files[i].path, shape, pixels));
    pixels += shape.elements();
    labels.data<uint8_t>()[i] = files[i].label;
  }
  return MakeDataset(
      {.inputs = *std::move(images), .targets = std::move(labels)},
      std::move(names));
}

}  // namespace lenslet
