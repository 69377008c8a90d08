#include "lenslet/train/runs/run_notes.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(RunNotesTest, EachIsKeptOnceUpToTheStepResumedFrom) {
  const std::string folder = EmptyTempFolder("run_notes_test");
  const std::string path = folder + "/" + kNotesName;
  const RunNote first = {
      .step = 0, .id = "start", .text = "took \"conv\", \xff and\n\xc3\xa4"};
  const RunNote second = {
      .step = 10, .id = "dead", .warning = true, .text = "all dead"};
  {
    LENSLET_ASSERT_OK_AND_ASSIGN(RunNotes notes, RunNotes::Open(folder, -1));
    EXPECT_FALSE(FileExists(path));
    LENSLET_ASSERT_OK(notes.Add(first));
    LENSLET_ASSERT_OK(notes.Add(second));
    LENSLET_ASSERT_OK(
        notes.Add({.step = 20, .id = "dead", .text = "once more"}));
    EXPECT_THAT(notes.notes(), ElementsAre(first, second));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::vector<RunNote> read,
                               ReadNotes(path));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].text, "took \"conv\", \xef\xbf\xbd and\n\xc3\xa4");
  EXPECT_EQ(read[1], second);
  {
    LENSLET_ASSERT_OK_AND_ASSIGN(RunNotes notes, RunNotes::Open(folder, 10));
    EXPECT_TRUE(notes.Has("dead"));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(RunNotes notes, RunNotes::Open(folder, 9));
  EXPECT_FALSE(notes.Has("dead"));
  EXPECT_TRUE(notes.Has("start"));
  LENSLET_ASSERT_OK(notes.Remove("start"));
  EXPECT_THAT(*ReadNotes(path), IsEmpty());
}

TEST(RunNotesTest, WithoutAFolderTheyAreInMemory) {
  RunNotes notes;
  LENSLET_ASSERT_OK(notes.Add({.step = 1, .id = "a", .text = "b"}));
  EXPECT_TRUE(notes.Has("a"));
}

TEST(RunNotesTest, ErrorsNameTheLine) {
  const std::string folder = EmptyTempFolder("run_notes_test_errors");
  const std::string path = folder + "/" + kNotesName;
  LENSLET_ASSERT_OK(WriteFileAtomically(
      path, "{\"step\":1,\"id\":\"a\",\"warning\":true,\"text\":\"t\"}\n{}\n"));
  EXPECT_THAT(RunNotes::Open(folder, 5).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("notes.jsonl:2: is not a note")));
  EXPECT_THAT(*ReadNotes(folder + "/none"), IsEmpty());
}

}  // namespace
}  // namespace lenslet
