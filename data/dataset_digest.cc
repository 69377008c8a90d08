#include "lenslet/data/dataset_digest.h"

#include "lenslet/base/status_macros.h"
#include "lenslet/data/digest.h"

namespace lenslet {

absl::StatusOr<std::string> DigestOf(const Dataset& dataset) {
  Digest digest;
  LENSLET_RETURN_IF_ERROR(
      dataset.examples->AddToDigest(AllIndices(dataset.size()), digest));
  for (const std::string& name : dataset.target_names) digest.AddWord(name);
  return digest.Hex();
}

}  // namespace lenslet
