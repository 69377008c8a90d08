// What can go wrong while a run goes on, and that nothing is lost by it.

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/file_lock.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/tests/run_program.h"
#include "lenslet/tests/small_run.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr int kFailure = 1;

class TrainingFaultsTest : public ::testing::Test {
 protected:
  TrainingFaultsTest()
      : folder_(EmptyTempFolder("training_faults_test")),
        recipe_(WriteSmallRecipe(folder_)),
        run_(folder_ + "/run") {}

  // The bytes of a run without faults.
  std::string Undisturbed() {
    const std::string run = folder_ + "/undisturbed";
    EXPECT_EQ(Train(recipe_, run).exit_code, 0);
    return FinalBytes(run);
  }

  void FlipABit(const std::string& name) {
    const std::string path = run_ + "/" + name;
    const std::string bytes = *ReadFile(path);
    std::FILE* file = std::fopen(path.c_str(), "r+b");
    std::fseek(file, bytes.size() / 2, SEEK_SET);
    std::fputc(bytes[bytes.size() / 2] ^ 4, file);
    std::fclose(file);
  }

  // One line to stderr.
  static void ExpectFailure(const ProgramResult& result,
                            const std::string& message) {
    EXPECT_EQ(result.exit_code, kFailure) << result.out << result.err;
    EXPECT_THAT(result.err,
                AllOf(StartsWith("lenslet train: "), HasSubstr(message)));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1)
        << result.err;
  }

  const std::string folder_;
  const std::string recipe_;
  const std::string run_;
};

TEST_F(TrainingFaultsTest, SignalsSaveAndSayHowToGoOn) {
  const std::string bytes = Undisturbed();
  for (const char* signal : {"INT", "TERM"}) {
    const std::string run = absl::StrCat(run_, signal);
    // Longer than the program takes to start, in any build. Not in the
    // foreground, timeout sends the signal twice, and the second one kills.
    const std::string prefix =
        absl::StrCat("timeout --foreground --preserve-status -s ", signal, " ");
    ProgramResult result;
    for (double seconds = 0.05; seconds < 100; seconds *= 2) {
      std::filesystem::remove_all(run);
      result = Train(recipe_, run, {"--set=epochs=100000"},
                     absl::StrCat(prefix, seconds));
      // Too early to be caught.
      if (std::filesystem::exists(run + "/latest.ckpt")) break;
    }
    EXPECT_EQ(result.exit_code, 128 + (signal[0] == 'I' ? 2 : 15))
        << result.err;
    EXPECT_EQ(result.err, "");
    EXPECT_THAT(
        result.out,
        ContainsRegex("\nstopped after [0-9,]+ of 1,000,000 steps; "
                      "saved in .*; rerun the same command to resume\n$"));
  }
}

TEST_F(TrainingFaultsTest, AFullDiskEndsTheRunAndLosesNothing) {
  const std::string bytes = Undisturbed();
  // No file may be as large as a checkpoint.
  const std::string full = "trap '' XFSZ; ulimit -f 8;";
  ExpectFailure(Train(recipe_, run_, {}, full), "File too large");
  for (const auto& entry : std::filesystem::directory_iterator(run_)) {
    EXPECT_THAT(entry.path().filename().string(),
                testing::Not(HasSubstr(".ckpt")));
  }
  const ProgramResult again = Train(recipe_, run_);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(FinalBytes(run_) == bytes);
}

TEST_F(TrainingFaultsTest, AFullDiskLeavesThePreviousCheckpoint) {
  // Finished, and then made longer with no room for more.
  ASSERT_EQ(Train(recipe_, run_).exit_code, 0);
  const std::string before = FinalBytes(run_);
  const std::string full = "trap '' XFSZ; ulimit -f 8;";
  // Without a warning that the schedule restarts.
  const std::vector<std::string> longer = {
      "--epochs=7", "--set=schedule.extend=HOLD_LAST_RATE"};
  ExpectFailure(Train(recipe_, run_, longer, full), run_);
  EXPECT_TRUE(FinalBytes(run_) == before);
  const ProgramResult again = Train(recipe_, run_, longer);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("after 60 of 70 steps"));
}

TEST_F(TrainingFaultsTest, ADamagedNewestCheckpointIsPassedOver) {
  ASSERT_EQ(Train(recipe_, run_).exit_code, 0);
  const std::string bytes = FinalBytes(run_);
  FlipABit("step-000000060.ckpt");
  EXPECT_FALSE(FinalBytes(run_) == bytes);  // Another name of that file.
  const ProgramResult result = Train(recipe_, run_);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err,
              ContainsRegex("^warning: .*step-000000060.ckpt: is damaged.*; "
                            "resuming from .*step-000000059.ckpt\n$"));
  EXPECT_THAT(result.out, HasSubstr("after 59 of 60 steps"));
  EXPECT_TRUE(FinalBytes(run_) == bytes);
  EXPECT_TRUE(std::filesystem::exists(run_ + "/step-000000060.ckpt.damaged"));
}

TEST_F(TrainingFaultsTest, ACheckpointThatIsCutShortIsPassedOver) {
  ASSERT_EQ(Train(recipe_, run_).exit_code, 0);
  const std::string bytes = FinalBytes(run_);
  std::filesystem::resize_file(run_ + "/step-000000060.ckpt", 100);
  const ProgramResult result = Train(recipe_, run_);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("is damaged"));
  EXPECT_TRUE(FinalBytes(run_) == bytes);
}

TEST_F(TrainingFaultsTest, AllCheckpointsDamagedIsAnError) {
  ASSERT_EQ(Train(recipe_, run_, {"--set=save.keep=1"}).exit_code, 0);
  for (const char* name : {"step-000000060.ckpt", "best.ckpt"}) {
    std::filesystem::resize_file(absl::StrCat(run_, "/", name), 50);
  }
  ExpectFailure(Train(recipe_, run_), "no intact checkpoint");
  EXPECT_TRUE(std::filesystem::exists(run_ + "/step-000000060.ckpt"));
}

TEST_F(TrainingFaultsTest, TwoRunsInOneFolder) {
  std::filesystem::create_directory(run_);
  const absl::StatusOr<FileLock> other = FileLock::Acquire(run_ + "/lock");
  LENSLET_ASSERT_OK(other.status());
  ExpectFailure(Train(recipe_, run_),
                absl::StrCat("is held by another process, ", getpid(),
                             ": another process is training in this folder"));
}

TEST_F(TrainingFaultsTest, FoldersThatCannotBeWrittenTo) {
  ExpectFailure(Train(recipe_, "/proc/run"), "/proc/run");
  LENSLET_ASSERT_OK(WriteFileAtomically(folder_ + "/file", ""));
  ExpectFailure(Train(recipe_, folder_ + "/file/run"), "file/run");
  if (geteuid() == 0) return;  // Whom no permissions stop.
  std::filesystem::create_directory(run_);
  std::filesystem::permissions(run_, std::filesystem::perms::owner_read |
                                         std::filesystem::perms::owner_exec);
  ExpectFailure(Train(recipe_, run_), "Permission denied");
}

TEST_F(TrainingFaultsTest, AFolderOfSomethingElse) {
  std::filesystem::create_directory(run_);
  LENSLET_ASSERT_OK(WriteFileAtomically(run_ + "/thesis.tex", "x"));
  ExpectFailure(Train(recipe_, run_), "has files but no recipe.textproto");
}

TEST_F(TrainingFaultsTest, AnotherRecipeOnTheSameFolder) {
  ASSERT_EQ(Train(recipe_, run_, {"--epochs=1"}).exit_code, 0);
  const std::string bytes = FinalBytes(run_);
  ExpectFailure(Train(recipe_, run_, {"--epochs=1", "--batch_size=8"}),
                "batch_size: 16 -> 8");
  EXPECT_TRUE(FinalBytes(run_) == bytes);
  // What is to be saved, and how long, may change.
  EXPECT_EQ(Train(recipe_, run_, {"--epochs=2", "--set=save.keep=1"}).exit_code,
            0);
}

TEST_F(TrainingFaultsTest, AnotherModelOnTheSameFolder) {
  ASSERT_EQ(Train(recipe_, run_, {"--epochs=1"}).exit_code, 0);
  std::string model = *ReadFile(folder_ + "/model.textproto");
  model.replace(model.find("rate: 0.2"), 9, "rate: 0.3");
  LENSLET_ASSERT_OK(WriteFileAtomically(folder_ + "/model.textproto", model));
  ExpectFailure(Train(recipe_, run_, {"--epochs=1"}),
                "was trained with another model");
}

TEST_F(TrainingFaultsTest, ALossThatIsNotFiniteNamesTheLayer) {
  ExpectFailure(Train(recipe_, run_,
                      {"--set=optimizer.kind=SGD", "--learning_rate=3e38",
                       "--set=clip_norm=0", "--set=schedule.constant={}",
                       "--set=save.every_steps=0"}),
                "the loss is nan: layer \"");
  EXPECT_THAT(FinalBytes(run_), "no latest.ckpt");
}

TEST_F(TrainingFaultsTest, NothingThatIsNotFiniteIsSaved) {
  ExpectFailure(Train(recipe_, run_,
                      {"--set=optimizer.kind=SGD", "--learning_rate=1e30",
                       "--set=clip_norm=0", "--set=schedule.constant={}"}),
                absl::StrCat("training has diverged; a smaller learning rate "
                             "than 1e+30 may help; the last checkpoint is ",
                             run_, "/latest.ckpt"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const CheckpointProto checkpoint,
                               LoadCheckpoint(run_));
  const auto expect_finite = [](const auto& values) {
    EXPECT_TRUE(std::all_of(values.begin(), values.end(),
                            [](float value) { return std::isfinite(value); }));
  };
  for (const auto& parameter : checkpoint.parameter()) {
    expect_finite(parameter.value());
  }
  expect_finite(checkpoint.state().last_parameters().value());
}

TEST_F(TrainingFaultsTest, AParameterThatIsNotFiniteIsToldWithoutAFolder) {
  ExpectFailure(
      RunLenslet("train", {recipe_, "--set=steps=1", "--set=optimizer.kind=SGD",
                           "--set=learning_rate=1e300", "--set=clip_norm=0",
                           "--set=schedule.constant={}"}),
      "would become");
}

TEST_F(TrainingFaultsTest, WhatARunStartedFromMayBeGoneLater) {
  const std::string first = folder_ + "/first";
  ASSERT_EQ(Train(recipe_, first, {"--epochs=1"}).exit_code, 0);
  const std::string start_from = "--set=start_from=" + first;
  ASSERT_EQ(Train(recipe_, run_, {"--epochs=1", start_from}).exit_code, 0);
  const std::string anew = run_ + "_anew";
  ASSERT_EQ(Train(recipe_, anew, {"--epochs=1"}).exit_code, 0);
  EXPECT_FALSE(FinalBytes(run_) == FinalBytes(anew));
  std::filesystem::remove_all(first);
  EXPECT_EQ(Train(recipe_, run_, {"--epochs=2", start_from}).exit_code, 0);
  ExpectFailure(Train(recipe_, run_ + "_other", {start_from}), first);
}

TEST_F(TrainingFaultsTest, AFinishedRunIsLeftAsItIs) {
  ASSERT_EQ(Train(recipe_, run_).exit_code, 0);
  const std::string bytes = FinalBytes(run_);
  const std::vector<std::string> metrics = TimelessMetrics(run_);
  const ProgramResult result = Train(recipe_, run_);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("after 60 of 60 steps"));
  EXPECT_TRUE(FinalBytes(run_) == bytes);
  EXPECT_EQ(TimelessMetrics(run_), metrics);
}

TEST_F(TrainingFaultsTest, ACheckpointWithoutItsOtherNamesGetsThem) {
  ASSERT_EQ(Train(recipe_, run_).exit_code, 0);
  const std::string bytes = FinalBytes(run_);
  // As if the process had been killed as soon as the last file was written.
  std::filesystem::remove(run_ + "/latest.ckpt");
  std::filesystem::create_hard_link(run_ + "/step-000000059.ckpt",
                                    run_ + "/latest.ckpt");
  const ProgramResult result = Train(recipe_, run_);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(FinalBytes(run_) == bytes);
}

TEST_F(TrainingFaultsTest, AFinishedRunWritesItsOutput) {
  ASSERT_EQ(Train(recipe_, run_).exit_code, 0);
  const std::string output = folder_ + "/output.ckpt";
  const ProgramResult result = Train(recipe_, run_, {"--output=" + output});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(ReadFile(output).value_or("") == FinalBytes(run_));
}

TEST_F(TrainingFaultsTest, TheNumberOfThreadsChangesNothing) {
  const std::string bytes = Undisturbed();
  for (const char* threads : {"1", "3"}) {
    const std::string run = absl::StrCat(run_, threads);
    ASSERT_EQ(
        Train(recipe_, run, {absl::StrCat("--threads=", threads)}).exit_code,
        0);
    EXPECT_TRUE(FinalBytes(run) == bytes) << threads;
  }
}

}  // namespace
}  // namespace lenslet
