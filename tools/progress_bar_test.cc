#include "lenslet/tools/progress_bar.h"

#include <cstdio>
#include <string>

#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/temp_folder.h"

namespace lenslet {
namespace {

TEST(ProgressLineTest, FillsItsBar) {
  EXPECT_EQ(ProgressLine("epoch 1/2", 0, "loss 2.3", 80),
            "epoch 1/2 [--------------------]   0 %  loss 2.3");
  EXPECT_EQ(ProgressLine("epoch 1/2", 0.5, "loss 2.3", 80),
            "epoch 1/2 [##########----------]  50 %  loss 2.3");
  EXPECT_EQ(ProgressLine("epoch 1/2", 1, "loss 2.3", 80),
            "epoch 1/2 [####################] 100 %  loss 2.3");
}

TEST(ProgressLineTest, StaysInItsLine) {
  EXPECT_EQ(ProgressLine("epoch 1/2", 2, "loss 2.3", 40),
            "epoch 1/2 [###########] 100 %  loss 2.3");
  EXPECT_EQ(ProgressLine("epoch 1/2", 0.5, "loss 2.3", 25),
            "epoch 1/2 [##--]  50 %  ");
  // However wide the terminal is.
  EXPECT_EQ(
      ProgressLine("epoch 10/10", 0.5,
                   "loss 0.345  acc 0.871  90,123 ex/s  59 min 59 s left", 200),
      "epoch 10/10 [##---]  50 %  loss 0.345  acc 0.871  90,123 ex/s  "
      "59 min 59 s left");
  EXPECT_EQ(ProgressLine("epoch", 0, "", 1), "");
  EXPECT_EQ(ProgressLine("epoch", 0, "", 0), "");
}

TEST(ProgressBarTest, LeavesNoTraceInAFileInItsFirstSeconds) {
  const std::string path = EmptyTempFolder("progress_bar_test") + "/out";
  std::FILE* file = std::fopen(path.c_str(), "w");
  ASSERT_NE(file, nullptr);
  {
    ProgressBar bar(file, "epoch 1/2");
    bar.Update(0.25, "loss 2.3");
    bar.Update(0.5, "loss 2.2");
  }
  std::fclose(file);
  EXPECT_EQ(*ReadFile(path), "");
}

}  // namespace
}  // namespace lenslet
