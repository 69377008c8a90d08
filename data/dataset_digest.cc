#include "lenslet/data/dataset_digest.h"

#include <cstddef>
#include <cstdint>
#include <memory>

#define XXH_INLINE_ALL
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "xxhash.h"

namespace lenslet {
namespace {

class Hash {
 public:
  Hash() : state_(XXH3_createState(), &XXH3_freeState) {
    XXH3_128bits_reset(state_.get());
  }

  void Add(const void* bytes, size_t size) {
    XXH3_128bits_update(state_.get(), bytes, size);
  }

  // Numbers and texts, each with its end: "ab", "c" is not "a", "bc".
  void AddWord(absl::string_view word) {
    const std::string ended = absl::StrCat(word.size(), ":", word);
    Add(ended.data(), ended.size());
  }

  std::string Digits() const {
    XXH128_canonical_t bytes;
    XXH128_canonicalFromHash(&bytes, XXH3_128bits_digest(state_.get()));
    return absl::BytesToHexString(absl::string_view(
        reinterpret_cast<const char*>(bytes.digest), sizeof(bytes.digest)));
  }

 private:
  const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state_;
};

}  // namespace

std::string DigestOf(const Dataset& dataset) {
  Hash hash;
  for (const Tensor* tensor : {&dataset.images, &dataset.labels}) {
    hash.AddWord(tensor->shape().ToString());
    if (tensor->empty()) continue;
    const absl::Span<const uint8_t> bytes = tensor->span<uint8_t>();
    hash.Add(bytes.data(), bytes.size());
  }
  for (const std::string& name : dataset.class_names) hash.AddWord(name);
  return hash.Digits();
}

}  // namespace lenslet
