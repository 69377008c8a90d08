// The commands of the program lenslet (tools/lenslet.cc).

#ifndef LENSLET_TOOLS_COMMANDS_H_
#define LENSLET_TOOLS_COMMANDS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace lenslet {

// Each takes main()'s arguments without the name of the command: argv[0] is the
// program. Returns the exit code. Calls its program "lenslet COMMAND" in
// errors. Must be called in RunProgram() (tools/program.h).
int CertifyCommand(int argc, char** argv);
int CompareCommand(int argc, char** argv);
int DrawCommand(int argc, char** argv);
int EvaluateCommand(int argc, char** argv);
int ExportCommand(int argc, char** argv);
int FindRateCommand(int argc, char** argv);
int ImportCommand(int argc, char** argv);
int InitCommand(int argc, char** argv);
int LintCommand(int argc, char** argv);
int OperatorsCommand(int argc, char** argv);
int PackCommand(int argc, char** argv);
int PredictCommand(int argc, char** argv);
int ProfileCommand(int argc, char** argv);
int ReportCommand(int argc, char** argv);
int SummarizeCommand(int argc, char** argv);
int SweepCommand(int argc, char** argv);
int TrainCommand(int argc, char** argv);
int VerifyCommand(int argc, char** argv);
int VisualizeCommand(int argc, char** argv);

struct Command {
  const char* name;
  const char* summary;  // One short line.
  int (*run)(int argc, char** argv);
};

struct CommandGroup {
  const char* title;
  absl::Span<const Command> commands;
};

// Returns all commands, in the order in which a user meets them.
absl::Span<const CommandGroup> CommandGroups();

// Returns the command of that name, or nullptr.
const Command* FindCommand(absl::string_view name);

// Returns what the program prints without a command.
std::string Overview();

// Returns the error for a first word that is no command: with the command of
// the nearest name or of the same meaning, such as "evaluate" for "test", or
// with the command that takes a word of this kind (tools/words.h).
std::string UnknownCommand(const std::string& word);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_COMMANDS_H_
