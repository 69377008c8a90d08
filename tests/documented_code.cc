#include "lenslet/tests/documented_code.h"

#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace lenslet {
namespace {

constexpr absl::string_view kFence = "```";

// The name in a line "<!-- NAME -->", or "".
std::string SourceIn(absl::string_view line) {
  if (!absl::ConsumePrefix(&line, "<!-- ") ||
      !absl::ConsumeSuffix(&line, " -->")) {
    return "";
  }
  return std::string(line);
}

// What is wrong with a block, or "". Each line of `block` ends in '\n'.
std::string Problem(
    const std::string& source, const std::string& block,
    absl::FunctionRef<absl::StatusOr<std::string>(const std::string& path)>
        read_file) {
  if (source.empty()) return "no line above the block names a file";
  if (block.empty()) return "the block is empty";
  const absl::StatusOr<std::string> file = read_file(source);
  if (!file.ok()) return std::string(file.status().message());
  if (!absl::StrContains(absl::StrCat("\n", *file),
                         absl::StrCat("\n", block))) {
    return absl::StrCat(source, " does not have these lines");
  }
  return "";
}

}  // namespace

std::vector<std::string> CheckDocumentedCode(
    absl::string_view document,
    absl::FunctionRef<absl::StatusOr<std::string>(const std::string& path)>
        read_file) {
  const std::vector<absl::string_view> lines = absl::StrSplit(document, '\n');
  std::vector<std::string> problems;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!absl::StartsWith(lines[i], kFence)) continue;
    const absl::string_view kind = absl::StripPrefix(lines[i], kFence);
    const std::string source = i == 0 ? "" : SourceIn(lines[i - 1]);
    const size_t first = i + 1;
    std::string block;
    for (++i; i < lines.size() && lines[i] != kFence; ++i) {
      absl::StrAppend(&block, lines[i], "\n");
    }
    if (i == lines.size()) {
      problems.push_back(absl::StrCat(first, ": the block does not end"));
    } else if (kind != "sh") {
      const std::string problem = Problem(source, block, read_file);
      if (!problem.empty()) {
        problems.push_back(absl::StrCat(first, ": ", problem));
      }
    }
  }
  return problems;
}

}  // namespace lenslet
