#include "data/gzip_file.h"

#include <zlib.h>

#include <algorithm>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/file.h"

namespace lenslet {
namespace {

bool IsGzip(absl::string_view bytes) {
  return bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
}

// zlib counts in 32 bits.
uInt Step(int64_t bytes) {
  return static_cast<uInt>(std::min(bytes, int64_t{1} << 30));
}

absl::StatusOr<std::string> Inflate(const std::string& path,
                                    absl::string_view compressed,
                                    int64_t max_bytes) {
  z_stream stream = {};
  constexpr int kLargestWindow = 15;
  constexpr int kGzipHeader = 16;
  if (inflateInit2(&stream, kLargestWindow + kGzipHeader) != Z_OK) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": not enough memory to inflate the file"));
  }
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> end(&stream,
                                                             &inflateEnd);
  std::string inflated;
  int64_t size = 0;
  absl::string_view rest = compressed;
  while (true) {
    if (size == inflated.size()) {
      // One byte more than is allowed, to see that there is one.
      inflated.resize(std::min(max_bytes, std::max<int64_t>(2 * size, 65536)) +
                      1);
    }
    const uInt in = Step(rest.size());
    const uInt out = Step(inflated.size() - size);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest.data()));
    stream.avail_in = in;
    stream.next_out = reinterpret_cast<Bytef*>(inflated.data() + size);
    stream.avail_out = out;
    const int result = inflate(&stream, Z_NO_FLUSH);
    rest.remove_prefix(in - stream.avail_in);
    size += out - stream.avail_out;
    if (size > max_bytes) {
      return absl::ResourceExhaustedError(absl::StrCat(
          path, ": inflates to more than the ", max_bytes, " bytes allowed"));
    }
    if (result == Z_STREAM_END) {
      if (rest.empty()) break;
      // A gzip file may have several members, one after the other.
      if (!IsGzip(rest)) {
        return absl::DataLossError(
            absl::StrCat(path, ": ", rest.size(),
                         " bytes follow the end of the gzip data at byte ",
                         compressed.size() - rest.size()));
      }
      inflateReset(&stream);
    } else if (result == Z_BUF_ERROR) {
      return absl::DataLossError(
          absl::StrCat(path, ": truncated gzip file, its ", compressed.size(),
                       " bytes end before its data does"));
    } else if (result != Z_OK) {
      return absl::DataLossError(
          absl::StrCat(path, ": corrupt gzip file: ",
                       stream.msg != nullptr ? stream.msg : zError(result)));
    }
  }
  inflated.resize(size);
  return inflated;
}

}  // namespace

absl::StatusOr<std::string> ReadMaybeGzipped(const std::string& path,
                                             int64_t max_bytes) {
  absl::StatusOr<std::string> bytes = ReadFile(path);
  if (!bytes.ok() || !IsGzip(*bytes)) return bytes;
  return Inflate(path, *bytes, max_bytes);
}

}  // namespace lenslet
