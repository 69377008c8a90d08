#include "lenslet/report.h"

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/synthetic.h"
#include "lenslet/network.h"
#include "lenslet/short_layers.h"
#include "lenslet/train.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Dataset ReportedData(int64_t examples, uint64_t seed) {
  return *MakeSyntheticDataset(
      {8, 8, 1},
      {.examples = examples, .classes = 3, .noise = 0.8, .seed = seed});
}

class WriteReportTest : public ::testing::Test {
 protected:
  WriteReportTest() {
    Network network = *Network::Sequential(
        {8, 8, 1},
        {layers::Conv2d(4, 3), layers::Flatten(), layers::Linear(3)});
    EXPECT_THAT(Train(network, train_,
                      {.epochs = 2,
                       .batch_size = 20,
                       .test = &test_,
                       .run_dir = run_dir_,
                       .data_name = "patterns <of> noise"}),
                IsOk());
  }

  const Dataset train_ = ReportedData(60, 1);
  const Dataset test_ = ReportedData(30, 2);
  const std::string run_dir_ = EmptyTempFolder("write_report_test") + "/run";
};

TEST_F(WriteReportTest, WritesThePageOfTheRun) {
  LENSLET_ASSERT_OK(WriteReport(run_dir_, train_, {.test = &test_}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string page,
                               ReadFile(run_dir_ + "/report.html"));
  EXPECT_THAT(page, AllOf(HasSubstr("patterns &lt;of&gt; noise"),
                          HasSubstr("test_accuracy"), HasSubstr("in_memory")));

  const std::string output = run_dir_ + "/best.html";
  LENSLET_ASSERT_OK(WriteReport(
      run_dir_, train_,
      {.test = &test_, .checkpoint = "best.ckpt", .output = output}));
  EXPECT_TRUE(std::filesystem::exists(output));
}

TEST_F(WriteReportTest, RefusesOtherData) {
  const auto expect_refused = [&](const Dataset& data, const Dataset* test,
                                  const std::string& message) {
    EXPECT_THAT(WriteReport(run_dir_, data, {.test = test}),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         AllOf(HasSubstr(run_dir_), HasSubstr(message))));
  };
  const Dataset other = ReportedData(30, 9);
  expect_refused(train_, &other,
                 "the test examples of patterns <of> noise have changed");
  expect_refused(
      train_, nullptr,
      "measured with test examples; none were given, expected the same");
  expect_refused(ReportedData(60, 9), &test_, "the training examples of");
  expect_refused(other, &test_, "60 examples; the data now has 30");
  Dataset normalized = ReportedData(60, 1);
  normalized.normalization = {.mean = {0.5f}, .deviation = {0.5f}};
  expect_refused(normalized, nullptr, "normalization differs");
  EXPECT_FALSE(std::filesystem::exists(run_dir_ + "/report.html"));

  EXPECT_THAT(WriteReport(run_dir_ + "/none", train_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/none")));
  EXPECT_THAT(WriteReport(run_dir_, train_, {.threads = -1}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "threads is -1; expected at least 0"));
}

}  // namespace
}  // namespace lenslet
