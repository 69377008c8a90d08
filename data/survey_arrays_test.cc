#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/survey.h"
#include "lenslet/data/testing/idx_bytes.h"
#include "lenslet/data/testing/npy_bytes.h"
#include "lenslet/data/testing/survey_fixture.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

using SurveyArraysTest = SurveyFixture;

TEST_F(SurveyArraysTest, ReadsNumpysArrays) {
  std::filesystem::create_directories(Path("data"));
  Write("data/x_train.npy",
        NpyBytes<uint8_t>("|u1", {4, 2, 3}, std::vector<uint8_t>(24)));
  Write("data/y_train.npy", NpyBytes<int64_t>("<i8", {4}, {0, 1, 2, 1}));
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey());
  EXPECT_EQ(survey.kind, "NumPy's arrays");
  EXPECT_EQ(survey.data.npy().train_inputs(), Path("data/x_train.npy"));
  EXPECT_EQ(survey.data.npy().test_inputs(), "");
  // A channel that the file does not have.
  EXPECT_EQ(survey.shape, Shape({2, 3, 1}));
  EXPECT_THAT(survey.data.npy().shape(), ElementsAre(2, 3, 1));
  EXPECT_THAT(survey.train_counts, ElementsAre(1, 2, 1));
  Write("data/x-test.npy",
        NpyBytes<uint8_t>("|u1", {1, 2, 3}, std::vector<uint8_t>(6)));
  Write("data/y-test.npy", NpyBytes<int64_t>("<i8", {1}, {2}));
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey());
  EXPECT_EQ(survey.data.npy().test_targets(), Path("data/y-test.npy"));
  EXPECT_THAT(survey.test_counts, ElementsAre(0, 0, 1));
  // Values.
  Write("data/y_train.npy",
        NpyBytes<float>("<f4", {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}));
  std::filesystem::remove(Path("data/y-test.npy"));
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey());
  EXPECT_EQ(survey.target, TargetKind::kValues);
  EXPECT_EQ(survey.class_names.size(), 2);
  EXPECT_THAT(survey.train_counts, ElementsAre(4));
}

TEST_F(SurveyArraysTest, NumbersOtherThanIndicesMayBeClasses) {
  Write("data/x.npy", NpyBytes<float>("<f4", {6, 1}, {1, 2, 3, 4, 5, 6}));
  Write("data/y.npy", NpyBytes<int64_t>("<i8", {6}, {-1, 1, 1, -1, 1, 1}));
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey());
  EXPECT_THAT(survey.class_names, ElementsAre("-1", "1"));
  EXPECT_THAT(survey.train_counts, ElementsAre(2, 4));
  EXPECT_FALSE(survey.data.has_target());
  // As many of them as of prices.
  Write("data/y.npy", NpyBytes<int64_t>("<i8", {6}, {9000, 1, 2, 3, 8, 7}));
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey());
  EXPECT_EQ(survey.target, TargetKind::kValues);
  EXPECT_TRUE(survey.data.target().has_value());
}

TEST_F(SurveyArraysTest, ManyNumbersMayBeValues) {
  const auto write = [&](int64_t size, int64_t numbers) {
    Write("data/x.npy",
          NpyBytes<float>("<f4", {size, 1}, std::vector<float>(size, 0.5f)));
    std::vector<int64_t> targets(size);
    for (int64_t i = 0; i < size; ++i) targets[i] = i % numbers;
    Write("data/y.npy", NpyBytes<int64_t>("<i8", {size}, targets));
  };
  write(97, 97);
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey());
  EXPECT_EQ(survey.target, TargetKind::kClasses);
  EXPECT_THAT(
      survey.warnings,
      Contains(StartsWith(
          Path("data/y.npy") +
          ": has 97 numbers, read as 97 classes, of which 0 have no example; "
          "if they are values, such as ages, set data.target { value {} }")));
  for (const int64_t numbers : {10, 97}) {
    write(5 * numbers, numbers);
    LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey());
    EXPECT_THAT(survey.warnings, Not(Contains(HasSubstr("such as ages"))));
  }
}

TEST_F(SurveyArraysTest, TakesTheArrayThatIsNamed) {
  const std::vector<float> ages = {1.5, 2};
  for (const std::string split : {"train", "test"}) {
    Write("data/x_" + split + ".npy",
          NpyBytes<float>("<f4", {2, 2}, {1, 2, 3, 4}));
    Write("data/y_" + split + ".npy", NpyBytes<int64_t>("<i8", {2}, {0, 1}));
    Write("data/age_" + split + ".npy", NpyBytes("<f4", {2}, ages));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey("data", "age_train"));
  EXPECT_EQ(survey.data.npy().train_targets(), Path("data/age_train.npy"));
  EXPECT_EQ(survey.data.npy().test_targets(), Path("data/age_test.npy"));
  EXPECT_EQ(survey.target, TargetKind::kValues);
  EXPECT_EQ(survey.type, ElementType::kFloat32);
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey("data", "y_train.npy"));
  EXPECT_EQ(survey.data.npy().test_targets(), Path("data/y_test.npy"));
  EXPECT_EQ(survey.target, TargetKind::kClasses);
  EXPECT_THAT(Survey("data", "age_trian").status(),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("has no array \"age_trian\", the "
                                       "target; expected one of age_test.npy"),
                             HasSubstr("did you mean \"age_train\"?"))));
}

TEST_F(SurveyArraysTest, SaysHowToSaveArrays) {
  Write("data/x.npy",
        NpyBytes<float>("<f4", {2, 3, 5, 5}, std::vector<float>(2 * 75, 0.5f)));
  Write("data/y.npy", NpyBytes<int64_t>("<i8", {2}, {0, 1}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_THAT(survey.warnings,
              Contains("inputs of shape [3, 5, 5] look like images whose "
                       "channels come first; expected [height, width, "
                       "channels]: save x.transpose(0, 2, 3, 1)"));
  Write("data/y.npy", NpyBytes<int64_t>("<U2", {2}, {0, 1}));
  EXPECT_THAT(Survey().status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("has text or objects of type \"<U2\""),
                             HasSubstr("return_inverse=True"))));
  EXPECT_THAT(Survey("data/x.npy").status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       Path("data/x.npy") +
                           ": is one array; expected a folder of x.npy and "
                           "y.npy, or an .npz file of both"));
}

TEST_F(SurveyArraysTest, ReadsNumpysLabels) {
  Write("data/x.npy", NpyBytes<float>("<f4", {3, 2}, {1, 2, 3, 4, 5, 6}));
  Write("data/y.npy",
        NpyBytes<uint8_t>("|u1", {3, 3}, {1, 0, 1, 0, 0, 0, 0, 1, 1}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_EQ(survey.target, TargetKind::kLabels);
  EXPECT_TRUE(survey.data.target().has_classes());
  EXPECT_EQ(survey.class_names.size(), 3);
  EXPECT_EQ(survey.train_examples(), 3);
  // One-hot rows stand for a class, as integers and as floats.
  for (const bool floats : {false, true}) {
    Write("data/y.npy",
          floats
              ? NpyBytes<float>("<f4", {3, 3}, {1, 0, 0, 0, 0, 1, 0, 1, 0})
              : NpyBytes<uint8_t>("|u1", {3, 3}, {1, 0, 0, 0, 0, 1, 0, 1, 0}));
    LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey one_hot, Survey());
    EXPECT_EQ(one_hot.target, TargetKind::kClasses);
    EXPECT_TRUE(one_hot.data.target().has_label());
    EXPECT_THAT(one_hot.train_counts, ElementsAre(1, 1, 1));
    EXPECT_THAT(one_hot.notes, Contains(HasSubstr("a row with a single 1")));
  }
  // Classes of positions.
  Write("data/y.npy",
        NpyBytes<uint8_t>("|u1", {3, 3}, {1, 0, 1, 0, 2, 0, 0, 1, 1}));
  EXPECT_THAT(Survey().status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("has a class at each position")));
}

TEST_F(SurveyArraysTest, ReadsEmnistsFolder) {
  for (const std::string split : {"train", "test"}) {
    const std::string start = "data/emnist-letters-" + split;
    Write(start + "-images.idx3-ubyte", IdxImageBytes(3, 1, 2, "abcdef"));
    Write(start + "-labels.idx1-ubyte", IdxLabelBytes({1, 2, 26}));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_EQ(survey.kind, "EMNIST's files");
  EXPECT_TRUE(survey.data.idx().transposed());
  EXPECT_EQ(survey.data.idx().first_label(), 1);
  EXPECT_EQ(survey.class_names.size(), 26);
  EXPECT_EQ(survey.shape, Shape({2, 1, 1}));
}

TEST_F(SurveyArraysTest, ReadsCifar100) {
  const auto record = [](char coarse, char fine) {
    return std::string(1, coarse) + fine + std::string(3072, 'x');
  };
  Write("data/train.bin", record(1, 7) + record(2, 99));
  Write("data/test.bin", record(1, 7));
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_EQ(survey.kind, "CIFAR-100's binary files");
  EXPECT_EQ(survey.data.cifar100().directory(), Path("data"));
  EXPECT_EQ(survey.class_names.size(), 100);
}

TEST_F(SurveyArraysTest, ReadsMnistsFiles) {
  std::filesystem::create_directories(Path("data"));
  LENSLET_ASSERT_OK(WriteSmallMnist(
      Path("data"), {.count = 60, .height = 6, .width = 5, .classes = 3}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_EQ(survey.kind, "MNIST's four files");
  EXPECT_EQ(survey.data.idx().directory(), Path("data"));
  EXPECT_EQ(survey.shape, Shape({6, 5, 1}));
  EXPECT_THAT(survey.train_counts, ElementsAre(20, 20, 20));
  EXPECT_THAT(survey.test_counts, ElementsAre(20, 20, 20));
}

TEST_F(SurveyArraysTest, FindsTorchvisionsFolderAndNeedsNoTestFiles) {
  std::filesystem::create_directories(Path("data/MNIST/raw"));
  LENSLET_ASSERT_OK(
      WriteSmallMnist(Path("data/MNIST/raw"),
                      {.count = 60, .height = 6, .width = 5, .classes = 3}));
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey());
  EXPECT_EQ(survey.kind, "MNIST's four files");
  EXPECT_EQ(survey.data.idx().directory(), Path("data"));
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey("data/MNIST"));
  EXPECT_EQ(survey.data.idx().directory(), Path("data/MNIST"));
  for (const char* name : {"images-idx3", "labels-idx1"}) {
    std::filesystem::remove(
        Path(absl::StrCat("data/MNIST/raw/t10k-", name, "-ubyte")));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey());
  EXPECT_THAT(survey.test_counts, IsEmpty());
  EXPECT_THAT(survey.train_counts, ElementsAre(20, 20, 20));
  EXPECT_THAT(survey.warnings,
              Contains(Path("data") + ": has no files of test examples"));
}

TEST_F(SurveyArraysTest, CountsTheClassesOfIdxFilesWithoutNames) {
  std::filesystem::create_directories(Path("data"));
  LENSLET_ASSERT_OK(WriteSmallMnist(
      Path("data"), {.count = 60, .height = 6, .width = 5, .classes = 3}));
  std::filesystem::remove(Path("data/classes.txt"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_THAT(survey.data.idx().class_names(), ElementsAre("0", "1", "2"));
  EXPECT_THAT(survey.train_counts, ElementsAre(20, 20, 20));
}

TEST_F(SurveyArraysTest, ReadsCifar10) {
  const auto record = [](char label) {
    return std::string(1, label) + std::string(3072, 'x');
  };
  for (int i = 1; i <= 5; ++i) {
    Write(absl::StrCat("data/data_batch_", i, ".bin"),
          record(static_cast<char>(i)));
  }
  Write("data/test_batch.bin", record(0) + record(1));
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_EQ(survey.kind, "CIFAR-10's binary files");
  EXPECT_EQ(survey.data.cifar10().directory(), Path("data"));
  EXPECT_EQ(survey.shape, Shape({32, 32, 3}));
  EXPECT_THAT(survey.train_counts, ElementsAre(0, 1, 1, 1, 1, 1, 0, 0, 0, 0));
  EXPECT_EQ(survey.test_examples(), 2);
}

}  // namespace
}  // namespace lenslet
