#include "lenslet/data/idx_names.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "lenslet/base/file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"

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

absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end;
       !error && it != end; it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  if (error) {
    return absl::ErrnoToStatus(error.value(), directory);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// "; the folder has a, b and 3 more", or "".
std::string SeenText(absl::Span<const std::string> names) {
  constexpr size_t kMostShown = 6;
  if (names.empty()) return "; the folder is empty";
  std::vector<std::string> shown;
  for (const std::string& name : names.subspan(0, kMostShown)) {
    shown.push_back(Printable(name));
  }
  return absl::StrCat(
      "; the folder has ", absl::StrJoin(shown, ", "),
      names.size() > kMostShown
          ? absl::StrCat(" and ", names.size() - kMostShown, " more")
          : "");
}

bool HasIdxNames(absl::Span<const std::string> names) {
  return std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return ParseIdxName(name).has_value();
  });
}

// The folders raw, in this folder and in those in it, with files of IDX.
std::vector<std::string> RawFolders(const std::string& directory,
                                    absl::Span<const std::string> names) {
  std::vector<std::string> folders;
  std::vector<std::string> inner = {PathIn(directory, "raw")};
  for (const std::string& name : names) {
    inner.push_back(PathIn(PathIn(directory, name), "raw"));
  }
  for (const std::string& folder : inner) {
    const auto of_raw = NamesIn(folder);
    if (of_raw.ok() && HasIdxNames(*of_raw)) folders.push_back(folder);
  }
  return folders;
}

bool IsSame(const IdxName& name, const std::string& prefix, Split split,
            IdxContents contents) {
  return name.prefix == prefix && name.split == split &&
         name.contents == contents;
}

}  // namespace

std::optional<IdxName> ParseIdxName(absl::string_view name) {
  std::string text = absl::AsciiStrToLower(name);
  IdxName result = {.is_gzip = absl::EndsWith(text, ".gz")};
  if (result.is_gzip) text.resize(text.size() - 3);
  for (char& c : text) {
    if (c == '.' || c == '_') c = '-';
  }
  absl::string_view rest = text;
  for (const auto& [word, contents] :
       {std::pair("-images", IdxContents::kImages),
        std::pair("-labels", IdxContents::kLabels)}) {
    const size_t found = text.rfind(word);
    if (found == text.npos) continue;
    const absl::string_view end = rest.substr(found + 7);
    if (!end.empty() && !absl::StartsWith(end, "-idx")) continue;
    result.contents = contents;
    rest = rest.substr(0, found);
    for (const auto& [part, split] :
         {std::pair("train", Split::kTrain), std::pair("t10k", Split::kTest),
          std::pair("test", Split::kTest)}) {
      if (!absl::ConsumeSuffix(&rest, part)) continue;
      if (!rest.empty() && rest.back() != '-') return std::nullopt;
      result.split = split;
      result.prefix = std::string(name.substr(0, rest.size()));
      return result;
    }
    return std::nullopt;
  }
  return std::nullopt;
}

absl::StatusOr<IdxFolder> IdxFolder::Open(const std::string& directory,
                                          const std::string& prefix) {
  LENSLET_RETURN_IF_ERROR(CheckDirectory(directory));
  LENSLET_ASSIGN_OR_RETURN(std::vector<std::string> names, NamesIn(directory));
  if (!HasIdxNames(names)) {
    const std::vector<std::string> raw = RawFolders(directory, names);
    if (raw.size() == 1) return Open(raw[0], prefix);
    if (raw.size() > 1) {
      return absl::InvalidArgumentError(
          absl::StrCat(directory,
                       ": has the files of several data sets; expected one of "
                       "the folders ",
                       absl::StrJoin(raw, ", ")));
    }
  }
  IdxFolder folder(directory, std::move(names));
  folder.prefix_ = prefix;
  if (!prefix.empty()) return folder;
  std::set<std::string> prefixes;
  for (const std::string& name : folder.names_) {
    if (const auto parsed = ParseIdxName(name)) prefixes.insert(parsed->prefix);
  }
  if (prefixes.empty() || prefixes.contains("")) return folder;
  if (prefixes.size() > 1) {
    std::vector<std::string> shown;
    for (const std::string& one : prefixes) {
      shown.push_back(absl::StrCat("\"", Printable(one), "\""));
    }
    return absl::InvalidArgumentError(
        absl::StrCat(directory,
                     ": has the files of several data sets; expected prefix to "
                     "be one of ",
                     absl::StrJoin(shown, ", ")));
  }
  folder.prefix_ = *prefixes.begin();
  return folder;
}

bool IdxFolder::Has(Split split) const {
  return std::any_of(names_.begin(), names_.end(), [&](const auto& name) {
    const auto parsed = ParseIdxName(name);
    return parsed.has_value() && parsed->split == split &&
           parsed->prefix == prefix_;
  });
}

absl::StatusOr<std::string> IdxFolder::Find(Split split,
                                            IdxContents contents) const {
  for (const bool is_gzip : {false, true}) {
    for (const std::string& name : names_) {
      const auto parsed = ParseIdxName(name);
      if (parsed.has_value() && parsed->is_gzip == is_gzip &&
          IsSame(*parsed, prefix_, split, contents)) {
        return absl::StrCat(directory_, "/", name);
      }
    }
  }
  const std::string path = absl::StrCat(
      directory_, "/", prefix_, split == Split::kTrain ? "train" : "t10k",
      contents == IdxContents::kImages ? "-images-idx3-ubyte"
                                       : "-labels-idx1-ubyte");
  // One level down, where some archives have them.
  for (const std::string& name : names_) {
    const auto inner = NamesIn(absl::StrCat(directory_, "/", name));
    if (!inner.ok()) continue;
    for (const std::string& file : *inner) {
      const auto parsed = ParseIdxName(file);
      if (parsed.has_value() && parsed->split == split &&
          parsed->contents == contents) {
        return absl::NotFoundError(
            absl::StrCat(path, ": neither this file nor ", path, ".gz exists; ",
                         directory_, "/", Printable(name), " has ",
                         Printable(file), "; expected that folder"));
      }
    }
  }
  return absl::NotFoundError(absl::StrCat(path, ": neither this file nor ",
                                          path, ".gz exists", SeenText(names_),
                                          "; ", kHowToGetMnist));
}

}  // namespace lenslet
