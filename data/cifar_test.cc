#include "lenslet/data/cifar.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/testing/pixels.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kPlane = 32 * 32;

// An image whose pixels all have one color.
std::string Record(int label, char red, char green, char blue) {
  return std::string(1, static_cast<char>(label)) + std::string(kPlane, red) +
         std::string(kPlane, green) + std::string(kPlane, blue);
}

std::string BatchName(int i) {
  return "data_batch_" + std::to_string(i) + ".bin";
}

// Starts with a whole data set: batch i has the one label i, and the test batch
// has the labels 9 and 0.
class Cifar10Test : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 1; i <= 5; ++i) Write(BatchName(i), Record(i, 'r', 'g', 'b'));
    Write("test_batch.bin", Record(9, 1, 2, 3) + Record(0, 4, 5, 6));
  }

  std::string Path(const std::string& name) { return folder_ + "/" + name; }
  void Write(const std::string& name, const std::string& bytes) {
    LENSLET_ASSERT_OK(WriteFileAtomically(Path(name), bytes));
  }
  absl::StatusOr<Dataset> LoadTrain() {
    return LoadCifar10(folder_, Split::kTrain);
  }
  absl::StatusOr<Dataset> LoadTest() {
    return LoadCifar10(folder_, Split::kTest);
  }

  const std::string folder_ = EmptyTempFolder("cifar10_test");
};

TEST_F(Cifar10Test, LoadsTheTrainingBatchesInOrder) {
  Write(BatchName(2), Record(7, 'x', 'y', 'z') + Record(8, 'u', 'v', 'w'));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, LoadTrain());
  EXPECT_EQ(dataset.Inputs()->shape(), Shape({6, 32, 32, 3}));
  EXPECT_THAT(*dataset.Classes(), ElementsAre(1, 7, 8, 3, 4, 5));
  EXPECT_EQ(dataset.Example(2)->span<uint8_t>()[0], 'u');
  EXPECT_EQ(dataset.Example(3)->span<uint8_t>()[0], 'r');
}

TEST_F(Cifar10Test, LoadsTheTestBatch) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, LoadTest());
  EXPECT_EQ(dataset.Inputs()->shape(), Shape({2, 32, 32, 3}));
  EXPECT_THAT(*dataset.Classes(), ElementsAre(9, 0));
}

// In the file the pixel at (row, column) of a plane has the place
// 32 row + column; here the three channels of a pixel are side by side.
TEST_F(Cifar10Test, PutsChannelsLast) {
  std::string record(1, 3);
  const auto value = [](int channel, int row, int column) {
    return static_cast<uint8_t>(100 * channel + 7 * row + 13 * column);
  };
  for (int channel = 0; channel < 3; ++channel) {
    for (int row = 0; row < 32; ++row) {
      for (int column = 0; column < 32; ++column) {
        record.push_back(static_cast<char>(value(channel, row, column)));
      }
    }
  }
  Write("test_batch.bin", Record(1, 0, 0, 0) + record);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, LoadTest());
  const Tensor image = *dataset.Example(1);
  ASSERT_EQ(image.shape(), Shape({32, 32, 3}));
  for (int row = 0; row < 32; ++row) {
    for (int column = 0; column < 32; ++column) {
      for (int channel = 0; channel < 3; ++channel) {
        EXPECT_EQ(image.span<uint8_t>()[(row * 32 + column) * 3 + channel],
                  value(channel, row, column))
            << row << " " << column << " " << channel;
      }
    }
  }
}

// More records than are read at once.
TEST_F(Cifar10Test, ReadsLargeFilesInPieces) {
  std::string bytes;
  for (int i = 0; i < 150; ++i) {
    bytes += Record(i % 10, static_cast<char>(i), 0, static_cast<char>(2 * i));
  }
  Write("test_batch.bin", bytes);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, LoadTest());
  ASSERT_EQ(dataset.size(), 150);
  const std::vector<int32_t> labels = *dataset.Classes();
  for (int i = 0; i < 150; ++i) {
    EXPECT_EQ(labels[i], i % 10);
    const Tensor image = *dataset.Example(i);
    EXPECT_EQ(image.span<uint8_t>()[0], i);
    EXPECT_EQ(image.span<uint8_t>()[3 * kPlane - 1],
              static_cast<uint8_t>(2 * i));
  }
}

TEST_F(Cifar10Test, KnowsTheNamesOfTheClasses) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, LoadTrain());
  EXPECT_THAT(dataset.target_names,
              ElementsAre("airplane", "automobile", "bird", "cat", "deer",
                          "dog", "frog", "horse", "ship", "truck"));
}

TEST_F(Cifar10Test, ReadsNamesFromBatchesMetaTxt) {
  for (const std::string text :
       {"a\nb\nc\nd\ne\nf\ng\nh\ni\nj k", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj k\n\n",
        "a\r\nb\r\nc\r\nd\r\ne\r\nf\r\ng\r\nh\r\ni\r\nj k\r\n"}) {
    Write("batches.meta.txt", text);
    LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, LoadTest());
    EXPECT_THAT(dataset.target_names, ElementsAre("a", "b", "c", "d", "e", "f",
                                                  "g", "h", "i", "j k"));
  }
}

TEST_F(Cifar10Test, RefusesWrongNames) {
  const struct {
    const char* text;
    const char* error;
  } kTexts[] = {
      {"", ": line 1 is empty; expected the name of a class"},
      {"a\n\nc\n", ": line 2 is empty; expected the name of a class"},
      {"a\ncaf\xe9\n", ": line 2 is not UTF-8"},
      {"a\nb\n", ": has 2 names of classes; expected 10"},
      {"a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n",
       ": has 11 names of classes; expected 10"},
  };
  for (const auto& [text, error] : kTexts) {
    Write("batches.meta.txt", text);
    EXPECT_THAT(LoadTest(), StatusIs(absl::StatusCode::kInvalidArgument,
                                     Path("batches.meta.txt") + error));
  }
}

TEST_F(Cifar10Test, NamesTheMissingFileAndHowToGetIt) {
  for (const std::string& name : {BatchName(1), BatchName(5)}) {
    SetUp();
    ASSERT_TRUE(std::filesystem::remove(Path(name)));
    EXPECT_THAT(LoadTrain(),
                StatusIs(absl::StatusCode::kNotFound,
                         AllOf(HasSubstr(Path(name) + ": No such file"),
                               HasSubstr("cifar-10-binary.tar.gz"))));
    EXPECT_THAT(LoadTest(), IsOk());
  }
  EXPECT_THAT(LoadCifar10(Path("none"), Split::kTest),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr(Path("none/test_batch.bin"))));
}

TEST_F(Cifar10Test, RefusesWhatIsNotAFile) {
  ASSERT_TRUE(std::filesystem::remove(Path("test_batch.bin")));
  ASSERT_TRUE(std::filesystem::create_directory(Path("test_batch.bin")));
  EXPECT_THAT(LoadTest(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       Path("test_batch.bin") + ": is not a regular file"));
}

TEST_F(Cifar10Test, RefusesPartsOfRecords) {
  const std::string record = Record(1, 'r', 'g', 'b');
  Write(BatchName(3), record + "x");
  EXPECT_THAT(LoadTrain(),
              StatusIs(absl::StatusCode::kDataLoss,
                       Path(BatchName(3)) +
                           ": has 3074 bytes; expected a multiple of 3073, the "
                           "size of a record (1 records and 1 bytes)"));
  Write(BatchName(3), record.substr(1));
  EXPECT_THAT(LoadTrain(),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("has 3072 bytes; expected a multiple of 3073, "
                                 "the size of a record (0 records and 3072 "
                                 "bytes)")));
}

TEST_F(Cifar10Test, RefusesFilesWithoutRecords) {
  Write(BatchName(4), "");
  EXPECT_THAT(LoadTrain(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       Path(BatchName(4)) +
                           ": is empty; expected records of 3073 bytes"));
}

TEST_F(Cifar10Test, RefusesLabelsWithoutAClass) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += Record(i == 70 ? 10 : 9, 1, 2, 3);
  Write(BatchName(2), bytes);
  EXPECT_THAT(LoadTrain(), StatusIs(absl::StatusCode::kInvalidArgument,
                                    Path(BatchName(2)) +
                                        ": label 10 of the record at index 70; "
                                        "expected a label below 10"));
  Write("test_batch.bin", Record(255, 1, 2, 3));
  EXPECT_THAT(LoadTest(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       Path("test_batch.bin") +
                           ": label 255 of the record at index 0; expected "
                           "a label below 10"));
}

// By its size the file, which takes no room on the disk, has a record too many.
TEST_F(Cifar10Test, RefusesFilesThatAreTooLarge) {
  constexpr int64_t kTooLarge = (int64_t{1} << 31) / 3073 * 3073 + 3073;
  std::filesystem::resize_file(Path("test_batch.bin"), kTooLarge);
  EXPECT_THAT(LoadTest(), StatusIs(absl::StatusCode::kResourceExhausted,
                                   HasSubstr(Path("test_batch.bin") + ": has " +
                                             std::to_string(kTooLarge))));
}

// Of CIFAR-100, with two labels.
std::string Record100(int coarse, int fine, char red) {
  return std::string(1, static_cast<char>(coarse)) +
         Record(fine, red, 'g', 'b');
}

TEST_F(Cifar10Test, ReadsBothLabelsOfCifar100) {
  Write("train.bin", Record100(19, 99, 'r') + Record100(0, 50, 's'));
  Write("test.bin", Record100(3, 1, 'r'));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset fine,
                               LoadCifar100(folder_, Split::kTrain));
  EXPECT_EQ(fine.Inputs()->shape(), Shape({2, 32, 32, 3}));
  EXPECT_EQ(fine.Example(1)->span<uint8_t>()[0], 's');
  EXPECT_THAT(*fine.Classes(), ElementsAre(99, 50));
  EXPECT_EQ(fine.target_names.size(), 100);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset coarse,
      LoadCifar100(folder_, Split::kTest, Cifar100Labels::kCoarse));
  EXPECT_THAT(*coarse.Classes(), ElementsAre(3));
  EXPECT_EQ(coarse.target_names.size(), 20);
}

TEST_F(Cifar10Test, ReadsTheNamesOfCifar100) {
  Write("train.bin", Record100(19, 99, 'r'));
  std::string names;
  for (int i = 0; i < 100; ++i) names += "name " + std::to_string(i) + "\n";
  Write("fine_label_names.txt", names);
  Write("coarse_label_names.txt", "fish\n");
  EXPECT_EQ(LoadCifar100(folder_, Split::kTrain)->target_names[99], "name 99");
  EXPECT_THAT(LoadCifar100(folder_, Split::kTrain, Cifar100Labels::kCoarse),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       Path("coarse_label_names.txt") +
                           ": has 1 names of classes; expected 20"));
}

TEST_F(Cifar10Test, RefusesWrongFilesOfCifar100) {
  EXPECT_THAT(LoadCifar100(folder_, Split::kTest),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr(Path("test.bin")),
                             HasSubstr("cifar-100-binary.tar.gz"))));
  Write("test.bin", Record(1, 'r', 'g', 'b'));
  EXPECT_THAT(
      LoadCifar100(folder_, Split::kTest),
      StatusIs(absl::StatusCode::kDataLoss,
               HasSubstr("has 3073 bytes; expected a multiple of 3074")));
  Write("test.bin", Record100(20, 100, 'r'));
  EXPECT_THAT(LoadCifar100(folder_, Split::kTest),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("label 100 of the record at index 0; expected "
                                 "a label below 100")));
  EXPECT_THAT(LoadCifar100(folder_, Split::kTest, Cifar100Labels::kCoarse),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("label 20 of the record at index 0; expected "
                                 "a label below 20")));
}

}  // namespace
}  // namespace lenslet
