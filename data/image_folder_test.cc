#include "lenslet/data/image_folder.h"

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/testing/pixels.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

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
  ExpectError(Path("b") +
              ": has no images; expected files that end in .png, .jpg, .jpeg, "
              ".pgm or .ppm");
}

TEST_F(ImageFolderTest, TakesAtMost256Classes) {
  for (int i = 0; i < 256; ++i) {
    WritePixel(absl::StrCat(1000 + i, "/a.pgm"), static_cast<uint8_t>(i));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
  EXPECT_EQ((*dataset.Classes())[255], 255);
  WritePixel("more/a.pgm", 1);
  ExpectError(folder_ +
              ": has 257 folders, one per class; expected at most 256");
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
  EXPECT_THAT(
      LoadImageFolders(folder_, {1, 1, 1}, {"a", "b", "c"}).status(),
      StatusIs(absl::StatusCode::kInvalidArgument,
               Path("c") + ": there is no such folder, but the training "
                           "examples have this class"));
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

}  // namespace
}  // namespace lenslet
