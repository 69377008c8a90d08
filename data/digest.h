// A hash that tells contents apart.

#ifndef LENSLET_DATA_DIGEST_H_
#define LENSLET_DATA_DIGEST_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace lenslet {

// The 128-bit XXH3 hash of what is added, in order. The same on every machine.
// Detects accidental changes, not forgeries: an attacker can construct two
// contents with the same digest. Hashes about 5 GB/s.
class Digest {
 public:
  Digest();
  ~Digest();

  void Add(const void* bytes, size_t size);
  // Numbers and texts, each with its end: "ab", "c" is not "a", "bc".
  void AddWord(absl::string_view word);

  // Returns the hash as 32 hexadecimal digits.
  std::string Hex() const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace lenslet

#endif  // LENSLET_DATA_DIGEST_H_
