// Converts a normalization from and to its proto, as used in data descriptions
// and checkpoints.

#ifndef LENSLET_DATA_NORMALIZATION_PROTO_H_
#define LENSLET_DATA_NORMALIZATION_PROTO_H_

#include "lenslet/data/data.pb.h"
#include "lenslet/data/normalization.h"

namespace lenslet {

// Does not validate the values; CheckNormalization() does.
inline Normalization NormalizationFromProto(const NormalizationProto& proto) {
  return {.mean = {proto.mean().begin(), proto.mean().end()},
          .deviation = {proto.deviation().begin(), proto.deviation().end()}};
}

inline NormalizationProto NormalizationToProto(
    const Normalization& normalization) {
  NormalizationProto proto;
  proto.mutable_mean()->Add(normalization.mean.begin(),
                            normalization.mean.end());
  proto.mutable_deviation()->Add(normalization.deviation.begin(),
                                 normalization.deviation.end());
  return proto;
}

}  // namespace lenslet

#endif  // LENSLET_DATA_NORMALIZATION_PROTO_H_
