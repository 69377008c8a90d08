#include "lenslet/data/npz.h"

#include <zlib.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "lenslet/base/mapped_file.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// The records of the format (APPNOTE.TXT of PKWARE), little-endian.
constexpr absl::string_view kLocalHeader("PK\3\4", 4);
constexpr absl::string_view kDirectoryEntry("PK\1\2", 4);
constexpr absl::string_view kDirectoryEnd("PK\5\6", 4);
constexpr absl::string_view kDirectoryEnd64("PK\6\6", 4);
constexpr absl::string_view kLocator64("PK\6\7", 4);
constexpr uint64_t kLocalHeaderBytes = 30;
constexpr uint64_t kDirectoryEntryBytes = 46;
constexpr uint64_t kDirectoryEndBytes = 22;
constexpr uint64_t kDirectoryEnd64Bytes = 56;
constexpr uint64_t kLocator64Bytes = 20;
constexpr uint64_t kMost32 = 0xffffffff;
constexpr int kStored = 0;
constexpr int kDeflated = 8;

uint64_t Little(absl::string_view record, size_t offset, int bytes) {
  uint64_t value = 0;
  for (int i = bytes - 1; i >= 0; --i) {
    value = value << 8 | static_cast<uint8_t>(record[offset + i]);
  }
  return value;
}

struct Member {
  std::string name;  // Without ".npy".
  int flags = 0;
  int method = 0;
  uint32_t checksum = 0;
  uint64_t stored_bytes = 0;
  uint64_t bytes = 0;
  uint64_t offset = 0;  // Of the local header.
};

absl::Status DamagedArchive(const std::string& path, absl::string_view what) {
  return absl::DataLossError(
      absl::StrCat(path, ": is a damaged .npz file: ", what));
}

// A record of `size` bytes that starts with `signature`, or "".
absl::string_view RecordAt(absl::string_view file, uint64_t offset,
                           uint64_t size, absl::string_view signature) {
  if (offset > file.size() || size > file.size() - offset) return "";
  const absl::string_view record = file.substr(offset, size);
  return absl::StartsWith(record, signature) ? record : "";
}

// The record at the end of the file, which a comment may follow.
std::optional<uint64_t> FindEnd(absl::string_view file) {
  constexpr uint64_t kMostComment = 0xffff;
  if (file.size() < kDirectoryEndBytes) return std::nullopt;
  const uint64_t last = file.size() - kDirectoryEndBytes;
  const uint64_t first = last > kMostComment ? last - kMostComment : 0;
  for (uint64_t at = last + 1; at-- > first;) {
    const absl::string_view end =
        RecordAt(file, at, kDirectoryEndBytes, kDirectoryEnd);
    if (!end.empty() &&
        at + kDirectoryEndBytes + Little(end, 20, 2) == file.size()) {
      return at;
    }
  }
  return std::nullopt;
}

struct Directory {
  uint64_t entries;
  uint64_t bytes;
  uint64_t offset;
};

absl::StatusOr<Directory> FindDirectory(const std::string& path,
                                        absl::string_view file) {
  const std::optional<uint64_t> at = FindEnd(file);
  if (!at.has_value()) {
    return DamagedArchive(path, "it has no directory at its end");
  }
  const absl::string_view end = file.substr(*at, kDirectoryEndBytes);
  Directory directory = {.entries = Little(end, 10, 2),
                         .bytes = Little(end, 12, 4),
                         .offset = Little(end, 16, 4)};
  if (directory.entries == 0xffff || directory.bytes == kMost32 ||
      directory.offset == kMost32) {
    if (*at < kLocator64Bytes) {
      return DamagedArchive(path, "it has no ZIP64 directory");
    }
    const absl::string_view locator =
        RecordAt(file, *at - kLocator64Bytes, kLocator64Bytes, kLocator64);
    const absl::string_view end64 =
        locator.empty() ? ""
                        : RecordAt(file, Little(locator, 8, 8),
                                   kDirectoryEnd64Bytes, kDirectoryEnd64);
    if (end64.empty()) {
      return DamagedArchive(path, "it has no ZIP64 directory");
    }
    directory = {.entries = Little(end64, 32, 8),
                 .bytes = Little(end64, 40, 8),
                 .offset = Little(end64, 48, 8)};
  }
  if (directory.offset > file.size() ||
      directory.bytes > file.size() - directory.offset ||
      directory.entries > directory.bytes / kDirectoryEntryBytes) {
    return DamagedArchive(path, "its directory is larger than the file");
  }
  return directory;
}

// Sizes that 32 bits cannot hold are in an extra field, in this order.
bool TakeSizes64(absl::string_view extra, Member& member) {
  uint64_t* const sizes[] = {&member.bytes, &member.stored_bytes,
                             &member.offset};
  if (std::none_of(std::begin(sizes), std::end(sizes),
                   [](const uint64_t* size) { return *size == kMost32; })) {
    return true;
  }
  while (extra.size() >= 4) {
    const uint64_t id = Little(extra, 0, 2);
    const uint64_t size = Little(extra, 2, 2);
    extra.remove_prefix(4);
    if (size > extra.size()) return false;
    absl::string_view field = extra.substr(0, size);
    extra.remove_prefix(size);
    if (id != 1) continue;
    for (uint64_t* const value : sizes) {
      if (*value != kMost32) continue;
      if (field.size() < 8) return false;
      *value = Little(field, 0, 8);
      field.remove_prefix(8);
    }
    return true;
  }
  return false;
}

absl::StatusOr<std::vector<Member>> ReadMembers(const std::string& path,
                                                absl::string_view file) {
  LENSLET_ASSIGN_OR_RETURN(const Directory directory,
                           FindDirectory(path, file));
  absl::string_view rest = file.substr(directory.offset, directory.bytes);
  std::vector<Member> members;
  for (uint64_t i = 0; i < directory.entries; ++i) {
    const absl::string_view entry =
        RecordAt(rest, 0, kDirectoryEntryBytes, kDirectoryEntry);
    if (entry.empty()) {
      return DamagedArchive(path, "its directory ends too early");
    }
    const uint64_t name = Little(entry, 28, 2);
    const uint64_t extra = Little(entry, 30, 2);
    const uint64_t all =
        kDirectoryEntryBytes + name + extra + Little(entry, 32, 2);
    if (all > rest.size()) {
      return DamagedArchive(path, "its directory ends too early");
    }
    Member member = {.name = std::string(absl::StripSuffix(
                         rest.substr(kDirectoryEntryBytes, name), ".npy")),
                     .flags = static_cast<int>(Little(entry, 8, 2)),
                     .method = static_cast<int>(Little(entry, 10, 2)),
                     .checksum = static_cast<uint32_t>(Little(entry, 16, 4)),
                     .stored_bytes = Little(entry, 20, 4),
                     .bytes = Little(entry, 24, 4),
                     .offset = Little(entry, 42, 4)};
    if (!TakeSizes64(rest.substr(kDirectoryEntryBytes + name, extra), member)) {
      return DamagedArchive(path, "it has no ZIP64 sizes");
    }
    members.push_back(std::move(member));
    rest.remove_prefix(all);
  }
  return members;
}

std::vector<std::string> NamesOf(absl::Span<const Member> members) {
  std::vector<std::string> names;
  for (const Member& member : members) names.push_back(Printable(member.name));
  return names;
}

absl::StatusOr<Member> FindMember(const std::string& path,
                                  const std::string& name,
                                  absl::Span<const Member> members) {
  constexpr size_t kMostShown = 10;
  const std::vector<std::string> names = NamesOf(members);
  const std::string shown = absl::StrCat(
      absl::StrJoin(absl::MakeConstSpan(names).subspan(0, kMostShown), ", "),
      names.size() > kMostShown ? ", ..." : "");
  if (name.empty()) {
    if (members.size() == 1) return members[0];
    return absl::InvalidArgumentError(
        members.empty()
            ? absl::StrCat(path, ": has no arrays")
            : absl::StrCat(path, ": has the arrays ", shown, "; expected ",
                           path, "/", names[0], " or another of them"));
  }
  for (const Member& member : members) {
    if (member.name == name) return member;
  }
  return absl::NotFoundError(
      absl::StrCat(path, ": has no array \"", Printable(name),
                   "\"; expected one of ", shown, DidYouMean(name, names)));
}

// The member's bytes as the file has them.
absl::StatusOr<absl::string_view> StoredBytes(const std::string& name,
                                              absl::string_view file,
                                              const Member& member) {
  const absl::string_view header =
      RecordAt(file, member.offset, kLocalHeaderBytes, kLocalHeader);
  if (!header.empty()) {
    const uint64_t start = member.offset + kLocalHeaderBytes +
                           Little(header, 26, 2) + Little(header, 28, 2);
    if (start <= file.size() && member.stored_bytes <= file.size() - start) {
      return file.substr(start, member.stored_bytes);
    }
  }
  return DamagedArchive(name, "the array is not where its directory says");
}

// zlib counts in 32 bits.
uInt Step(uint64_t bytes) {
  return static_cast<uInt>(std::min(bytes, uint64_t{1} << 30));
}

// Inflates all of `from` into all of `to`; false if they do not fit.
bool InflateInto(absl::string_view from, absl::Span<uint8_t> to) {
  z_stream stream = {};
  constexpr int kRawLargestWindow = -15;
  if (inflateInit2(&stream, kRawLargestWindow) != Z_OK) return false;
  uint8_t beyond;  // Where a byte too many goes.
  int result = Z_OK;
  while (result == Z_OK) {
    const uInt in = Step(from.size());
    const bool is_full = to.empty();
    const uInt out = is_full ? 1 : Step(to.size());
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from.data()));
    stream.avail_in = in;
    stream.next_out = is_full ? &beyond : to.data();
    stream.avail_out = out;
    result = inflate(&stream, Z_NO_FLUSH);
    from.remove_prefix(in - stream.avail_in);
    const uInt got = out - stream.avail_out;
    if (is_full && got > 0) result = Z_DATA_ERROR;
    if (!is_full) to.remove_prefix(got);
  }
  inflateEnd(&stream);
  return result == Z_STREAM_END && from.empty() && to.empty();
}

absl::StatusOr<NpyFile> ReadMember(std::shared_ptr<const MappedFile> file,
                                   const std::string& name,
                                   const Member& member) {
  constexpr int kEncrypted = 1;
  if ((member.flags & kEncrypted) != 0 ||
      (member.method != kStored && member.method != kDeflated)) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, ": is ",
        (member.flags & kEncrypted) != 0
            ? "encrypted"
            : absl::StrCat("compressed with method ", member.method),
        "; expected an array of np.savez() or np.savez_compressed()"));
  }
  LENSLET_ASSIGN_OR_RETURN(const absl::string_view stored,
                           StoredBytes(name, file->bytes(), member));
  NpyFile result = {.name = name, .bytes = stored, .owner = file};
  if (member.method == kStored) {
    if (member.bytes != member.stored_bytes) {
      return DamagedArchive(name, "the array has two different sizes");
    }
  } else {
    // No input of deflate's becomes more than 1032 times as long.
    if (member.bytes / 1032 > stored.size()) {
      return DamagedArchive(
          name, absl::StrCat("the array cannot have ", member.bytes,
                             " bytes, compressed to ", stored.size()));
    }
    absl::StatusOr<Tensor> room = Tensor::Create(
        ElementType::kUint8, {static_cast<int64_t>(member.bytes)});
    if (!room.ok()) {
      return absl::ResourceExhaustedError(
          absl::StrCat(name, ": ", room.status().message()));
    }
    const auto tensor = std::make_shared<Tensor>(*std::move(room));
    if (!InflateInto(stored, tensor->span<uint8_t>())) {
      return DamagedArchive(name, "the array's compressed bytes are wrong");
    }
    result.bytes = absl::string_view(
        reinterpret_cast<const char*>(tensor->data<uint8_t>()), member.bytes);
    result.owner = tensor;
    result.memory = static_cast<int64_t>(member.bytes);
  }
  const auto checksum = static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(result.bytes.data()),
              result.bytes.size()));
  if (checksum != member.checksum) {
    return DamagedArchive(
        name, absl::StrFormat("the array's checksum is %08x; expected %08x",
                              checksum, member.checksum));
  }
  return result;
}

struct ArrayPath {
  std::string file;
  std::string array;
};

ArrayPath SplitArrayPath(const std::string& path) {
  constexpr absl::string_view kBetween = ".npz/";
  const size_t found = path.rfind(kBetween.data());
  if (found == path.npos) return {.file = path, .array = ""};
  return {
      .file = path.substr(0, found + kBetween.size() - 1),
      .array = std::string(absl::StripSuffix(
          absl::string_view(path).substr(found + kBetween.size()), ".npy"))};
}

}  // namespace

absl::StatusOr<NpyFile> OpenNpy(const std::string& path) {
  const ArrayPath parts = SplitArrayPath(path);
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<MappedFile> opened,
                           MappedFile::Open(parts.file));
  const std::shared_ptr<const MappedFile> file = std::move(opened);
  const bool is_archive = absl::StartsWith(file->bytes(), kLocalHeader) ||
                          absl::StartsWith(file->bytes(), kDirectoryEnd);
  if (!is_archive) {
    if (parts.array.empty()) {
      return NpyFile{.name = path, .bytes = file->bytes(), .owner = file};
    }
    return absl::InvalidArgumentError(absl::StrCat(
        parts.file, ": is not an .npz file; expected one of np.savez()"));
  }
  LENSLET_ASSIGN_OR_RETURN(const std::vector<Member> members,
                           ReadMembers(parts.file, file->bytes()));
  LENSLET_ASSIGN_OR_RETURN(const Member member,
                           FindMember(parts.file, parts.array, members));
  return ReadMember(file, absl::StrCat(parts.file, "/", Printable(member.name)),
                    member);
}

absl::StatusOr<std::vector<std::string>> NpzArrays(const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(const std::unique_ptr<MappedFile> file,
                           MappedFile::Open(path));
  LENSLET_ASSIGN_OR_RETURN(const std::vector<Member> members,
                           ReadMembers(path, file->bytes()));
  std::vector<std::string> names;
  for (const Member& member : members) names.push_back(member.name);
  return names;
}

}  // namespace lenslet
