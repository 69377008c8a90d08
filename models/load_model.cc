#include "models/load_model.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "base/file.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "models/zoo.h"

namespace lenslet {
namespace {

// What has no end, such as /dev/zero, or is too long is not read at all.
absl::Status CheckReadable(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status status =
      std::filesystem::status(path, error);
  if (!std::filesystem::exists(status) ||
      std::filesystem::is_directory(status)) {
    return absl::OkStatus();  // ReadFile() has the system's reason.
  }
  if (!std::filesystem::is_regular_file(status)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is not a regular file"));
  }
  const auto size = std::filesystem::file_size(path, error);
  if (!error && size > kMaxModelTextBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": a model has at most ", kMaxModelTextBytes,
                     " bytes of text, this one has ", size));
  }
  return absl::OkStatus();
}

bool IsPath(const std::string& name_or_path, const std::string& path) {
  std::error_code error;
  return name_or_path.find_first_of("/.") != std::string::npos ||
         std::filesystem::exists(path, error);
}

}  // namespace

absl::StatusOr<ModelText> LoadModel(const std::string& name_or_path,
                                    const std::string& folder) {
  if (const absl::StatusOr<absl::string_view> text = FindZooModel(name_or_path);
      text.ok()) {
    return ParseModelText(*text,
                          absl::StrCat("models/", name_or_path, ".textproto"));
  }
  // An absolute path stays as it is.
  const std::string path = std::filesystem::path(folder) / name_or_path;
  if (!IsPath(name_or_path, path)) {
    const std::vector<std::string> names = ZooModelNames();
    return absl::NotFoundError(absl::StrCat(
        "\"", name_or_path, "\" is no model of the zoo, which has ",
        absl::StrJoin(names, ", "),
        ", and no file; the path of a .textproto file works too",
        DidYouMean(name_or_path, names)));
  }
  LENSLET_RETURN_IF_ERROR(CheckReadable(path));
  LENSLET_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return ParseModelText(text, path);
}

}  // namespace lenslet
