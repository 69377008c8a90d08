#include "lenslet/data/mnist.h"

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/idx_names.h"
#include "lenslet/data/testing/gzip_bytes.h"
#include "lenslet/data/testing/idx_bytes.h"
#include "lenslet/data/testing/pixels.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kTrainImages[] = "train-images-idx3-ubyte";
constexpr char kTrainLabels[] = "train-labels-idx1-ubyte";

// Starts with a whole data set: 6 + 6 images of 2 x 4 pixels, 3 classes.
class MnistTest : public ::testing::Test {
 protected:
  void SetUp() override {
    LENSLET_ASSERT_OK(WriteSmallMnist(
        folder_, {.count = 6, .height = 2, .width = 4, .classes = 3}));
  }

  std::string Path(const std::string& name) { return folder_ + "/" + name; }
  void Write(const std::string& name, const std::string& bytes) {
    LENSLET_ASSERT_OK(WriteFileAtomically(Path(name), bytes));
  }
  void Remove(const std::string& name) {
    ASSERT_TRUE(std::filesystem::remove(Path(name)));
  }
  absl::StatusOr<Dataset> Load() { return LoadMnist(folder_, Split::kTrain); }

  const std::string folder_ = EmptyTempFolder("mnist_test");
};

TEST_F(MnistTest, LoadsImagesLabelsAndNames) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
  EXPECT_EQ(dataset.size(), 6);
  EXPECT_EQ(dataset.Inputs()->shape(), Shape({6, 2, 4, 1}));
  EXPECT_EQ(dataset.example_shape(), Shape({2, 4, 1}));
  EXPECT_THAT(*dataset.Classes(), ElementsAre(0, 1, 2, 0, 1, 2));
  EXPECT_THAT(dataset.target_names,
              ElementsAre("class 0", "class 1", "class 2"));
}

TEST_F(MnistTest, LoadsTheSplitThatIsAskedFor) {
  Write("t10k-images-idx3-ubyte", IdxImageBytes(2, 1, 1, "ab"));
  Write("t10k-labels-idx1-ubyte", IdxLabelBytes({2, 1}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset test,
                               LoadMnist(folder_, Split::kTest));
  EXPECT_THAT(Pixels(test), ElementsAre('a', 'b'));
  EXPECT_THAT(*test.Classes(), ElementsAre(2, 1));
  EXPECT_EQ(Load()->size(), 6);
}

TEST_F(MnistTest, ReadsGzipFilesWherePlainOnesAreMissing) {
  Remove(kTrainImages);
  Write("train-images-idx3-ubyte.gz",
        GzipBytes(IdxImageBytes(6, 1, 1, "abcdef")));
  Write("train-labels-idx1-ubyte.gz", "not read: there is a plain file");
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
  EXPECT_THAT(Pixels(dataset), ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));
  EXPECT_THAT(*dataset.Classes(), ElementsAre(0, 1, 2, 0, 1, 2));
}

// ROOT/MNIST/raw.
TEST_F(MnistTest, FindsTheFoldersOfTorchvision) {
  const std::string root = EmptyTempFolder("torchvision_test");
  std::filesystem::create_directories(root + "/MNIST");
  std::filesystem::copy(folder_, root + "/MNIST/raw");
  for (const std::string& folder : {root, root + "/MNIST"}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                                 LoadMnist(folder, Split::kTrain));
    EXPECT_EQ(dataset.size(), 6);
  }
  std::filesystem::create_directories(root + "/KMNIST");
  std::filesystem::copy(folder_, root + "/KMNIST/raw");
  EXPECT_THAT(LoadMnist(root, Split::kTrain).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       root +
                           ": has the files of several data sets; expected "
                           "one of the folders " +
                           root + "/KMNIST/raw, " + root + "/MNIST/raw"));
}

TEST_F(MnistTest, NamesTheMissingDirectoryAndHowToGetIt) {
  EXPECT_THAT(LoadMnist(Path("none"), Split::kTrain),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr(Path("none") + ": there is no such"),
                             HasSubstr("apt-get install dataset-fashion-mnist"),
                             HasSubstr("the same four files"))));
  EXPECT_THAT(LoadMnist(Path(kTrainImages), Split::kTrain),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr(Path(kTrainImages) + ": is not a folder")));
}

TEST_F(MnistTest, NamesTheMissingFileAndHowToGetIt) {
  for (const std::string name : {kTrainImages, kTrainLabels}) {
    SetUp();
    Remove(name);
    EXPECT_THAT(
        Load(),
        StatusIs(absl::StatusCode::kNotFound,
                 AllOf(HasSubstr(Path(name) + ": neither this file nor " +
                                 Path(name) + ".gz exists"),
                       HasSubstr("apt-get install dataset-fashion-mnist"))));
  }
}

TEST_F(MnistTest, NamesTheFileThatIsWrong) {
  Write(kTrainImages, "text");
  EXPECT_THAT(Load(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(Path(kTrainImages) + ": is not an IDX file")));
  SetUp();
  Write(kTrainLabels, "text");
  EXPECT_THAT(Load(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(Path(kTrainLabels) + ": is not an IDX file")));
}

TEST_F(MnistTest, NeedsAsManyLabelsAsImages) {
  Write(kTrainLabels, IdxLabelBytes({0, 1, 2, 0, 1}));
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kInvalidArgument,
                               Path(kTrainImages) +
                                   ": has 6 images; expected 5, as many as " +
                                   Path(kTrainLabels) + " has labels"));
}

TEST_F(MnistTest, NeedsAClassForEveryLabel) {
  Write(kTrainLabels, IdxLabelBytes({0, 1, 2, 0, 3, 2}));
  EXPECT_THAT(Load(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       Path(kTrainLabels) +
                           ": label 3 at index 4; expected a label below "
                           "3, the number of classes (the lines of " +
                           Path("classes.txt") +
                           "); if labels count from 1, set first_label: 1"));
  Remove("classes.txt");
  EXPECT_THAT(Load(), IsOk());
  EXPECT_THAT(
      LoadMnist(folder_, Split::kTrain, {.class_names = {"a", "b"}}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               Path(kTrainLabels) +
                   ": label 2 at index 2; expected a label below 2, the "
                   "number of classes (\"a\" to \"b\"); if labels count from "
                   "1, set first_label: 1"));
}

TEST_F(MnistTest, LabelsAreNotNegative) {
  Write(kTrainLabels,
        IdxBytes(0x09, {6}, std::string("\x00\x01\xff\x00\x01\x02", 6)));
  EXPECT_THAT(Load(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(": label -1 at index 2; expected a label from "
                                 "0 and below 3, the number of classes")));
}

TEST_F(MnistTest, HasAsManyClassesAsLabels) {
  Remove("classes.txt");
  Write(kTrainLabels, IdxLabelBytes({9, 46, 2, 0, 3, 2}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
  EXPECT_EQ(dataset.target_names.size(), 47);
  EXPECT_THAT(*dataset.Classes(), ElementsAre(9, 46, 2, 0, 3, 2));
  Write(kTrainLabels, IdxBytes(0x0c, {6}, std::string(22, '\0') + "\x03\xe7"));
  EXPECT_EQ(Load()->target_names.size(), 1000);
}

// As EMNIST's letters do.
TEST_F(MnistTest, CountsLabelsFromOne) {
  Remove("classes.txt");
  Write(kTrainLabels, IdxLabelBytes({1, 26, 2, 1, 3, 2}));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Dataset dataset, LoadMnist(folder_, Split::kTrain, {.first_label = 1}));
  EXPECT_THAT(*dataset.Classes(), ElementsAre(0, 25, 1, 0, 2, 1));
  EXPECT_EQ(dataset.target_names.size(), 26);
  EXPECT_EQ(dataset.target_names.front(), "1");
  Write(kTrainLabels, IdxLabelBytes({1, 0, 2, 1, 3, 2}));
  EXPECT_THAT(LoadMnist(folder_, Split::kTrain, {.first_label = 1}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("label 0 at index 1; expected a label from 1 "
                                 "and below 11 (\"1\" to \"10\")")));
}

TEST_F(MnistTest, ReadsEmnistsFolder) {
  const auto write = [&](const std::string& prefix) {
    for (const std::string split : {"train", "test"}) {
      const std::string start = prefix + split;
      // Column by column: the first row has "ac".
      Write(start + "-images-idx3-ubyte", IdxImageBytes(2, 2, 2, "abcdefgh"));
      Write(start + "-labels-idx1-ubyte", IdxLabelBytes({2, 1}));
    }
    Write(prefix + "mapping.txt", "1 65 97\n2 66 98\n");
  };
  for (const std::string name : {"train", "t10k"}) {
    Remove(name + "-images-idx3-ubyte");
    Remove(name + "-labels-idx1-ubyte");
  }
  Remove("classes.txt");
  write("emnist-letters-");
  for (const Split split : {Split::kTrain, Split::kTest}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Dataset dataset, LoadMnist(folder_, split, {.transposed = true}));
    EXPECT_THAT(dataset.target_names, ElementsAre("A", "B"));
    EXPECT_THAT(*dataset.Classes(), ElementsAre(1, 0));
    EXPECT_THAT(Pixels(dataset),
                ElementsAre('a', 'c', 'b', 'd', 'e', 'g', 'f', 'h'));
  }
  write("emnist-digits-");
  EXPECT_THAT(
      LoadMnist(folder_, Split::kTrain),
      StatusIs(absl::StatusCode::kInvalidArgument,
               folder_ + ": has the files of several data sets; expected "
                         "prefix to be one of \"emnist-digits-\", "
                         "\"emnist-letters-\""));
  EXPECT_THAT(LoadMnist(folder_, Split::kTrain, {.prefix = "emnist-digits-"}),
              IsOk());
  Write("emnist-digits-mapping.txt", "1 65\nB\n");
  EXPECT_THAT(
      LoadMnist(folder_, Split::kTrain, {.prefix = "emnist-digits-"}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               Path("emnist-digits-mapping.txt") +
                   ": line 2 is \"B\"; expected a label and the code of its "
                   "character"));
}

// Labels that a mapping leaves out are between those that it has.
TEST_F(MnistTest, NamesTheLabelsOfAMapping) {
  Write(kTrainLabels, IdxLabelBytes({1, 6, 5}));
  Write("classes.txt.old", "");
  Remove("classes.txt");
  Write("mapping.txt", "1 65\n2 66\n3 67\n5 69\n7 71\n8 72\n");
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("label 6 at index 1; expected one of "
                                         "the 6 labels of the lines of " +
                                         Path("mapping.txt") +
                                         ": 1 to 3, 5 and 7 to 8")));
  Write("mapping.txt", "0 65\n1 66\n2 65\n5 67\n6 68\n");
  EXPECT_THAT(Load(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       Path("mapping.txt") +
                           ": classes 1 and 3, from 1, are both called \"A\"; "
                           "expected different names"));
}

TEST_F(MnistTest, RefusesTheSameNameTwice) {
  Write("classes.txt", "cat\ndog\ncat\n");
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kInvalidArgument,
                               Path("classes.txt") +
                                   ": classes 1 and 3, from 1, are both called "
                                   "\"cat\"; expected different names"));
  EXPECT_THAT(
      LoadMnist(folder_, Split::kTrain, {.class_names = {"a", "b", "b"}}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "class_names: classes 2 and 3, from 1, are both called \"b\"; "
               "expected different names"));
}

TEST_F(MnistTest, ReadsNamesFromAnotherFile) {
  Write("names", "x\ny\nz\n");
  EXPECT_THAT(
      LoadMnist(folder_, Split::kTrain, {.class_names_file = Path("names")})
          ->target_names,
      ElementsAre("x", "y", "z"));
  EXPECT_THAT(
      LoadMnist(folder_, Split::kTrain, {.class_names = {"p", "q", "r"}})
          ->target_names,
      ElementsAre("p", "q", "r"));
}

TEST_F(MnistTest, TransposesImagesThatAreNotSquare) {
  Write(kTrainImages, IdxImageBytes(6, 1, 3, "abcdefghijklmnopqr"));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset dataset,
      LoadMnist(folder_, Split::kTrain, {.transposed = true}));
  EXPECT_EQ(dataset.example_shape(), Shape({3, 1, 1}));
  Write(kTrainImages, IdxBytes(0x08, {6, 1}, "abcdef"));
  EXPECT_THAT(LoadMnist(folder_, Split::kTrain, {.transposed = true}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("has inputs of shape [6, 1]; expected images, "
                                 "since transposed is set")));
}

TEST_F(MnistTest, ReadsFloatImages) {
  Write(kTrainImages,
        IdxBytes(0x0d, {6, 1, 1},
                 std::string("\x3f\xc0\0\0", 4) + std::string(20, '\0')));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
  EXPECT_EQ(dataset.Inputs()->span()[0], 1.5f);
  Write(kTrainImages,
        IdxBytes(0x0d, {6, 1, 1},
                 std::string("\x7f\xc0\0\0", 4) + std::string(20, '\0')));
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kInvalidArgument,
                               Path(kTrainImages) +
                                   ": the input of example 0 is nan; expected "
                                   "a finite number"));
}

TEST_F(MnistTest, FindsOtherUsualNames) {
  for (const std::string name :
       {"train-images.idx3-ubyte", "train_images_idx3_ubyte.gz",
        "train-images-idx4-float", "Train-Images", "qmnist-train-images.gz"}) {
    ASSERT_TRUE(ParseIdxName(name).has_value()) << name;
    EXPECT_EQ(ParseIdxName(name)->split, Split::kTrain);
    EXPECT_EQ(ParseIdxName(name)->contents, IdxContents::kImages);
  }
  EXPECT_EQ(ParseIdxName("a-test-labels-idx2-int")->prefix, "a-");
  for (const std::string name :
       {"train-images.zip", "train-images.npy", "images-idx3-ubyte",
        "attest-labels", "train-label-idx1-ubyte", ""}) {
    EXPECT_FALSE(ParseIdxName(name).has_value()) << name;
  }
  std::filesystem::rename(Path(kTrainImages), Path("train-images.idx3-ubyte"));
  EXPECT_THAT(Load(), IsOk());
}

TEST_F(MnistTest, NamesWhatTheFolderHas) {
  std::filesystem::rename(Path(kTrainImages), Path("train-images.zip"));
  EXPECT_THAT(
      Load(),
      StatusIs(absl::StatusCode::kNotFound,
               HasSubstr("; the folder has classes.txt, "
                         "t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, "
                         "train-images.zip, train-labels-idx1-ubyte; ")));
  ASSERT_TRUE(std::filesystem::create_directory(Path("raw")));
  std::filesystem::rename(Path("train-images.zip"),
                          Path("raw/train-images-idx3-ubyte"));
  EXPECT_THAT(Load(),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr(Path("raw") +
                                 " has train-images-idx3-ubyte; expected that "
                                 "folder")));
}

TEST_F(MnistTest, NamesClassesByDigitsWithoutClassesTxt) {
  Remove("classes.txt");
  EXPECT_THAT(Load()->target_names,
              ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
}

TEST_F(MnistTest, ReadsNamesFromClassesTxt) {
  for (const std::string text :
       {"a\nb c\nd", "a\nb c\nd\n", "a\r\nb c\r\nd\r\n"}) {
    Write("classes.txt", text);
    LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
    EXPECT_THAT(dataset.target_names, ElementsAre("a", "b c", "d"));
  }
}

TEST_F(MnistTest, RefusesNamesThatAreNotUtf8) {
  Write("classes.txt", "a\ncaf\xe9\nd\n");
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kInvalidArgument,
                               Path("classes.txt") + ": line 2 is not UTF-8"));
}

TEST_F(MnistTest, LinesAtTheEndOfClassesTxtMayBeEmpty) {
  for (const char* text : {"a\nb\nc\n\n", "a\nb\nc\r\n\r\n", "a\nb\nc"}) {
    Write("classes.txt", text);
    LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
    EXPECT_THAT(dataset.target_names, ElementsAre("a", "b", "c"));
  }
}

TEST_F(MnistTest, RefusesEmptyLinesInClassesTxt) {
  const struct {
    const char* text;
    int line;
  } kTexts[] = {{"", 1},       {"\n", 1},         {"\na\nb\nc\n", 1},
                {"a\n\nb", 2}, {"a\r\n\r\nb", 2}, {"a\n \nb", 2}};
  for (const auto& [text, line] : kTexts) {
    Write("classes.txt", text);
    EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kInvalidArgument,
                                 Path("classes.txt") + ": line " +
                                     std::to_string(line) +
                                     " is empty; expected the name of a "
                                     "class"));
  }
}

TEST_F(MnistTest, HasAtMost4096Classes) {
  std::string text;
  for (int i = 0; i < 4096; ++i) absl::StrAppend(&text, "name", i, "\n");
  Write("classes.txt", text);
  Write(kTrainLabels, IdxLabelBytes({255, 0, 0, 0, 0, 0}));
  EXPECT_EQ(Load()->target_names.size(), 4096);
  Write("classes.txt", text + "name\n");
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr(Path("classes.txt") +
                                         ": has more than 4096 lines")));
}

}  // namespace
}  // namespace lenslet
