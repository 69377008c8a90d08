// Changes checkpoints, half of the time in their text form, where more changes
// make a checkpoint again, and makes their checksums right again.

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/fuzz/mutate.h"
#include "lenslet/fuzz/target_input.h"
#include "lenslet/predict/checkpoint.pb.h"

namespace lenslet {
namespace {

// As predict/checkpoint.h has it.
constexpr absl::string_view kMagic = "LENSLET1";
constexpr size_t kHeaderBytes = 12;

std::string Header(absl::string_view body) {
  const uLong crc =
      crc32_z(0, reinterpret_cast<const Bytef*>(body.data()), body.size());
  std::string header(kMagic);
  for (int shift = 0; shift < 32; shift += 8) {
    header += static_cast<char>(crc >> shift);
  }
  return header;
}

// `body` where no change of its text could be read.
std::string MutatedAsText(const std::string& body, size_t max_size) {
  CheckpointProto checkpoint;
  if (!checkpoint.ParseFromString(body)) return body;
  const std::string text = ProtoToText(checkpoint);
  TextLocations ignored;
  for (int attempts = 0; attempts < 10; ++attempts) {
    if (ParseProtoText(Mutated(text, std::max(text.size(), max_size)), "",
                       checkpoint, ignored)
            .ok()) {
      return checkpoint.SerializeAsString();
    }
  }
  return body;
}

std::string MutatedBody(const std::string& body, size_t max_size,
                        unsigned int seed) {
  if (seed % 2 == 0) {
    const std::string changed = MutatedAsText(body, max_size);
    if (changed != body) return changed;
  }
  return Mutated(body, max_size);
}

}  // namespace
}  // namespace lenslet

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size,
                                          size_t max_size, unsigned int seed) {
  if (max_size <= lenslet::kHeaderBytes) return size;
  const size_t max_body = max_size - lenslet::kHeaderBytes;
  const absl::string_view bytes = lenslet::AsText(data, size);
  std::string body = lenslet::MutatedBody(
      std::string(bytes.substr(std::min(size, lenslet::kHeaderBytes))),
      max_body, seed);
  if (body.size() > max_body) body.resize(max_body);
  return lenslet::Replace(absl::StrCat(lenslet::Header(body), body), data,
                          max_size);
}
