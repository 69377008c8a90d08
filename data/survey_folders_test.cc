#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/survey.h"
#include "lenslet/data/testing/format_bytes.h"
#include "lenslet/data/testing/jpeg_bytes.h"
#include "lenslet/data/testing/survey_fixture.h"
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

using SurveyFoldersTest = SurveyFixture;

TEST_F(SurveyFoldersTest, CountsTheImagesOfEachClass) {
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
  EXPECT_EQ(survey.data.image_folders().on_unreadable(), STOP);
  EXPECT_THAT(survey.warnings,
              ElementsAre(Path("data") + ": 1 name that is no image of a class "
                                         "is left out: a/notes.txt"));
}

TEST_F(SurveyFoldersTest, MeasuresSizes) {
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

TEST_F(SurveyFoldersTest, TellsColorsFromThreeChannels) {
  WriteColor("data/a/1.ppm", "xyz");
  WriteGray("data/b/1.pgm");
  LENSLET_ASSERT_OK_AND_ASSIGN(DataSurvey survey, Survey());
  EXPECT_EQ(survey.shape, Shape({4, 4, 1}));
  WriteColor("data/b/2.ppm", "x*z");
  LENSLET_ASSERT_OK_AND_ASSIGN(survey, Survey());
  EXPECT_EQ(survey.shape, Shape({4, 4, 3}));
}

// A camera of 10 bits: its colors differ by little of the range.
TEST_F(SurveyFoldersTest, SaysThatImagesHave16Bits) {
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

TEST_F(SurveyFoldersTest, KnowsFormatsByTheirBytes) {
  Write("data/a/1.png", GrayJpegBytes());
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("data/a/2.png"), "P5 1 1 255\nx"));
  std::filesystem::create_directories(Path("data/b"));
  LENSLET_ASSERT_OK(WritePngFile(Path("data/b/1.jpg"),
                                 Tensor({8, 8, 1}, ElementType::kUint8)));
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_THAT(survey.formats,
              ElementsAre(Pair("JPEG", 1), Pair("PGM", 1), Pair("PNG", 1)));
}

TEST_F(SurveyFoldersTest, FindsTrainAndTest) {
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

TEST_F(SurveyFoldersTest, AClassMayBeCalledTrain) {
  WriteGray("data/bus/1.pgm");
  WriteGray("data/train/1.pgm");
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_THAT(survey.class_names, ElementsAre("bus", "train"));
}

TEST_F(SurveyFoldersTest, SaysWhatIsWrongWithAFolder) {
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

TEST_F(SurveyFoldersTest, SuggestsTheCsvFileBesideTheImages) {
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

TEST_F(SurveyFoldersTest, SaysWhatIsWrongWithTheFoldersInIt) {
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

TEST_F(SurveyFoldersTest, ImagesAndMasksAreNoClasses) {
  const auto expect = [&](const std::string& folder, const std::string& images,
                          const std::string& masks) {
    ExpectError(
        absl::StrCat(folder, ": has the folders ", images, " and ", masks,
                     ", which look like images and their masks; expected"),
        absl::StrCat("image_masks { train_images: \"", Path("data"), folder,
                     "/", images, "\" train_masks: \"", Path("data"), folder,
                     "/", masks, "\" ... } }, as docs/data.md says"));
    std::filesystem::remove_all(Path("data"));
  };
  WriteGray("data/images/1.pgm");
  WriteGray("data/masks/1.pgm");
  WriteGray("data/test/images/1.pgm");
  WriteGray("data/test/masks/1.pgm");
  expect("", "images", "masks");
  WriteGray("data/Images/train/1.pgm");
  WriteGray("data/Masks/train/1.pgm");
  expect("", "Images", "Masks");
  WriteGray("data/train/images/1.pgm");
  WriteGray("data/train/mask/1.pgm");
  WriteGray("data/test/images/1.pgm");
  WriteGray("data/test/mask/1.pgm");
  expect("/train", "images", "mask");
  // Classes.
  WriteGray("data/images/1.pgm");
  WriteGray("data/masks/1.pgm");
  WriteGray("data/hats/1.pgm");
  LENSLET_EXPECT_OK(Survey().status());
}

TEST_F(SurveyFoldersTest, KnowsImagesOfTelephones) {
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

TEST_F(SurveyFoldersTest, TakesMoreThan256Classes) {
  for (int i = 0; i < 300; ++i) WriteGray(absl::StrCat("data/", i, "/a.pgm"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_THAT(survey.class_names, SizeIs(300));
}

TEST_F(SurveyFoldersTest, WarnsOfFilesThatCannotBeRead) {
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
  EXPECT_THAT(survey.train_counts, ElementsAre(1, 1));
}

TEST_F(SurveyFoldersTest, BrokenImagesMakeNoClass) {
  WriteTwoClasses();
  Write("data/b/1.pgm", "P5 2 2 255\nx");
  ExpectError(
      ": has examples of 1 class, a; 1 file cannot be read, the first: ",
      "b/1.pgm: truncated");
}

TEST_F(SurveyFoldersTest, NeedsAnImageThatCanBeRead) {
  Write("data/a/1.png", "text");
  Write("data/b/1.png", "text");
  ExpectError(": none of 2 images can be read; the first error is: " +
                  Path("data/a/1.png"),
              "is not a PNG");
}

TEST_F(SurveyFoldersTest, WarnsOfWhatIsNotUsed) {
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

TEST_F(SurveyFoldersTest, LinksThatLoopEnd) {
  WriteTwoClasses();
  std::filesystem::create_directory_symlink(".", Path("data/loop"));
  ExpectError("/loop: has 3 folders, but no images; ", "");
  std::filesystem::remove(Path("data/loop"));
  std::filesystem::create_symlink("itself", Path("data/itself"));
  LENSLET_EXPECT_OK(Survey().status());
  EXPECT_THAT(std::string(Survey("data/itself").status().message()),
              HasSubstr(Path("data/itself")));
}

TEST_F(SurveyFoldersTest, NamesMayHaveAnyCharactersOfUtf8) {
  WriteGray("data/a\n\"b\x1b/1\n.pgm");
  WriteGray("data/\u00e9/1.pgm");
  LENSLET_ASSERT_OK_AND_ASSIGN(const DataSurvey survey, Survey());
  EXPECT_THAT(survey.class_names, ElementsAre("a\n\"b\x1b", "\u00e9"));
  WriteGray("data/\xff/1.pgm");
  ExpectError("/\\xff: the class's name is not UTF-8", "");
}

TEST_F(SurveyFoldersTest, ReadsAPartOfManyFiles) {
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

TEST_F(SurveyFoldersTest, DecodesFewLargeImages) {
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
  // The others may be broken, which must not stop the training.
  EXPECT_EQ(survey.data.image_folders().on_unreadable(), SKIP);
}

TEST_F(SurveyFoldersTest, NamesWhatMayNotBeRead) {
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
