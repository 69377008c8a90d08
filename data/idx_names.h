// Finds the IDX files of a data set by their names.

#ifndef LENSLET_DATA_IDX_NAMES_H_
#define LENSLET_DATA_IDX_NAMES_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

enum class IdxContents { kImages, kLabels };

// What a file's name says: PREFIX{train,t10k,test}-{images,labels}, then
// nothing or "-idx" and more, then perhaps ".gz". Dots and underscores stand
// for "-".
struct IdxName {
  std::string prefix = {};
  Split split = Split::kTrain;
  IdxContents contents = IdxContents::kImages;
  bool is_gzip = false;
};

// Nullopt for other names.
std::optional<IdxName> ParseIdxName(absl::string_view name);

// The IDX files in a folder.
class IdxFolder {
 public:
  // Takes the folder raw of it, or of the only folder in it that has such
  // files, if it has none, as torchvision's ROOT/MNIST/raw. Chooses the prefix:
  // `prefix`; or if that is "", the only one, or "". Errors: NotFound and
  // FailedPrecondition for what is no folder; system errors; InvalidArgument
  // for several prefixes, none of them "", or several such folders.
  static absl::StatusOr<IdxFolder> Open(const std::string& directory,
                                        const std::string& prefix);

  const std::string& prefix() const { return prefix_; }

  // Whether it has a file of that part.
  bool Has(Split split) const;

  // Returns the path of a file: a plain one before one with ".gz". Errors:
  // NotFound, naming files that are there.
  absl::StatusOr<std::string> Find(Split split, IdxContents contents) const;

 private:
  IdxFolder(const std::string& directory, std::vector<std::string> names)
      : directory_(directory), names_(std::move(names)) {}

  std::string directory_;
  std::vector<std::string> names_;  // Of all files and folders, sorted.
  std::string prefix_;
};

}  // namespace lenslet

#endif  // LENSLET_DATA_IDX_NAMES_H_
