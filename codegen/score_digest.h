// The digests of a certificate: SHA-256, as 64 hexadecimal digits.

#ifndef LENSLET_CODEGEN_SCORE_DIGEST_H_
#define LENSLET_CODEGEN_SCORE_DIGEST_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/codegen/program.h"

namespace lenslet {

// Of the scores' bits, lowest byte first. All NaNs count as the same.
std::string ScoreDigest(absl::Span<const float> scores);

std::string BytesDigest(absl::string_view bytes);

// The number of examples of a self-test.
inline constexpr int kSelfTestExamples = 16;

// Of the scores of the self-test's examples. Their numbers come from the
// generator x' = 1664525 x + 1013904223, modulo 2^32, which starts at 1: a byte
// is the highest byte of x', a float is (x' / 2^8 - 2^23) / 2^22, in [-2, 2).
// Errors: as Evaluate().
absl::StatusOr<std::string> SelfTestDigest(const Program& program);

}  // namespace lenslet

#endif  // LENSLET_CODEGEN_SCORE_DIGEST_H_
