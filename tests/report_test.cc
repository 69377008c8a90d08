// The report of a run, made and made anew.

#include <filesystem>
#include <string>

#include "absl/strings/match.h"
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

TEST(Report, IsMadeOfARunsFolder) {
  const std::string folder = EmptyTempFolder("report");
  ASSERT_TRUE(WriteFileAtomically(
                  folder + "/r.textproto",
                  "name: \"tiny\" model: \"mlp\" epochs: 2 learning_rate: 0.1 "
                  "data { synthetic { shape: [28, 28, 1] train_examples: 80 "
                  "test_examples: 20 } validation_fraction: 0.25 }")
                  .ok());
  const std::string run = folder + "/run";
  const ProgramResult trained = RunLenslet(
      "train", {folder + "/r.textproto", "--run_dir=" + run, "--report=false"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const ProgramResult result = RunLenslet("report", {run});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("wrote " + run + "/report.html"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string page,
                               ReadFile(run + "/report.html"));
  // The page is too long to be printed.
  for (const char* part :
       {"<h1>Multilayer perceptron</h1>",
        "<title>Multilayer perceptron – training report</title>",
        "of 20 images", "60 training, 20 validation, 20 test images",
        "<canvas data-chart=\"loss\"", "model: &quot;mlp&quot;"}) {
    EXPECT_TRUE(absl::StrContains(page, part)) << part;
  }
}

TEST(Report, MeasuresACheckpointOfARun) {
  const std::string folder = EmptyTempFolder("report");
  const std::string run = folder + "/run";
  ASSERT_EQ(Train(WriteSmallRecipe(folder), run, {"--epochs=1"}).exit_code, 0);
  const std::string page = folder + "/page.html";
  const ProgramResult result =
      RunLenslet("report", {run + "/best.ckpt", "--output=" + page});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "wrote " + page + "\n");
  EXPECT_TRUE(absl::StrContains(*ReadFile(page), "of 200 images"));

  const std::string alone = folder + "/alone.ckpt";
  LENSLET_ASSERT_OK(
      WriteFileAtomically(alone, *ReadFile(run + "/latest.ckpt")));
  std::filesystem::remove(folder + "/recipe.textproto");
  const ProgramResult no_run = RunLenslet("report", {alone});
  EXPECT_EQ(no_run.exit_code, 1);
  EXPECT_EQ(no_run.err, "lenslet report: " + alone +
                            ": is not in a run's folder; to measure a "
                            "checkpoint alone: lenslet evaluate " +
                            alone + "\n");
}

TEST(Report, KeepsWhatTheRunNeeds) {
  const std::string folder = EmptyTempFolder("report");
  const std::string run = folder + "/run";
  ASSERT_EQ(Train(WriteSmallRecipe(folder), run, {"--epochs=1"}).exit_code, 0);
  const std::string bytes = FinalBytes(run);
  for (const char* name : {"/latest.ckpt", "/metrics.jsonl"}) {
    const ProgramResult result =
        RunLenslet("report", {run, "--output=" + run + name});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("which a run keeps there"));
  }
  EXPECT_TRUE(FinalBytes(run) == bytes);
}

// The folder that the data came from has moved, and one example has changed.
TEST(Report, ReadsTheSameExamplesElsewhere) {
  const std::string folder = EmptyTempFolder("report");
  const std::string rows = "0,10,200\n1,220,30\n0,40,180\n1,210,60\n";
  const std::string csv = folder + "/old.csv";
  LENSLET_ASSERT_OK(WriteFileAtomically(csv, rows));
  LENSLET_ASSERT_OK(WriteFileAtomically(
      folder + "/m.textproto",
      "name: \"small\" input { name: \"row\" shape: [2] } "
      "layer { name: \"scores\" linear { output_features: 2 } }"));
  LENSLET_ASSERT_OK(WriteFileAtomically(
      folder + "/r.textproto",
      "name: \"table\" model: \"m.textproto\" epochs: 1 batch_size: 2 "
      "learning_rate: 0.1 data { csv { train_file: \"old.csv\" shape: [2] } "
      "normalization { } }"));
  const std::string run = folder + "/run";
  const ProgramResult trained = RunLenslet(
      "train", {folder + "/r.textproto", "--run_dir=" + run, "--report=false"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;

  const std::string moved = folder + "/new.csv";
  std::filesystem::rename(csv, moved);
  const ProgramResult gone = RunLenslet("report", {run});
  EXPECT_EQ(gone.exit_code, 1);
  EXPECT_THAT(gone.err, HasSubstr("--data says where the same examples are"));

  const std::string data =
      "--data=csv { train_file: \"" + moved + "\" shape: [2] }";
  const ProgramResult found = RunLenslet("report", {run, data});
  EXPECT_EQ(found.exit_code, 0) << found.err;
  EXPECT_TRUE(absl::StrContains(*ReadFile(run + "/report.html"), "4 training"));
  const ProgramResult overwrites =
      RunLenslet("report", {run, data, "--output=" + moved});
  EXPECT_EQ(overwrites.exit_code, 2) << overwrites.err;
  EXPECT_EQ(*ReadFile(moved), rows);

  LENSLET_ASSERT_OK(WriteFileAtomically(moved, "9" + rows.substr(1)));
  const ProgramResult changed = RunLenslet("report", {run, data});
  EXPECT_EQ(changed.exit_code, 1);
  EXPECT_THAT(changed.err, HasSubstr("examples of CSV file"));
}

TEST(Report, NeedsARun) {
  EXPECT_EQ(RunLenslet("report", {}).exit_code, 2);
  const ProgramResult result =
      RunLenslet("report", {EmptyTempFolder("nothing")});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err,
              HasSubstr("/nothing is a folder without latest.ckpt; expected a "
                        "run's folder or a checkpoint in one"));
}

}  // namespace
}  // namespace lenslet
