// A run that is killed at any instant and started again by the same command
// ends with the same bytes as one that was not.

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/scoped_timer.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/tests/run_program.h"
#include "lenslet/tests/small_run.h"

namespace lenslet {
namespace {

constexpr int kKills = 50;

// Starts the run, and kills it after so many seconds. Returns whether it was
// still going on then; otherwise it has ended well.
bool TrainAndKill(const std::string& recipe, const std::string& run_dir,
                  double seconds) {
  std::vector<std::string> arguments = TrainArguments(recipe, run_dir);
  arguments.insert(arguments.begin(), ProgramPath("tools/lenslet"));
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t process = fork();
  if (process == 0) {
    if (std::freopen("/dev/null", "w", stdout) != nullptr) {
      execv(argv[0], argv.data());
    }
    _exit(127);
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  kill(process, SIGKILL);
  int status = 0;
  EXPECT_EQ(waitpid(process, &status, 0), process);
  if (WIFSIGNALED(status)) return true;
  EXPECT_EQ(WEXITSTATUS(status), 0);
  return false;
}

// Whether a file was being written when the process ended.
bool HasTemporary(const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (absl::StrContains(entry.path().filename().string(), ".tmp.")) {
      return true;
    }
  }
  return false;
}

TEST(KilledRunTest, EndsWithTheSameBytesWheneverItIsKilled) {
  const std::string folder = EmptyTempFolder("killed_run_test");
  const std::string recipe = WriteSmallRecipe(folder);
  const std::string whole = folder + "/whole";
  const auto start = std::chrono::steady_clock::now();
  const ProgramResult uninterrupted = Train(recipe, whole);
  const double seconds = SecondsSince(start);
  ASSERT_EQ(uninterrupted.exit_code, 0) << uninterrupted.err;
  const std::string bytes = FinalBytes(whole);
  const std::vector<std::string> metrics = TimelessMetrics(whole);
  ASSERT_GT(bytes.size(), 1000);
  ASSERT_GT(metrics.size(), 6);

  // Instants are as random as the machine's speed in any case.
  Random random(std::chrono::system_clock::now().time_since_epoch().count());
  int kills = 0;
  int kills_in_writes = 0;
  int runs = 0;
  while (kills < kKills) {
    const std::string run = absl::StrCat(folder, "/run", runs++);
    for (int sessions = 1;; ++sessions) {
      ASSERT_LE(sessions, 1000) << "the run makes no progress";
      if (kills == kKills) {
        const ProgramResult result = Train(recipe, run);
        ASSERT_EQ(result.exit_code, 0) << result.err;
        break;
      }
      if (!TrainAndKill(recipe, run, seconds * random.Uniform())) break;
      ++kills;
      if (std::filesystem::exists(run) && HasTemporary(run)) {
        ++kills_in_writes;
      }
    }
    EXPECT_TRUE(FinalBytes(run) == bytes) << "run " << runs;
    EXPECT_THAT(TimelessMetrics(run), testing::ElementsAreArray(metrics));
    EXPECT_FALSE(HasTemporary(run));
  }
  std::printf(
      "%d kills, %d of them while a file was being written, in %d "
      "runs\n",
      kills, kills_in_writes, runs);
  EXPECT_GT(kills_in_writes, 0);
}

}  // namespace
}  // namespace lenslet
