// Examples that are read by background threads before they are needed.

#ifndef LENSLET_DATA_READ_AHEAD_H_
#define LENSLET_DATA_READ_AHEAD_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "lenslet/data/examples.h"

namespace lenslet {

struct ReadAheadOptions {
  // The size of the buffer that inputs wait in. At least one input has room.
  int64_t buffer_bytes = int64_t{64} << 20;
  int threads = 2;  // At least 1.
};

// Returns the same examples. After WillRead(), threads read the announced
// inputs into a bounded buffer; ReadInputs() takes them out of it. An input
// that is not there yet is read by the caller. If the targets are in files as
// well (Examples::reads_targets()), each is read and kept with its input:
// ReadTargets() finds those of the inputs that the same batch has just read.
// Inputs, orders and digests do not depend on the threads or the buffer.
// `examples` does not keep its inputs (Examples::keeps_inputs()). Errors:
// ResourceExhausted; InvalidArgument for options out of their range.
absl::StatusOr<std::shared_ptr<const Examples>> ReadAhead(
    std::shared_ptr<const Examples> examples, const ReadAheadOptions& options);

}  // namespace lenslet

#endif  // LENSLET_DATA_READ_AHEAD_H_
