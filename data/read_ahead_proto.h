// Converts ReadAheadProto (data/data.proto) to options.

#ifndef LENSLET_DATA_READ_AHEAD_PROTO_H_
#define LENSLET_DATA_READ_AHEAD_PROTO_H_

#include "lenslet/base/field_rules.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/read_ahead.h"

namespace lenslet {

inline ReadAheadOptions ReadAheadFromProto(const ReadAheadProto& proto) {
  return {.buffer_bytes =
              IntegerOrDefault(proto, ReadAheadProto::kMebibytesFieldNumber)
              << 20,
          .threads = static_cast<int>(
              IntegerOrDefault(proto, ReadAheadProto::kThreadsFieldNumber))};
}

}  // namespace lenslet

#endif  // LENSLET_DATA_READ_AHEAD_PROTO_H_
