#include "lenslet/codegen/score_digest.h"

#include <cstdint>
#include <vector>

#include "absl/strings/escaping.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/codegen/evaluate.h"

namespace lenslet {
namespace {

#include "lenslet/codegen/sha256.h"

std::string Hex(Sha256& hash) {
  uint8_t digest[32];
  sha256_finish(&hash, digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

class SelfTestNumbers {
 public:
  uint32_t Next() { return x_ = x_ * 1664525u + 1013904223u; }

 private:
  uint32_t x_ = 1;
};

}  // namespace

std::string ScoreDigest(absl::Span<const float> scores) {
  Sha256 hash;
  sha256_start(&hash);
  for (const float score : scores) sha256_float(&hash, score);
  return Hex(hash);
}

std::string BytesDigest(absl::string_view bytes) {
  Sha256 hash;
  sha256_start(&hash);
  for (const char byte : bytes) {
    sha256_byte(&hash, static_cast<uint8_t>(byte));
  }
  return Hex(hash);
}

absl::StatusOr<std::string> SelfTestDigest(const Program& program) {
  const int64_t size = program.input.elements() * kSelfTestExamples;
  SelfTestNumbers numbers;
  std::vector<float> scores;
  if (program.bytes) {
    std::vector<uint8_t> examples(size);
    for (uint8_t& byte : examples) byte = numbers.Next() >> 24;
    LENSLET_ASSIGN_OR_RETURN(
        scores, Evaluate(program, absl::Span<const uint8_t>(examples)));
  } else {
    std::vector<float> examples(size);
    for (float& number : examples) {
      number =
          (static_cast<float>(numbers.Next() >> 8) - 8388608.0f) / 4194304.0f;
    }
    LENSLET_ASSIGN_OR_RETURN(
        scores, Evaluate(program, absl::Span<const float>(examples)));
  }
  return ScoreDigest(scores);
}

}  // namespace lenslet
