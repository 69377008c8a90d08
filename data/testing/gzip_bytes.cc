#include "lenslet/data/testing/gzip_bytes.h"

#include <zlib.h>

#include "lenslet/base/check.h"

namespace lenslet {

std::string GzipBytes(absl::string_view contents) {
  z_stream stream = {};
  constexpr int kLargestWindow = 15;
  constexpr int kGzipHeader = 16;
  constexpr int kDefaultMemory = 8;
  LENSLET_CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
                             kLargestWindow + kGzipHeader, kDefaultMemory,
                             Z_DEFAULT_STRATEGY) == Z_OK);
  std::string bytes(deflateBound(&stream, contents.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(contents.data()));
  stream.avail_in = static_cast<uInt>(contents.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  LENSLET_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

}  // namespace lenslet
