// Shows all that is wrong with models and recipes.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/models/lint_model.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"
#include "lenslet/train/recipe/lint_recipe.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "lint";

struct Flags {
  std::vector<std::string> files;
  std::string kind;
};

std::optional<int> ParseFlags(int argc, char** argv, Flags& flags) {
  CommandLine line(
      kProgram,
      "Lists all problems of models and recipes, one per line:\n"
      "  FILE:LINE:COLUMN: an error\n"
      "  FILE:LINE:COLUMN: warning: a setting that is valid but probably "
      "unintended\n"
      "The exit code is 1 if there are errors, otherwise 0. Warnings do not "
      "change it.\n");
  line.AddArguments("file", "Model files and recipe files.", flags.files);
  line.AddFlag(
      "kind",
      "Kind of the files: model or recipe. Default: for each file, the "
      "kind whose fields it has.",
      flags.kind);
  return line.Parse(argc, argv);
}

bool IsRecipe(const std::string& kind, const std::string& text) {
  return kind.empty() ? LooksLikeRecipe(text) : kind == "recipe";
}

std::vector<TextProblem> Lint(const std::string& kind,
                              const std::string& file) {
  const std::string path = UserPath(file);
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxProtoTextBytes);
  if (!text.ok()) {
    return {{.message = std::string(text.status().message())}};
  }
  return IsRecipe(kind, *text)
             ? LintRecipe(*text, file,
                          std::filesystem::path(path).parent_path())
             : LintModel(*text, file);
}

int Main(int argc, char** argv) {
  Flags flags;
  if (const auto exit_code = ParseFlags(argc, argv, flags)) return *exit_code;
  if (flags.files.empty()) {
    return ReportUsage(kProgram, "expected one or more files, got none");
  }
  if (!flags.kind.empty() && flags.kind != "model" && flags.kind != "recipe") {
    return ReportUsage(kProgram, absl::StrCat("--kind is \"", flags.kind,
                                              "\"; expected model or recipe"));
  }
  int64_t problems = 0;
  for (const std::string& file : flags.files) {
    for (const TextProblem& problem : Lint(flags.kind, file)) {
      Print("%s: %s%s\n", Printable(ToString(file, problem.place)),
            problem.is_warning ? "warning: " : "", Printable(problem.message));
      if (!problem.is_warning) ++problems;
    }
  }
  if (problems == 0) return 0;
  return ReportFailure(
      kProgram,
      absl::InvalidArgumentError(
          problems == 1 ? "found 1 error"
                        : absl::StrCat("found ", problems, " errors")));
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
