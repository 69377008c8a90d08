#include "lenslet/train/runs/history.h"

#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The files of a small run, as they are documented.
constexpr char kHeader[] =
    "step,epoch,learning_rate,train_loss,train_accuracy,validation_loss,"
    "validation_accuracy,test_loss,test_accuracy,seconds,examples_per_second,"
    "end_of_epoch\n";
constexpr char kFirstLine[] =
    R"({"step":100,"epoch":0.5,"learning_rate":0.1,"train_loss":1.25,)"
    R"("train_accuracy":0.625,"seconds":2.5,"examples_per_second":1000.0,)"
    R"("end_of_epoch":false})"
    "\n";
constexpr char kFirstRow[] = "100,0.5,0.1,1.25,0.625,,,,,2.5,1000,false\n";
constexpr char kSecondLine[] =
    R"({"step":200,"epoch":1.0,"learning_rate":0.05,"train_loss":0.5,)"
    R"("train_accuracy":0.75,"validation_loss":0.5,)"
    R"("validation_accuracy":0.8125,"test_loss":0.25,"test_accuracy":0.875,)"
    R"("seconds":5.0,"examples_per_second":1500.5,"end_of_epoch":true})"
    "\n";
constexpr char kSecondRow[] =
    "200,1,0.05,0.5,0.75,0.5,0.8125,0.25,0.875,5,1500.5,true\n";

MetricsRecord First() {
  return {.step = 100,
          .epoch = 0.5,
          .learning_rate = 0.1,
          .train_loss = 1.25,
          .train_accuracy = 0.625,
          .seconds = 2.5,
          .examples_per_second = 1000};
}

MetricsRecord Second() {
  return {.step = 200,
          .epoch = 1,
          .learning_rate = 0.05,
          .train_loss = 0.5,
          .train_accuracy = 0.75,
          .validation_loss = 0.5,
          .validation_accuracy = 0.8125,
          .test_loss = 0.25,
          .test_accuracy = 0.875,
          .seconds = 5,
          .examples_per_second = 1500.5,
          .end_of_epoch = true};
}

// A run's folder, empty at its start.
class HistoryTest : public ::testing::Test {
 protected:
  HistoryTest()
      : folder_(EmptyTempFolder("history_test")),
        json_(folder_ + "/metrics.jsonl"),
        csv_(folder_ + "/metrics.csv") {}

  void Write(const std::string& path, const std::string& contents) {
    LENSLET_ASSERT_OK(WriteFileAtomically(path, contents));
  }

  void Resume(int64_t step) {
    LENSLET_ASSERT_OK(HistoryWriter::Create(folder_, step));
  }

  int FilesInFolder() {
    return std::distance(std::filesystem::directory_iterator(folder_),
                         std::filesystem::directory_iterator());
  }

  std::string folder_;
  std::string json_;
  std::string csv_;
};

TEST_F(HistoryTest, WritesBothFiles) {
  LENSLET_ASSERT_OK_AND_ASSIGN(HistoryWriter writer,
                               HistoryWriter::Create(folder_, -1));
  EXPECT_EQ(*ReadFile(json_), "");
  EXPECT_EQ(*ReadFile(csv_), kHeader);
  LENSLET_ASSERT_OK(writer.Append(First()));
  EXPECT_EQ(*ReadFile(json_), kFirstLine);
  EXPECT_EQ(*ReadFile(csv_), absl::StrCat(kHeader, kFirstRow));
  LENSLET_ASSERT_OK(writer.Append(Second()));
  LENSLET_ASSERT_OK(writer.Sync());
  EXPECT_EQ(*ReadFile(json_), absl::StrCat(kFirstLine, kSecondLine));
  EXPECT_EQ(*ReadFile(csv_), absl::StrCat(kHeader, kFirstRow, kSecondRow));
}

TEST_F(HistoryTest, ReadsTheSameNumbersBack) {
  const std::vector<double> values = {0.1,
                                      1.0 / 3,
                                      123456789.123456789,
                                      1e-300,
                                      std::numeric_limits<double>::denorm_min(),
                                      std::numeric_limits<double>::max(),
                                      -0.0,
                                      1e21};
  LENSLET_ASSERT_OK_AND_ASSIGN(HistoryWriter writer,
                               HistoryWriter::Create(folder_, -1));
  for (const double value : values) {
    MetricsRecord record = First();
    record.step = std::numeric_limits<int64_t>::max();
    record.learning_rate = value;
    record.test_loss = value;
    LENSLET_ASSERT_OK(writer.Append(record));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::vector<MetricsRecord> records,
                               ReadHistory(json_));
  ASSERT_EQ(records.size(), values.size());
  std::string rows = *ReadFile(csv_);
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(records[i].step, std::numeric_limits<int64_t>::max());
    EXPECT_EQ(records[i].learning_rate, values[i]);
    EXPECT_EQ(records[i].test_loss, values[i]);
    EXPECT_EQ(std::signbit(records[i].learning_rate), std::signbit(values[i]));
    EXPECT_EQ(records[i].epoch, 0.5);
    EXPECT_EQ(records[i].validation_loss, std::nullopt);
    EXPECT_FALSE(records[i].end_of_epoch);
    // The third cell of the row.
    rows.erase(0, rows.find('\n') + 1);
    const size_t cell = rows.find(',', rows.find(',') + 1) + 1;
    EXPECT_EQ(std::strtod(rows.c_str() + cell, nullptr), values[i]) << rows;
  }
}

TEST_F(HistoryTest, KeepsThatANumberWasNotFinite) {
  LENSLET_ASSERT_OK_AND_ASSIGN(HistoryWriter writer,
                               HistoryWriter::Create(folder_, -1));
  MetricsRecord record = First();
  record.train_loss = std::copysign(std::nan(""), -1);
  record.test_loss = -kInfinity;
  record.examples_per_second = kInfinity;
  LENSLET_ASSERT_OK(writer.Append(record));
  EXPECT_THAT(*ReadFile(json_),
              HasSubstr(R"("train_loss":null,"train_accuracy":0.625,)"
                        R"("test_loss":null,"seconds":2.5,)"
                        R"("examples_per_second":null,)"));
  EXPECT_EQ(
      *ReadFile(csv_),
      absl::StrCat(kHeader, "100,0.5,0.1,nan,0.625,,,-inf,,2.5,inf,false\n"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::vector<MetricsRecord> records,
                               ReadHistory(json_));
  EXPECT_TRUE(std::isnan(records[0].train_loss.value()));
  EXPECT_TRUE(std::isnan(records[0].test_loss.value()));
  EXPECT_TRUE(std::isnan(records[0].examples_per_second));
  EXPECT_EQ(records[0].validation_loss, std::nullopt);
}

TEST_F(HistoryTest, GoesOnFromACheckpoint) {
  // A later version's key, spaces and a line end of another system: kept.
  const std::string kept =
      R"({ "step": 150, "epoch": 0.75, "learning_rate": 0.1, "seconds": 3,)"
      R"( "examples_per_second": 900, "end_of_epoch": false, "new": [1] })"
      "\r\n";
  Write(json_,
        absl::StrCat(kFirstLine, kept, kSecondLine, R"({"step":300,"ep)"));
  Write(csv_, absl::StrCat(kHeader, kFirstRow, "150,0.75,0.1,,,,,,,3,900,false",
                           "\n", kSecondRow, "300,1."));
  LENSLET_ASSERT_OK_AND_ASSIGN(HistoryWriter writer,
                               HistoryWriter::Create(folder_, 150));
  EXPECT_EQ(*ReadFile(json_), absl::StrCat(kFirstLine, kept));
  LENSLET_ASSERT_OK(writer.Append(Second()));
  EXPECT_EQ(*ReadFile(json_), absl::StrCat(kFirstLine, kept, kSecondLine));
  EXPECT_EQ(*ReadFile(csv_),
            absl::StrCat(kHeader, kFirstRow, "150,0.75,0.1,,,,,,,3,900,false\n",
                         kSecondRow));
  EXPECT_EQ(FilesInFolder(), 2);
}

TEST_F(HistoryTest, RemovesALineThatWasCutShort) {
  // Even one that lacks only its end, or its step is not above.
  std::string cut = kSecondLine;
  cut.pop_back();
  Write(json_, kFirstLine + cut);
  LENSLET_ASSERT_OK_AND_ASSIGN(std::vector<MetricsRecord> records,
                               ReadHistory(json_));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].step, 100);
  Resume(200);
  EXPECT_EQ(*ReadFile(json_), kFirstLine);
  EXPECT_EQ(*ReadFile(csv_), absl::StrCat(kHeader, kFirstRow));
}

TEST_F(HistoryTest, TouchesNothingWhereNothingIsToBeRemoved) {
  Write(json_, absl::StrCat(kFirstLine, kSecondLine));
  Write(csv_, absl::StrCat(kHeader, kFirstRow, kSecondRow));
  const auto long_ago =
      std::filesystem::file_time_type::clock::now() - std::chrono::hours(24);
  std::filesystem::last_write_time(json_, long_ago);
  std::filesystem::last_write_time(csv_, long_ago);
  Resume(200);
  EXPECT_EQ(std::filesystem::last_write_time(json_), long_ago);
  EXPECT_EQ(std::filesystem::last_write_time(csv_), long_ago);
}

TEST_F(HistoryTest, MakesTheTableFromTheRecords) {
  Write(json_, absl::StrCat(kFirstLine, kSecondLine));
  // One row behind, as between the two writes of Append().
  Write(csv_, absl::StrCat(kHeader, kFirstRow));
  Resume(200);
  EXPECT_EQ(*ReadFile(csv_), absl::StrCat(kHeader, kFirstRow, kSecondRow));
  std::filesystem::remove(csv_);
  Resume(200);
  EXPECT_EQ(*ReadFile(csv_), absl::StrCat(kHeader, kFirstRow, kSecondRow));
}

TEST_F(HistoryTest, StartsAnew) {
  Write(json_, absl::StrCat(R"({"step":0,"epoch":0,"learning_rate":0,)",
                            R"("seconds":0,"examples_per_second":0,)",
                            R"("end_of_epoch":false})", "\n", kFirstLine));
  Resume(0);
  EXPECT_THAT(*ReadFile(json_), HasSubstr(R"("step":0,)"));
  EXPECT_THAT(*ReadFile(json_), Not(HasSubstr(R"("step":100)")));
  Resume(-1);
  EXPECT_EQ(*ReadFile(json_), "");
  EXPECT_EQ(*ReadFile(csv_), kHeader);
}

// As a file system may leave the end of a file when the power goes.
TEST_F(HistoryTest, WhatIsBehindTheLastRecordThatStaysGoes) {
  const std::string zeros(20, '\0');
  Write(json_, absl::StrCat(kFirstLine, "junk\n", zeros, "\n", zeros));
  LENSLET_EXPECT_OK(HistoryWriter::Create(folder_, 100).status());
  EXPECT_EQ(*ReadFile(json_), kFirstLine);
}

TEST_F(HistoryTest, NamesTheLineThatIsNoRecord) {
  const std::string valid = R"({"step":1,"epoch":1,"learning_rate":1,)"
                            R"("seconds":1,"examples_per_second":1,)"
                            R"("end_of_epoch":true)";
  Write(json_, valid + "}\n");
  EXPECT_THAT(ReadHistory(json_), IsOk());
  const auto expect = [&](const std::string& line, const std::string& reason) {
    const std::string contents =
        absl::StrCat(kFirstLine, line, "\n", kSecondLine);
    Write(json_, contents);
    Write(csv_, "mine");
    const std::string message = absl::StrCat(json_, ":2: ", reason);
    EXPECT_THAT(ReadHistory(json_),
                StatusIs(absl::StatusCode::kInvalidArgument, message));
    EXPECT_THAT(HistoryWriter::Create(folder_, 100000).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, message));
    EXPECT_EQ(*ReadFile(json_), contents);
    EXPECT_EQ(*ReadFile(csv_), "mine");
  };
  expect("", "is not a JSON object");
  expect("7", "is not a JSON object");
  expect("{", "is not a JSON object");
  expect(valid + "} {}", "is not a JSON object");
  expect(valid + R"(,"test_loss":1e999})", "is not a JSON object");
  expect(std::string(100000, '['), "is not a JSON object");
  expect("{}", R"("step" is missing)");
  expect(R"({"step":1.5})",
         R"("step" is invalid; expected an integer of at least 0)");
  expect(R"({"step":-1})",
         R"("step" is invalid; expected an integer of at least 0)");
  expect(R"({"step":9223372036854775808})",
         R"("step" is invalid; expected an integer of at least 0)");
  expect(R"({"step":1,"epoch":"2"})",
         R"("epoch" is invalid; expected a number or null)");
  expect(R"({"step":1,"epoch":1,"learning_rate":1,"seconds":1,)"
         R"("examples_per_second":1})",
         R"("end_of_epoch" is missing)");
  expect(valid + R"(,"test_loss":[1]})",
         R"("test_loss" is invalid; expected a number or null)");
  expect(R"({"step":1,"epoch":1,"learning_rate":1,"seconds":1,)"
         R"("examples_per_second":1,"end_of_epoch":1})",
         R"("end_of_epoch" is invalid; expected true or false)");
}

TEST_F(HistoryTest, NamesTheFileThatCannotBeOpened) {
  EXPECT_THAT(ReadHistory(json_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(json_)));
  EXPECT_THAT(
      HistoryWriter::Create(folder_ + "/none", -1).status(),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("none/metrics.jsonl")));
  Write(json_, kFirstLine);
  std::filesystem::create_directory(csv_);
  EXPECT_THAT(HistoryWriter::Create(folder_, -1).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(csv_)));
  EXPECT_EQ(*ReadFile(json_), kFirstLine);
}

TEST_F(HistoryTest, SaysThatTheDiskIsFull) {
  LENSLET_ASSERT_OK_AND_ASSIGN(HistoryWriter writer,
                               HistoryWriter::Create(folder_, -1));
  LENSLET_ASSERT_OK(writer.Append(First()));
  // A limit on the size of files stands in for a full disk.
  rlimit unlimited;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {.rlim_cur = sizeof(kFirstLine) + 20,
                        .rlim_max = unlimited.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const absl::Status status = writer.Append(Second());
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
  EXPECT_THAT(status, Not(IsOk()));
  EXPECT_THAT(std::string(status.message()), HasSubstr(json_));
  EXPECT_EQ(*ReadFile(json_), kFirstLine);
  EXPECT_EQ(*ReadFile(csv_), absl::StrCat(kHeader, kFirstRow));
}

}  // namespace
}  // namespace lenslet
