#include "lenslet/data/digest.h"

#define XXH_INLINE_ALL
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "xxhash.h"

namespace lenslet {

struct Digest::State {
  XXH3_state_t* const hash = XXH3_createState();
  ~State() { XXH3_freeState(hash); }
};

Digest::Digest() : state_(new State) { XXH3_128bits_reset(state_->hash); }

Digest::~Digest() = default;

void Digest::Add(const void* bytes, size_t size) {
  XXH3_128bits_update(state_->hash, bytes, size);
}

void Digest::AddWord(absl::string_view word) {
  const std::string ended = absl::StrCat(word.size(), ":", word);
  Add(ended.data(), ended.size());
}

std::string Digest::Hex() const {
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, XXH3_128bits_digest(state_->hash));
  return absl::BytesToHexString(absl::string_view(
      reinterpret_cast<const char*>(bytes.digest), sizeof(bytes.digest)));
}

}  // namespace lenslet
