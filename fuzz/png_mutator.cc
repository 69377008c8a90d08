// Changes PNG files and makes the checksums of their chunks right again.

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "lenslet/data/png.h"
#include "lenslet/data/testing/idx_bytes.h"
#include "lenslet/data/testing/png_bytes.h"
#include "lenslet/fuzz/mutate.h"
#include "lenslet/fuzz/target_input.h"

namespace lenslet {
namespace {

struct Chunk {
  std::string type;  // Four bytes, whatever they are.
  std::string data;
};

// The chunks, as far as there are any; a last one may be cut short.
std::vector<Chunk> Parse(absl::string_view bytes) {
  absl::ConsumePrefix(&bytes, kPngSignature);
  std::vector<Chunk> chunks;
  while (bytes.size() >= 8) {
    size_t length = 0;
    for (int i = 0; i < 4; ++i) {
      length = length << 8 | static_cast<uint8_t>(bytes[i]);
    }
    chunks.push_back({.type = std::string(bytes.substr(4, 4)),
                      .data = std::string(bytes.substr(8, length))});
    bytes.remove_prefix(std::min(bytes.size(), 8 + length + 4));
  }
  return chunks;
}

std::string Serialize(const std::vector<Chunk>& chunks) {
  std::string bytes(kPngSignature);
  for (const Chunk& chunk : chunks) {
    absl::StrAppend(&bytes, PngChunk(chunk.type, chunk.data));
  }
  return bytes;
}

std::string MutatePng(absl::string_view bytes, size_t max_size,
                      unsigned int seed) {
  std::vector<Chunk> chunks = Parse(bytes);
  if (chunks.empty() || seed % 4 == 0) {
    return Serialize(Parse(Mutated(bytes, max_size)));
  }
  const size_t which = seed / 16 % chunks.size();
  switch (seed / 4 % 4) {
    case 0: {
      const size_t other = seed / 1024 % chunks.size();
      if (seed / 512 % 2 == 0) {
        std::swap(chunks[which], chunks[other]);
      } else {
        const Chunk copy = chunks[which];
        chunks.insert(chunks.begin() + other, copy);
      }
      break;
    }
    case 1:
      chunks[which].type = Mutated(chunks[which].type, 4);
      chunks[which].type.resize(4, 'x');
      break;
    default:
      chunks[which].data = Mutated(chunks[which].data, max_size);
      break;
  }
  return Serialize(chunks);
}

}  // namespace
}  // namespace lenslet

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size,
                                          size_t max_size, unsigned int seed) {
  return lenslet::Replace(
      lenslet::MutatePng(lenslet::AsText(data, size), max_size, seed), data,
      max_size);
}
