// Programs whose standard streams are closed, full or endless.

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/tests/run_program.h"
#include "lenslet/tests/small_run.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int kFailure = 1;

// Runs lenslet with shell text after it, such as ">&-". Returns its exit code;
// what it writes to standard error goes to the file `err`.
int RunWith(const std::vector<std::string>& arguments,
            const std::string& redirections) {
  std::string command = absl::StrCat("'", ProgramPath("tools/lenslet"), "'");
  for (const std::string& argument : arguments) {
    absl::StrAppend(&command, " '", argument, "'");
  }
  const int status =
      std::system(absl::StrCat(command, " ", redirections).c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

class StandardStreamsTest : public ::testing::Test {
 protected:
  StandardStreamsTest()
      : folder_(EmptyTempFolder("standard_streams_test")),
        recipe_(WriteSmallRecipe(folder_)),
        run_(folder_ + "/run") {}

  std::string Path(const std::string& name) { return folder_ + "/" + name; }
  std::string Read(const std::string& name) {
    return ReadFile(Path(name)).value_or("");
  }

  const std::string folder_;
  const std::string recipe_;
  const std::string run_;
};

TEST_F(StandardStreamsTest, ClosedOnesKeepNoTextForTheFilesOfARun) {
  for (const char* closed :
       {"<&- >&-", ">&- 2>&-", "<&- >&- 2>&-", "<&-", ">&-"}) {
    const std::string run_dir = Path(absl::StrReplaceAll(
        closed, {{" ", ""}, {"<", "in"}, {">", "out"}, {"&-", ""}}));
    std::vector<std::string> arguments = TrainArguments(recipe_, run_dir);
    arguments.push_back("--epochs=1");
    EXPECT_EQ(RunWith(arguments, closed), 0) << closed;
    EXPECT_THAT(ReadFile(run_dir + "/metrics.jsonl").value_or(""),
                StartsWith("{\"step\""))
        << closed;
    // "PID\n" and nothing else.
    EXPECT_LT(ReadFile(run_dir + "/lock").value_or(std::string(99, 'x')).size(),
              20)
        << closed;
    const ProgramResult resumed = Train(recipe_, run_dir, {"--epochs=2"});
    EXPECT_EQ(resumed.exit_code, 0) << closed << resumed.err;
  }
}

TEST_F(StandardStreamsTest, OutputThatCannotBeWrittenIsAFailure) {
  ASSERT_EQ(Train(recipe_, run_, {"--epochs=1"}).exit_code, 0);
  const std::string model = Path("model.textproto");
  const std::vector<std::string> kCommands[] = {
      {"train", recipe_, "--epochs=1"},
      {"predict", run_, "--count=2"},
      {"predict", run_, "--count=2", "--json"},
      {"predict", "--help"},
      {"evaluate", run_},
      {"evaluate", run_, "--json"},
      {"compare", run_, run_},
      {"summarize", "lenet"},
      {"draw", "lenet"},
      {"report", run_},
      {"profile", model, "--repeats=1", "--batch_size=16"},
      {"visualize", run_, "--output=" + Path("pictures")},
      {"find-rate", recipe_, "--steps=10"},
      {"sweep", recipe_, "--epochs=1", "--seeds=2",
       "--run_dir=" + Path("sweep")},
      {"operators"},
  };
  for (const std::vector<std::string>& command : kCommands) {
    EXPECT_EQ(RunWith(command, "> /dev/full 2> " + Path("err")), kFailure)
        << command[0];
    EXPECT_THAT(Read("err"), HasSubstr(absl::StrCat("lenslet ", command[0],
                                                    ": standard output: No "
                                                    "space left on device")));
  }
  EXPECT_EQ(RunWith({}, "> /dev/full 2> " + Path("err")), kFailure);
  EXPECT_THAT(Read("err"),
              StartsWith("lenslet: standard output: No space left"));
}

TEST_F(StandardStreamsTest, InputThatCannotBeReadIsAFailure) {
  ASSERT_EQ(Train(recipe_, run_, {"--epochs=1"}).exit_code, 0);
  const std::vector<std::string> arguments = {run_, "-"};
  const ProgramResult result =
      RunLenslet("predict", arguments, /*prefix=*/"", /*input=*/folder_);
  EXPECT_EQ(result.exit_code, kFailure);
  EXPECT_EQ(result.err, "lenslet predict: -: Is a directory\n");
}

TEST_F(StandardStreamsTest, InputThatIsClosedIsAFailureWhereItIsRead) {
  ASSERT_EQ(Train(recipe_, run_, {"--epochs=1"}).exit_code, 0);
  const std::string err = " > /dev/null 2> " + Path("err");
  EXPECT_EQ(RunWith({"predict", run_, "-"}, "<&-" + err), kFailure);
  EXPECT_EQ(Read("err"), "lenslet predict: -: Bad file descriptor\n");
  EXPECT_EQ(RunWith({"predict", run_}, "<&-" + err), 0);
}

TEST_F(StandardStreamsTest, ALineHasALimit) {
  ASSERT_EQ(Train(recipe_, run_, {"--epochs=1"}).exit_code, 0);
  const std::vector<std::string> arguments = {run_, "-"};
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("long"), std::string(70000, 'a')));
  const ProgramResult result =
      RunLenslet("predict", arguments, /*prefix=*/"", Path("long"));
  EXPECT_EQ(result.exit_code, kFailure);
  EXPECT_EQ(
      result.err,
      "lenslet predict: -: a line has more than 65536 bytes; expected one path "
      "on each line, or an image\n");
}

// Not a stream, but what RunProgram() does, too: whatever allocates more than
// there is ends the program as a failure, not by an abort.
TEST_F(StandardStreamsTest, AFileThatMemoryCannotHoldIsAFailure) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers need more address space";
#endif
  const std::string file = Path("large.ckpt");
  LENSLET_ASSERT_OK(WriteFileAtomically(file, "LENSLET1"));
  // Most of it is a hole, which takes no room on the disk.
  std::filesystem::resize_file(file, 1'500'000'000);
  const ProgramResult result =
      RunLenslet("predict", {file, "--count=1"}, "ulimit -v 500000;");
  EXPECT_EQ(result.exit_code, kFailure);
  EXPECT_EQ(result.err, "lenslet predict: not enough memory\n");
}

}  // namespace
}  // namespace lenslet
