// The words of a command line: what a command works on. A word is recognized
// by what it is, a name or the contents of a file or folder, so that a word in
// the wrong place can be answered with the command that takes it.

#ifndef LENSLET_TOOLS_WORDS_H_
#define LENSLET_TOOLS_WORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/recipe_flags.h"

namespace lenslet {

enum class WordKind {
  kModelName,           // of the zoo
  kRecipeName,          // of a compiled-in recipe
  kModelAndRecipeName,  // of both: "modern"
  kModelFile,
  kRecipeFile,
  kCheckpoint,
  kOnnx,   // an ONNX model, or a file that is called one
  kRun,    // a folder with a checkpoint or measurements
  kSweep,  // a folder with the results of a sweep
  kImage,
  kImageFolder,  // most files in it and in its folders are images
  kFolder,       // another
  kFile,         // another, or one that cannot be read
  kNothing,      // neither a name nor a file
};

// The results of a sweep, in its folder.
inline constexpr char kSweepJsonName[] = "sweep.json";

// Returns what the word is. Names win over files: a file that is also called
// "lenet" is "./lenet". (CheckWord() lets a file win where no name is
// expected.) A relative path starts from UserFolder(). Reads the
// start of a file, or of some files of a folder. Opens nothing but regular
// files and folders.
WordKind ClassifyWord(const std::string& word);

// The same, but the word is not a name.
WordKind ClassifyPath(const std::string& path);

// Returns kModelFile or kRecipeFile, whichever the first 32 KiB of a text look
// more like, or kFile unless most of their fields are those of either.
WordKind ClassifyText(absl::string_view text);

// Returns the first `count` bytes of the file, or all if it has fewer; "" if it
// cannot be read.
std::string StartOfFile(const std::string& path, int64_t count);

// What a command expects a word to be.
enum class WordFor {
  kRecipe,      // a name or a file
  kModel,       // a name or a file
  kNetwork,     // a model, an ONNX model, a checkpoint or a run's folder
  kTrained,     // a checkpoint, an ONNX model or a run's folder
  kRun,         // a run's folder
  kReport,      // a run's folder, or a checkpoint in one
  kModelFiles,  // files of models, ONNX models and recipes
  kImage,       // an image's file
};

// Returns OK if the word may be what `command`, such as "lenslet draw",
// expects. A file or folder of unknown kind passes: the function that loads it
// says what is wrong with it. Errors: InvalidArgument, "WORD is a recipe;
// expected a model; ...", with a command line that fits the word; NotFound for
// a word that is neither a name nor a file, unless it looks like a path. A
// word that is the name of a model or recipe is a path where the command
// expects no such name.
absl::Status CheckWord(WordFor expected, const std::string& command,
                       const std::string& word);

// Checks each of the words, and warns of a name that is that of a file, too,
// which also fits. Returns nullopt if they pass. Otherwise reports the
// first error and returns the exit code: kExitUsage for InvalidArgument, else
// kExitFailure.
std::optional<int> CheckWords(WordFor expected, const std::string& command,
                              absl::Span<const std::string> words);

// The same, but also reports it if there is not exactly one word. `what` says
// in that error what the word should be: "checkpoint".
std::optional<int> CheckOneWord(WordFor expected, const std::string& command,
                                const std::string& what,
                                absl::Span<const std::string> words);

// Checks the recipe, the only word, and the model of --model. If a command
// needs no recipe, it must not call this without one.
std::optional<int> CheckRecipeWords(const std::string& command,
                                    const RecipeFlags& flags);

// The network of commands that need no word.
inline constexpr char kDefaultModel[] = "lenet";

// Adds a word for WordFor::kNetwork. Without it, the command uses `otherwise`,
// unless that is "".
void AddNetworkWord(const std::string& otherwise, CommandLine& line,
                    std::vector<std::string>& words);
// Adds a word for WordFor::kTrained.
void AddTrainedWord(CommandLine& line, std::vector<std::string>& words);

// As LoadCheckpointOrOnnx() (onnx/load.h), and prints the notes of the import
// as warnings: a CheckpointLoader for words.
absl::StatusOr<CheckpointProto> LoadAndWarn(const std::string& path);

// Loads a word that passed CheckWord() for WordFor::kNetwork. Warns as
// LoadAndWarn(). Errors: as
// LoadGraph() and LoadCheckpointGraph().
absl::StatusOr<NamedGraph> LoadNetwork(const std::string& word);

// Returns "to train it: lenslet train book --model=WORD", or what else fits a
// word of this kind; "" if nothing does.
std::string CommandFor(WordKind kind, const std::string& word);

// "a model", "an image", ...
absl::string_view Description(WordKind kind);

// Returns OK if the word may be data: a folder or a file that is nothing else
// that the commands know. Errors: InvalidArgument, with a command line that
// fits the word.
absl::Status CheckDataWord(const std::string& word);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_WORDS_H_
