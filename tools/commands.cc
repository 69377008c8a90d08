#include "lenslet/tools/commands.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/tools/words.h"

namespace lenslet {
namespace {

constexpr Command kNetworkCommands[] = {
    {"summarize", "show shapes, parameters and costs, layer by layer",
     SummarizeCommand},
    {"draw", "draw a network", DrawCommand},
    {"lint", "list all problems of model and recipe files", LintCommand},
};

constexpr Command kTrainingCommands[] = {
    {"init", "write a model and a recipe that fit your data", InitCommand},
    {"pack", "write data larger than memory to a file for training",
     PackCommand},
    {"train", "train a model with a recipe, or resume a run", TrainCommand},
    {"find-rate", "find learning rates that suit a recipe", FindRateCommand},
    {"sweep", "train a grid of variants of a recipe", SweepCommand},
    {"compare", "show training runs side by side", CompareCommand},
    {"report", "write the report of a run again", ReportCommand},
};

constexpr Command kTrainedCommands[] = {
    {"evaluate", "measure accuracy, confusions and mistakes on a data set",
     EvaluateCommand},
    {"predict", "run a model on examples", PredictCommand},
    {"visualize", "draw filters and activations", VisualizeCommand},
    {"export", "write a network for other programs to run", ExportCommand},
    {"import", "make a checkpoint of another program's network", ImportCommand},
    {"certify", "print digests of what a network computes", CertifyCommand},
    {"verify", "compute the digests of a certificate again", VerifyCommand},
};

constexpr Command kLibraryCommands[] = {
    {"profile", "measure how long each layer of a network takes",
     ProfileCommand},
    {"operators", "show which backend computes which operator",
     OperatorsCommand},
};

constexpr CommandGroup kGroups[] = {
    {"Networks", kNetworkCommands},
    {"Training", kTrainingCommands},
    {"Trained networks", kTrainedCommands},
    {"The library", kLibraryCommands},
};

// What people also call a command.
constexpr std::pair<const char*, const char*> kSynonyms[] = {
    {"classify", "predict"},  {"convert", "export"},
    {"eval", "evaluate"},     {"find_rate", "find-rate"},
    {"fit", "train"},         {"infer", "predict"},
    {"plot", "draw"},         {"new", "init"},
    {"create", "init"},       {"summary", "summarize"},
    {"test", "evaluate"},     {"check", "lint"},
    {"train_lenet", "train"}, {"info", "summarize"},
    {"show", "summarize"},    {"describe", "summarize"},
    {"inspect", "summarize"}, {"version", "--version"},
    {"resume", "train"},
};

}  // namespace

absl::Span<const CommandGroup> CommandGroups() { return kGroups; }

const Command* FindCommand(absl::string_view name) {
  for (const CommandGroup& group : kGroups) {
    for (const Command& command : group.commands) {
      if (name == command.name) return &command;
    }
  }
  return nullptr;
}

std::string Overview() {
  std::string text =
      "Usage: lenslet COMMAND ...\n\n"
      "Trains, inspects and uses small convolutional networks on CPUs.\n";
  for (const CommandGroup& group : kGroups) {
    absl::StrAppend(&text, "\n", group.title, ":\n");
    for (const Command& command : group.commands) {
      absl::StrAppendFormat(&text, "  %-11s%s\n", command.name,
                            command.summary);
    }
  }
  absl::StrAppend(&text,
                  "\nlenslet help COMMAND explains a command. To start:\n"
                  "  lenslet train book --epochs=2 --run_dir=/tmp/run\n"
                  "  lenslet predict /tmp/run --count=3\n");
  return text;
}

std::string UnknownCommand(const std::string& word) {
  if (absl::StartsWith(word, "-")) {
    return absl::StrCat("unknown flag ", word,
                        "; expected a command before it");
  }
  std::vector<std::string> names;
  for (const CommandGroup& group : kGroups) {
    for (const Command& command : group.commands) names.push_back(command.name);
  }
  std::string hint;
  for (const auto& [synonym, name] : kSynonyms) {
    if (word == synonym) hint = DidYouMean(name, {name});
  }
  if (hint.empty()) hint = DidYouMean(word, names);
  const WordKind kind = ClassifyWord(word);
  if (hint.empty() && kind != WordKind::kNothing) {
    const std::string use = CommandFor(kind, word);
    return absl::StrCat(word, " is ", Description(kind), "; expected a command",
                        use.empty() ? "" : "; ", use);
  }
  return absl::StrCat("unknown command \"", word, "\"", hint);
}

}  // namespace lenslet
