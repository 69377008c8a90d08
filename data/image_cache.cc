#include "lenslet/data/image_cache.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/digest.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// To be increased when another image comes out of the same file.
constexpr int kDecoderVersion = 1;

constexpr char kCachedMagic[] = "Lenslet fitted image\n";
constexpr size_t kDigestBytes = 32;

// Two levels, so that no folder has too many names.
std::string PathOfKey(const std::string& folder, const std::string& key) {
  return absl::StrCat(folder, "/", key.substr(0, 2), "/", key.substr(2));
}

std::string DigestOf(absl::string_view bytes) {
  Digest digest;
  digest.Add(bytes.data(), bytes.size());
  return digest.Hex();
}

absl::string_view BytesOf(const Tensor& image) {
  return {image.type() == ElementType::kUint8
              ? reinterpret_cast<const char*>(image.data<uint8_t>())
              : reinterpret_cast<const char*>(image.data()),
          static_cast<size_t>(image.bytes())};
}

}  // namespace

std::string ImageCacheKey(absl::string_view bytes, const Shape& shape,
                          const DecodeOptions& options) {
  Digest digest;
  digest.AddWord(absl::StrCat(
      kDecoderVersion, " ", shape.ToString(), " ", options.background[0], " ",
      options.background[1], " ", options.background[2], " ",
      options.keep_long_samples, " ", static_cast<int>(options.fit),
      options.margin == 0 ? "" : absl::StrCat(" ", options.margin)));
  digest.Add(bytes.data(), bytes.size());
  return digest.Hex();
}

std::optional<FittedImage> FindCachedImage(const std::string& folder,
                                           const std::string& key,
                                           const Shape& shape) {
  const std::string path = PathOfKey(folder, key);
  if (!FileExists(path)) return std::nullopt;
  const absl::StatusOr<std::string> file = ReadFile(path);
  if (!file.ok() || file->size() < kDigestBytes) return std::nullopt;
  absl::string_view rest = *file;
  const absl::string_view digest = rest.substr(rest.size() - kDigestBytes);
  rest.remove_suffix(kDigestBytes);
  if (!absl::StartsWith(rest, kCachedMagic) || DigestOf(rest) != digest) {
    return std::nullopt;
  }
  // The magic, the type, the warning and its end, the pixels.
  rest.remove_prefix(std::strlen(kCachedMagic));
  const size_t end = rest.find('\0');
  if (end == absl::string_view::npos || end < 1) return std::nullopt;
  const ElementType type =
      rest[0] == 'f' ? ElementType::kFloat32 : ElementType::kUint8;
  FittedImage fitted;
  fitted.warning = std::string(rest.substr(1, end - 1));
  rest.remove_prefix(end + 1);
  absl::StatusOr<Tensor> image = Tensor::Create(type, shape);
  if (!image.ok() || static_cast<int64_t>(rest.size()) != image->bytes()) {
    return std::nullopt;
  }
  std::memcpy(type == ElementType::kUint8
                  ? static_cast<void*>(image->data<uint8_t>())
                  : static_cast<void*>(image->data()),
              rest.data(), rest.size());
  fitted.image = *std::move(image);
  return fitted;
}

void KeepCachedImage(const std::string& folder, const std::string& key,
                     const FittedImage& image) {
  static std::atomic<int64_t> number{0};
  const std::string path = PathOfKey(folder, key);
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(),
                                      error);
  if (error) return;
  const bool is_float = image.image.type() == ElementType::kFloat32;
  std::string contents =
      absl::StrCat(kCachedMagic, is_float ? "f" : "b", image.warning,
                   absl::string_view("\0", 1), BytesOf(image.image));
  absl::StrAppend(&contents, DigestOf(contents));
  // Without syncing: a file that a crash cuts off has a wrong checksum.
  const std::string temporary =
      absl::StrCat(path, ".tmp.", getpid(), ".", number.fetch_add(1));
  std::ofstream out(temporary, std::ios::binary);
  out.write(contents.data(), static_cast<std::streamsize>(contents.size()));
  out.close();
  if (out.fail() || std::rename(temporary.c_str(), path.c_str()) != 0) {
    std::remove(temporary.c_str());
  }
}

absl::StatusOr<FittedImage> ReadCachedImage(const std::string& folder,
                                            const std::string& path,
                                            const Shape& shape,
                                            const DecodeOptions& options,
                                            std::string* key) {
  if (folder.empty()) return ReadFittedImage(path, shape, options);
  if (key != nullptr && !key->empty()) {
    if (auto found = FindCachedImage(folder, *key, shape)) {
      return *std::move(found);
    }
  }
  LENSLET_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  if (static_cast<int64_t>(bytes.size()) < kMinCachedFileBytes) {
    return DecodeFittedImage(path, bytes, shape, options);
  }
  const std::string file_key = ImageCacheKey(bytes, shape, options);
  if (key != nullptr) *key = file_key;
  if (auto found = FindCachedImage(folder, file_key, shape)) {
    return *std::move(found);
  }
  LENSLET_ASSIGN_OR_RETURN(FittedImage fitted,
                           DecodeFittedImage(path, bytes, shape, options));
  KeepCachedImage(folder, file_key, fitted);
  return fitted;
}

}  // namespace lenslet
