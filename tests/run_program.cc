#include "lenslet/tests/run_program.h"

#include <sys/wait.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "lenslet/base/file.h"
#include "lenslet/base/temp_folder.h"

namespace lenslet {
namespace {

std::string Quoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

}  // namespace

std::string ProgramPath(const std::string& program) {
  return absl::StrCat(std::getenv("TEST_SRCDIR"), "/",
                      std::getenv("TEST_WORKSPACE"), "/", program);
}

ProgramResult RunProgram(const std::string& program,
                         const std::vector<std::string>& arguments,
                         const std::string& prefix, const std::string& input) {
  const std::string folder = EmptyTempFolder("run_program");
  std::string command = absl::StrCat(prefix, " ", Quoted(ProgramPath(program)));
  for (const std::string& argument : arguments) {
    absl::StrAppend(&command, " ", Quoted(argument));
  }
  absl::StrAppend(&command, " >", Quoted(folder + "/out"), " 2>",
                  Quoted(folder + "/err"), " <", Quoted(input));
  const int status = std::system(command.c_str());
  ProgramResult result;
  result.exit_code =
      WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = ReadFile(folder + "/out").value_or("");
  result.err = ReadFile(folder + "/err").value_or("");
  return result;
}

ProgramResult RunLenslet(const std::string& command,
                         const std::vector<std::string>& arguments,
                         const std::string& prefix, const std::string& input) {
  std::vector<std::string> words = {command};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return RunProgram("tools/lenslet", words, prefix, input);
}

}  // namespace lenslet
