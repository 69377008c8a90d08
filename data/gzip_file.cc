#include "lenslet/data/gzip_file.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

// Small enough for a core's L2 cache; twice as many gain nothing.
constexpr int64_t kBufferBytes = 64 << 10;

// Deflate's most compact code, two bits, stands for its longest match, 258
// bytes.
constexpr int64_t kMaxInflation = 258 * 8 / 2;

bool IsGzip(absl::string_view bytes) {
  return bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
}

// zlib counts in 32 bits.
uInt Step(int64_t bytes) {
  return static_cast<uInt>(std::min(bytes, int64_t{1} << 30));
}

}  // namespace

GzipFile::GzipFile(InputFile file, int64_t max_bytes)
    : file_(std::move(file)),
      max_bytes_(max_bytes),
      buffer_(kBufferBytes),
      rest_(buffer_.data(), 0) {}

absl::StatusOr<GzipFile> GzipFile::Open(const std::string& path,
                                        int64_t max_bytes) {
  LENSLET_ASSIGN_OR_RETURN(InputFile input, InputFile::Open(path));
  GzipFile file(std::move(input), max_bytes);
  LENSLET_RETURN_IF_ERROR(file.Refill());
  if (IsGzip(file.rest_)) LENSLET_RETURN_IF_ERROR(file.StartInflating());
  return file;
}

absl::StatusOr<int64_t> GzipFile::Read(absl::Span<char> out) {
  return stream_ == nullptr ? ReadPlain(out) : Inflate(out);
}

int64_t GzipFile::SizeLimit() const {
  // A file of 0 bytes that was opened may be one that does not know its size.
  const int64_t size = file_.size() > 0 ? file_.size() : kMaxFileBytes;
  return stream_ == nullptr ? size : std::min(max_bytes_, size * kMaxInflation);
}

// Puts more of the file behind what is still to be used; nothing at its end.
absl::Status GzipFile::Refill() {
  const int64_t size = rest_.size();
  std::memmove(buffer_.data(), rest_.data(), size);
  LENSLET_ASSIGN_OR_RETURN(const int64_t got,
                           file_.Read(absl::MakeSpan(buffer_).subspan(size)));
  rest_ = absl::string_view(buffer_.data(), size + got);
  return absl::OkStatus();
}

absl::Status GzipFile::StartInflating() {
  constexpr int kLargestWindow = 15;
  constexpr int kGzipHeader = 16;
  stream_.reset(new z_stream());
  if (inflateInit2(stream_.get(), kLargestWindow + kGzipHeader) != Z_OK) {
    return absl::ResourceExhaustedError(
        absl::StrCat(file_.path(), ": not enough memory to inflate the file"));
  }
  return absl::OkStatus();
}

// A gzip file may have several members, one after the other.
absl::Status GzipFile::StartNextMember() {
  if (rest_.size() < 2) LENSLET_RETURN_IF_ERROR(Refill());
  if (rest_.empty()) {
    ended_ = true;
    return absl::OkStatus();
  }
  if (!IsGzip(rest_)) {
    const int64_t end = file_.position() - rest_.size();
    while (!rest_.empty()) {
      rest_.remove_prefix(rest_.size());
      LENSLET_RETURN_IF_ERROR(Refill());
    }
    return absl::DataLossError(
        absl::StrCat(file_.path(), ": ", file_.position() - end,
                     " bytes follow the end of the gzip data at byte ", end));
  }
  inflateReset(stream_.get());
  return absl::OkStatus();
}

absl::StatusOr<int64_t> GzipFile::ReadPlain(absl::Span<char> out) {
  const int64_t buffered = std::min(rest_.size(), out.size());
  std::copy_n(rest_.begin(), buffered, out.begin());
  rest_.remove_prefix(buffered);
  LENSLET_ASSIGN_OR_RETURN(const int64_t got,
                           file_.Read(out.subspan(buffered)));
  return buffered + got;
}

absl::StatusOr<int64_t> GzipFile::Inflate(absl::Span<char> out) {
  const int64_t size = out.size();
  const int64_t allowed = max_bytes_ - inflated_bytes_;
  // One byte more than is allowed, to see that there is one.
  const int64_t wanted = allowed < size ? allowed + 1 : size;
  int64_t got = 0;
  while (got < wanted && !ended_) {
    if (rest_.empty()) LENSLET_RETURN_IF_ERROR(Refill());
    const uInt room = Step(wanted - got);
    stream_->next_in =
        reinterpret_cast<Bytef*>(const_cast<char*>(rest_.data()));
    stream_->avail_in = static_cast<uInt>(rest_.size());
    stream_->next_out = reinterpret_cast<Bytef*>(out.data() + got);
    stream_->avail_out = room;
    const int result = inflate(stream_.get(), Z_NO_FLUSH);
    rest_.remove_prefix(rest_.size() - stream_->avail_in);
    got += room - stream_->avail_out;
    if (got > allowed) {
      return absl::ResourceExhaustedError(
          absl::StrCat(file_.path(), ": inflates to more than the ", max_bytes_,
                       " bytes allowed"));
    }
    if (result == Z_STREAM_END) {
      LENSLET_RETURN_IF_ERROR(StartNextMember());
    } else if (result == Z_BUF_ERROR) {
      return absl::DataLossError(
          absl::StrCat(file_.path(), ": truncated gzip file, its ",
                       file_.position(), " bytes end before its data does"));
    } else if (result != Z_OK) {
      return absl::DataLossError(absl::StrCat(
          file_.path(), ": corrupt gzip file: ",
          stream_->msg != nullptr ? stream_->msg : zError(result)));
    }
  }
  inflated_bytes_ += got;
  return got;
}

}  // namespace lenslet
