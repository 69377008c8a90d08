#include "lenslet/data/unreadable_files.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "lenslet/base/natural_less.h"
#include "lenslet/base/text_format.h"

namespace lenslet {
namespace {

constexpr char kSkip[] = "on_unreadable: SKIP";

absl::string_view ReasonOf(const UnreadableFile& file) {
  absl::string_view reason(file.error.message().data(),
                           file.error.message().size());
  if (absl::ConsumePrefix(&reason, file.path)) {
    absl::ConsumePrefix(&reason, ": ");
  }
  return reason;
}

std::vector<const UnreadableFile*> InOrder(
    absl::Span<const UnreadableFile> files) {
  std::vector<const UnreadableFile*> ordered;
  for (const UnreadableFile& file : files) ordered.push_back(&file);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const UnreadableFile* a, const UnreadableFile* b) {
                     return NaturalLess(a->path, b->path);
                   });
  return ordered;
}

// "a/2.jpg, a/10.jpg: is empty; b/1.jpg: truncated"
std::string ByReason(absl::Span<const UnreadableFile* const> files) {
  std::vector<std::pair<absl::string_view, std::string>> groups;
  for (const UnreadableFile* file : files) {
    const absl::string_view reason = ReasonOf(*file);
    const auto group =
        std::find_if(groups.begin(), groups.end(),
                     [&](const auto& g) { return g.first == reason; });
    if (group == groups.end()) {
      groups.emplace_back(reason, file->path);
    } else {
      absl::StrAppend(&group->second, ", ", file->path);
    }
  }
  return absl::StrJoin(groups, "; ", [](std::string* out, const auto& group) {
    absl::StrAppend(out, group.second, ": ", group.first);
  });
}

// How many of the first a text names: with more, a terminal would not show all
// of it (base/printable.h).
size_t CountNamed(absl::Span<const UnreadableFile* const> ordered) {
  constexpr size_t kMostNamed = 10;
  constexpr size_t kMostBytes = 800;
  size_t count = std::min(ordered.size(), kMostNamed);
  while (count > 1 && ByReason(ordered.first(count)).size() > kMostBytes) {
    --count;
  }
  return count;
}

}  // namespace

std::string UnreadableText(absl::Span<const UnreadableFile> files) {
  const std::vector<const UnreadableFile*> ordered = InOrder(files);
  const size_t named = CountNamed(ordered);
  const std::string text = ByReason(absl::MakeConstSpan(ordered).first(named));
  if (named == files.size()) return text;
  return absl::StrCat(text, "; and ",
                      WithCommas(static_cast<int64_t>(files.size() - named)),
                      " more");
}

bool AreAllNamed(absl::Span<const UnreadableFile> files) {
  return CountNamed(InOrder(files)) == files.size();
}

std::vector<std::string> UnreadableList(
    absl::Span<const UnreadableFile> files) {
  std::vector<std::string> list;
  for (const UnreadableFile* file : InOrder(files)) {
    list.push_back(absl::StrCat(file->path, ": ", ReasonOf(*file)));
  }
  return list;
}

absl::Status UnreadableError(absl::Span<const UnreadableFile> files,
                             int64_t left_out, int64_t total,
                             absl::string_view things) {
  const bool have_remedies =
      std::all_of(files.begin(), files.end(),
                  [](const UnreadableFile& file) { return file.has_remedy; });
  if (files.size() == 1) {
    return absl::Status(
        files[0].error.code(),
        absl::StrCat(files[0].error.message(), "; ", kSkip, " leaves it out"));
  }
  const std::string remedy =
      have_remedies ? absl::StrCat(kSkip, " leaves them out")
                    : absl::StrCat("expected whole files, or ", kSkip);
  return absl::Status(
      files[0].error.code(),
      absl::StrCat(WithCommas(left_out), " of ", WithCommas(total), " ", things,
                   " cannot be read; ", remedy, ": ", UnreadableText(files)));
}

std::string WithoutUnreadable(int64_t files) {
  if (files == 0) return "";
  return absl::StrCat(", without ", WithCommas(files),
                      files == 1 ? " unreadable file" : " unreadable files");
}

}  // namespace lenslet
