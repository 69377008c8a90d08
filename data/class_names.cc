#include "lenslet/data/class_names.h"

#include <cstdint>
#include <map>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "lenslet/base/file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/utf8.h"
#include "lenslet/data/dataset.h"

namespace lenslet {
namespace {

constexpr int64_t kMaxClassNamesBytes = int64_t{1} << 20;

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadClassNames(
    const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(const std::string text,
                           ReadFile(path, kMaxClassNamesBytes));
  std::vector<std::string> names;
  for (absl::string_view line :
       absl::StrSplit(absl::StripTrailingAsciiWhitespace(text), '\n')) {
    line = absl::StripSuffix(line, "\r");
    if (absl::StripAsciiWhitespace(line).empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": line ", names.size() + 1,
                       " is empty; expected the name of a class"));
    }
    if (!IsValidUtf8(line)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": line ", names.size() + 1, " is not UTF-8"));
    }
    names.emplace_back(line);
    if (names.size() > kMaxClasses) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": has more than ", kMaxClasses,
          " lines; expected one line per class, and at most that many"));
    }
  }
  return names;
}

absl::Status CheckClassNames(const std::string& source,
                             absl::Span<const std::string> names) {
  std::map<absl::string_view, size_t> first;
  for (size_t i = 0; i < names.size(); ++i) {
    const auto [found, is_new] = first.emplace(names[i], i);
    if (is_new) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(source, ": classes ", found->second + 1, " and ", i + 1,
                     ", from 1, are both called \"", Printable(names[i]),
                     "\"; expected different names"));
  }
  return absl::OkStatus();
}

std::vector<std::string> SimilarClassNames(
    absl::Span<const std::string> names) {
  constexpr size_t kMostPairs = 5;
  std::map<std::string, absl::string_view> first;
  std::vector<std::string> pairs;
  for (const std::string& name : names) {
    const auto [found, is_new] = first.emplace(
        absl::AsciiStrToLower(absl::StripAsciiWhitespace(name)), name);
    if (is_new || pairs.size() == kMostPairs) continue;
    pairs.push_back(absl::StrCat("\"", Printable(found->second), "\" and \"",
                                 Printable(name), "\""));
  }
  return pairs;
}

}  // namespace lenslet
