#include "lenslet/data/line_reader.h"

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/testing/gzip_bytes.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

class LineReaderTest : public ::testing::Test {
 protected:
  // Makes a file of `bytes`, and returns its lines.
  absl::StatusOr<std::vector<std::string>> Lines(
      const std::string& bytes, int64_t max_line_bytes = 1000) {
    LENSLET_RETURN_IF_ERROR(WriteFileAtomically(path_, bytes));
    LENSLET_ASSIGN_OR_RETURN(LineReader reader,
                             LineReader::Open(path_, max_line_bytes));
    std::vector<std::string> lines;
    while (true) {
      LENSLET_ASSIGN_OR_RETURN(const bool more, reader.Next());
      EXPECT_EQ(reader.number(), lines.size() + (more ? 1 : 0));
      if (!more) return lines;
      lines.emplace_back(reader.line());
    }
  }

  const std::string path_ = EmptyTempFolder("line_reader_test") + "/file";
};

TEST_F(LineReaderTest, ReadsLines) {
  EXPECT_THAT(*Lines(""), IsEmpty());
  EXPECT_THAT(*Lines("a"), ElementsAre("a"));
  EXPECT_THAT(*Lines("a\n"), ElementsAre("a"));
  EXPECT_THAT(*Lines("\n"), ElementsAre(""));
  EXPECT_THAT(*Lines("a\n\nb c"), ElementsAre("a", "", "b c"));
  EXPECT_THAT(*Lines("a\r\n\r\nb\rc\r\r\n"), ElementsAre("a", "", "b\rc\r"));
  EXPECT_THAT(*Lines(GzipBytes("a\nb\n")), ElementsAre("a", "b"));
}

// The file is read in pieces of 65536 bytes: some lines end with a piece, some
// start with one, and one takes several.
TEST_F(LineReaderTest, ReadsLinesAcrossPieces) {
  for (const size_t length : {65534, 65535, 65536, 65537, 200000}) {
    const std::vector<std::string> lines = {std::string(length, 'a'), "b", "",
                                            std::string(length, 'c'),
                                            std::string(3, 'd')};
    for (const std::string end : {"\n", "\r\n"}) {
      std::string bytes;
      for (const std::string& line : lines) bytes += line + end;
      LENSLET_ASSERT_OK_AND_ASSIGN(const std::vector<std::string> got,
                                   Lines(bytes, 200001));
      EXPECT_THAT(got, ElementsAreArray(lines)) << length;
    }
  }
}

TEST_F(LineReaderTest, RefusesLongLines) {
  EXPECT_THAT(Lines("a\nb\n" + std::string(100000, 'c')),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       path_ + ":3: the line has more than 1000 bytes"));
}

TEST_F(LineReaderTest, NamesTheFileThatIsNotThere) {
  EXPECT_THAT(LineReader::Open(path_ + ".none"),
              StatusIs(absl::StatusCode::kNotFound,
                       ::testing::HasSubstr(path_ + ".none")));
}

}  // namespace
}  // namespace lenslet
