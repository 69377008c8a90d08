// A folder of photographs as a telephone makes them, from lenslet init to a
// report: turned, in several formats, some of them broken.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/testing/exif_bytes.h"
#include "lenslet/data/testing/format_bytes.h"
#include "lenslet/data/testing/jpeg_bytes.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class PhotosTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  void Write(const std::string& name, const std::string& bytes) {
    std::filesystem::create_directories(
        std::filesystem::path(Path(name)).parent_path());
    std::ofstream(Path(name), std::ios::binary) << bytes;
  }

  // Stored turned left. A landscape has the sky above; in a desert, the ground
  // is bright.
  Tensor Stored(bool is_desert, int64_t channels = 3) {
    constexpr int64_t kHeight = 240, kWidth = 320;
    Tensor image({kHeight, kWidth, channels}, ElementType::kUint8);
    uint8_t* out = image.data<uint8_t>();
    for (int64_t i = 0; i < kHeight * kWidth; ++i) {
      const bool is_above = i % kWidth < kWidth / 2;
      for (int64_t c = 0; c < channels; ++c) {
        *out++ = static_cast<uint8_t>((is_above == is_desert ? 30 : 150) +
                                      random_.Below(80));
      }
    }
    return image;
  }

  std::string Jpeg(bool is_desert) {
    return JpegWithExif(JpegBytes(Stored(is_desert), {.subsampled = true}),
                        ExifBytes(6));
  }

  void WritePhotos() {
    for (int i = 0; i < 12; ++i) {
      for (const bool is_desert : {false, true}) {
        Write(absl::StrCat("photos/", is_desert ? "desert" : "alps", "/IMG_", i,
                           ".JPG"),
              Jpeg(is_desert));
      }
    }
    Write("photos/alps/sent.webp", WebpBytes(Stored(false), ExifBytes(6)));
    Write("photos/alps/printed.jpe",
          JpegWithExif(JpegBytes(Stored(false, 4)), ExifBytes(6)));
    Write("photos/desert/no_ending", Jpeg(true));
    Write("photos/desert/empty.jpg", "");
    const std::string jpeg = Jpeg(true);
    Write("photos/desert/truncated.jpg", jpeg.substr(0, jpeg.size() / 2));
    Write("photos/desert/notes.txt", "what I saw");
    Write("photos/__MACOSX/desert/._IMG_1.JPG", "resource fork");
  }

  ProgramResult Run(const std::string& command,
                    const std::vector<std::string>& arguments) {
    return RunLenslet(
        command, arguments,
        absl::StrCat("export BUILD_WORKING_DIRECTORY='", folder_, "';"));
  }

  int64_t FilesIn(const std::string& name) {
    int64_t files = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(Path(name))) {
      files += entry.is_regular_file();
    }
    return files;
  }

  const std::string folder_ =
      std::filesystem::path(EmptyTempFolder("photos_test")).lexically_normal();
  Random random_{1};
};

TEST_F(PhotosTest, GoFromInitToAReport) {
  WritePhotos();
  ProgramResult result = Run("init", {"photos"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string recipe,
                               ReadFile(Path("recipe.textproto")));
  EXPECT_THAT(recipe, HasSubstr("on_unreadable: SKIP"));
  result = Run("train", {"recipe.textproto", "--run_dir=run", "--epochs=2"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("without 2 unreadable files"));
  EXPECT_THAT(
      result.err,
      AllOf(HasSubstr("2 images of 29 cannot be read and are left out: "),
            HasSubstr("photos/desert/empty.jpg: is empty"),
            HasSubstr("photos/desert/truncated.jpg: the JPEG file "
                      "cannot be decoded: Premature end"),
            HasSubstr("1 name that is no image of a class is left out: "
                      "desert/notes.txt")));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string report,
                               ReadFile(Path("run/report.html")));
  EXPECT_THAT(report, HasSubstr("without 2 unreadable files"));
  // The large files, once each.
  const int64_t cached = FilesIn("run/image_cache");
  EXPECT_GT(cached, 20);
  // The cache is nothing but fast.
  const ProgramResult first =
      Run("evaluate", {"run", "--split=validation", "--json"});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  std::filesystem::remove_all(Path("run/image_cache"));
  const ProgramResult second =
      Run("evaluate", {"run", "--split=validation", "--json"});
  EXPECT_EQ(first.out, second.out);
  // Of a single image, upright: 240 x 320.
  result = Run("predict", {"run", "photos/alps/IMG_1.JPG"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out,
              HasSubstr("IMG_1.JPG, turned upright, resized from 240 x 320"));
}

TEST_F(PhotosTest, ASweepDecodesOnce) {
  WritePhotos();
  ASSERT_EQ(Run("init", {"photos"}).exit_code, 0);
  const ProgramResult result =
      Run("sweep",
          {"recipe.textproto", "--run_dir=sweep", "--seeds=2", "--epochs=1"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_GT(FilesIn("sweep/image_cache"), 20);
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(Path("sweep"))) {
    EXPECT_TRUE(entry.path().filename() != "image_cache" ||
                entry.path().parent_path() == Path("sweep"))
        << entry.path();
  }
}

TEST_F(PhotosTest, BrokenFilesStopARunThatDoesNotSkipThem) {
  WritePhotos();
  ASSERT_EQ(Run("init", {"photos"}).exit_code, 0);
  LENSLET_ASSERT_OK_AND_ASSIGN(std::string recipe,
                               ReadFile(Path("recipe.textproto")));
  const std::string skip = "on_unreadable: SKIP";
  recipe.replace(recipe.find(skip), skip.size(), "");
  Write("recipe.textproto", recipe);
  const ProgramResult result = Run("train", {"recipe.textproto"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("2 of 29 images cannot be read; expected whole "
                              "files, or on_unreadable: SKIP: "),
                    HasSubstr("empty.jpg"), HasSubstr("truncated.jpg"),
                    Not(HasSubstr("IMG_"))));
}

}  // namespace
}  // namespace lenslet
