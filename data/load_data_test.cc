#include "lenslet/data/load_data.h"

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/all_sources.h"
#include "lenslet/data/basic_sources.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/split.h"
#include "lenslet/data/testing/idx_bytes.h"
#include "lenslet/data/testing/pixels.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class LoadDataTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& bytes) {
    LENSLET_ASSERT_OK(WriteFileAtomically(folder_ + "/" + name, bytes));
  }
  // A PNG file of one gray pixel, in a folder that is made.
  void WritePixel(const std::string& name, uint8_t pixel) {
    const std::string path = folder_ + "/" + name;
    std::filesystem::create_directories(
        std::filesystem::path(path).parent_path());
    LENSLET_ASSERT_OK(
        WritePngFile(path, Tensor::Of<uint8_t>({1, 1, 1}, {pixel})));
  }
  absl::StatusOr<LoadedData> Load() {
    return LoadData(data_, AllDataSources(), {.folder = folder_, .seed = 1});
  }
  void ExpectError(const std::string& message) {
    EXPECT_THAT(Load().status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                          HasSubstr(message)));
  }
  // One that needs no examples to be found.
  void ExpectFieldError(const std::string& message) {
    ExpectError(message);
    EXPECT_THAT(
        CheckData(data_, AllDataSources()),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  }

  const std::string folder_ = EmptyTempFolder("load_data_test");
  DataProto data_;
};

TEST_F(LoadDataTest, IsFashionMnistByDefault) {
  data_.set_max_train_examples(100);
  data_.set_max_test_examples(50);
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData loaded, Load());
  EXPECT_EQ(loaded.description, "Fashion-MNIST");
  EXPECT_EQ(loaded.train.Inputs()->shape(), Shape({100, 28, 28, 1}));
  EXPECT_EQ((*loaded.train.Classes())[0], 9);
  EXPECT_EQ(loaded.validation.size(), 0);
  EXPECT_EQ(loaded.test.size(), 50);
  EXPECT_TRUE(loaded.train.normalization.empty());
}

TEST_F(LoadDataTest, ReadsIdxFilesBesideTheRecipe) {
  std::filesystem::create_directory(folder_ + "/digits");
  LENSLET_ASSERT_OK(WriteSmallMnist(folder_ + "/digits", {.count = 30}));
  data_.mutable_idx()->set_directory("digits");
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData loaded, Load());
  EXPECT_EQ(loaded.description, "IDX files in digits");
  EXPECT_EQ(loaded.train.Inputs()->shape(), Shape({30, 8, 8, 1}));
  EXPECT_EQ(loaded.test.size(), 30);
  data_.mutable_idx()->set_directory(folder_ + "/digits");
  LENSLET_EXPECT_OK(Load());
  std::filesystem::remove(folder_ + "/digits/t10k-images-idx3-ubyte");
  EXPECT_THAT(Load().status(), StatusIs(absl::StatusCode::kNotFound,
                                        HasSubstr("t10k-images-idx3-ubyte")));
  std::filesystem::remove(folder_ + "/digits/t10k-labels-idx1-ubyte");
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData no_test, Load());
  EXPECT_EQ(no_test.test.size(), 0);
  EXPECT_THAT(no_test.warnings,
              ElementsAre(folder_ + "/digits: has no files of test examples"));
  data_.mutable_idx()->set_directory("letters");
  EXPECT_THAT(Load().status(), StatusIs(absl::StatusCode::kNotFound,
                                        HasSubstr(folder_ + "/letters")));
  data_.mutable_idx()->clear_directory();
  ExpectFieldError("data.idx.directory is required");
}

TEST_F(LoadDataTest, ReadsCifar10) {
  const std::string record(3073, '\x01');
  for (int i = 1; i <= 5; ++i) {
    Write(absl::StrCat("data_batch_", i, ".bin"), record);
  }
  Write("test_batch.bin", record + record);
  data_.mutable_cifar10()->set_directory(".");
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData loaded, Load());
  EXPECT_EQ(loaded.description, "CIFAR-10 in .");
  EXPECT_EQ(loaded.train.Inputs()->shape(), Shape({5, 32, 32, 3}));
  EXPECT_EQ(loaded.test.size(), 2);
  data_.mutable_cifar10()->clear_directory();
  ExpectFieldError("data.cifar10.directory is required");
}

TEST_F(LoadDataTest, ReadsCifar100) {
  const std::string record(3074, '\x01');
  Write("train.bin", record + record);
  Write("test.bin", record);
  data_.mutable_cifar100()->set_directory(".");
  LENSLET_ASSERT_OK_AND_ASSIGN(LoadedData loaded, Load());
  EXPECT_EQ(loaded.description, "CIFAR-100 in .");
  EXPECT_EQ(loaded.train.size(), 2);
  EXPECT_EQ(loaded.test.target_names.size(), 100);
  data_.mutable_cifar100()->set_labels(Cifar100Proto::COARSE);
  LENSLET_ASSERT_OK_AND_ASSIGN(loaded, Load());
  EXPECT_EQ(loaded.test.target_names.size(), 20);
}

TEST_F(LoadDataTest, ReadsIdxFilesWithLabelsFromOne) {
  for (const std::string split : {"train", "test"}) {
    Write(absl::StrCat("emnist-letters-", split, "-images.idx3-ubyte"),
          IdxImageBytes(2, 1, 2, "abcd"));
    Write(absl::StrCat("emnist-letters-", split, "-labels.idx1-ubyte"),
          IdxLabelBytes({1, split == "train" ? uint8_t{26} : uint8_t{2}}));
  }
  IdxProto& idx = *data_.mutable_idx();
  idx.set_directory(".");
  LENSLET_ASSERT_OK_AND_ASSIGN(LoadedData loaded, Load());
  EXPECT_THAT(loaded.warnings,
              ElementsAre("no training example has label 0; if labels count "
                          "from 1, set data.idx.first_label: 1"));
  idx.set_first_label(1);
  LENSLET_ASSERT_OK_AND_ASSIGN(loaded, Load());
  EXPECT_THAT(loaded.warnings, ::testing::IsEmpty());
  EXPECT_EQ(loaded.test.target_names.size(), 26);
  EXPECT_THAT(*loaded.test.Classes(), ElementsAre(0, 1));
  idx.set_transposed(true);
  LENSLET_ASSERT_OK_AND_ASSIGN(loaded, Load());
  EXPECT_EQ(loaded.train.example_shape(), Shape({2, 1, 1}));
}

TEST_F(LoadDataTest, ReadsImageFolders) {
  WritePixel("train/b/1.png", 1);
  WritePixel("train/a/1.png", 2);
  WritePixel("test/a/1.png", 3);
  WritePixel("test/b/1.png", 4);
  ImageFoldersProto& folders = *data_.mutable_image_folders();
  folders.set_train_directory("train");
  for (const int size : {1, 1, 1}) folders.add_shape(size);
  LENSLET_ASSERT_OK_AND_ASSIGN(LoadedData loaded, Load());
  EXPECT_EQ(loaded.description, "image folders in train");
  EXPECT_EQ(loaded.test_description, "");
  EXPECT_THAT(Pixels(loaded.train), ElementsAre(2, 1));
  EXPECT_EQ(loaded.test.size(), 0);
  EXPECT_EQ(loaded.test.example_shape(), Shape({1, 1, 1}));
  EXPECT_THAT(loaded.test.target_names, ElementsAre("a", "b"));
  folders.set_test_directory("test");
  LENSLET_ASSERT_OK_AND_ASSIGN(loaded, Load());
  EXPECT_EQ(loaded.description, "image folders in train");
  EXPECT_EQ(loaded.test_description, "image folders in test");
  EXPECT_THAT(Pixels(loaded.test), ElementsAre(3, 4));
  EXPECT_THAT(*loaded.test.Classes(), ElementsAre(0, 1));
  WritePixel("test/c/1.png", 4);
  ExpectError("test/c: the training examples have no such class");
}

TEST_F(LoadDataTest, ChecksImageFolders) {
  ImageFoldersProto& folders = *data_.mutable_image_folders();
  ExpectFieldError("data.image_folders.train_directory is required");
  folders.set_train_directory("train");
  ExpectFieldError("data.image_folders.shape is required");
  for (const int size : {8, 8, 2}) folders.add_shape(size);
  ExpectFieldError(
      "data.image_folders.shape is [8, 8, 2]; expected [height, width, "
      "channels]");
  folders.set_shape(2, -1);
  ExpectFieldError(
      "data.image_folders.shape[2] is -1; expected a number of at least 1");
}

TEST_F(LoadDataTest, ReadsCsvFiles) {
  Write("train.csv", "pixel,label\n7,cat\n8,dog\n");
  Write("test.csv", "pixel,label\n9,dog\n");
  CsvProto& csv = *data_.mutable_csv();
  csv.set_train_file("train.csv");
  csv.set_has_header(true);
  csv.set_label_column(1);
  csv.add_shape(1);
  LENSLET_ASSERT_OK_AND_ASSIGN(LoadedData loaded, Load());
  EXPECT_EQ(loaded.description, "CSV file train.csv");
  EXPECT_EQ(loaded.test_description, "");
  EXPECT_THAT(Pixels(loaded.train), ElementsAre(7, 8));
  EXPECT_EQ(loaded.test.size(), 0);
  csv.set_test_file("test.csv");
  LENSLET_ASSERT_OK_AND_ASSIGN(loaded, Load());
  EXPECT_EQ(loaded.test_description, "CSV file test.csv");
  EXPECT_THAT(Pixels(loaded.test), ElementsAre(9));
  // As the training examples number them.
  EXPECT_THAT(*loaded.test.Classes(), ElementsAre(1));
  EXPECT_THAT(loaded.test.target_names, ElementsAre("cat", "dog"));
  Write("test.csv", "pixel,label\n9,cow\n");
  ExpectError("test.csv:2: column 2 is \"cow\"; expected one of the 2 classes");
}

TEST_F(LoadDataTest, NamesTheSourcesOfAProgramThatHasFewer) {
  data_.mutable_csv()->set_train_file("a.csv");
  EXPECT_THAT(LoadData(data_, BasicDataSources(), {.folder = folder_}).status(),
              StatusIs(absl::StatusCode::kUnimplemented,
                       "data.csv: this program only reads fashion_mnist, idx, "
                       "synthetic; lenslet train reads all kinds of data"));
}

TEST_F(LoadDataTest, CannotLoadWhatWasInMemory) {
  InMemoryProto& memory = *data_.mutable_in_memory();
  memory.set_name("my \"digits\"");
  memory.mutable_shape()->Add(8);
  memory.mutable_shape()->Add(1);
  memory.set_classes(3);
  memory.set_train_examples(120);
  ExpectFieldError("data.in_memory: the run's data was in memory");
  ExpectFieldError("digits");
  ExpectFieldError(
      "120 training examples of shape [8, 1]) and cannot be loaded; to resume "
      "the run, start the C++ program again");
}

TEST_F(LoadDataTest, ChecksCsv) {
  CsvProto& csv = *data_.mutable_csv();
  ExpectFieldError("data.csv.train_file is required");
  csv.set_train_file("train.csv");
  csv.set_label_column(785);
  ExpectFieldError(
      "data.csv.label_column is 785; expected a number in [-785, 784], for "
      "images of shape [28, 28, 1]");
  csv.set_label_column(-786);
  ExpectFieldError("data.csv.label_column is -786");
  csv.set_label_column(0);
  csv.add_shape(0);
  ExpectFieldError("data.csv.shape[0] is 0; expected a number of at least 1");
  csv.clear_shape();
  for (int i = 0; i < 9; ++i) csv.add_shape(1);
  ExpectFieldError("data.csv.shape: ");
  csv.clear_shape();
  for (int i = 0; i < 6; ++i) csv.add_shape(1);
  ExpectFieldError(
      "data.csv.shape is [1, 1, 1, 1, 1, 1]; expected at most 5 dimensions");
}

// Of the same patterns, with noise of their own.
TEST_F(LoadDataTest, MakesSyntheticExamples) {
  SyntheticProto& synthetic = *data_.mutable_synthetic();
  for (const int size : {4, 4, 1}) synthetic.add_shape(size);
  LENSLET_ASSERT_OK_AND_ASSIGN(LoadedData loaded, Load());
  EXPECT_EQ(loaded.description, "synthetic examples of 10 classes");
  EXPECT_THAT(*ClassCounts(loaded.train), Each(100));
  EXPECT_THAT(*ClassCounts(loaded.test), Each(20));
  EXPECT_NE(Pixels(FirstExamples(loaded.train, 10)),
            Pixels(FirstExamples(loaded.test, 10)));
  synthetic.set_noise(0);
  synthetic.set_classes(2);
  synthetic.set_train_examples(2);
  synthetic.set_test_examples(2);
  LENSLET_ASSERT_OK_AND_ASSIGN(loaded, Load());
  EXPECT_EQ(loaded.train.size(), 2);
  EXPECT_EQ(Pixels(loaded.train), Pixels(loaded.test));
}

TEST_F(LoadDataTest, ChecksSynthetic) {
  SyntheticProto& synthetic = *data_.mutable_synthetic();
  ExpectFieldError("data.synthetic.shape is required");
  synthetic.add_shape(0);
  ExpectFieldError(
      "data.synthetic.shape[0] is 0; expected a number of at least 1");
  synthetic.set_shape(0, 4);
  synthetic.set_classes(1);
  ExpectFieldError(
      "data.synthetic.classes is 1; expected a number in [2, 4096]");
  synthetic.set_classes(2);
  synthetic.set_train_examples(-1);
  ExpectFieldError(
      "data.synthetic.train_examples is -1; expected a number in [1, ");
  synthetic.set_train_examples(1);
  synthetic.set_test_examples(-1);
  ExpectFieldError(
      "data.synthetic.test_examples is -1; expected a number in [1, ");
  synthetic.set_test_examples(1);
  synthetic.set_noise(2);
  ExpectFieldError("data.synthetic.noise is 2; expected a number in [0, 1]");
}

// 1000 training examples of 10 classes that take turns.
class LoadDataPartsTest : public LoadDataTest {
 protected:
  LoadDataPartsTest() {
    for (const int size : {4, 4, 1}) data_.mutable_synthetic()->add_shape(size);
  }
};

TEST_F(LoadDataPartsTest, LimitsBeforeItSplits) {
  data_.set_max_train_examples(200);
  data_.set_max_test_examples(7);
  data_.set_validation_fraction(0.25);
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData loaded, Load());
  EXPECT_THAT(*ClassCounts(loaded.train), Each(15));
  EXPECT_THAT(*ClassCounts(loaded.validation), Each(5));
  EXPECT_EQ(loaded.test.size(), 7);
}

TEST_F(LoadDataPartsTest, SplitsBySeed) {
  data_.set_validation_fraction(0.1);
  const auto validation = [&](uint64_t seed) {
    return Pixels(
        LoadData(data_, AllDataSources(), {.folder = folder_, .seed = seed})
            ->validation);
  };
  EXPECT_EQ(validation(1), validation(1));
  EXPECT_NE(validation(1), validation(2));
}

TEST_F(LoadDataPartsTest, NormalizesByWhatIsLeftToTrainWith) {
  data_.set_validation_fraction(0.5);
  data_.mutable_normalization();
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData loaded, Load());
  double sum = 0;
  for (const int pixel : Pixels(loaded.train)) sum += pixel;
  EXPECT_THAT(
      loaded.train.normalization.mean,
      ElementsAre(static_cast<float>(sum / Pixels(loaded.train).size() / 255)));
  for (const Dataset* dataset : {&loaded.validation, &loaded.test}) {
    EXPECT_EQ(dataset->normalization.mean, loaded.train.normalization.mean);
    EXPECT_EQ(dataset->normalization.deviation,
              loaded.train.normalization.deviation);
  }
}

TEST_F(LoadDataPartsTest, TakesTheNormalizationThatIsGiven) {
  data_.mutable_normalization()->add_mean(0.5f);
  data_.mutable_normalization()->add_deviation(0.25f);
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData loaded, Load());
  EXPECT_THAT(loaded.test.normalization.mean, ElementsAre(0.5f));
  EXPECT_THAT(loaded.test.normalization.deviation, ElementsAre(0.25f));
}

TEST_F(LoadDataPartsTest, ChecksNumbers) {
  data_.set_validation_fraction(1);
  ExpectFieldError(
      "data.validation_fraction is 1; expected a number in [0, 1)");
  data_.set_validation_fraction(-0.5);
  ExpectFieldError(
      "data.validation_fraction is -0.5; expected a number in [0, 1)");
  data_.clear_validation_fraction();
  data_.set_max_train_examples(-1);
  ExpectFieldError(
      "data.max_train_examples is -1; expected a number of at least 0");
  data_.clear_max_train_examples();
  data_.set_max_test_examples(-1);
  ExpectFieldError(
      "data.max_test_examples is -1; expected a number of at least 0");
}

TEST_F(LoadDataPartsTest, ChecksTheNormalization) {
  NormalizationProto& normalization = *data_.mutable_normalization();
  normalization.add_mean(0.5f);
  ExpectFieldError("data.normalization.deviation is required");
  normalization.add_deviation(0);
  ExpectFieldError(
      "data.normalization.deviation[0] is 0; expected a positive number");
  normalization.set_deviation(0, 1);
  normalization.add_deviation(1);
  ExpectError("data.normalization.deviation has 2 numbers; expected 1");
  normalization.clear_mean();
  ExpectFieldError("data.normalization.mean is required");
}

TEST_F(LoadDataTest, TestImagesMustHaveTheTrainingImagesShape) {
  LENSLET_ASSERT_OK(WriteSmallMnist(folder_, {.count = 10}));
  Write("t10k-images-idx3-ubyte",
        IdxImageBytes(10, 4, 3, std::string(120, '\0')));
  data_.mutable_idx()->set_directory(".");
  ExpectError(
      "data: test images of IDX files in . have shape [4, 3, 1], but "
      "training images have shape [8, 8, 1]");
}

TEST_F(LoadDataTest, AListNamesAllFilesThatAreLeftOut) {
  WritePixel("photos/a/good.png", 1);
  for (int i = 1; i <= 12; ++i) Write(absl::StrCat("photos/a/", i, ".png"), "");
  ImageFoldersProto& folders = *data_.mutable_image_folders();
  folders.set_train_directory("photos");
  for (int i = 0; i < 3; ++i) folders.add_shape(1);
  folders.set_on_unreadable(SKIP);
  const std::string first = folder_ + "/photos/a/1.png: is empty";
  const std::string last = folder_ + "/photos/a/12.png: is empty";
  const LoadDataOptions options = {.folder = folder_,
                                   .image_cache = folder_ + "/cache"};
  const std::string list = folder_ + "/cache/unreadable_files.txt";
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData loaded,
                               LoadData(data_, AllDataSources(), options));
  EXPECT_THAT(loaded.unreadable, SizeIs(12));
  ASSERT_THAT(loaded.warnings, SizeIs(2));
  EXPECT_THAT(loaded.warnings[0],
              AllOf(HasSubstr("12 images of 13 cannot be read and are left "
                              "out: " +
                              folder_ + "/photos/a/1.png, "),
                    EndsWith(" more")));
  EXPECT_EQ(loaded.warnings[1], list + " names all 12 files that are left out");
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string lines, ReadFile(list));
  EXPECT_THAT(lines, AllOf(StartsWith(first), HasSubstr("\n" + last)));
  // Lint has no cache, and names each.
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const LoadedData linted,
      LoadData(data_, AllDataSources(),
               {.folder = folder_, .single_errors = true}));
  ASSERT_THAT(linted.warnings, SizeIs(13));
  EXPECT_THAT(linted.warnings[12],
              AllOf(StartsWith(last), EndsWith("; it is left out")));
  // Without such files, there is no list.
  for (int i = 1; i <= 12; ++i) {
    std::filesystem::remove(absl::StrCat(folder_, "/photos/a/", i, ".png"));
  }
  LENSLET_ASSERT_OK(LoadData(data_, AllDataSources(), options).status());
  EXPECT_FALSE(FileExists(list));
}

TEST_F(LoadDataTest, TestSourcesNameMasks) {
  ImageMasksProto& masks = *data_.mutable_image_masks();
  masks.set_train_images("images");
  masks.set_train_masks("masks");
  EXPECT_EQ(DescribeTestSource(data_), "");
  masks.set_test_images("more");
  EXPECT_EQ(DescribeTestSource(data_), "the folders more and masks");
  masks.set_test_masks("more_masks");
  EXPECT_EQ(DescribeTestSource(data_), "the folders more and more_masks");
}

}  // namespace
}  // namespace lenslet
