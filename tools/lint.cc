// Shows all that is wrong with models and recipes.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "lenslet/base/file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/all_sources.h"
#include "lenslet/data/load_data.h"
#include "lenslet/models/lint_model.h"
#include "lenslet/onnx/load.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/data_check.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/words.h"
#include "lenslet/train/recipe/lint_recipe.h"
#include "lenslet/train/recipe/recipe.h"

namespace lenslet {
namespace {

constexpr char kLint[] = "lenslet lint";

struct LintFlags {
  std::vector<std::string> files;
  std::string kind;
  bool data = true;
};

std::optional<int> ParseLintFlags(int argc, char** argv, LintFlags& flags) {
  CommandLine line(
      kLint,
      "Lists all problems of models and recipes, one per line:\n"
      "  FILE:LINE:COLUMN: an error\n"
      "  FILE:LINE:COLUMN: warning: a setting that is valid but probably "
      "unintended\n"
      "  FILE:LINE:COLUMN: note: what is worth knowing\n"
      "Opens the data of recipes without errors, and finds all that train "
      "would refuse or say before its first step. Also looks for unreadable "
      "files, constant images, test examples among the training examples, and "
      "classes of few examples. Of image files, packed files and more than 1 "
      "GiB of examples, checks a sample, and a note says of how many.\n"
      "Of an ONNX model, lists the nodes that cannot be imported, or else what "
      "lenslet import warns of, without lines and columns.\n"
      "The exit code is 1 if there are errors, otherwise 0. Warnings do not "
      "change it. Files that are neither models nor recipes are named on "
      "standard error, and the exit code is 2.\n");
  line.AddArguments("FILE ...", "Model files, ONNX models and recipe files.",
                    flags.files);
  line.AddFlag(
      "kind",
      "Kind of the files: model or recipe. Default: for each file, the "
      "kind whose fields it has.",
      flags.kind);
  line.AddFlag("data",
               "Whether to open the data of recipes, and what they start from.",
               flags.data);
  return line.Parse(argc, argv);
}

// Adds what would end a run before its first step, and what is wrong with the
// data, each in the place of its field.
absl::Status LintData(const std::string& path, const std::string& argv0,
                      std::vector<TextProblem>& problems) {
  LENSLET_ASSIGN_OR_RETURN(const RecipeText text, LoadRecipe(path));
  const auto place = [&](const std::vector<FieldStep>& path) {
    return FindPlace(text.recipe, text.locations, path);
  };
  RecipeChecker checker(AllDataSources(), LoadCheckpointOrOnnx, argv0);
  DataCheck check = checker.CheckData(text.recipe);
  for (const StartProblem& error : check.errors) {
    problems.push_back({.place = place(error.path),
                        .message = std::string(error.status.message())});
  }
  for (DataFinding& finding : check.findings) {
    problems.push_back({.place = place(finding.path),
                        .message = std::move(finding.text),
                        .is_warning = true,
                        .is_note = finding.is_note});
  }
  return absl::OkStatus();
}

// Adds what is wrong with the fields of the data, without opening it.
absl::Status LintDataFields(const std::string& path,
                            std::vector<TextProblem>& problems) {
  LENSLET_ASSIGN_OR_RETURN(const RecipeText text, LoadRecipe(path));
  if (text.recipe.data().has_in_memory()) return absl::OkStatus();
  const absl::Status status = CheckData(text.recipe.data(), AllDataSources());
  if (status.ok()) return absl::OkStatus();
  problems.push_back({.place = FindPlace(text.recipe, text.locations,
                                         {{RecipeProto::kDataFieldNumber}}),
                      .message = std::string(status.message())});
  return absl::OkStatus();
}

// The problems of an ONNX model that its import finds, or else those of the
// network.
std::vector<TextProblem> LintOnnx(const std::string& path) {
  const absl::StatusOr<OnnxImport> import = LoadOnnx(path);
  if (import.ok()) {
    std::vector<TextProblem> problems =
        LintModel(ProtoToText(import->checkpoint.model()), path);
    // Of a text that is in no file.
    for (TextProblem& problem : problems) problem.place = {};
    for (const std::string& note : import->notes) {
      problems.push_back({.message = note, .is_warning = true});
    }
    return problems;
  }
  std::vector<TextProblem> problems;
  for (const absl::string_view line :
       absl::StrSplit(import.status().message(), '\n')) {
    problems.push_back({.message = std::string(absl::StripPrefix(
                            line, absl::StrCat(path, ": ")))});
  }
  return problems;
}

// Adds to `problems`. Errors: ReadFile()'s.
absl::Status Lint(const LintFlags& flags, const std::string& file,
                  const std::string& argv0,
                  std::vector<TextProblem>& problems) {
  const std::string& kind = flags.kind;
  const std::string path = UserPath(file);
  if (kind.empty() && ClassifyPath(file) == WordKind::kOnnx) {
    problems = LintOnnx(path);
    return absl::OkStatus();
  }
  LENSLET_ASSIGN_OR_RETURN(const std::string text,
                           ReadFile(path, kMaxProtoTextBytes));
  const bool is_recipe =
      kind.empty() ? LooksLikeRecipe(text) : kind == "recipe";
  problems = is_recipe ? LintRecipe(text, file,
                                    std::filesystem::path(path).parent_path())
                       : LintModel(text, file);
  const bool has_errors = std::any_of(
      problems.begin(), problems.end(),
      [](const TextProblem& problem) { return !problem.is_warning; });
  if (!is_recipe || has_errors) return absl::OkStatus();
  if (flags.data) return LintData(path, argv0, problems);
  return LintDataFields(path, problems);
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
  int64_t errors = 0;
  std::optional<int> no_model;
  for (const std::string& file : flags.files) {
    if (const auto exit_code =
            CheckWords(WordFor::kModelFiles, kLint, {file})) {
      no_model = exit_code;
      ++errors;
      continue;
    }
    std::vector<TextProblem> problems;
    if (const absl::Status status = Lint(flags, file, argv[0], problems);
        !status.ok()) {
      Print("%s\n", Printable(status.message()));
      ++errors;
    }
    for (const TextProblem& problem : problems) {
      Print("%s: %s%s\n", Printable(ToString(file, problem.place)),
            problem.is_note      ? "note: "
            : problem.is_warning ? "warning: "
                                 : "",
            Printable(problem.message));
      if (!problem.is_warning) ++errors;
    }
  }
  // What is wrong with a single file that is no model is on standard error.
  if (errors > 0 && !(no_model && flags.files.size() == 1)) {
    ReportFailure(kLint,
                  absl::InvalidArgumentError(
                      errors == 1 ? "found 1 error"
                                  : absl::StrCat("found ", errors, " errors")));
  }
  return no_model ? *no_model : errors > 0 ? kExitFailure : 0;
}

}  // namespace lenslet
