#include "lenslet/data/npz.h"

#include <zlib.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/npy.h"
#include "lenslet/data/testing/npy_bytes.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string LittleBytes(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * i);
  return text;
}

std::string Deflated(const std::string& bytes) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY),
            Z_OK);
  std::string out(bytes.size() + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// An archive's member, and what its directory says of it.
struct ZipMember {
  std::string name;
  std::string bytes;
  bool is_deflated = false;
  int flags = 0;
  int method = -1;               // -1: 0 or 8.
  int64_t size = -1;             // -1: that of `bytes`.
  uint32_t checksum_change = 0;  // Changes bits of the right one.
};

// With ZIP64 records, if `is_64`.
std::string ZipBytes(const std::vector<ZipMember>& members, bool is_64 = false,
                     const std::string& comment = "") {
  std::string file, directory;
  for (const ZipMember& m : members) {
    const std::string stored = m.is_deflated ? Deflated(m.bytes) : m.bytes;
    const uint64_t size = m.size >= 0 ? m.size : m.bytes.size();
    const uint32_t checksum =
        m.checksum_change ^
        static_cast<uint32_t>(
            crc32(0, reinterpret_cast<const Bytef*>(m.bytes.data()),
                  static_cast<uInt>(m.bytes.size())));
    const int method = m.method >= 0 ? m.method : m.is_deflated ? 8 : 0;
    const std::string form = LittleBytes(m.flags, 2) + LittleBytes(method, 2) +
                             LittleBytes(0, 4) + LittleBytes(checksum, 4);
    // NumPy writes ZIP64 fields into local headers, which say nothing new.
    const std::string local_extra = LittleBytes(1, 2) + LittleBytes(16, 2) +
                                    LittleBytes(size, 8) +
                                    LittleBytes(stored.size(), 8);
    const std::string extra =
        is_64 ? LittleBytes(0x7875, 2) + LittleBytes(1, 2) + "x" +
                    LittleBytes(1, 2) + LittleBytes(24, 2) +
                    LittleBytes(size, 8) + LittleBytes(stored.size(), 8) +
                    LittleBytes(file.size(), 8)
              : "";
    const uint64_t hidden = 0xffffffff;
    directory += "PK\1\2" + LittleBytes(45, 2) + LittleBytes(45, 2) + form +
                 LittleBytes(is_64 ? hidden : stored.size(), 4) +
                 LittleBytes(is_64 ? hidden : size, 4) +
                 LittleBytes(m.name.size(), 2) + LittleBytes(extra.size(), 2) +
                 LittleBytes(0, 2) + LittleBytes(0, 2) + LittleBytes(0, 2) +
                 LittleBytes(0, 4) +
                 LittleBytes(is_64 ? hidden : file.size(), 4) + m.name + extra;
    file += "PK\3\4" + LittleBytes(45, 2) + form + LittleBytes(hidden, 4) +
            LittleBytes(hidden, 4) + LittleBytes(m.name.size(), 2) +
            LittleBytes(local_extra.size(), 2) + m.name + local_extra + stored;
  }
  const uint64_t offset = file.size();
  file += directory;
  if (is_64) {
    const uint64_t end = file.size();
    file += "PK\6\6" + LittleBytes(44, 8) + LittleBytes(45, 2) +
            LittleBytes(45, 2) + LittleBytes(0, 4) + LittleBytes(0, 4) +
            LittleBytes(members.size(), 8) + LittleBytes(members.size(), 8) +
            LittleBytes(directory.size(), 8) + LittleBytes(offset, 8);
    file +=
        "PK\6\7" + LittleBytes(0, 4) + LittleBytes(end, 8) + LittleBytes(1, 4);
  }
  return file + "PK\5\6" + LittleBytes(0, 4) +
         LittleBytes(is_64 ? 0xffff : members.size(), 2) +
         LittleBytes(is_64 ? 0xffff : members.size(), 2) +
         LittleBytes(is_64 ? 0xffffffff : directory.size(), 4) +
         LittleBytes(is_64 ? 0xffffffff : offset, 4) +
         LittleBytes(comment.size(), 2) + comment;
}

class NpzTest : public ::testing::Test {
 protected:
  void Write(const std::string& bytes) {
    // Without waiting for the disk.
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }
  std::vector<ZipMember> Arrays(bool is_deflated) const {
    return {{.name = "x.npy", .bytes = x_, .is_deflated = is_deflated},
            {.name = "y.npy", .bytes = y_, .is_deflated = is_deflated}};
  }
  void ExpectDamaged(const std::string& bytes, const std::string& error) {
    Write(bytes);
    EXPECT_THAT(OpenNpy(path_ + "/x").status(),
                StatusIs(absl::StatusCode::kDataLoss, path_ + error));
  }

  const std::string path_ = EmptyTempFolder("npz_test") + "/a.npz";
  const std::string x_ = NpyBytes<float>("<f4", {2, 3}, {1, 2.5f, 3, 4, 5, -6});
  const std::string y_ = NpyBytes<int64_t>("<i8", {2}, {2, 0});
};

TEST_F(NpzTest, ReadsStoredAndDeflatedArrays) {
  for (const bool is_deflated : {false, true}) {
    for (const bool is_64 : {false, true}) {
      for (const std::string comment : {"", "PK\5\6 is no end"}) {
        Write(ZipBytes(Arrays(is_deflated), is_64, comment));
        LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                                     LoadNpy(path_ + "/x", path_ + "/y.npy"));
        EXPECT_THAT(dataset.Inputs()->span(),
                    ElementsAre(1, 2.5f, 3, 4, 5, -6));
        EXPECT_THAT(*dataset.Classes(), ElementsAre(2, 0));
      }
    }
  }
}

TEST_F(NpzTest, TheOnlyArrayNeedsNoName) {
  Write(ZipBytes({{.name = "arr_0.npy", .bytes = x_, .is_deflated = true}}));
  LENSLET_ASSERT_OK_AND_ASSIGN(const NpyFile bytes, OpenNpy(path_));
  EXPECT_EQ(bytes.bytes, x_);
  EXPECT_EQ(bytes.name, path_ + "/arr_0");
  EXPECT_EQ(bytes.memory, static_cast<int64_t>(x_.size()));
}

TEST_F(NpzTest, NamesTheArraysThatThereAre) {
  Write(ZipBytes(Arrays(false)));
  EXPECT_THAT(OpenNpy(path_).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       absl::StrCat(path_, ": has the arrays x, y; expected ",
                                    path_, "/x or another of them")));
  EXPECT_THAT(OpenNpy(path_ + "/z").status(),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr(path_ + ": has no array \"z\"; "
                                               "expected one of x, y"))));
  Write(ZipBytes({}));
  EXPECT_THAT(
      OpenNpy(path_).status(),
      StatusIs(absl::StatusCode::kInvalidArgument, path_ + ": has no arrays"));
  Write(x_);
  EXPECT_THAT(OpenNpy(path_ + "/x").status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       path_ + ": is not an .npz file; expected one of "
                               "np.savez()"));
}

TEST_F(NpzTest, ListsArrays) {
  Write(ZipBytes(Arrays(true)));
  EXPECT_THAT(*NpzArrays(path_), ElementsAre("x", "y"));
  Write("PK");
  EXPECT_FALSE(NpzArrays(path_).ok());
}

TEST_F(NpzTest, ErrorsNameTheArray) {
  Write(ZipBytes(
      {{.name = "x.npy", .bytes = "abc"}, {.name = "y.npy", .bytes = y_}}));
  EXPECT_THAT(LoadNpy(path_ + "/x", path_ + "/y"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       path_ + "/x: is not a NumPy file; expected one of "
                               "np.save()"));
}

TEST_F(NpzTest, ComparesChecksums) {
  for (const bool is_deflated : {false, true}) {
    Write(ZipBytes({{.name = "x.npy",
                     .bytes = "abc",
                     .is_deflated = is_deflated,
                     .checksum_change = 1}}));
    EXPECT_THAT(OpenNpy(path_).status(),
                StatusIs(absl::StatusCode::kDataLoss,
                         path_ + "/x: is a damaged .npz file: the array's "
                                 "checksum is 352441c2; expected 352441c3"));
  }
}

TEST_F(NpzTest, RefusesOtherCompressionAndEncryption) {
  Write(ZipBytes({{.name = "x.npy", .bytes = x_, .method = 12}}));
  EXPECT_THAT(OpenNpy(path_).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       path_ + "/x: is compressed with method 12; expected an "
                               "array of np.savez() or np.savez_compressed()"));
  Write(ZipBytes({{.name = "x.npy", .bytes = x_, .flags = 1}}));
  EXPECT_THAT(OpenNpy(path_).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(path_ + "/x: is encrypted")));
}

// No memory is asked for.
TEST_F(NpzTest, RefusesSizesThatCannotBeTrue) {
  const std::string stored = Deflated(x_);
  ExpectDamaged(
      ZipBytes({{.name = "x.npy",
                 .bytes = x_,
                 .is_deflated = true,
                 .size = int64_t{1} << 60}},
               /*is_64=*/true),
      absl::StrCat("/x: is a damaged .npz file: the array cannot have "
                   "1152921504606846976 bytes, compressed to ",
                   stored.size()));
  for (const int64_t change : {-1, 1}) {
    const auto size = static_cast<int64_t>(x_.size()) + change;
    ExpectDamaged(ZipBytes({{.name = "x.npy",
                             .bytes = x_,
                             .is_deflated = true,
                             .size = size}}),
                  "/x: is a damaged .npz file: the array's compressed bytes "
                  "are wrong");
    ExpectDamaged(ZipBytes({{.name = "x.npy", .bytes = x_, .size = size}}),
                  "/x: is a damaged .npz file: the array has two different "
                  "sizes");
  }
}

TEST_F(NpzTest, RefusesTruncatedAndChangedArchives) {
  for (const bool is_64 : {false, true}) {
    const std::string good = ZipBytes(Arrays(true), is_64);
    for (size_t size = 4; size < good.size(); ++size) {
      ExpectDamaged(good.substr(0, size),
                    ": is a damaged .npz file: it has no directory at its "
                    "end");
    }
    // Whatever byte is wrong, nothing is read from outside of the file.
    for (size_t i = 0; i < good.size(); ++i) {
      for (const int change : {0x01, 0x80, 0xff}) {
        std::string bytes = good;
        bytes[i] = static_cast<char>(bytes[i] ^ change);
        Write(bytes);
        const absl::StatusOr<NpyFile> read = OpenNpy(path_ + "/x");
        EXPECT_TRUE(!read.ok() || read->bytes == x_) << i;
      }
    }
  }
}

TEST_F(NpzTest, NamesTheFileThatIsNotThere) {
  EXPECT_THAT(OpenNpy("none.npz/x").status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none.npz")));
}

}  // namespace
}  // namespace lenslet
