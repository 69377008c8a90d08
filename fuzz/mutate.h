// What libFuzzer gives to mutators, with types of this project.

#ifndef LENSLET_FUZZ_MUTATE_H_
#define LENSLET_FUZZ_MUTATE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace lenslet {

// Returns `bytes`, changed in one of libFuzzer's ways: at least one byte and at
// most `max_size`, which is at least 1.
inline std::string Mutated(absl::string_view bytes, size_t max_size) {
  std::string changed(bytes.substr(0, max_size));
  const size_t size = changed.size();
  changed.resize(max_size);
  changed.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(changed.data()),
                                  size, max_size));
  return changed;
}

// What a mutator returns after it has made `bytes` of `data`.
inline size_t Replace(absl::string_view bytes, uint8_t* data, size_t max_size) {
  const size_t size = std::min(bytes.size(), max_size);
  std::copy_n(bytes.begin(), size, data);
  return size;
}

}  // namespace lenslet

#endif  // LENSLET_FUZZ_MUTATE_H_
