#include "lenslet/data/image_folder.h"

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/all_sources.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/dataset_digest.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/image_cache.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/load_data.h"
#include "lenslet/data/testing/exif_bytes.h"
#include "lenslet/data/testing/format_bytes.h"
#include "lenslet/data/testing/jpeg_bytes.h"
#include "lenslet/data/testing/pixels.h"
#include "lenslet/data/testing/png_bytes.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

class ImageFolderTest : public ::testing::Test {
 protected:
  // Below a folder of the class, which is made.
  void Write(const std::string& name, const std::string& bytes) {
    const std::string path = Path(name);
    std::filesystem::create_directories(
        std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
  }
  // A PGM file of one pixel.
  void WritePixel(const std::string& name, uint8_t pixel) {
    Write(name, absl::StrCat("P5 1 1 255\n",
                             std::string(1, static_cast<char>(pixel))));
  }
  std::string Path(const std::string& name) { return folder_ + "/" + name; }
  absl::StatusOr<Dataset> Load(const Shape& shape = {1, 1, 1}) {
    return LoadImageFolders(folder_, shape);
  }
  void ExpectError(const std::string& message) {
    EXPECT_THAT(Load().status(),
                StatusIs(absl::StatusCode::kInvalidArgument, message));
  }

  const std::string folder_ = EmptyTempFolder("image_folder_test");
};

TEST_F(ImageFolderTest, ClassesAndFilesAreInOrderAndTakeTurns) {
  WritePixel("dog/2.pgm", 4);
  WritePixel("dog/10.pgm", 3);
  WritePixel("dog/3.pgm", 5);
  WritePixel("Cat/x.pgm", 1);
  WritePixel("\xc3\xa9l\xc3\xa9phant/x.pgm", 2);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
  EXPECT_EQ(dataset.Inputs()->shape(), Shape({5, 1, 1, 1}));
  EXPECT_THAT(dataset.target_names,
              ElementsAre("Cat", "dog", "\xc3\xa9l\xc3\xa9phant"));
  EXPECT_THAT(Pixels(dataset), ElementsAre(1, 3, 2, 4, 5));
  EXPECT_THAT(*dataset.Classes(), ElementsAre(0, 1, 2, 1, 1));
}

TEST_F(ImageFolderTest, ReadsEveryEndingInAnyCase) {
  int i = 0;
  for (const char* name :
       {"a.png", "b.PNG", "c.jpg", "d.JPEG", "e.pgm", "f.Ppm"}) {
    WritePixel(absl::StrCat("class/", name), static_cast<uint8_t>(++i));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
  EXPECT_THAT(Pixels(dataset), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(ImageFolderTest, PassesOverWhatIsNotMeant) {
  WritePixel("class/a.pgm", 1);
  Write("README", "not a class");
  Write(".git/a.pgm", "not a class");
  Write("class/.hidden.pgm", "not an image");
  Write("class/Thumbs.db", "not an image");
  Write("class/more.pgm/a.pgm", "not in the class's folder");
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
  EXPECT_THAT(dataset.target_names, ElementsAre("class"));
  EXPECT_EQ(dataset.size(), 1);
}

TEST_F(ImageFolderTest, MakesImagesFit) {
  std::filesystem::create_directory(Path("class"));
  LENSLET_ASSERT_OK(WritePngFile(Path("class/color.png"),
                                 Tensor::Of<uint8_t>({1, 1, 3}, {10, 20, 30})));
  WritePixel("class/gray.pgm", 7);
  LENSLET_ASSERT_OK_AND_ASSIGN(Dataset dataset, Load({1, 2, 3}));
  EXPECT_THAT(Pixels(dataset),
              ElementsAre(10, 20, 30, 10, 20, 30, 7, 7, 7, 7, 7, 7));
  LENSLET_ASSERT_OK_AND_ASSIGN(dataset, Load({1, 1, 1}));
  EXPECT_THAT(Pixels(dataset), ElementsAre(18, 7));
}

TEST_F(ImageFolderTest, NeedsADirectory) {
  EXPECT_THAT(LoadImageFolders(Path("none"), {1, 1, 1}).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(Path("none"))));
  std::ofstream(Path("file")) << "text";
  EXPECT_THAT(LoadImageFolders(Path("file"), {1, 1, 1}).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       Path("file") + ": is not a folder; expected one with a "
                                      "folder per class"));
}

TEST_F(ImageFolderTest, NeedsClasses) {
  WritePixel("a.pgm", 1);
  ExpectError(folder_ + ": has no folders; expected one per class");
}

TEST_F(ImageFolderTest, NeedsImagesOfEachClass) {
  WritePixel("a/a.pgm", 1);
  Write("b/a.txt", "");
  ExpectError(
      Path("b") +
      ": has no images; expected PNG, JPEG, BMP, GIF, TIFF, WebP, PGM or "
      "PPM files");
  // Those of telephones are in several folders.
  const std::string heic = std::string("\0\0\0\x18", 4) + "ftypheic";
  for (const char* name : {"b/1.heic", "c/1.heic", "c/2.heic"}) {
    Write(name, heic);
  }
  const std::string hint =
      ": the folders b, c have no images; expected PNG, JPEG, BMP, GIF, TIFF, "
      "WebP, PGM or PPM files; 3 files are HEIC or AVIF, which is not read: "
      "convert to JPEG, for example with heif-convert";
  ExpectError(folder_ + hint);
  // So are test images.
  LENSLET_EXPECT_OK(
      LoadImageFolders(folder_, {1, 1, 1}, {"a", "b", "c"}).status());
  std::filesystem::remove(Path("a/a.pgm"));
  std::filesystem::remove(Path("a"));
  EXPECT_THAT(LoadImageFolders(folder_, {1, 1, 1}, {"b", "c"}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, folder_ + hint));
}

// The folder above those of training and test images.
TEST_F(ImageFolderTest, NamesTheFolderThatIsMeant) {
  WritePixel("test/a/a.pgm", 1);
  WritePixel("train/a/a.pgm", 1);
  ExpectError(folder_ +
              ": the folders test, train have no images; expected PNG, JPEG, "
              "BMP, GIF, TIFF, WebP, PGM or PPM files; perhaps " +
              Path("train") + " is meant");
}

TEST_F(ImageFolderTest, TakesMoreThan256Classes) {
  for (int i = 0; i < 300; ++i) {
    WritePixel(absl::StrCat(1000 + i, "/a.pgm"), static_cast<uint8_t>(i));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
  EXPECT_EQ((*dataset.Classes())[255], 255);
  EXPECT_EQ((*dataset.Classes())[299], 299);
}

TEST_F(ImageFolderTest, TakesAtMost4096Classes) {
  for (int i = 0; i <= 4096; ++i) {
    ASSERT_TRUE(std::filesystem::create_directory(Path(absl::StrCat(i))));
  }
  ExpectError(folder_ +
              ": has 4097 folders, one per class; expected at most 4096");
}

TEST_F(ImageFolderTest, NamesMustBeUtf8) {
  WritePixel("a\xff/a.pgm", 1);
  ExpectError(Path("a\\xff") + ": the class's name is not UTF-8");
}

TEST_F(ImageFolderTest, NamesTheFileThatIsNoImage) {
  WritePixel("a/a.pgm", 1);
  Write("a/b.png", "text");
  EXPECT_THAT(Load().status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr(Path("a/b.png") + ": ")));
  Write("a/b.png", "P5 2 2 255\nx");
  EXPECT_THAT(Load().status(), StatusIs(absl::StatusCode::kDataLoss,
                                        HasSubstr(Path("a/b.png") + ": ")));
  std::filesystem::remove(Path("a/b.png"));
  std::filesystem::create_symlink("nowhere", Path("a/b.png"));
  EXPECT_THAT(Load().status(), StatusIs(absl::StatusCode::kNotFound,
                                        HasSubstr(Path("a/b.png"))));
}

TEST_F(ImageFolderTest, NamesWhatMayNotBeRead) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  WritePixel("a/a.pgm", 1);
  std::filesystem::permissions(Path("a/a.pgm"), std::filesystem::perms::none);
  EXPECT_THAT(Load().status(), StatusIs(absl::StatusCode::kPermissionDenied,
                                        HasSubstr(Path("a/a.pgm"))));
  std::filesystem::permissions(Path("a"), std::filesystem::perms::none);
  EXPECT_THAT(Load().status(), StatusIs(absl::StatusCode::kPermissionDenied,
                                        HasSubstr(Path("a"))));
  std::filesystem::permissions(Path("a"), std::filesystem::perms::owner_all);
}

TEST_F(ImageFolderTest, ClassesMustBeTheExpectedOnes) {
  WritePixel("a/a.pgm", 1);
  WritePixel("b/a.pgm", 1);
  LENSLET_EXPECT_OK(LoadImageFolders(folder_, {1, 1, 1}, {"a", "b"}).status());
  EXPECT_THAT(
      LoadImageFolders(folder_, {1, 1, 1}, {"a"}).status(),
      StatusIs(absl::StatusCode::kInvalidArgument,
               Path("b") + ": the training examples have no such class"));
}

TEST_F(ImageFolderTest, AllUnknownClassesAreNamedWithThoseThatMayBeMeant) {
  WritePixel("cat/a.pgm", 1);
  EXPECT_THAT(LoadImageFolders(folder_, {1, 1, 1}, {"Cat", "dog"}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       Path("cat") + ": the training examples have no such "
                                     "class; did you mean \"Cat\"?"));
  WritePixel("elephant/a.pgm", 1);
  EXPECT_THAT(LoadImageFolders(folder_, {1, 1, 1}, {"Cat", "dog"}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       folder_ + ": the training examples have no classes cat "
                                 "(did you mean Cat?), elephant"));
}

TEST_F(ImageFolderTest, AllClassesWithoutImagesAreNamed) {
  WritePixel("a/a.pgm", 1);
  Write("b/a.txt", "");
  Write("c/a.txt", "");
  ExpectError(folder_ +
              ": the folders b, c have no images; expected PNG, JPEG, BMP, "
              "GIF, TIFF, WebP, PGM or PPM files");
}

// Test examples may lack a class, but then a note says so.
TEST_F(ImageFolderTest, AClassMayHaveNoTestImages) {
  WritePixel("b/a.pgm", 7);
  Write("d/text.txt", "no image");
  std::vector<std::string> notes;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset dataset,
      LoadImageFolders(folder_, {1, 1, 1}, {"d", "c", "b", "a"},
                       {.notes = &notes}));
  EXPECT_THAT(dataset.target_names, ElementsAre("d", "c", "b", "a"));
  EXPECT_THAT(*dataset.Classes(), ElementsAre(2));
  EXPECT_THAT(
      notes,
      ElementsAre(
          folder_ + ": has no images of classes d, c, a",
          folder_ +
              ": 1 name that is no image of a class is left out: d/text.txt"));
  std::filesystem::remove(Path("b/a.pgm"));
  EXPECT_THAT(LoadImageFolders(folder_, {1, 1, 1}, {"b", "d"}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(folder_ + ": the folders b, d have no images; "
                                           "expected PNG, ")));
}

TEST_F(ImageFolderTest, ChecksTheShape) {
  WritePixel("a/a.pgm", 1);
  for (const Shape& shape : {Shape({28, 28}), Shape({28, 28, 2}),
                             Shape({0, 28, 1}), Shape({4097, 4096, 1})}) {
    EXPECT_THAT(
        Load(shape).status(),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 HasSubstr("shape is " + shape.ToString() +
                           "; expected [height, width, channels], with 1 "
                           "channel (gray) or 3 (red, green, blue)")));
  }
}

TEST_F(ImageFolderTest, ChecksTheMargin) {
  WritePixel("a/a.pgm", 1);
  EXPECT_THAT(
      LoadImageFolders(folder_, {16, 24, 1}, {},
                       {.read = {.decode = {.margin = 4096}}})
          .status(),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "crop_margin is 4096, images of 8208 x 8216 pixels; expected a "
               "margin with which they have at most 16777216"));
  DataProto data;
  data.mutable_image_folders()->set_train_directory(folder_);
  for (const int64_t size : {16, 24, 1}) {
    data.mutable_image_folders()->add_shape(size);
  }
  data.mutable_image_folders()->set_crop_margin(4096);
  EXPECT_THAT(LoadData(data, AllDataSources(), {}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StartsWith("data.image_folders.crop_margin is 4096")));
}

TEST_F(ImageFolderTest, ClassesAreInNaturalOrder) {
  for (const char* name : {"10", "9", "1", "0", "2"}) {
    WritePixel(absl::StrCat(name, "/a.pgm"), 1);
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(Dataset dataset, Load());
  EXPECT_THAT(dataset.target_names, ElementsAre("0", "1", "2", "9", "10"));
  // A model that learned another order keeps it.
  DataProto data;
  data.mutable_image_folders()->set_train_directory(folder_);
  for (int i = 0; i < 3; ++i) data.mutable_image_folders()->add_shape(1);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const LoadedData loaded,
      LoadData(data, AllDataSources(),
               {.class_names = {"0", "1", "10", "2", "9"}}));
  EXPECT_THAT(loaded.train.target_names, ElementsAre("0", "1", "10", "2", "9"));
}

TEST_F(ImageFolderTest, FoldersOfArchivesAreNoClasses) {
  WritePixel("a/a.pgm", 1);
  WritePixel("__MACOSX/a.pgm", 1);
  WritePixel(".hidden/a.pgm", 1);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
  EXPECT_THAT(dataset.target_names, ElementsAre("a"));
}

TEST_F(ImageFolderTest, FilesAreKnownByContentAndOthersAreNamed) {
  int i = 0;
  for (const char* name :
       {"a.jfif", "b.jpe", "c.pnm", "d", "e.TIF", "f.webp", "g.data"}) {
    WritePixel(absl::StrCat("class/", name), static_cast<uint8_t>(++i));
  }
  Write("class/Thumbs.db", "no image");
  Write("class/list.txt", "");
  WritePixel("beside.pgm", 1);
  std::vector<std::string> notes;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset dataset,
      LoadImageFolders(folder_, {1, 1, 1}, {}, {.notes = &notes}));
  EXPECT_THAT(Pixels(dataset), ElementsAre(1, 2, 3, 4, 5, 6, 7));
  ASSERT_FALSE(notes.empty());
  EXPECT_EQ(notes[0], folder_ +
                          ": 3 names that are no images of a class are left "
                          "out: beside.pgm, class/Thumbs.db, class/list.txt");
}

TEST_F(ImageFolderTest, ImagesThatAreLeftOutAreNamedAsSuch) {
  WritePixel("class/a.pgm", 1);
  for (const char* name : {"b.heic", "IMG_1", "c.avif"}) {
    Write(absl::StrCat("class/", name),
          absl::StrCat(std::string(3, '\0'), "\x18",
                       absl::StartsWith(name, "c") ? "ftypavif" : "ftypheic",
                       std::string(12, '\0')));
  }
  WritePixel("class/inner/a.pgm", 1);
  WritePixel("class/inner/b.pgm", 1);
  Write("class/other/list.txt", "");
  std::vector<std::string> notes;
  LENSLET_ASSERT_OK(
      ListImageClasses(folder_, /*class_names=*/{}, &notes).status());
  EXPECT_THAT(
      notes,
      ElementsAre(
          folder_ +
              ": 3 images are HEIC or AVIF, which is not read, and left out: "
              "class/IMG_1, class/b.heic, class/c.avif; convert to JPEG, for "
              "example with heif-convert",
          folder_ + ": 2 names that are no images of a class are left out: "
                    "class/inner (a folder of 2 images), class/other"));
}

TEST_F(ImageFolderTest, AllUnreadableFilesAreListedOrSkipped) {
  WritePixel("a/good.pgm", 1);
  WritePixel("b/good.pgm", 2);
  Write("a/empty.png", "");
  Write("b/broken.png", "text");
  Write("b/truncated.pgm", "P5 2 2 255\nx");
  EXPECT_THAT(
      Load().status(),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(StartsWith("3 of 5 images cannot be read; expected whole "
                                "files, or on_unreadable: SKIP: " +
                                Path("a/empty.png")),
                     HasSubstr(Path("b/broken.png") + ": is not a PNG"),
                     HasSubstr(Path("b/truncated.pgm") + ": truncated"))));
  for (const bool stays_in_files : {false, true}) {
    std::vector<std::string> notes;
    std::vector<UnreadableFile> unreadable;
    ImageFolderOptions options = {.read = {.skip_unreadable = true},
                                  .notes = &notes,
                                  .unreadable = &unreadable};
    if (stays_in_files) options.read_ahead = ReadAheadOptions{};
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Dataset dataset,
        LoadImageFolders(folder_, {1, 1, 1}, {}, options));
    EXPECT_THAT(Pixels(dataset), ElementsAre(1, 2));
    EXPECT_THAT(*dataset.Classes(), ElementsAre(0, 1));
    EXPECT_THAT(unreadable, SizeIs(3));
    EXPECT_THAT(notes[0],
                AllOf(StartsWith(folder_ + ": 3 images of 5 cannot be read and "
                                           "are left out: "),
                      HasSubstr("empty.png"), HasSubstr("broken.png"),
                      HasSubstr("truncated.pgm")));
  }
  // In a run's header and report.
  DataProto data;
  ImageFoldersProto& folders = *data.mutable_image_folders();
  folders.set_train_directory(folder_);
  for (int i = 0; i < 3; ++i) folders.add_shape(1);
  folders.set_on_unreadable(SKIP);
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData loaded,
                               LoadData(data, AllDataSources(), {}));
  EXPECT_EQ(loaded.description,
            "image folders in " + folder_ + ", without 3 unreadable files");
  EXPECT_EQ(loaded.test_description, "");
  EXPECT_THAT(loaded.warnings[0], HasSubstr("3 images of 5 cannot be read"));
  const std::string test = EmptyTempFolder("image_folder_test_of_test");
  for (const char* name : {"a", "b"}) {
    std::filesystem::create_directory(test + "/" + name);
  }
  std::ofstream(test + "/a/good.pgm") << "P5 1 1 255\nx";
  std::ofstream(test + "/a/empty.png");
  folders.set_test_directory(test);
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData with_test,
                               LoadData(data, AllDataSources(), {}));
  EXPECT_EQ(with_test.description, loaded.description);
  EXPECT_EQ(with_test.test_description,
            "image folders in " + test + ", without 1 unreadable file");
  folders.clear_test_directory();
  std::filesystem::remove(Path("a/good.pgm"));
  std::filesystem::remove(Path("b/good.pgm"));
  EXPECT_THAT(LoadData(data, AllDataSources(), {}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StartsWith("3 of 3 images cannot be read")));
}

// Without reading all of them before the first one that is broken.
TEST_F(ImageFolderTest, AllUnreadableFilesAreListedWhenOneIsRead) {
  WritePixel("a/good.pgm", 1);
  Write("a/empty.png", "");
  Write("a/truncated.pgm", "P5 2 2 255\nx");
  ImageFolderOptions options = {.read_ahead = ReadAheadOptions{}};
  const auto error = [&](int64_t index) {
    const absl::StatusOr<Dataset> dataset =
        LoadImageFolders(folder_, {1, 1, 1}, {}, options);
    ExampleBatch batch;
    return std::string(batch.ReadInputs(*dataset->examples, {index}).message());
  };
  EXPECT_EQ(error(1), "");
  EXPECT_THAT(error(2), AllOf(StartsWith("2 of 3 images cannot be read; "
                                         "expected whole files, or "
                                         "on_unreadable: SKIP: " +
                                         Path("a/empty.png")),
                              HasSubstr(Path("a/truncated.pgm"))));
  options.read.single_errors = true;
  EXPECT_THAT(error(2), StartsWith(Path("a/truncated.pgm")));
  // Training makes digests before it reads images.
  std::filesystem::create_symlink("nowhere", Path("a/link.png"));
  options.read.single_errors = false;
  EXPECT_THAT(DigestOf(*LoadImageFolders(folder_, {1, 1, 1}, {}, options)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StartsWith("3 of 4 images cannot be read; ")));
}

TEST_F(ImageFolderTest, TransparentDrawingsAreVisibleAndSingleValuesNoted) {
  // Black ink on a transparent ground.
  const std::string ink =
      PngBytes(Tensor::Of<uint8_t>({1, 2, 2}, {0, 255, 0, 0}));
  Write("a/ink.png", ink);
  std::vector<std::string> notes;
  ImageFolderOptions options = {.notes = &notes};
  LENSLET_ASSERT_OK_AND_ASSIGN(
      Dataset dataset, LoadImageFolders(folder_, {1, 2, 1}, {}, options));
  EXPECT_THAT(Pixels(dataset), ElementsAre(0, 255));
  EXPECT_THAT(notes, ElementsAre());
  options.read.decode.background = {0, 0, 0};
  LENSLET_ASSERT_OK_AND_ASSIGN(
      dataset, LoadImageFolders(folder_, {1, 2, 1}, {}, options));
  EXPECT_THAT(Pixels(dataset), ElementsAre(0, 0));
  // As a recipe says it, for training and for its model.
  DataProto data;
  for (const int64_t c : {10, 20, 30}) {
    data.mutable_image_folders()->add_background(c);
  }
  data.mutable_image_folders()->set_max_image_mebibytes(2);
  data.mutable_image_folders()->set_fit(CENTER_CROP);
  data.mutable_image_folders()->set_crop_margin(7);
  const DecodeOptions decode = DecodeOptionsOf(data).value();
  EXPECT_EQ(decode.fit, ImageFit::kCenterCrop);
  EXPECT_EQ(decode.margin, 7);
  EXPECT_THAT(decode.background, ElementsAre(10, 20, 30));
  EXPECT_EQ(decode.max_bytes, 2 << 20);
}

// Examples have the middle of images fitted to 6 x 8, as single images do, and
// parts of them in training.
TEST_F(ImageFolderTest, CropsAMargin) {
  Tensor image({12, 16, 1}, ElementType::kUint8);
  for (int i = 0; i < 192; ++i) {
    image.data<uint8_t>()[i] = static_cast<uint8_t>(i);
  }
  Write("a/1.png", PngBytes(image));
  LENSLET_ASSERT_OK_AND_ASSIGN(const FittedImage wide,
                               ReadFittedImage(Path("a/1.png"), {6, 8, 1}));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const FittedImage single,
      ReadFittedImage(Path("a/1.png"), {4, 6, 1}, {.margin = 1}));
  ASSERT_EQ(single.image.shape(), Shape({4, 6, 1}));
  EXPECT_EQ(single.changes, ", resized from 16 x 12");
  const uint8_t* all = wide.image.data<uint8_t>();
  for (int i = 0; i < 24; ++i) {
    EXPECT_EQ(single.image.data<uint8_t>()[i],
              all[8 * (i / 6 + 1) + i % 6 + 1]);
  }
  for (const bool stays_in_files : {false, true}) {
    ImageFolderOptions options = {.read = {.decode = {.margin = 1}}};
    if (stays_in_files) options.read_ahead = ReadAheadOptions{};
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Dataset dataset,
        LoadImageFolders(folder_, {4, 6, 1}, {}, options));
    EXPECT_EQ(dataset.example_shape(), Shape({4, 6, 1}));
    EXPECT_EQ(dataset.Example(0)->span<uint8_t>(),
              single.image.span<uint8_t>());
    ExampleBatch batch;
    batch.set_crop_seed(1);
    LENSLET_ASSERT_OK(
        batch.ReadInputs(*dataset.examples, std::vector<int64_t>(40, 0)));
    std::set<int> first;
    for (const void* input : batch.inputs()) {
      first.insert(*static_cast<const uint8_t*>(input));
    }
    EXPECT_THAT(first, ElementsAre(all[0], all[1], all[2], all[8], all[9],
                                   all[10], all[16], all[17], all[18]));
  }
}

TEST_F(ImageFolderTest, SixteenBitImagesMakeAllExamplesFloats) {
  Write("a/bytes.png", PngBytes(Tensor::Of<uint8_t>({1, 2, 1}, {0, 51})));
  Write("b/words.png", LongPngBytes({1023, 1}, {1, 2, 1}));
  for (const bool stays_in_files : {false, true}) {
    std::vector<std::string> notes;
    ImageFolderOptions options = {.notes = &notes};
    if (stays_in_files) options.read_ahead = ReadAheadOptions{};
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Dataset dataset,
        LoadImageFolders(folder_, {1, 2, 1}, {}, options));
    ASSERT_EQ(dataset.examples->type(), ElementType::kFloat32);
    EXPECT_THAT(dataset.Example(0)->span(), ElementsAre(0, 0.2f));
    EXPECT_THAT(dataset.Example(1)->span(),
                ElementsAre(1023.0f / 65535, 1.0f / 65535));
    EXPECT_THAT(
        notes[0],
        HasSubstr("1 image has 16 bits per sample, so images are floats from 0 "
                  "to 1, and take 4 times the memory. Their samples reach from "
                  "1.526e-05 to 0.01561 (1 to 1023 of 65535)"));
  }
  // Test examples have the type of the training examples.
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset test, LoadImageFolders(folder_, {1, 2, 1}, {"a", "b"},
                                           {.read = {.as_floats = false}}));
  EXPECT_EQ(test.examples->type(), ElementType::kUint8);
}

TEST_F(ImageFolderTest, MinorDamageIsReportedOnce) {
  std::string damaged = GrayJpegBytes();
  damaged.insert(damaged.find("\xff\xda"), "abcde");
  for (int i = 0; i < 3; ++i) {
    Write(absl::StrCat("a/", i, ".jpg"), damaged);
  }
  std::vector<std::string> notes;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset dataset,
      LoadImageFolders(folder_, {8, 8, 1}, {}, {.notes = &notes}));
  EXPECT_EQ(dataset.size(), 3);
  EXPECT_EQ(notes[0], folder_ +
                          ": 3 images have minor damage, of which a decoder "
                          "warns; they are used. The first: " +
                          Path("a/0.jpg") +
                          ": Corrupt JPEG data: 5 extraneous bytes before "
                          "marker 0xda");
}

// The same image for any number of threads, with and without the cache.
TEST_F(ImageFolderTest, LargeFilesAreDecodedOnce) {
  Tensor noise({300, 400, 3}, ElementType::kUint8);
  Random random(1);
  for (uint8_t& x : noise.span<uint8_t>()) {
    x = static_cast<uint8_t>(random.Below(256));
  }
  const std::string jpeg = JpegWithExif(JpegBytes(noise), ExifBytes(6));
  ASSERT_GT(jpeg.size(), kMinCachedFileBytes);
  for (int i = 0; i < 5; ++i) {
    // What follows the image does not matter.
    Write(absl::StrCat("a/", i, ".jpg"), absl::StrCat(jpeg, i));
  }
  WritePixel("a/small.pgm", 9);
  const std::string cache = EmptyTempFolder("image_folder_test_cache");
  const auto count = [&] {
    int64_t files = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(cache)) {
      files += entry.is_regular_file();
    }
    return files;
  };
  const Shape shape = {9, 7, 3};
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset expected, Load(shape));
  for (int threads = 1; threads <= 4; ++threads) {
    int64_t calls_at_end = 0;
    ImageFolderOptions options = {
        .read = {.threads = threads,
                 .progress =
                     [&](int64_t done, int64_t total) {
                       EXPECT_EQ(total, 6);
                       calls_at_end += done == total;
                     },
                 .cache_folder = cache}};
    if (threads == 3) options.read_ahead = ReadAheadOptions{};
    LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                                 LoadImageFolders(folder_, shape, {}, options));
    EXPECT_EQ(Pixels(dataset), Pixels(expected)) << threads;
    EXPECT_EQ(count(), 5);
    EXPECT_EQ(calls_at_end > 0, threads != 3);
  }
  // The cache is used, and a damaged one is not.
  const std::string key = ImageCacheKey(absl::StrCat(jpeg, 0), shape, {});
  std::optional<FittedImage> found = FindCachedImage(cache, key, shape);
  ASSERT_TRUE(found.has_value());
  found->image.data<uint8_t>()[0] ^= 1;
  KeepCachedImage(cache, key, *found);
  const ImageFolderOptions options = {.read = {.cache_folder = cache}};
  LENSLET_ASSERT_OK_AND_ASSIGN(Dataset dataset,
                               LoadImageFolders(folder_, shape, {}, options));
  EXPECT_NE(Pixels(dataset), Pixels(expected));
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(cache)) {
    if (entry.is_regular_file()) {
      std::filesystem::resize_file(entry.path(), entry.file_size() - 1);
    }
  }
  EXPECT_FALSE(FindCachedImage(cache, key, shape).has_value());
  LENSLET_ASSERT_OK_AND_ASSIGN(dataset,
                               LoadImageFolders(folder_, shape, {}, options));
  EXPECT_EQ(Pixels(dataset), Pixels(expected));
  // Another background, shape or content has another key.
  EXPECT_NE(ImageCacheKey("a", shape, {}), ImageCacheKey("b", shape, {}));
  EXPECT_NE(ImageCacheKey("a", shape, {}), ImageCacheKey("a", {9, 7, 1}, {}));
  EXPECT_NE(ImageCacheKey("a", shape, {}),
            ImageCacheKey("a", shape, {.background = {}}));
}

// More than 2^24 pixels, and a setting that refuses them.
TEST_F(ImageFolderTest, TheLargestSizeIsASetting) {
  Write("a/a.pgm",
        absl::StrCat("P5 5000 4000 255\n", std::string(5000 * 4000, 'x')));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load({2, 2, 1}));
  EXPECT_THAT(Pixels(dataset), ElementsAre('x', 'x', 'x', 'x'));
  DataProto data;
  data.mutable_image_folders()->set_train_directory(folder_);
  for (const int64_t size : {2, 2, 1}) {
    data.mutable_image_folders()->add_shape(size);
  }
  data.mutable_image_folders()->set_max_image_mebibytes(1);
  const std::string too_large =
      Path("a/a.pgm") +
      ": has 5000 x 4000 pixels of 1 byte; expected at most 1048576 bytes in "
      "all";
  EXPECT_THAT(
      LoadData(data, AllDataSources(), {}).status(),
      StatusIs(absl::StatusCode::kInvalidArgument,
               too_large + ", or a larger max_image_mebibytes; on_unreadable: "
                           "SKIP leaves it out"));
  // A model has no such field.
  EXPECT_THAT(ReadImageFile(Path("a/a.pgm"), *DecodeOptionsOf(data)).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, too_large));
}

}  // namespace
}  // namespace lenslet
