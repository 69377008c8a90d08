// A run that is killed at any instant and started again by the same command
// ends with the same bytes as one that was not.

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/random.h"
#include "base/temp_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/run_program.h"
#include "tests/small_run.h"

namespace lenslet {
namespace {

constexpr int kKilled = 128 + 9;
constexpr int kKills = 50;

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
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
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
      // The last ones may go on to the end.
      const bool kill = kills < kKills;
      const ProgramResult result =
          Train(recipe, run, {},
                kill ? absl::StrFormat("timeout --foreground -s KILL %.4f",
                                       0.001 + seconds * random.Uniform())
                     : "");
      if (result.exit_code == 0) break;
      ASSERT_EQ(result.exit_code, kKilled) << result.out << result.err;
      ASSERT_EQ(result.err, "");
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
