#include "lenslet/benchmarks/peers/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace lenslet::peers {
namespace {

absl::Status Error(const std::string& program, absl::string_view reason) {
  return absl::InternalError(absl::StrCat(program, ": ", reason));
}

// Whether a variable changes how fast a peer is.
bool Tunes(absl::string_view variable) {
  for (absl::string_view prefix :
       {"ATEN_", "DNNL_", "GLIBC_TUNABLES=", "GOMP_", "GOTO_", "KMP_", "LD_",
        "MALLOC_", "MKL", "OMP_", "ONEDNN_", "OPENBLAS_", "TORCH_"}) {
    if (absl::StartsWith(variable, prefix)) return true;
  }
  return false;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Process>> Process::Start(
    const std::string& program, const std::vector<std::string>& arguments,
    const std::vector<std::string>& environment) {
  // A process that has ended is found out by reading from it.
  std::signal(SIGPIPE, SIG_IGN);
  std::vector<std::string> argv = {program};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!Tunes(*variable)) variables.push_back(*variable);
  }
  int to[2];
  int from[2];
  // The ends that stay here are closed in all children.
  if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) {
    return Error(program, std::strerror(errno));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
  pid_t pid;
  const int error =
      posix_spawn(&pid, program.c_str(), &actions, /*attrp=*/nullptr,
                  Pointers(argv).data(), Pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  close(to[0]);
  close(from[1]);
  if (error != 0) {
    close(to[1]);
    close(from[0]);
    return Error(program, std::strerror(error));
  }
  return std::unique_ptr<Process>(
      new Process(program, pid, fdopen(to[1], "w"), fdopen(from[0], "r")));
}

Process::~Process() {
  std::fclose(to_);
  std::fclose(from_);
  waitpid(pid_, nullptr, 0);
}

absl::StatusOr<std::string> Process::Ask(const std::string& line) {
  std::fputs(absl::StrCat(line, "\n").c_str(), to_);
  std::fflush(to_);
  char* text = nullptr;
  size_t capacity = 0;
  const ssize_t length = getline(&text, &capacity, from_);
  std::string answer(text, length > 0 ? length : 0);
  std::free(text);
  if (length <= 0) {
    return Error(program_,
                 absl::StrCat("ended instead of answering \"", line, "\""));
  }
  answer = std::string(absl::StripSuffix(answer, "\n"));
  absl::string_view reason = answer;
  if (absl::ConsumePrefix(&reason, "error: ")) return Error(program_, reason);
  return answer;
}

}  // namespace lenslet::peers
