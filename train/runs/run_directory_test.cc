#include "lenslet/train/runs/run_directory.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/predict/checkpoint.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class RunDirectoryTest : public ::testing::Test {
 protected:
  RunDirectoryTest() : path_(EmptyTempFolder("run_directory_test")) {}

  std::unique_ptr<RunDirectory> Open() {
    absl::StatusOr<std::unique_ptr<RunDirectory>> opened =
        RunDirectory::Open(path_);
    LENSLET_EXPECT_OK(opened.status());
    return *std::move(opened);
  }

  static CheckpointProto AtStep(int64_t step) {
    CheckpointProto checkpoint;
    checkpoint.mutable_state()->set_step(step);
    return checkpoint;
  }

  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  std::string File(const std::string& name) const {
    return absl::StrCat(path_, "/", name);
  }

  void Damage(const std::string& name) {
    std::string bytes = *ReadFile(File(name));
    bytes.back() ^= 1;
    // In place, so that all names of the file have it.
    std::FILE* file = std::fopen(File(name).c_str(), "r+b");
    std::fwrite(bytes.data(), 1, bytes.size(), file);
    std::fclose(file);
  }

  const std::string path_;
};

TEST_F(RunDirectoryTest, MakesFoldersAndKeepsTheRecipe) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const auto run,
                               RunDirectory::Open(path_ + "/a/b"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const auto none, run->ReadRecipe());
  EXPECT_FALSE(none.has_value());
  RecipeProto recipe;
  recipe.set_model("lenet");
  recipe.mutable_data()->mutable_normalization()->add_mean(0.1f);
  LENSLET_ASSERT_OK(run->WriteRecipe(recipe));
  LENSLET_ASSERT_OK_AND_ASSIGN(const auto read, run->ReadRecipe());
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->SerializeAsString(), recipe.SerializeAsString());
}

TEST_F(RunDirectoryTest, FinishesWhatAKilledProcessHasBegun) {
  const auto run = Open();
  for (const int64_t step : {1, 2, 3}) {
    LENSLET_ASSERT_OK(run->Save(AtStep(step), /*is_best=*/true, /*keep=*/3));
  }
  // As a process that is killed before it gives the file its other names.
  const std::string path = File("step-000000004.ckpt");
  LENSLET_ASSERT_OK(SaveCheckpoint(path, AtStep(4)));
  LENSLET_ASSERT_OK(run->FinishSaving(path, /*is_best=*/false, /*keep=*/3));
  EXPECT_EQ(LoadCheckpoint(File("latest.ckpt"))->state().step(), 4);
  EXPECT_EQ(LoadCheckpoint(File("best.ckpt"))->state().step(), 3);
  LENSLET_ASSERT_OK(run->FinishSaving(path, /*is_best=*/true, /*keep=*/1));
  EXPECT_EQ(LoadCheckpoint(File("best.ckpt"))->state().step(), 4);
  EXPECT_THAT(Files(), UnorderedElementsAre("lock", "latest.ckpt", "best.ckpt",
                                            "step-000000004.ckpt"));
  // Where only another name is left of it.
  LENSLET_ASSERT_OK(
      run->FinishSaving(File("latest.ckpt"), /*is_best=*/true, /*keep=*/1));
  EXPECT_EQ(LoadCheckpoint(File("latest.ckpt"))->state().step(), 4);
}

TEST_F(RunDirectoryTest, KeepsTheLastOnesAndTheBest) {
  const auto run = Open();
  LENSLET_ASSERT_OK(run->Save(AtStep(1), /*is_best=*/true, /*keep=*/2));
  LENSLET_ASSERT_OK(run->Save(AtStep(2), /*is_best=*/false, /*keep=*/2));
  LENSLET_ASSERT_OK(run->Save(AtStep(13), /*is_best=*/false, /*keep=*/2));
  EXPECT_THAT(Files(), UnorderedElementsAre("lock", "step-000000002.ckpt",
                                            "step-000000013.ckpt",
                                            "latest.ckpt", "best.ckpt"));
  EXPECT_EQ(LoadCheckpoint(File("latest.ckpt"))->state().step(), 13);
  EXPECT_EQ(LoadCheckpoint(File("best.ckpt"))->state().step(), 1);
  std::vector<std::string> warnings;
  LENSLET_ASSERT_OK_AND_ASSIGN(const auto newest, run->LoadNewest(warnings));
  ASSERT_TRUE(newest.has_value());
  EXPECT_EQ(newest->checkpoint.state().step(), 13);
  EXPECT_EQ(newest->path, File("step-000000013.ckpt"));
  EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(RunDirectoryTest, TellsWhetherThereAreCheckpoints) {
  EXPECT_FALSE(RunDirectory::HasCheckpoint(path_));
  EXPECT_FALSE(RunDirectory::HasCheckpoint(path_ + "/none"));
  LENSLET_ASSERT_OK(Open()->Save(AtStep(1), /*is_best=*/false, /*keep=*/1));
  EXPECT_TRUE(RunDirectory::HasCheckpoint(path_));
}

TEST_F(RunDirectoryTest, WithoutCheckpointsThereIsNone) {
  std::vector<std::string> warnings;
  LENSLET_ASSERT_OK_AND_ASSIGN(const auto newest, Open()->LoadNewest(warnings));
  EXPECT_FALSE(newest.has_value());
}

TEST_F(RunDirectoryTest, TakesThePreviousOneIfTheNewestIsDamaged) {
  const auto run = Open();
  for (const int64_t step : {1, 2, 3}) {
    LENSLET_ASSERT_OK(run->Save(AtStep(step), /*is_best=*/false, /*keep=*/3));
  }
  Damage("step-000000003.ckpt");
  Damage("step-000000002.ckpt");
  std::vector<std::string> warnings;
  LENSLET_ASSERT_OK_AND_ASSIGN(const auto newest, run->LoadNewest(warnings));
  ASSERT_TRUE(newest.has_value());
  EXPECT_EQ(newest->checkpoint.state().step(), 1);
  EXPECT_THAT(
      warnings,
      ElementsAre(testing::AllOf(HasSubstr("step-000000003.ckpt: is damaged"),
                                 HasSubstr("resuming from " +
                                           File("step-000000001.ckpt"))),
                  HasSubstr("step-000000002.ckpt: is damaged")));
  // What is damaged stays, out of the way of those that count.
  EXPECT_THAT(Files(), testing::IsSupersetOf({"step-000000003.ckpt.damaged",
                                              "step-000000002.ckpt.damaged",
                                              "step-000000001.ckpt"}));
}

TEST_F(RunDirectoryTest, TakesAnotherNameIfTheNumberedOneIsGone) {
  const auto run = Open();
  LENSLET_ASSERT_OK(run->Save(AtStep(5), /*is_best=*/false, /*keep=*/3));
  std::filesystem::remove(File("step-000000005.ckpt"));
  std::vector<std::string> warnings;
  LENSLET_ASSERT_OK_AND_ASSIGN(const auto newest, run->LoadNewest(warnings));
  ASSERT_TRUE(newest.has_value());
  EXPECT_EQ(newest->checkpoint.state().step(), 5);
}

TEST_F(RunDirectoryTest, AnErrorIfAllAreDamagedAndNothingIsRenamed) {
  const auto run = Open();
  LENSLET_ASSERT_OK(run->Save(AtStep(1), /*is_best=*/false, /*keep=*/3));
  Damage("step-000000001.ckpt");
  std::vector<std::string> warnings;
  EXPECT_THAT(
      run->LoadNewest(warnings).status(),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("no intact checkpoint")));
  EXPECT_THAT(Files(), testing::Contains("step-000000001.ckpt"));
}

TEST_F(RunDirectoryTest, OneProcessAtATime) {
  const auto run = Open();
  EXPECT_THAT(
      RunDirectory::Open(path_).status(),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("another process is training in this folder")));
}

TEST_F(RunDirectoryTest, OnlyEmptyFoldersAndThoseOfRuns) {
  LENSLET_ASSERT_OK(WriteFileAtomically(File("thesis.tex"), "x"));
  EXPECT_THAT(RunDirectory::Open(path_).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("has files but no recipe.textproto")));
  EXPECT_THAT(Files(), ElementsAre("thesis.tex"));
}

TEST_F(RunDirectoryTest, RemovesWhatKilledWritersLeft) {
  LENSLET_ASSERT_OK(WriteFileAtomically(File("step-3.ckpt.tmp.77"), "x"));
  const auto run = Open();
  EXPECT_THAT(Files(), ElementsAre("lock"));
}

TEST_F(RunDirectoryTest, APathThatCannotBeAFolder) {
  LENSLET_ASSERT_OK(WriteFileAtomically(File("file"), ""));
  EXPECT_THAT(
      RunDirectory::Open(File("file/run")).status(),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("file/run")));
}

}  // namespace
}  // namespace lenslet
