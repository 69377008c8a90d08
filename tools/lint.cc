// Shows all that is wrong with models and recipes.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/models/lint_model.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/words.h"
#include "lenslet/train/recipe/lint_recipe.h"

namespace lenslet {
namespace {

constexpr char kLint[] = "lenslet lint";

struct LintFlags {
  std::vector<std::string> files;
  std::string kind;
};

std::optional<int> ParseLintFlags(int argc, char** argv, LintFlags& flags) {
  CommandLine line(
      kLint,
      "Lists all problems of models and recipes, one per line:\n"
      "  FILE:LINE:COLUMN: an error\n"
      "  FILE:LINE:COLUMN: warning: a setting that is valid but probably "
      "unintended\n"
      "The exit code is 1 if there are errors, otherwise 0. Warnings do not "
      "change it.\n");
  line.AddArguments("FILE ...", "Model files and recipe files.", flags.files);
  line.AddFlag(
      "kind",
      "Kind of the files: model or recipe. Default: for each file, the "
      "kind whose fields it has.",
      flags.kind);
  return line.Parse(argc, argv);
}

// Adds to `problems`. Errors: ReadFile()'s.
absl::Status Lint(const std::string& kind, const std::string& file,
                  std::vector<TextProblem>& problems) {
  const std::string path = UserPath(file);
  LENSLET_ASSIGN_OR_RETURN(const std::string text,
                           ReadFile(path, kMaxProtoTextBytes));
  const bool is_recipe =
      kind.empty() ? LooksLikeRecipe(text) : kind == "recipe";
  problems = is_recipe ? LintRecipe(text, file,
                                    std::filesystem::path(path).parent_path())
                       : LintModel(text, file);
  return absl::OkStatus();
}

}  // namespace

int LintCommand(int argc, char** argv) {
  LintFlags flags;
  if (const auto exit_code = ParseLintFlags(argc, argv, flags)) {
    return *exit_code;
  }
  if (flags.files.empty()) {
    return ReportUsage(kLint, "expected one or more files, got none");
  }
  if (!flags.kind.empty() && flags.kind != "model" && flags.kind != "recipe") {
    return ReportUsage(kLint, absl::StrCat("--kind is \"", flags.kind,
                                           "\"; expected model or recipe"));
  }
  if (const auto exit_code =
          CheckWords(WordFor::kModelFiles, kLint, flags.files)) {
    return *exit_code;
  }
  int64_t errors = 0;
  for (const std::string& file : flags.files) {
    std::vector<TextProblem> problems;
    if (const absl::Status status = Lint(flags.kind, file, problems);
        !status.ok()) {
      Print("%s\n", Printable(status.message()));
      ++errors;
    }
    for (const TextProblem& problem : problems) {
      Print("%s: %s%s\n", Printable(ToString(file, problem.place)),
            problem.is_warning ? "warning: " : "", Printable(problem.message));
      if (!problem.is_warning) ++errors;
    }
  }
  if (errors == 0) return 0;
  return ReportFailure(
      kLint, absl::InvalidArgumentError(
                 errors == 1 ? "found 1 error"
                             : absl::StrCat("found ", errors, " errors")));
}

}  // namespace lenslet
