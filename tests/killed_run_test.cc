// A run that is killed at any instant and started again by the same command
// ends with the same bytes as one that was not.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/random.h"
#include "lenslet/base/scoped_timer.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/packed_file.h"
#include "lenslet/data/synthetic.h"
#include "lenslet/tests/run_program.h"
#include "lenslet/tests/small_run.h"

namespace lenslet {
namespace {

// Whether a file was being written when the process ended.
bool HasTemporary(const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (absl::StrContains(entry.path().filename().string(), ".tmp.")) {
      return true;
    }
  }
  return false;
}

// Trains by each recipe without a kill. Then kills runs that many times, which
// change from one recipe to the next with each session, and compares them with
// the run by the recipe of their last session. Returns how many kills came
// while a file was being written.
int KillRuns(const std::string& folder, const std::vector<std::string>& recipes,
             int most_kills) {
  std::vector<std::string> bytes;
  std::vector<std::string> metrics;
  double seconds = 0;
  for (size_t i = 0; i < recipes.size(); ++i) {
    const std::string whole = absl::StrCat(folder, "/whole", i);
    const auto start = std::chrono::steady_clock::now();
    const ProgramResult uninterrupted = Train(recipes[i], whole);
    seconds = SecondsSince(start);
    EXPECT_EQ(uninterrupted.exit_code, 0) << uninterrupted.err;
    bytes.push_back(FinalBytes(whole));
    EXPECT_GT(bytes[i].size(), 1000);
    if (i == 0) metrics = TimelessMetrics(whole);
    EXPECT_GT(metrics.size(), 6);
    EXPECT_THAT(TimelessMetrics(whole), testing::ElementsAreArray(metrics));
  }
  if (testing::Test::HasFailure()) return 0;

  // Instants are as random as the machine's speed in any case.
  Random random(std::chrono::system_clock::now().time_since_epoch().count());
  int kills = 0;
  int kills_in_writes = 0;
  int runs = 0;
  while (kills < most_kills) {
    const std::string run = absl::StrCat(folder, "/run", runs++);
    size_t turn = 0;
    for (int sessions = 1;; ++sessions) {
      EXPECT_LE(sessions, 1000) << "the run makes no progress";
      if (sessions > 1000) return 0;
      turn = sessions % recipes.size();
      if (kills == most_kills) {
        const ProgramResult result = Train(recipes[turn], run);
        EXPECT_EQ(result.exit_code, 0) << result.err;
        break;
      }
      if (!TrainAndKill(recipes[turn], run, seconds * random.Uniform())) break;
      ++kills;
      if (std::filesystem::exists(run) && HasTemporary(run)) {
        ++kills_in_writes;
      }
    }
    // A session after the last step writes no checkpoint.
    EXPECT_TRUE(std::find(bytes.begin(), bytes.end(), FinalBytes(run)) !=
                bytes.end())
        << "run " << runs;
    EXPECT_THAT(TimelessMetrics(run), testing::ElementsAreArray(metrics));
    EXPECT_FALSE(HasTemporary(run));
  }
  std::printf(
      "%d kills, %d of them while a file was being written, in %d "
      "runs\n",
      kills, kills_in_writes, runs);
  return kills_in_writes;
}

TEST(KilledRunTest, EndsWithTheSameBytesWheneverItIsKilled) {
  const std::string folder = EmptyTempFolder("killed_run_test");
  EXPECT_GT(KillRuns(folder, {WriteSmallRecipe(folder)}, 50), 0);
}

// After the third of its six epochs, with all that such a run has to keep.
TEST(KilledRunTest, StopsEarlyAtTheSameEpoch) {
  const std::string folder = EmptyTempFolder("killed_run_test_early");
  const std::string recipe = WriteSmallRecipe(folder);
  LENSLET_ASSERT_OK(
      WriteFileAtomically(recipe, absl::StrCat(*ReadFile(recipe), R"(
        early_stopping { patience: 2 min_change: 100 metric: "accuracy" }
        sampling { balanced: true }
        record_gradient_norm: true)")));
  KillRuns(folder, {recipe}, 15);
  const std::vector<std::string> metrics = TimelessMetrics(folder + "/whole0");
  EXPECT_THAT(metrics.back(),
              testing::AllOf(testing::HasSubstr("\"step\":30,"),
                             testing::HasSubstr("gradient_norm"),
                             testing::HasSubstr("stopped_early")));
  const std::string why = *ReadFile(folder + "/whole0/notes.jsonl");
  EXPECT_THAT(why, testing::HasSubstr("\"id\":\"stopped_early\""));
  EXPECT_EQ(*ReadFile(folder + "/run0/notes.jsonl"), why);
}

constexpr char kPackedModel[] = R"(
input { name: "image" shape: [64, 64, 1] }
layer { name: "pool" max_pool2d { kernel: 8 } }
layer { name: "flatten" flatten {} }
layer { name: "classes" linear { output_features: 3 } }
)";

// Of 2.3 MiB, through buffers of 1 and 2 MiB, of which 1 MiB is mixed.
TEST(KilledRunTest, EndsWithTheSameBytesOnDataLargerThanItsBuffer) {
  const std::string folder = EmptyTempFolder("killed_packed_run_test");
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset dataset,
      MakeSyntheticDataset({64, 64, 1}, {.examples = 600, .classes = 3}));
  LENSLET_ASSERT_OK(WritePackedFile(dataset, folder + "/train.pack"));
  LENSLET_ASSERT_OK(
      WriteFileAtomically(folder + "/model.textproto", kPackedModel));
  std::vector<std::string> recipes;
  for (const int threads : {1, 3}) {
    recipes.push_back(absl::StrCat(folder, "/", threads, ".textproto"));
    LENSLET_ASSERT_OK(WriteFileAtomically(
        recipes.back(), absl::StrCat(R"(
model: "model.textproto"
data {
  packed {
    train_file: "train.pack" mixed_mebibytes: 1
    read_ahead { mebibytes: )",
                                     1 + threads / 2, " threads: ", threads,
                                     R"( }
  }
  validation_fraction: 0.1
}
augmentation {
  flip: true crop_area: 0.5 scale: 0.1 vertical_flip: true
  brightness: 0.2 contrast: 0.2 erasing: 0.5 mixup: 0.4 cutmix: 1
}
batch_size: 20
epochs: 4
learning_rate: 0.01
optimizer { kind: ADAM }
save { every_steps: 1 keep: 2 }
)")));
  }
  KillRuns(folder, recipes, 12);
}

}  // namespace
}  // namespace lenslet
