// Runs a program as a user would, for tests of its output.

#ifndef LENSLET_TESTS_RUN_PROGRAM_H_
#define LENSLET_TESTS_RUN_PROGRAM_H_

#include <string>
#include <vector>

namespace lenslet {

struct ProgramResult {
  int exit_code = -1;  // 128 + the signal's number if a signal ended it.
  std::string out;
  std::string err;
};

// Returns the path of a program. `program` is a target's path from the
// workspace's root, such as "tools/lenslet". It must be among the test's data.
std::string ProgramPath(const std::string& program);

// Runs a program. None of its standard streams is a terminal. `prefix` is shell
// text to put before the command, such as "ulimit -f 1;". `input` is the file
// for standard input.
ProgramResult RunProgram(const std::string& program,
                         const std::vector<std::string>& arguments,
                         const std::string& prefix = "",
                         const std::string& input = "/dev/null");

// Runs "lenslet COMMAND ...".
ProgramResult RunLenslet(const std::string& command,
                         const std::vector<std::string>& arguments,
                         const std::string& prefix = "",
                         const std::string& input = "/dev/null");

}  // namespace lenslet

#endif  // LENSLET_TESTS_RUN_PROGRAM_H_
