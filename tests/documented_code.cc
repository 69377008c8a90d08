#include "lenslet/tests/documented_code.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
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

struct Block {
  size_t first = 0;  // The number of its first line.
  std::string kind;
  // The line above it.
  absl::string_view above;
  std::string text = {};  // Each line ends in '\n'.
  bool ends = false;
};

std::vector<Block> BlocksIn(absl::string_view document) {
  const std::vector<absl::string_view> lines = absl::StrSplit(document, '\n');
  std::vector<Block> blocks;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!absl::StartsWith(lines[i], kFence)) continue;
    Block block = {.first = i + 1,
                   .kind = std::string(absl::StripPrefix(lines[i], kFence)),
                   .above = i == 0 ? "" : lines[i - 1]};
    for (++i; i < lines.size() && lines[i] != kFence; ++i) {
      absl::StrAppend(&block.text, lines[i], "\n");
    }
    block.ends = i < lines.size();
    blocks.push_back(block);
  }
  return blocks;
}

// Lines that are neither blank nor a comment, which starts with `comment`.
int CountLines(absl::string_view code, absl::string_view comment) {
  int count = 0;
  for (absl::string_view line : absl::StrSplit(code, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    count += !line.empty() && !absl::StartsWith(line, comment);
  }
  return count;
}

// The last line above line `first` that is the heading of a pair.
std::string HeadingAbove(absl::string_view document, size_t first) {
  const std::vector<absl::string_view> lines = absl::StrSplit(document, '\n');
  for (size_t i = first; i-- > 0;) {
    if (absl::StartsWith(lines[i], "<tr><th>")) return std::string(lines[i]);
  }
  return "";
}

}  // namespace

std::vector<std::string> CheckDocumentedCode(
    absl::string_view document,
    absl::FunctionRef<absl::StatusOr<std::string>(const std::string& path)>
        read_file,
    const std::vector<std::string>& skipped) {
  std::vector<std::string> problems;
  for (const Block& block : BlocksIn(document)) {
    std::string problem;
    if (!block.ends) {
      problem = "the block does not end";
    } else if (std::find(skipped.begin(), skipped.end(), block.kind) ==
               skipped.end()) {
      problem = Problem(SourceIn(block.above), block.text, read_file);
    }
    if (!problem.empty()) {
      problems.push_back(absl::StrCat(block.first, ": ", problem));
    }
  }
  return problems;
}

std::vector<std::string> CheckLineCounts(absl::string_view document) {
  const std::vector<Block> blocks = BlocksIn(document);
  std::vector<std::string> problems;
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i].kind != "python") continue;
    const std::string first = absl::StrCat(blocks[i].first, ": ");
    if (i + 1 == blocks.size() || blocks[i + 1].kind != "cpp") {
      problems.push_back(first + "no block of C++ follows");
      continue;
    }
    const int book = CountLines(blocks[i].text, "#");
    const int ours = CountLines(blocks[i + 1].text, "//");
    const std::string heading =
        absl::StrCat("<tr><th>the book, ", book, " lines</th><th>Lenslet, ",
                     ours, " lines</th></tr>");
    const std::string actual = HeadingAbove(document, blocks[i].first);
    if (actual != heading) {
      problems.push_back(absl::StrCat(first, "the heading is \"", actual,
                                      "\"; expected \"", heading, "\""));
    }
    if (2 * ours > 3 * book) {
      problems.push_back(absl::StrCat(first, ours, " lines of C++ for ", book,
                                      " of Python; expected at most ",
                                      3 * book / 2));
    }
  }
  return problems;
}

}  // namespace lenslet
