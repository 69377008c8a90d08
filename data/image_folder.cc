#include "lenslet/data/image_folder.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/file.h"
#include "lenslet/base/input_file.h"
#include "lenslet/base/natural_less.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/utf8.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/class_names.h"
#include "lenslet/data/crop_margin.h"
#include "lenslet/data/image_cache.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/image_file_examples.h"
#include "lenslet/data/split.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

bool HasImageEnding(absl::string_view name) {
  for (const absl::string_view ending :
       {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".gif",
        ".tif", ".tiff", ".webp", ".pgm", ".ppm", ".pnm"}) {
    if (absl::EndsWithIgnoreCase(name, ending)) return true;
  }
  return false;
}

enum class EntryKind { kFolder, kFile, kOther };

// Links are what they lead to.
EntryKind KindOf(const std::string& folder, const dirent& entry) {
  if (entry.d_type == DT_DIR) return EntryKind::kFolder;
  if (entry.d_type == DT_REG) return EntryKind::kFile;
  if (entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN) {
    return EntryKind::kOther;
  }
  struct stat info;
  if (stat(absl::StrCat(folder, "/", entry.d_name).c_str(), &info) != 0) {
    return EntryKind::kOther;
  }
  return S_ISDIR(info.st_mode)   ? EntryKind::kFolder
         : S_ISREG(info.st_mode) ? EntryKind::kFile
                                 : EntryKind::kOther;
}

// The first bytes of a file, or fewer if it has less or cannot be read.
std::string StartOf(const std::string& path, int64_t bytes) {
  absl::StatusOr<InputFile> file = InputFile::Open(path);
  if (!file.ok()) return "";
  std::string start(bytes, '\0');
  const absl::StatusOr<int64_t> size = file->Read(absl::MakeSpan(start));
  start.resize(size.value_or(0));
  return start;
}

bool StartsAsImage(const std::string& path) {
  return ImageFormatOf(StartOf(path, kImageSignatureBytes)).has_value();
}

bool IsHeicOrAvifFile(const std::string& path) {
  return IsHeicOrAvif(StartOf(path, kImageSignatureBytes));
}

// "sub", or "sub (a folder of 3 images)".
std::string FolderText(const std::string& path, const std::string& name) {
  const absl::StatusOr<FolderContents> contents = ListFolder(path);
  if (!contents.ok() || contents->images.empty()) return name;
  const auto images = static_cast<int64_t>(contents->images.size());
  return absl::StrCat(name, " (a folder of ", WithCommas(images),
                      images == 1 ? " image)" : " images)");
}

absl::Status ClassError(const std::string& directory, absl::string_view name,
                        absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat(PathIn(directory, absl::CHexEscape(name)), ": ", problem));
}

// Says which classes may be meant by the folders, at least one, that are none.
absl::Status UnknownClasses(const std::string& directory,
                            absl::Span<const std::string> unknown,
                            absl::Span<const std::string> expected) {
  if (unknown.size() == 1) {
    return ClassError(directory, unknown[0],
                      absl::StrCat("the training examples have no such class",
                                   DidYouMean(unknown[0], expected)));
  }
  std::vector<std::string> names;
  for (const std::string& name : unknown) {
    const std::string nearest = NearestName(name, expected);
    names.push_back(nearest.empty()
                        ? name
                        : absl::StrCat(name, " (did you mean ", nearest, "?)"));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      directory, ": the training examples have no classes ", NameList(names)));
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
  std::vector<std::string> unknown;
  for (const std::string& name : found) {
    if (!IsValidUtf8(name)) {
      return ClassError(directory, name, "the class's name is not UTF-8");
    }
    if (!expected.empty() &&
        std::find(expected.begin(), expected.end(), name) == expected.end()) {
      unknown.push_back(name);
    }
  }
  if (unknown.empty()) return absl::OkStatus();
  return UnknownClasses(directory, unknown, expected);
}

int64_t CountHeic(const std::string& folder, const FolderContents& contents) {
  return std::count_if(contents.others.begin(), contents.others.end(),
                       [&](const std::string& name) {
                         return IsHeicOrAvifFile(PathIn(folder, name));
                       });
}

std::string HeicText(int64_t count) {
  if (count == 0) return "";
  return absl::StrCat("; ", WithCommas(count),
                      count == 1 ? " file is" : " files are",
                      " HEIC or AVIF, which is not read: ", kConvertHeic);
}

bool HasFoldersOfImages(const std::string& path,
                        const FolderContents& contents) {
  return std::any_of(contents.folders.begin(), contents.folders.end(),
                     [&](const std::string& name) {
                       const absl::StatusOr<FolderContents> inner =
                           ListFolder(PathIn(path, name));
                       return inner.ok() && !inner->images.empty();
                     });
}

// `folders` are those of classes, at least one.
absl::Status HaveNoImages(const std::string& directory,
                          absl::Span<const std::string> folders) {
  int64_t heic = 0;
  std::string meant;
  for (const std::string& name : folders) {
    const std::string folder = PathIn(directory, name);
    const absl::StatusOr<FolderContents> contents = ListFolder(folder);
    if (!contents.ok()) continue;
    heic += CountHeic(folder, *contents);
    const bool is_better =
        meant.empty() || absl::StartsWithIgnoreCase(name, "train");
    if (is_better && HasFoldersOfImages(folder, *contents)) meant = folder;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      folders.size() == 1
          ? absl::StrCat(PathIn(directory, folders[0]), ": has no images")
          : absl::StrCat(directory, ": the folders ", NameList(folders),
                         " have no images"),
      "; expected ", kImageFormats, " files", HeicText(heic),
      meant.empty() ? "" : absl::StrCat("; perhaps ", meant, " is meant")));
}

absl::StatusOr<FolderContents> ListClasses(
    const std::string& directory, absl::Span<const std::string> expected) {
  if (struct stat info;
      stat(directory.c_str(), &info) == 0 && !S_ISDIR(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(
        directory, ": is not a folder; expected one with a folder per class"));
  }
  LENSLET_ASSIGN_OR_RETURN(FolderContents contents, ListFolder(directory));
  LENSLET_RETURN_IF_ERROR(CheckClasses(directory, contents.folders, expected));
  return contents;
}

bool HasCheckpoint(const FolderContents& contents) {
  return std::any_of(
      contents.others.begin(), contents.others.end(),
      [](const std::string& name) { return absl::EndsWith(name, ".ckpt"); });
}

// Where an image is, and its label.
struct LabeledFile {
  std::string path;
  int32_t label;
};

std::vector<LabeledFile> TakeTurns(absl::Span<const ImageClass> classes) {
  std::vector<LabeledFile> examples;
  for (size_t i = 0;; ++i) {
    const size_t before = examples.size();
    for (size_t c = 0; c < classes.size(); ++c) {
      if (i >= classes[c].files.size()) continue;
      examples.push_back(
          {.path = PathIn(classes[c].folder, classes[c].files[i]),
           .label = static_cast<int32_t>(c)});
    }
    if (examples.size() == before) return examples;
  }
}

std::vector<std::string> PathsOf(absl::Span<const LabeledFile> files) {
  std::vector<std::string> paths;
  for (const LabeledFile& file : files) paths.push_back(file.path);
  return paths;
}

// Images that stay in their files, each with its label.
class LabeledFileExamples : public ImageFileExamples {
 public:
  LabeledFileExamples(const std::vector<LabeledFile>& files, const Shape& shape,
                      const ReadImagesOptions& options)
      : ImageFileExamples(PathsOf(files), shape, options) {
    for (const LabeledFile& file : files) labels_.push_back(file.label);
  }

  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    for (size_t i = 0; i < indices.size(); ++i) {
      batch.classes()[i] = labels_.at(indices[i]);
    }
    return absl::OkStatus();
  }

 protected:
  absl::Status AddTargetToDigest(int64_t index, Digest& digest) const override {
    digest.AddWord(absl::StrCat(labels_.at(index)));
    return absl::OkStatus();
  }

 private:
  std::vector<int32_t> labels_;
};

// Notes what was found out about the images, and keeps the unreadable ones.
void NoteSeen(const std::string& directory, const ImagesSeen& seen,
              const ImageFolderOptions& options) {
  if (options.notes != nullptr) {
    for (const std::string& note : seen.Notes()) {
      options.notes->push_back(absl::StrCat(directory, ": ", note));
    }
  }
  if (options.unreadable != nullptr) {
    options.unreadable->insert(options.unreadable->end(),
                               seen.unreadable.begin(), seen.unreadable.end());
  }
}

// Reads the files into memory.
absl::StatusOr<Dataset> ReadIntoMemory(const std::string& directory,
                                       const std::vector<LabeledFile>& files,
                                       const Shape& shape,
                                       std::vector<std::string> names,
                                       const ImageFolderOptions& options) {
  absl::StatusOr<ReadImagesResult> result =
      ReadImages(PathsOf(files), shape, options.read);
  if (!result.ok()) {
    if (!absl::IsResourceExhausted(result.status())) return result.status();
    return absl::ResourceExhaustedError(
        absl::StrCat(directory, ": ", result.status().message()));
  }
  NoteSeen(directory, result->seen, options);
  const auto count = static_cast<int64_t>(files.size());
  std::vector<int32_t> classes;
  for (const LabeledFile& file : files) classes.push_back(file.label);
  LENSLET_ASSIGN_OR_RETURN(Tensor labels, ClassTensor(classes, {count}));
  LENSLET_ASSIGN_OR_RETURN(Dataset dataset,
                           MakeDataset({.inputs = std::move(result->images),
                                        .targets = std::move(labels)},
                                       std::move(names)));
  if (static_cast<int64_t>(result->read.size()) == count) return dataset;
  return SelectExamples(dataset, std::move(result->read));
}

// Leaves out the files that cannot be decoded.
absl::Status DropUnreadable(const std::string& directory, const Shape& shape,
                            const ImageFolderOptions& options,
                            std::vector<LabeledFile>& files) {
  LENSLET_ASSIGN_OR_RETURN(const ReadImagesResult result,
                           CheckImages(PathsOf(files), shape, options.read));
  NoteSeen(directory, result.seen, options);
  std::vector<LabeledFile> kept;
  for (const int64_t i : result.read) kept.push_back(std::move(files[i]));
  files = std::move(kept);
  return absl::OkStatus();
}

}  // namespace

std::string NameList(absl::Span<const std::string> names) {
  constexpr size_t kMostNamed = 20;
  std::vector<std::string> shown;
  for (size_t i = 0; i < std::min(names.size(), kMostNamed); ++i) {
    shown.push_back(Printable(names[i]));
  }
  return absl::StrCat(
      absl::StrJoin(shown, ", "),
      names.size() > kMostNamed
          ? absl::StrCat(" and ",
                         WithCommas(static_cast<int64_t>(names.size()) -
                                    static_cast<int64_t>(kMostNamed)),
                         " more")
          : "");
}

absl::Status CheckImageFolderShape(const Shape& shape, int64_t crop_margin) {
  if (shape.rank() == 3 && shape.elements() > 0 &&
      (shape.dim(2) == 1 || shape.dim(2) == 3) &&
      shape.dim(0) <= kMaxImagePixels / shape.dim(1)) {
    const absl::StatusOr<Shape> wide = WithMargin(shape, crop_margin);
    if (wide.ok() && wide->dim(0) <= kMaxImagePixels / wide->dim(1)) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(absl::StrCat(
        "crop_margin is ", crop_margin, ", images of ",
        shape.dim(0) + 2 * crop_margin, " x ", shape.dim(1) + 2 * crop_margin,
        " pixels; expected a margin with which they have at most ",
        kMaxImagePixels));
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
    if (name[0] == '.' || name == "__MACOSX") continue;
    const EntryKind kind = KindOf(path, *entry);
    const bool is_image =
        kind != EntryKind::kFolder &&
        (HasImageEnding(name) ||
         (kind == EntryKind::kFile && StartsAsImage(PathIn(path, name))));
    std::vector<std::string>& names = kind == EntryKind::kFolder
                                          ? contents.folders
                                      : is_image ? contents.images
                                                 : contents.others;
    names.emplace_back(name);
  }
  if (errno != 0) return absl::ErrnoToStatus(errno, path);
  std::sort(contents.folders.begin(), contents.folders.end(), NaturalLess);
  std::sort(contents.images.begin(), contents.images.end());
  std::sort(contents.others.begin(), contents.others.end());
  return contents;
}

std::string HeicHint(const std::string& folder,
                     const FolderContents& contents) {
  return HeicText(CountHeic(folder, contents));
}

absl::StatusOr<std::vector<ImageClass>> ListImageClasses(
    const std::string& directory, absl::Span<const std::string> class_names,
    std::vector<std::string>* notes) {
  LENSLET_ASSIGN_OR_RETURN(const FolderContents all,
                           ListClasses(directory, class_names));
  const std::vector<std::string>& found = all.folders;
  const std::vector<std::string> names =
      class_names.empty()
          ? found
          : std::vector<std::string>(class_names.begin(), class_names.end());
  std::vector<ImageClass> classes;
  std::vector<std::string> without, unread, left_out = all.images;
  left_out.insert(left_out.end(), all.others.begin(), all.others.end());
  int64_t images = 0;
  for (const std::string& name : names) {
    const std::string folder = PathIn(directory, name);
    FolderContents contents;
    if (std::find(found.begin(), found.end(), name) != found.end()) {
      LENSLET_ASSIGN_OR_RETURN(contents, ListFolder(folder));
    }
    if (contents.images.empty() && HasCheckpoint(contents)) {
      return absl::InvalidArgumentError(absl::StrCat(
          folder,
          ": is the folder of a run; expected images of a class; move "
          "it out of ",
          directory, ", whose folders are classes"));
    }
    if (contents.images.empty()) without.push_back(name);
    if (notes != nullptr) {
      for (const std::string& inner : contents.folders) {
        left_out.push_back(
            FolderText(PathIn(folder, inner), PathIn(name, inner)));
      }
      for (const std::string& other : contents.others) {
        (IsHeicOrAvifFile(PathIn(folder, other)) ? unread : left_out)
            .push_back(PathIn(name, other));
      }
    }
    images += static_cast<int64_t>(contents.images.size());
    classes.push_back(
        {.name = name, .folder = folder, .files = std::move(contents.images)});
  }
  if (images == 0 || (class_names.empty() && !without.empty())) {
    return HaveNoImages(directory, without);
  }
  if (notes != nullptr && class_names.empty()) {
    for (const std::string& pair : SimilarClassNames(names)) {
      notes->push_back(absl::StrCat(directory, ": ", pair, kAreTwoClasses));
    }
  }
  if (notes != nullptr && !without.empty()) {
    notes->push_back(absl::StrCat(directory, ": has no images of ",
                                  without.size() == 1 ? "class " : "classes ",
                                  NameList(without)));
  }
  if (notes != nullptr && !unread.empty()) {
    notes->push_back(absl::StrCat(
        directory, ": ", WithCommas(static_cast<int64_t>(unread.size())),
        unread.size() == 1 ? " image is" : " images are",
        " HEIC or AVIF, which is not read, and left out: ", NameList(unread),
        "; ", kConvertHeic));
  }
  if (notes != nullptr && !left_out.empty()) {
    notes->push_back(absl::StrCat(
        directory, ": ", WithCommas(static_cast<int64_t>(left_out.size())),
        left_out.size() == 1 ? " name that is no image of a class is"
                             : " names that are no images of a class are",
        " left out: ", NameList(left_out)));
  }
  return classes;
}

std::optional<DecodeOptions> DecodeOptionsOf(const DataProto& data) {
  const auto decode_of = [](const auto& images) {
    DecodeOptions decode = ReadImagesOptionsOf(images, {}).decode;
    decode.max_bytes_field = "";
    return decode;
  };
  if (data.has_image_folders()) return decode_of(data.image_folders());
  if (data.has_image_table()) return decode_of(data.image_table());
  if (data.has_image_masks()) return decode_of(data.image_masks());
  return std::nullopt;
}

void TakeDecoding(const DataProto& trained, DataProto& data) {
  const auto take = [](const auto& from, auto& to) {
    if (to.background().empty()) *to.mutable_background() = from.background();
    if (!to.has_fit() && from.has_fit()) to.set_fit(from.fit());
    if (!to.has_crop_margin() && from.has_crop_margin()) {
      to.set_crop_margin(from.crop_margin());
    }
  };
  const auto take_from = [&](const auto& from) {
    if (data.has_image_folders()) take(from, *data.mutable_image_folders());
    if (data.has_image_table()) take(from, *data.mutable_image_table());
    if (data.has_image_masks()) take(from, *data.mutable_image_masks());
  };
  if (trained.has_image_folders()) take_from(trained.image_folders());
  if (trained.has_image_table()) take_from(trained.image_table());
  if (trained.has_image_masks()) take_from(trained.image_masks());
}

absl::StatusOr<Dataset> LoadImageFolders(
    const std::string& directory, const Shape& shape,
    absl::Span<const std::string> class_names,
    const ImageFolderOptions& options) {
  const int64_t margin = options.read.decode.margin;
  LENSLET_RETURN_IF_ERROR(CheckImageFolderShape(shape, margin));
  if (margin > 0) {
    ImageFolderOptions whole = options;
    whole.read.decode.margin = 0;
    LENSLET_ASSIGN_OR_RETURN(const Shape wide, WithMargin(shape, margin));
    LENSLET_ASSIGN_OR_RETURN(
        Dataset dataset, LoadImageFolders(directory, wide, class_names, whole));
    dataset.examples = CropMargin(dataset.examples, margin);
    return dataset;
  }
  LENSLET_ASSIGN_OR_RETURN(
      const std::vector<ImageClass> classes,
      ListImageClasses(directory, class_names, options.notes));
  std::vector<std::string> names;
  for (const ImageClass& c : classes) names.push_back(c.name);
  std::vector<LabeledFile> files = TakeTurns(classes);
  if (!options.read_ahead.has_value()) {
    return ReadIntoMemory(directory, files, shape, std::move(names), options);
  }
  if (options.read.skip_unreadable) {
    LENSLET_RETURN_IF_ERROR(DropUnreadable(directory, shape, options, files));
  }
  auto in_files =
      std::make_shared<LabeledFileExamples>(files, shape, options.read);
  if (in_files->type() == ElementType::kFloat32 &&
      !options.read.skip_unreadable) {
    NoteSeen(directory, LookAtLongSamples(PathsOf(files), shape, options.read),
             options);
  }
  LENSLET_ASSIGN_OR_RETURN(std::shared_ptr<const Examples> examples,
                           ReadAhead(std::move(in_files), *options.read_ahead));
  return Dataset{.examples = std::move(examples),
                 .target_names = std::move(names)};
}

}  // namespace lenslet
