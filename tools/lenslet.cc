// The program lenslet. tools/commands.h lists its commands.

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/version.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/program.h"

namespace lenslet {
namespace {

constexpr char kLenslet[] = "lenslet";

int Refuse(const std::string& word) {
  ReportFailure(kLenslet, absl::InvalidArgumentError(
                              absl::StrCat(UnknownCommand(word),
                                           " (lenslet --help lists the "
                                           "commands)")));
  return kExitUsage;
}

int PrintOverview(int /*argc*/, char** /*argv*/) {
  PrintText(Overview());
  return 0;
}

int PrintVersion(int /*argc*/, char** /*argv*/) {
  Print("lenslet %s\n", kVersion);
  return 0;
}

// The path of this program, whose data are beside it. argv[0] is not, if a
// shell found the program on the PATH.
std::string PathOfProgram(const std::string& argv0) {
  std::error_code error;
  const std::string path =
      std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? argv0 : path;
}

// Runs the command with what follows its name.
int Dispatch(int argc, char** argv) {
  std::string program_path = PathOfProgram(argc > 0 ? argv[0] : kLenslet);
  std::vector<char*> words = {program_path.data()};
  for (int i = 1; i < argc; ++i) words.push_back(argv[i]);
  char help_flag[] = "--help";
  if (words.size() < 2) words.push_back(help_flag);
  const auto is_help = [](absl::string_view word) {
    return word == "help" || word == "--help" || word == "-h";
  };
  if (words.size() > 2 && is_help(words[1])) {
    // "help train" is "train --help".
    words = {words[0], words[2], help_flag};
  }
  const std::string name = words[1];
  const Command* const command = FindCommand(name);
  const auto run = [&](const std::string& program,
                       absl::FunctionRef<int(int, char**)> body) {
    words.erase(words.begin() + 1);
    words.push_back(nullptr);
    return RunProgram(program, static_cast<int>(words.size()) - 1, words.data(),
                      body);
  };
  if (command != nullptr) {
    return run(absl::StrCat(kLenslet, " ", name), command->run);
  }
  if (is_help(name)) return run(kLenslet, PrintOverview);
  if (name == "--version") return run(kLenslet, PrintVersion);
  return run(kLenslet, [&](int, char**) { return Refuse(name); });
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Dispatch(argc, argv); }
