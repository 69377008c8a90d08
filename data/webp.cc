#include "lenslet/data/webp.h"

#include <webp/decode.h>
#include <webp/demux.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/exif.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// The chunks of a file, and its first frame.
class WebpFile {
 public:
  explicit WebpFile(absl::string_view bytes) {
    const WebPData data = {reinterpret_cast<const uint8_t*>(bytes.data()),
                           bytes.size()};
    demuxer_ = WebPDemux(&data);
    has_frame_ = demuxer_ != nullptr && WebPDemuxGetFrame(demuxer_, 1, &frame_);
  }
  ~WebpFile() {
    if (has_frame_) WebPDemuxReleaseIterator(&frame_);
    WebPDemuxDelete(demuxer_);
  }
  WebpFile(const WebpFile&) = delete;
  WebpFile& operator=(const WebpFile&) = delete;

  bool has_frame() const { return has_frame_; }
  const WebPIterator& frame() const { return frame_; }

  int64_t Get(WebPFormatFeature feature) const {
    return WebPDemuxGetI(demuxer_, feature);
  }

  int Orientation() const {
    WebPChunkIterator chunk = {};
    int orientation = 1;
    if (WebPDemuxGetChunk(demuxer_, "EXIF", 1, &chunk)) {
      orientation = ExifOrientation(
          {reinterpret_cast<const char*>(chunk.chunk.bytes), chunk.chunk.size});
    }
    WebPDemuxReleaseChunkIterator(&chunk);
    return orientation;
  }

 private:
  WebPDemuxer* demuxer_ = nullptr;
  WebPIterator frame_ = {};
  bool has_frame_ = false;
};

// What the chunks of a file with a frame say.
absl::StatusOr<ImageInfo> InfoOfWebp(const std::string& path,
                                     const WebpFile& file,
                                     const DecodeOptions& options) {
  if (!file.has_frame()) {
    return absl::DataLossError(
        absl::StrCat(path, ": truncated or corrupt WebP file"));
  }
  const int64_t width = file.Get(WEBP_FF_CANVAS_WIDTH);
  const int64_t height = file.Get(WEBP_FF_CANVAS_HEIGHT);
  const WebPIterator& frame = file.frame();
  if (frame.width < 1 || frame.height < 1 || frame.x_offset < 0 ||
      frame.y_offset < 0 || frame.width > width - frame.x_offset ||
      frame.height > height - frame.y_offset) {
    return absl::DataLossError(absl::StrCat(
        path, ": corrupt WebP file, its first frame is not in the image"));
  }
  LENSLET_RETURN_IF_ERROR(CheckDecodedSize(path, width, height, 4, options));
  return ImageInfo{.shape = {height, width, 3},
                   .orientation = file.Orientation()};
}

}  // namespace

bool IsWebp(absl::string_view bytes) {
  return absl::StartsWith(bytes, "RIFF") && bytes.size() >= 12 &&
         bytes.substr(8, 4) == "WEBP";
}

absl::StatusOr<ImageInfo> WebpInfo(const std::string& path,
                                   absl::string_view bytes,
                                   const DecodeOptions& options) {
  return InfoOfWebp(path, WebpFile(bytes), options);
}

absl::StatusOr<DecodedImage> DecodeWebp(const std::string& path,
                                        absl::string_view bytes,
                                        const DecodeOptions& options) {
  const WebpFile file(bytes);
  LENSLET_ASSIGN_OR_RETURN(const ImageInfo info,
                           InfoOfWebp(path, file, options));
  const int64_t height = info.shape.dim(0), width = info.shape.dim(1);
  // All zeros: transparent where the frame is not.
  LENSLET_ASSIGN_OR_RETURN(Tensor pixels, CreateImage(path, ElementType::kUint8,
                                                      {height, width, 4}));
  const WebPIterator& frame = file.frame();
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(frame.fragment.bytes, frame.fragment.size, &features) !=
          VP8_STATUS_OK ||
      features.width != frame.width || features.height != frame.height) {
    return absl::DataLossError(absl::StrCat(
        path, ": corrupt WebP file, its first frame has another size"));
  }
  const int64_t first = (frame.y_offset * width + frame.x_offset) * 4;
  if (WebPDecodeRGBAInto(frame.fragment.bytes, frame.fragment.size,
                         pixels.data<uint8_t>() + first, pixels.bytes() - first,
                         static_cast<int>(width * 4)) == nullptr) {
    return absl::DataLossError(
        absl::StrCat(path,
                     ": the WebP file cannot be decoded: its data is "
                     "truncated or corrupt"));
  }
  LENSLET_ASSIGN_OR_RETURN(
      Tensor image,
      ImageOfBytes(path, pixels.data<uint8_t>(), pixels.shape(), options));
  return DecodedImage{.image = std::move(image),
                      .orientation = info.orientation};
}

}  // namespace lenslet
