#include "lenslet/data/unreadable_files.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;

UnreadableFile File(const std::string& path, const std::string& reason) {
  return {.path = path,
          .error = absl::DataLossError(absl::StrCat(path, ": ", reason))};
}

// FOLDER/1.png to FOLDER/COUNT.png, in the order of bytes.
std::vector<UnreadableFile> Files(const std::string& folder, int count) {
  std::vector<UnreadableFile> files;
  for (int first = 1; first <= 9; ++first) {
    for (int i = 1; i <= count; ++i) {
      if (absl::StrCat(i)[0] - '0' != first) continue;
      files.push_back(File(absl::StrCat(folder, "/", i, ".png"), "is empty"));
    }
  }
  return files;
}

TEST(UnreadableFilesTest, TenAreNamedInNaturalOrder) {
  EXPECT_EQ(UnreadableText(Files("a", 10)),
            "a/1.png, a/2.png, a/3.png, a/4.png, a/5.png, a/6.png, a/7.png, "
            "a/8.png, a/9.png, a/10.png: is empty");
  EXPECT_TRUE(AreAllNamed(Files("a", 10)));
  EXPECT_EQ(UnreadableText(Files("a", 60)),
            absl::StrCat(UnreadableText(Files("a", 10)), "; and 50 more"));
  EXPECT_FALSE(AreAllNamed(Files("a", 60)));
  EXPECT_THAT(UnreadableList(Files("a", 60)), SizeIs(60));
  EXPECT_EQ(UnreadableList(Files("a", 60))[59], "a/60.png: is empty");
}

TEST(UnreadableFilesTest, APathIsNamedWholeOrNotAtAll) {
  const std::string folder(200, 'x');
  const std::string text = UnreadableText(Files(folder, 60));
  EXPECT_EQ(text, absl::StrCat(folder, "/1.png, ", folder, "/2.png, ", folder,
                               "/3.png: is empty; and 57 more"));
  const std::string error = std::string(
      UnreadableError(Files(folder, 60), 60, 90, "images").message());
  EXPECT_EQ(Printable(error), error);
  EXPECT_THAT(UnreadableText(Files(std::string(2000, 'x'), 2)),
              EndsWith("/1.png: is empty; and 1 more"));
}

TEST(UnreadableFilesTest, FilesOfOneReasonAreTogether) {
  const std::vector<UnreadableFile> files = {File("b/10.png", "is empty"),
                                             File("b/9.png", "truncated"),
                                             File("a/1.png", "is empty")};
  EXPECT_EQ(UnreadableText(files),
            "a/1.png, b/10.png: is empty; b/9.png: truncated");
  EXPECT_THAT(UnreadableList(files),
              ElementsAre("a/1.png: is empty", "b/9.png: truncated",
                          "b/10.png: is empty"));
}

TEST(UnreadableFilesTest, ErrorsHaveOneRemedy) {
  std::vector<UnreadableFile> files = Files("a", 2);
  EXPECT_THAT(UnreadableError(files, 2, 3000, "images"),
              StatusIs(absl::StatusCode::kDataLoss,
                       "2 of 3,000 images cannot be read; expected whole "
                       "files, or on_unreadable: SKIP: a/1.png, a/2.png: is "
                       "empty"));
  for (UnreadableFile& file : files) file.has_remedy = true;
  EXPECT_THAT(UnreadableError(files, 2, 3000, "images").message(),
              HasSubstr("cannot be read; on_unreadable: SKIP leaves them out: "
                        "a/1.png"));
  files.pop_back();
  EXPECT_THAT(UnreadableError(files, 1, 3000, "images"),
              StatusIs(absl::StatusCode::kDataLoss,
                       "a/1.png: is empty; on_unreadable: SKIP leaves it out"));
}

TEST(UnreadableFilesTest, AreCountedInDescriptions) {
  EXPECT_EQ(WithoutUnreadable(0), "");
  EXPECT_EQ(WithoutUnreadable(1), ", without 1 unreadable file");
  EXPECT_EQ(WithoutUnreadable(2000), ", without 2,000 unreadable files");
}

}  // namespace
}  // namespace lenslet
