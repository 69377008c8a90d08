// lenslet compare, as a user runs it.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/tests/run_program.h"
#include "lenslet/train/runs/history.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

ProgramResult Compare(const std::vector<std::string>& arguments) {
  return RunLenslet("compare", arguments);
}

// Folders as training leaves them, below an empty one.
class CompareToolTest : public ::testing::Test {
 protected:
  CompareToolTest() : folder_(EmptyTempFolder("compare_test")) {}

  std::string MakeRun(const std::string& name, const std::string& recipe,
                      const std::vector<double>& accuracies) {
    const std::string run_dir = folder_ + "/" + name;
    std::filesystem::create_directories(run_dir);
    EXPECT_THAT(WriteFileAtomically(run_dir + "/recipe.textproto", recipe),
                IsOk());
    auto writer = HistoryWriter::Create(run_dir, -1);
    EXPECT_THAT(writer, IsOk());
    for (size_t i = 0; i < accuracies.size(); ++i) {
      EXPECT_THAT(writer->Append({.step = 100 * static_cast<int64_t>(i + 1),
                                  .epoch = i + 1.0,
                                  .learning_rate = 0.1,
                                  .validation_loss = 1 - accuracies[i],
                                  .validation_accuracy = accuracies[i],
                                  .seconds = i + 1.0,
                                  .examples_per_second = 1000,
                                  .end_of_epoch = true}),
                  IsOk());
    }
    return run_dir;
  }

  std::string folder_;
};

TEST_F(CompareToolTest, ShowsThreeRuns) {
  const std::string a =
      MakeRun("a", "model: \"lenet\"\nepochs: 2\n", {0.5, 0.75});
  const std::string b = MakeRun(
      "b", "model: \"lenet\"\nepochs: 1\noptimizer { kind: ADAM }\n", {0.875});
  const std::string c = MakeRun("c", "model: \"mlp\"\nepochs: 2\n", {0.25});
  const std::string json = folder_ + "/comparison.json";
  const ProgramResult result = Compare({a, b + "/", c, "--json=" + json});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out,
            "recipe          a        b        c\n"
            "model           \"lenet\"  \"lenet\"  \"mlp\"\n"
            "epochs          2        1        2\n"
            "optimizer.kind  SGD      ADAM     SGD\n"
            "\n"
            "result                                     a            b         "
            "   c\n"
            "epochs                                     2            1         "
            "   1\n"
            "steps                                    200          100         "
            " 100\n"
            "seconds                                  2.0          1.0         "
            " 1.0\n"
            "examples/s                             1,000        1,000        "
            "1,000\n"
            "\n"
            "last measured\n"
            "  validation loss                     0.2500       0.1250       "
            "0.7500\n"
            "  validation accuracy                 0.7500       0.8750       "
            "0.2500\n"
            "\n"
            "best of each, and its epoch\n"
            "  validation loss                0.2500 at 2  0.1250 at 1  0.7500 "
            "at 1\n"
            "  validation accuracy            0.7500 at 2  0.8750 at 1  0.2500 "
            "at 1\n"
            "\n"
            "best.ckpt: best validation loss\n"
            "  epoch                                    2            1         "
            "   1\n"
            "  validation loss                     0.2500       0.1250       "
            "0.7500\n"
            "  validation accuracy                 0.7500       0.8750       "
            "0.2500\n"
            "\n"
            "over all 3 runs             mean  standard deviation\n"
            "seconds                     1.33                0.58\n"
            "last validation accuracy  0.6250              0.3307\n"
            "\n"
            "validation accuracy after epoch       a       b       c\n"
            "                              1  0.5000  0.8750  0.2500\n"
            "                              2  0.7500\n");
  const nlohmann::json written =
      nlohmann::json::parse(*ReadFile(json), nullptr, false);
  ASSERT_TRUE(written.is_object());
  EXPECT_EQ(written["runs"].size(), 3u);
  EXPECT_EQ(written["recipe_differences"]["model"][2], "\"mlp\"");
}

TEST_F(CompareToolTest, PrintsJson) {
  const std::string a = MakeRun("a", "epochs: 2\n", {0.5});
  const std::string b = MakeRun("b", "epochs: 1\n", {0.25});
  const std::string json = folder_ + "/comparison.json";
  ASSERT_EQ(Compare({a, b, "--json=" + json}).exit_code, 0);
  EXPECT_EQ(Compare({a, b, "--json"}).out, *ReadFile(json));
}

// Two seeds, measured on a test set after 11 and 22 seconds.
TEST_F(CompareToolTest, SumsUpSeedsAndFindsTheTarget) {
  std::vector<std::string> run_dirs;
  for (const double accuracy : {0.875, 0.9375}) {
    const int seed = run_dirs.size() + 1;
    run_dirs.push_back(MakeRun(absl::StrCat(seed),
                               absl::StrCat("epochs: 2\nseed: ", seed), {}));
    auto writer = HistoryWriter::Create(run_dirs.back(), -1);
    LENSLET_ASSERT_OK(writer);
    for (int epoch : {1, 2}) {
      LENSLET_ASSERT_OK(writer->Append({.step = 100 * epoch,
                                        .epoch = 1.0 * epoch,
                                        .test_loss = 0.5,
                                        .test_accuracy = accuracy * epoch / 2,
                                        .seconds = 11.0 * epoch,
                                        .end_of_epoch = true}));
    }
  }
  const std::string json = folder_ + "/comparison.json";
  const ProgramResult reached =
      Compare({run_dirs[0], run_dirs[1], "--target=0.875", "--json=" + json});
  ASSERT_EQ(reached.exit_code, 0) << reached.err;
  EXPECT_THAT(reached.out, StartsWith("recipe  1  2\nseed    1  2\n\n"));
  EXPECT_THAT(reached.out, HasSubstr(R"(
target: test accuracy 0.875
  reached after               22.0 s, epoch 2  22.0 s, epoch 2

over all 2 runs       mean  standard deviation
seconds              22.00                0.00
last test accuracy  0.9062              0.0442
seconds to target    22.00                0.00
)"));
  const nlohmann::json written =
      nlohmann::json::parse(*ReadFile(json), nullptr, false);
  ASSERT_TRUE(written.is_object());
  EXPECT_EQ(written["runs"][1]["target_reached"]["seconds"], 22);
  EXPECT_EQ(written["over_all_runs"]["seconds_to_target"]["mean"], 22);

  const ProgramResult not_all =
      Compare({run_dirs[0], run_dirs[1], "--target=0.9"});
  ASSERT_EQ(not_all.exit_code, 0) << not_all.err;
  EXPECT_THAT(not_all.out, HasSubstr("not reached  22.0 s, epoch 2\n"));
  EXPECT_THAT(not_all.out, Not(HasSubstr("seconds to target")));
}

TEST_F(CompareToolTest, TellsFoldersOfOneNameApart) {
  const std::string a = MakeRun("1/run", "epochs: 1", {0.5});
  const std::string b = MakeRun("2/run", "epochs: 2", {0.5});
  const ProgramResult result = Compare({a, b});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("recipe  " + a + "  " + b + "\n"));
}

// The last record of a run that goes on may be half written.
TEST_F(CompareToolTest, ShowsARunThatIsGoingOn) {
  const std::string a = MakeRun("a", "epochs: 2", {0.5});
  const std::string metrics = a + "/metrics.jsonl";
  LENSLET_ASSERT_OK(WriteFileAtomically(
      metrics, absl::StrCat(*ReadFile(metrics), R"({"step":)")));
  const ProgramResult result = Compare({a, a});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("The recipes are the same.\n"));
}

TEST_F(CompareToolTest, SaysWhatIsWrong) {
  const std::string good = MakeRun("good", "epochs: 2", {0.5});
  const auto expect = [](const std::vector<std::string>& arguments,
                         int exit_code, const std::string& message) {
    const ProgramResult result = Compare(arguments);
    EXPECT_EQ(result.exit_code, exit_code);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, StartsWith("lenslet compare: "));
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1)
        << result.err;
  };
  expect({}, 2, "expected two or more folders of runs, got 0");
  expect({good}, 2, "expected two or more folders of runs, got 1");
  expect({good, good, "--csv=1"}, 2, "unknown flag --csv");
  expect({good, good, "--target=90"}, 2,
         "--target is 90; expected a number of at most 1");
  expect({good, good, "--target=0"}, 2,
         "--target is 0; expected a finite number above 0");
  expect({good, folder_ + "/none"}, 1,
         folder_ + "/none: No such file or directory");
  expect(
      {good, folder_}, 1,
      folder_ +
          ": is not the folder of a training run: recipe.textproto is missing");
  expect({good + "/recipe.textproto", good}, 2,
         "good/recipe.textproto is a recipe; expected a run's folder");
  expect({good + "/metrics.jsonl", good}, 1,
         "good/metrics.jsonl: is a file, not the folder of a training run");
  expect({good, MakeRun("empty", "epochs: 2", {})}, 1,
         "empty/metrics.jsonl: has no measurements yet");
  expect({good, MakeRun("recipe", "epoch: 2", {0.5})}, 1,
         "recipe/recipe.textproto:1:");

  const std::string bad = MakeRun("bad", "epochs: 2", {0.5});
  LENSLET_ASSERT_OK(WriteFileAtomically(bad + "/metrics.jsonl", "{}\n"));
  expect({good, bad}, 1, "bad/metrics.jsonl:1: \"step\" is missing");
  std::filesystem::remove(bad + "/metrics.jsonl");
  expect({good, bad}, 1,
         "bad: is not the folder of a training run: metrics.jsonl is missing");
  expect({good, good, "--json=" + folder_ + "/none/a.json"}, 1,
         "none/a.json: No such file or directory");
}

}  // namespace
}  // namespace lenslet
