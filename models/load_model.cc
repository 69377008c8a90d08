#include "lenslet/models/load_model.h"

#include <filesystem>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/models/zoo.h"

namespace lenslet {
namespace {

bool IsPath(const std::string& name_or_path, const std::string& path) {
  return name_or_path.find_first_of("/.") != std::string::npos ||
         FileExists(path);
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
    const std::string hint = SuggestZooModel(name_or_path);
    return absl::NotFoundError(absl::StrCat(
        "\"", name_or_path, "\" is neither a model of the zoo nor a file; ",
        hint.empty() ? absl::StrCat("expected a model file or one of: ",
                                    absl::StrJoin(ZooModelNames(), ", "))
                     : absl::StripPrefix(hint, "; ")));
  }
  LENSLET_ASSIGN_OR_RETURN(const std::string text,
                           ReadFile(path, kMaxProtoTextBytes));
  return ParseModelText(text, path);
}

}  // namespace lenslet
