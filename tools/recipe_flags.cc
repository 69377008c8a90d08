#include "lenslet/tools/recipe_flags.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/models/zoo.h"
#include "lenslet/ops/backend.h"
#include "lenslet/tools/common_flags.h"
#include "lenslet/tools/program.h"
#include "lenslet/train/recipe/recipe.pb.h"

namespace lenslet {
namespace {

// What a recipe says of a field, for the help.
struct Defaults {
  explicit Defaults(const std::string& name) {
    if (name.empty()) return;
    const RecipeProto recipe = LoadRecipe(name)->recipe;
    model = recipe.model();
    backend = recipe.backend().empty() ? "lanes" : recipe.backend();
    epochs = absl::StrCat(recipe.epochs());
    batch_size = absl::StrCat(recipe.batch_size());
    learning_rate = absl::StrCat(recipe.learning_rate());
    seed = absl::StrCat(recipe.seed());
  }
  std::string model, backend, epochs, batch_size, learning_rate, seed;
};

void AddForeignFlags(CommandLine& line) {
  for (const char* name : {"lr", "rate"}) {
    line.AddForeignFlag(name, "--learning_rate=VALUE");
  }
  for (const char* name : {"batch", "bs", "batch-size"}) {
    line.AddForeignFlag(name, "--batch_size=VALUE");
  }
  for (const char* name : {"num_epochs", "max_epochs", "n_epochs"}) {
    line.AddForeignFlag(name, "--epochs=VALUE");
  }
  for (const char* name : {"workers", "num_workers"}) {
    line.AddForeignFlag(name, "--threads=VALUE");
  }
  for (const char* name : {"momentum", "weight_decay"}) {
    line.AddForeignFlag(name, absl::StrCat("--set=optimizer.", name, "=VALUE"));
  }
  line.AddForeignFlag("optimizer", "--set=optimizer.kind=CAPITALS");
  line.AddForeignFlag("steps", "--set=steps=VALUE");
}

}  // namespace

void AddRecipeFlags(const std::string& default_recipe, RecipeFlags& flags,
                    CommandLine& line, const std::string& word) {
  const Defaults defaults(default_recipe);
  const std::string recipes =
      absl::StrCat("a name (", absl::StrJoin(RecipeNames(), ", "),
                   ") or a recipe file (train/recipe/recipe.proto).");
  if (default_recipe.empty()) {
    line.AddArguments(word, absl::StrCat("The recipe: ", recipes), flags.words);
  } else {
    line.AddFlag("recipe", absl::StrCat("The recipe: ", recipes), flags.recipe,
                 default_recipe);
  }
  line.AddFlag(
      "model",
      absl::StrCat("The model: a name (", absl::StrJoin(ZooModelNames(), ", "),
                   ") or a model file. Its input must have the shape of the "
                   "data's examples."),
      flags.model, defaults.model);
  line.AddFlag("data_dir",
               "Folder with the four files of a data set in MNIST's format, "
               "plain or .gz. Default: the recipe's data.",
               flags.data_dir);
  line.AddFlag("backend",
               "Backend that trains: lanes, xnnpack or reference (very slow).",
               flags.backend, defaults.backend);
  line.AddFlag("epochs", "Number of passes over the training examples.",
               flags.epochs, {.min = 1, .max = 1000000}, defaults.epochs);
  line.AddFlag("batch_size", "Examples per update of the parameters.",
               flags.batch_size, {.min = 1, .max = 1000000},
               defaults.batch_size);
  line.AddPositiveFlag("learning_rate",
                       "Learning rate. With a schedule, its peak.",
                       flags.learning_rate, defaults.learning_rate);
  line.AddFlag("seed",
               "Seed of all random numbers, such as the initial parameters and "
               "the order of the examples.",
               flags.seed, {.min = 0}, defaults.seed);
  line.AddFlag("set",
               "FIELD=VALUE: sets a field of the recipe, for example "
               "optimizer.momentum=0.8, or start_from=CHECKPOINT to start with "
               "its parameters. Can be given several times.",
               flags.set);
  AddForeignFlags(line);
}

absl::StatusOr<RecipeText> RecipeFromFlags(const RecipeFlags& flags,
                                           const std::string& default_recipe) {
  const std::string name = flags.words.empty()
                               ? flags.recipe.value_or(default_recipe)
                               : flags.words[0];
  LENSLET_ASSIGN_OR_RETURN(RecipeText text, LoadRecipe(name, UserFolder()));
  RecipeProto& recipe = text.recipe;
  if (flags.backend) {
    LENSLET_ASSIGN_OR_RETURN(const Backend backend,
                             BackendFromFlag(*flags.backend));
    if (!CanTrain(backend)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--backend is \"", *flags.backend,
          "\", which cannot train; expected lanes, xnnpack or reference"));
    }
  }
  for (const std::string& assignment : flags.set) {
    const absl::Status status = SetField(assignment, recipe);
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--set: ", status.message()));
    }
    const size_t equals = assignment.find('=');
    text.flags.emplace_back(
        absl::StripAsciiWhitespace(assignment.substr(0, equals)), "--set");
  }
  absl::Status conflict;
  const auto set = [&](const char* flag, const char* field, const auto& value,
                       auto set_field) {
    if (!value) return;
    for (const auto& [other, other_flag] : text.flags) {
      // Both say how long to train.
      const bool is_length =
          other == "steps" && absl::string_view(field) == "epochs";
      if (conflict.ok() && (other == field || is_length)) {
        conflict = absl::InvalidArgumentError(absl::StrCat(
            "--", flag, " and --set=", other, " cannot be combined"));
      }
    }
    set_field(*value);
    text.flags.emplace_back(field, absl::StrCat("--", flag));
  };
  set("model", "model", flags.model, [&](auto& v) { recipe.set_model(v); });
  set("data_dir", "data.idx.directory", flags.data_dir,
      [&](auto& v) { recipe.mutable_data()->mutable_idx()->set_directory(v); });
  set("backend", "backend", flags.backend,
      [&](auto& v) { recipe.set_backend(v); });
  set("epochs", "epochs", flags.epochs, [&](auto v) { recipe.set_epochs(v); });
  set("batch_size", "batch_size", flags.batch_size,
      [&](auto v) { recipe.set_batch_size(v); });
  set("learning_rate", "learning_rate", flags.learning_rate,
      [&](auto v) { recipe.set_learning_rate(v); });
  set("seed", "seed", flags.seed, [&](auto v) { recipe.set_seed(v); });
  LENSLET_RETURN_IF_ERROR(conflict);
  MakePathsAbsolute(UserFolder(), recipe);
  return text;
}

int ReportRecipeError(const std::string& program, const absl::Status& status) {
  return absl::StartsWith(status.message(), "--")
             ? ReportUsage(program, std::string(status.message()))
             : ReportFailure(program, status);
}

}  // namespace lenslet
