#include "lenslet/data/survey.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/testing/format_bytes.h"
#include "lenslet/data/testing/idx_bytes.h"
#include "lenslet/data/testing/jpeg_bytes.h"
#include "lenslet/data/testing/npy_bytes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::StartsWith;

class SurveyTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& bytes) {
    const std::string path = Path(name);
    std::filesystem::create_directories(
        std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
  }
  void WriteGray(const std::string& name, int64_t height = 4,
                 int64_t width = 4) {
    Write(name, absl::StrCat("P5 ", width, " ", height, " 255\n",
                             std::string(height * width, 'x')));
  }
  // Of pixels of one color.
  void WriteColor(const std::string& name, const std::string& pixel) {
    std::string pixels;
    for (int i = 0; i < 16; ++i) pixels += pixel;
    Write(name, absl::StrCat("P6 4 4 255\n", pixels));
  }
  std::string Path(const std::string& name) { return folder_ + "/" + name; }
  absl::StatusOr<DataSurvey> Survey(const std::string& name = "data",
                                    const std::string& target = "") {
    return SurveyData(Path(name), target);
  }
  // That the survey of `data` fails, and that its message has these parts.
  void ExpectError(const std::string& found, const std::string& expected) {
    EXPECT_THAT(
        Survey().status(),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 AllOf(StartsWith(Path("data") + found), HasSubstr(expected))));
  }
  // Two classes of an image each.
  void WriteTwoClasses() {
    WriteGray("data/a/1.pgm");
    WriteGray("data/b/1.pgm");
  }

  const std::string folder_ = EmptyTempFolder("survey_test");
};

TEST_F(SurveyTest, CountsTheImagesOfEachClass) {
  for (int i = 0; i < 30; ++i) {
    WriteGray(absl::StrCat("data/a/", i, ".pgm"));
    if (i < 25) WriteGray(absl::StrCat("data/b/", i, ".pgm"));
  }
  Write("data/a/notes.txt", "text");
  Write("data/.hidden/a.pgm", "no class");
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_EQ(survey.kind, "folder of images");
  EXPECT_EQ(survey.data.image_folders().train_directory(), Path("data"));
  EXPECT_EQ(survey.data.image_folders().test_directory(), "");
  EXPECT_THAT(survey.class_names, ElementsAre("a", "b"));
  EXPECT_THAT(survey.train_counts, ElementsAre(30, 25));
  EXPECT_THAT(survey.test_counts, IsEmpty());
  EXPECT_EQ(survey.train_examples(), 55);
  EXPECT_EQ(survey.shape, Shape({4, 4, 1}));
  EXPECT_THAT(survey.formats, ElementsAre(Pair("PGM", 55)));
  EXPECT_EQ(survey.files, 55);
  EXPECT_EQ(survey.headers, 55);
  EXPECT_EQ(survey.decoded, 55);
  EXPECT_EQ(survey.unreadable, 0);
  EXPECT_THAT(survey.warnings,
              ElementsAre(Path("data") + ": 1 name that is no image of a class "
                                         "is left out: a/notes.txt"));
}

TEST_F(SurveyTest, MeasuresSizes) {
  WriteGray("data/a/1.pgm", 10, 20);
  WriteGray("data/a/2.pgm", 30, 8);
  WriteGray("data/b/1.pgm", 12, 22);
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_EQ(survey.height.min, 10);
  EXPECT_EQ(survey.height.median, 12);
  EXPECT_EQ(survey.height.max, 30);
  EXPECT_EQ(survey.width.min, 8);
  EXPECT_EQ(survey.width.median, 20);
  EXPECT_EQ(survey.width.max, 22);
  EXPECT_EQ(survey.shape, Shape({12, 20, 1}));
  EXPECT_THAT(survey.warnings, Contains(StartsWith("images have different")));
}

TEST_F(SurveyTest, TellsColorsFromThreeChannels) {
  WriteColor("data/a/1.ppm", "xyz");
  WriteGray("data/b/1.pgm");
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey());
  EXPECT_EQ(survey.shape, Shape({4, 4, 1}));
  WriteColor("data/b/2.ppm", "x*z");
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey());
  EXPECT_EQ(survey.shape, Shape({4, 4, 3}));
}

// A camera of 10 bits: its colors differ by little of the range.
TEST_F(SurveyTest, SaysThatImagesHave16Bits) {
  WriteGray("data/a/1.pgm");
  WriteGray("data/b/1.pgm");
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey());
  EXPECT_EQ(survey.type, ElementType::kUint8);
  EXPECT_EQ(survey.long_samples, 0);
  Write("data/b/2.png", LongPngBytes({1000, 500, 0}, {1, 1, 3}));
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey());
  EXPECT_EQ(survey.type, ElementType::kFloat32);
  EXPECT_EQ(survey.long_samples, 1);
  EXPECT_EQ(survey.shape.dim(2), 3);
  EXPECT_THAT(survey.warnings,
              Contains(HasSubstr("1 of the 3 files that were looked at has 16 "
                                 "bits per sample, so all images become "
                                 "floats")));
}

TEST_F(SurveyTest, KnowsFormatsByTheirBytes) {
  Write("data/a/1.png", GrayJpegBytes());
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("data/a/2.png"), "P5 1 1 255\nx"));
  std::filesystem::create_directories(Path("data/b"));
  LENSLET_ASSERT_OK(WritePngFile(Path("data/b/1.jpg"),
                                 Tensor({8, 8, 1}, ElementType::kUint8)));
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_THAT(survey.formats,
              ElementsAre(Pair("JPEG", 1), Pair("PGM", 1), Pair("PNG", 1)));
}

TEST_F(SurveyTest, FindsTrainAndTest) {
  for (const char* split : {"Train", "test", "val"}) {
    WriteGray(absl::StrCat("data/", split, "/a/1.pgm"));
    WriteGray(absl::StrCat("data/", split, "/b/1.pgm"));
  }
  WriteGray("data/test/b/2.pgm");
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey());
  EXPECT_EQ(survey.data.image_folders().train_directory(), Path("data/Train"));
  EXPECT_EQ(survey.data.image_folders().test_directory(), Path("data/test"));
  EXPECT_THAT(survey.train_counts, ElementsAre(1, 1));
  EXPECT_THAT(survey.test_counts, ElementsAre(1, 2));
  EXPECT_THAT(survey.warnings, Contains(Path("data/val") + " is not used"));

  std::filesystem::remove_all(Path("data/test"));
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey());
  EXPECT_EQ(survey.data.image_folders().test_directory(), Path("data/val"));
  EXPECT_THAT(survey.warnings, Contains(HasSubstr("is used as test data")));

  // Its classes must be those of train.
  WriteGray("data/test/c/1.pgm");
  EXPECT_THAT(Survey().status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("the training examples have no such class")));
}

TEST_F(SurveyTest, AClassMayBeCalledTrain) {
  WriteGray("data/bus/1.pgm");
  WriteGray("data/train/1.pgm");
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_THAT(survey.class_names, ElementsAre("bus", "train"));
}

TEST_F(SurveyTest, SaysWhatIsWrongWithAFolder) {
  std::filesystem::create_directories(Path("data"));
  ExpectError(": is empty; expected one folder of images per class", "");
  Write("data/readme.txt", "text");
  ExpectError(": has 1 other file, but no images; expected one folder of", "");
  Write("data/a.csv", "1,2\n");
  ExpectError(": has 2 other files, but no images; ",
              "name it: " + Path("data/a.csv"));
  WriteGray("data/1.pgm");
  WriteGray("data/2.pgm");
  ExpectError(
      ": has 2 images and 2 other files, but no folders; ",
      "; to use the CSV file, name it: " + Path("data/a.csv") +
          "; or move each image into the folder of its class, such as " +
          Path("data/cat") + ", or if this is such a folder");
}

TEST_F(SurveyTest, SuggestsTheCsvFileBesideTheImages) {
  WriteGray("data/images/1.pgm");
  WriteGray("data/images/2.pgm");
  Write("data/targets.csv", "file,age\n1.pgm,3\n2.pgm,4\n");
  ExpectError(": has examples of 1 class, images; expected at least two",
              "; to use the CSV file, name it: " + Path("data/targets.csv"));
  WriteGray("data/more/1.pgm");
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_THAT(survey.warnings,
              Contains(Path("data/targets.csv") +
                       " is not used; to learn what it says of the images, "
                       "name it in place of the folder"));
}

TEST_F(SurveyTest, WarnsOfClassesWhoseNamesDifferOnlyInCase) {
  const std::string warning =
      "\"Cat\" and \"cat\" are two classes, whose names differ only in case or "
      "blanks";
  WriteGray("data/Cat/1.pgm");
  WriteGray("data/cat/1.pgm");
  WriteGray("data/dog/1.pgm");
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_THAT(survey.warnings, Contains(Path("data") + ": " + warning));
  Write("table", "x,label\n1.5,Cat\n2.5,cat \n3.5,dog\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey table, Survey("table"));
  EXPECT_THAT(table.warnings, Contains(warning));
}

TEST_F(SurveyTest, TakesATargetOnlyWhereItIsOne) {
  const auto expect = [&](const std::string& found) {
    EXPECT_THAT(
        Survey("data", "age").status(),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 "--target is \"age\", but " + Path("data") + " has " + found +
                     "; expected no --target, which names a column of a "
                     "CSV file or an array of NumPy's"));
  };
  WriteTwoClasses();
  expect("a folder of images for each class");
  Write("data/train.bin", "");
  expect("files with labels for all examples");
}

TEST_F(SurveyTest, SaysWhatIsWrongWithTheFoldersInIt) {
  Write("data/photos/cat/1.pgm", "P5 1 1 255\nx");
  ExpectError(
      ": has 1 folder, and no images in them but more folders; expected "
      "images in each folder; perhaps ",
      Path("data/photos") + " is meant");
  Write("data/others/cat/1.pgm", "P5 1 1 255\nx");
  EXPECT_THAT(std::string(Survey().status().message()),
              EndsWith("but more folders; expected images in each folder"));
  std::filesystem::remove_all(Path("data"));
  WriteGray("data/train/1.pgm");
  WriteGray("data/test/1.pgm");
  ExpectError(": has the folders test and train with images in them; ",
              "train/cat");
  WriteGray("data/cat/1.pgm");
  std::filesystem::create_directories(Path("data/dog"));
  ExpectError(
      "/dog: is empty; expected PNG, JPEG, BMP, GIF, TIFF, WebP, PGM or PPM "
      "files",
      "");
  Write("data/dog/1.dat", "no image");
  WriteGray("data/dog/more/1.pgm");
  ExpectError("/dog: has 1 folder and 1 other file, but no images; ", "");
}

TEST_F(SurveyTest, KnowsImagesOfTelephones) {
  WriteGray("data/cat/1.pgm");
  for (const char* name : {"IMG_1.HEIC", "IMG_2.HEIC"}) {
    Write(absl::StrCat("data/dog/", name),
          std::string("\0\0\0\x18", 4) + "ftypheic");
  }
  ExpectError("/dog: has 2 other files, but no images; ", "");
  EXPECT_THAT(std::string(Survey().status().message()),
              EndsWith("; 2 files are HEIC or AVIF, which is not read: convert "
                       "to JPEG, for example with heif-convert"));
}

TEST_F(SurveyTest, NeedsTwoClasses) {
  WriteGray("data/cat/1.pgm");
  ExpectError(": has examples of 1 class, cat; ", "expected at least two");
}

TEST_F(SurveyTest, TakesMoreThan256Classes) {
  for (int i = 0; i < 300; ++i) WriteGray(absl::StrCat("data/", i, "/a.pgm"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_THAT(survey.class_names, SizeIs(300));
}

TEST_F(SurveyTest, WarnsOfFilesThatCannotBeRead) {
  WriteTwoClasses();
  Write("data/a/2.png", "text");
  // The header is right.
  Write("data/a/3.pgm", "P5 2 2 255\nx");
  Write("data/a/4.jpg", "");
  std::filesystem::create_symlink("5.png", Path("data/a/5.png"));
  ASSERT_EQ(mkfifo(Path("data/a/6.png").c_str(), 0600), 0);
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_EQ(survey.unreadable, 5);
  EXPECT_THAT(survey.errors,
              ElementsAre(StartsWith(Path("data/a/2.png") + ": is not a PNG"),
                          StartsWith(Path("data/a/3.pgm") + ": truncated"),
                          StartsWith(Path("data/a/4.jpg") + ": is empty"),
                          StartsWith(Path("data/a/5.png") + ": "),
                          Path("data/a/6.png") + ": is not a regular file"));
  EXPECT_THAT(
      survey.warnings,
      Contains(StartsWith("5 of the 7 files that were looked at cannot "
                          "be read; the recipe has on_unreadable: SKIP")));
  EXPECT_EQ(survey.data.image_folders().on_unreadable(), SKIP);
}

TEST_F(SurveyTest, NeedsAnImageThatCanBeRead) {
  Write("data/a/1.png", "text");
  Write("data/b/1.png", "text");
  ExpectError(": none of 2 images can be read; the first error is: " +
                  Path("data/a/1.png"),
              "is not a PNG");
}

TEST_F(SurveyTest, WarnsOfWhatIsNotUsed) {
  WriteTwoClasses();
  WriteGray("data/stray.pgm");
  WriteGray("data/a/more/1.pgm");
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_THAT(survey.warnings,
              AllOf(Contains(Path("data") + ": 2 names that are no images of a "
                                            "class are left out: stray.pgm, "
                                            "a/more (a folder of 1 image)"),
                    Contains(StartsWith("2 classes have fewer than 20"))));
}

TEST_F(SurveyTest, LinksThatLoopEnd) {
  WriteTwoClasses();
  std::filesystem::create_directory_symlink(".", Path("data/loop"));
  ExpectError("/loop: has 3 folders, but no images; ", "");
  std::filesystem::remove(Path("data/loop"));
  std::filesystem::create_symlink("itself", Path("data/itself"));
  LENSLET_EXPECT_OK(Survey().status());
  EXPECT_THAT(std::string(Survey("data/itself").status().message()),
              HasSubstr(Path("data/itself")));
}

TEST_F(SurveyTest, NamesMayHaveAnyCharactersOfUtf8) {
  WriteGray("data/a\n\"b\x1b/1\n.pgm");
  WriteGray("data/\u00e9/1.pgm");
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_THAT(survey.class_names, ElementsAre("a\n\"b\x1b", "\u00e9"));
  WriteGray("data/\xff/1.pgm");
  ExpectError("/\\xff: the class's name is not UTF-8", "");
}

TEST_F(SurveyTest, ReadsAPartOfManyFiles) {
  // Links are quicker to make than files.
  WriteTwoClasses();
  for (int i = 0; i < kMaxSurveyedHeaders; ++i) {
    std::filesystem::create_hard_link(
        Path("data/a/1.pgm"),
        Path(absl::StrCat("data/a/", 100000 + i, ".pgm")));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_EQ(survey.files, kMaxSurveyedHeaders + 2);
  EXPECT_EQ(survey.headers, kMaxSurveyedHeaders / 2 + 1);
  EXPECT_EQ(survey.decoded, kMaxSurveyedImages);
}

TEST_F(SurveyTest, DecodesFewLargeImages) {
  // 4096 x 4096 pixels, of which four may be decoded.
  WriteGray("data/a/1.pgm", 4096, 4096);
  WriteGray("data/b/1.pgm");
  for (int i = 2; i <= 6; ++i) {
    std::filesystem::create_hard_link(Path("data/a/1.pgm"),
                                      Path(absl::StrCat("data/a/", i, ".pgm")));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_EQ(survey.headers, 7);
  EXPECT_EQ(survey.decoded, 4);
}

// `rows` rows of the label i % 3 and of pixels.
std::string PixelRows(int rows, int pixels) {
  std::string text;
  for (int i = 0; i < rows; ++i) {
    absl::StrAppend(&text, i % 3);
    for (int p = 0; p < pixels; ++p) absl::StrAppend(&text, ",", (i + p) % 10);
    text += "\n";
  }
  return text;
}

TEST_F(SurveyTest, ReadsCsvFiles) {
  const std::string header = "label,pixel0,pixel1,pixel2,pixel3\n";
  Write("digits.csv", header + "1,0,9,9,0\n0,9,0,0,9\n1,9,0,0,7\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey("digits.csv"));
  EXPECT_EQ(survey.kind, "CSV file of pixels");
  EXPECT_EQ(survey.data.csv().train_file(), Path("digits.csv"));
  EXPECT_TRUE(survey.data.csv().has_header());
  EXPECT_EQ(survey.data.csv().label_column(), 0);
  EXPECT_THAT(survey.data.csv().shape(), ElementsAre(2, 2, 1));
  EXPECT_EQ(survey.shape, Shape({2, 2, 1}));
  EXPECT_THAT(survey.train_counts, ElementsAre(1, 2));
  EXPECT_THAT(survey.notes,
              ElementsAre("labels in column 1 of 5, after a header; pixels "
                          "from 0 to 9; --target=COLUMN, a name or a number "
                          "from 0, takes another"));

  Write("lines.csv", "label,pixel0,pixel1,pixel2\na,0,9,9\nb,9,0,0\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey("lines.csv"));
  EXPECT_EQ(survey.shape, Shape({3}));
  EXPECT_THAT(survey.warnings, Contains(StartsWith("3 pixels in a row")));

  Write("gap.csv", header + "3,1,2,3,4\n1,4,5,6,9\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey("gap.csv"));
  EXPECT_THAT(survey.train_counts, ElementsAre(0, 1, 0, 1));
  EXPECT_THAT(survey.warnings,
              Contains("2 classes have no training examples: 0, 2"));

  Write("squares.csv", PixelRows(9, 64));
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey("squares.csv"));
  EXPECT_EQ(survey.shape, Shape({8, 8, 1}));
  EXPECT_THAT(survey.train_counts, ElementsAre(3, 3, 3));
  // Another column on request, if only --target says so.
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, SurveyData(Path("digits.csv"), "label"));
  EXPECT_EQ(survey.shape, Shape({2, 2, 1}));
}

// A table of whole numbers from 0 to 255 was taken for pixels, and its first
// column for their labels.
TEST_F(SurveyTest, WholeNumbersMayBeATable) {
  std::string text, named = "age,weight,height,pulse,price\n", real;
  for (int i = 0; i < 60; ++i) {
    const std::string inputs = absl::StrCat(20 + 7 * i % 60, ",", i * i % 90,
                                            ",", 50 + i % 17, ",", 3 * i % 200);
    absl::StrAppend(&text, inputs, ",", 5 * i % 3, "\n");
    absl::StrAppend(&named, inputs, ",", 11 * i % 250, "\n");
    absl::StrAppend(&real, inputs, ",", i, ".5\n");
  }
  Write("data", text);
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey());
  EXPECT_EQ(survey.kind, "CSV file of a table");
  EXPECT_EQ(survey.data.target().label().column(), "4");
  EXPECT_EQ(survey.shape, Shape({4}));
  EXPECT_THAT(
      survey.notes,
      ElementsAre("the target is column 5 of 5 columns, of the 3 classes 0, 1, "
                  "2; --target=COLUMN, a name or a number from 0, "
                  "takes another"));
  Write("data", named);
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey());
  EXPECT_THAT(survey.data.target().value().columns(), ElementsAre("price"));
  EXPECT_THAT(
      survey.notes,
      ElementsAre(
          "the target is column 5 (\"price\") of 5 columns, of numbers; for "
          "classes, write target { label { column: ... } } in the "
          "recipe; --target=COLUMN, a name or a number from 0, takes "
          "another"));
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, SurveyData(Path("data"), "age"));
  EXPECT_THAT(survey.data.target().value().columns(), ElementsAre("age"));
  Write("data", real);
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey());
  EXPECT_THAT(survey.data.target().value().columns(), ElementsAre("4"));
}

TEST_F(SurveyTest, PixelsMayBeFloats) {
  std::string text = "label";
  for (int p = 0; p < 9; ++p) absl::StrAppend(&text, ",pixel", p);
  for (int i = 0; i < 6; ++i) {
    absl::StrAppend(&text, "\n", i % 2);
    for (int p = 0; p < 9; ++p) absl::StrAppend(&text, ",0.", i + p);
  }
  Write("data", text);
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_EQ(survey.shape, Shape({3, 3, 1}));
  EXPECT_THAT(survey.data.csv().shape(), ElementsAre(3, 3, 1));
  EXPECT_EQ(survey.data.csv().numbers(), CsvProto::FLOAT);
  EXPECT_EQ(survey.type, ElementType::kFloat32);
}

TEST_F(SurveyTest, WarnsOfColumnsThatItLeavesOut) {
  std::string text = "a,b,c,d,e,f,g,price\n";
  for (int i = 0; i < 9; ++i) {
    absl::StrAppend(&text, i * i, ".5");
    for (int c = 0; c < 6; ++c) {
      absl::StrAppend(&text, ",", i == c ? "nan" : "1.5");
    }
    absl::StrAppend(&text, ",", i * i, "\n");
  }
  Write("data", text);
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_EQ(survey.shape, Shape({1}));
  ASSERT_THAT(survey.warnings, SizeIs(6));
  EXPECT_THAT(survey.warnings[0],
              StartsWith(Path("data") + ":2: column 2 (\"b\") is \"nan\""));
  EXPECT_EQ(survey.warnings[5],
            "1 other column is left out for the same "
            "reason");
}

TEST_F(SurveyTest, SaysWhatIsWrongWithACsvFile) {
  const auto expect = [&](const std::string& text, const std::string& error) {
    Write("data", text);
    EXPECT_THAT(Survey().status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(error)))
        << text;
  };
  const std::string header = "label,pixel0,pixel1\n1,2,3\n";
  expect(header + "0,2\n", ":3: has 2 columns, too few; expected 3");
  expect(header + "0,,3\n", ":3: column 2 is \"\"; expected a whole number");
  expect(header + "0,0.5,3\n",
         ":3: column 2 is \"0.5\"; expected a whole number from 0 to 255");
  expect(header + "0,300,3\n", ":3: column 2 is \"300\"; expected a whole");
  expect(header + "0,\"1\"2\",3\n", "quotation marks only at both ends");
  expect("label,pixel0,pixel1\ncat,2,3\ncat,3,4\n",
         ": has examples of 1 class, cat, with labels in column 1; ");
  expect("label,pixel0,pixel1\n0,7,7\n1,7,7\n",
         ": all pixels are 7; expected pixels that differ");
  expect("P5 1 1 255\nx", ": is an image; expected a folder with one folder");
  expect("a,b\n1.5,x\n2.5\n", ":3: has 1 column, too few; expected 2");
  expect("a,b\n1,2\n3,\n4,7\n",
         ":3: column 2 (\"b\") is \"\"; expected a number; fill the cell");
  expect("a,label\n1.5,x\n2.5,x\n",
         ": has examples of 1 class, x, in column 2 (\"label\"), the target; "
         "expected at least two classes to tell apart; --target=COLUMN, a name "
         "or a number from 0, takes another");
}

TEST_F(SurveyTest, LeavesOutAColumnThatNumbersTheRows) {
  std::string text = "id,pixel0,pixel1,pixel2,pixel3,label\n";
  for (int i = 0; i < 40; ++i) {
    absl::StrAppend(&text, i, ",", 5 * i, ",", i % 7, ",", i * i % 100, ",", 9,
                    ",", i % 2, "\n");
  }
  Write("data", text);
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_THAT(survey.data.csv().ignore(), ElementsAre("0"));
  EXPECT_EQ(survey.data.csv().label_column(), 5);
  EXPECT_EQ(survey.shape, Shape({2, 2, 1}));
  EXPECT_THAT(survey.train_counts, ElementsAre(20, 20));
  EXPECT_THAT(survey.notes,
              Contains("column 1 numbers the rows and is left out"));
}

TEST_F(SurveyTest, ReadsTables) {
  std::string text = "id;town;rooms;area;price\n";
  for (int i = 0; i < 30; ++i) {
    absl::StrAppend(&text, i, ";town ", i, ";", i % 4, ";", i, ",5;",
                    7 * i % 50, "\n");
  }
  Write("data", text);
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey());
  EXPECT_EQ(survey.kind, "CSV file of a table");
  EXPECT_EQ(survey.target, TargetKind::kValues);
  EXPECT_THAT(survey.data.target().value().columns(), ElementsAre("price"));
  EXPECT_THAT(survey.data.csv().ignore(), ElementsAre("id", "town"));
  EXPECT_TRUE(survey.data.csv().decimal_comma());
  EXPECT_EQ(survey.shape, Shape({2}));
  EXPECT_EQ(survey.train_examples(), 30);
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, SurveyData(Path("data"), "rooms"));
  EXPECT_THAT(survey.data.target().value().columns(), ElementsAre("rooms"));
  EXPECT_FALSE(SurveyData(Path("data"), "room").ok());
}

TEST_F(SurveyTest, ReadsTablesOfClasses) {
  Write("data", "x,kind\n0.5,a\n1.5,b\n2.5,a\n3.5,b\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey());
  EXPECT_EQ(survey.data.target().label().column(), "kind");
  EXPECT_THAT(survey.class_names, ElementsAre("a", "b"));
  EXPECT_THAT(survey.train_counts, ElementsAre(2, 2));
  Write("data", "x,tags\n0.5,a;b\n1.5,b\n2.5,\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey());
  EXPECT_EQ(survey.target, TargetKind::kLabels);
  EXPECT_EQ(survey.data.target().classes().column(), "tags");
  EXPECT_THAT(survey.class_names, ElementsAre("a", "b"));
}

TEST_F(SurveyTest, ReadsImagesWithATable) {
  WriteGray("photos/1.pgm", 6, 4);
  WriteGray("photos/2.pgm", 6, 4);
  Write("data", "file,age\n1.pgm,34.5\n2.pgm,20\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_EQ(survey.kind, "images with a CSV file");
  EXPECT_EQ(survey.data.image_table().image_column(), "file");
  EXPECT_EQ(survey.data.image_table().directory(), Path("photos"));
  EXPECT_EQ(survey.shape, Shape({6, 4, 1}));
  EXPECT_EQ(survey.files, 2);
  EXPECT_EQ(survey.data.image_table().on_unreadable(), STOP);
}

// What the warning says is in the recipe.
TEST_F(SurveyTest, SkipsImagesOfATableThatCannotBeRead) {
  WriteGray("photos/1.pgm", 6, 4);
  Write("photos/2.pgm", "text");
  for (const std::string column : {"age", "label"}) {
    Write("data", "file," + column + "\n1.pgm,3\n2.pgm,5\n1.pgm,5\n");
    LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
    EXPECT_EQ(survey.data.image_table().on_unreadable(), SKIP);
    EXPECT_THAT(survey.warnings,
                Contains(StartsWith("1 of the 3 files that were looked at "
                                    "cannot be read; the recipe has "
                                    "on_unreadable: SKIP")));
  }
}

TEST_F(SurveyTest, ReadsNumpysArrays) {
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

TEST_F(SurveyTest, TakesTheArrayThatIsNamed) {
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

TEST_F(SurveyTest, SaysHowToSaveArrays) {
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

TEST_F(SurveyTest, ReadsNumpysLabels) {
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

TEST_F(SurveyTest, ReadsEmnistsFolder) {
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

TEST_F(SurveyTest, ReadsCifar100) {
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

TEST_F(SurveyTest, ReadsMnistsFiles) {
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

TEST_F(SurveyTest, CountsTheClassesOfIdxFilesWithoutNames) {
  std::filesystem::create_directories(Path("data"));
  LENSLET_ASSERT_OK(WriteSmallMnist(
      Path("data"), {.count = 60, .height = 6, .width = 5, .classes = 3}));
  std::filesystem::remove(Path("data/classes.txt"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_THAT(survey.data.idx().class_names(), ElementsAre("0", "1", "2"));
  EXPECT_THAT(survey.train_counts, ElementsAre(20, 20, 20));
}

TEST_F(SurveyTest, ReadsCifar10) {
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

TEST_F(SurveyTest, NamesWhatIsMissing) {
  EXPECT_THAT(Survey("none").status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(Path("none"))));
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  EXPECT_THAT(Survey("pipe").status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       Path("pipe") + ": is not a regular file"));
  Write("data/train-images-idx3-ubyte.gz", "no gzip");
  EXPECT_FALSE(Survey().ok());
}

TEST_F(SurveyTest, NamesWhatMayNotBeRead) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  WriteTwoClasses();
  std::filesystem::permissions(Path("data/a"), std::filesystem::perms::none);
  EXPECT_THAT(Survey().status(), StatusIs(absl::StatusCode::kPermissionDenied,
                                          HasSubstr(Path("data/a"))));
  std::filesystem::permissions(Path("data/a"),
                               std::filesystem::perms::owner_all);
}

}  // namespace
}  // namespace lenslet
