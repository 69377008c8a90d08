// Packed files: a data set in one file that can be larger than memory. `lenslet
// pack` writes them.
//
//   8 bytes     "LENSPACK"
//   records     of equal size, example by example: the input, then the target
//               if it has more than 64 bytes
//   index       a PackedIndexProto (data/packed_index.proto), with the other
//               targets and a checksum for each record
//   24 bytes    the size of the index, the 64-bit XXH3 hash of the index, and
//               "LENSPACK"
//
// Numbers have the least significant byte first. A class is a byte, as is each
// class of a map and each label; inputs are bytes or floats, values are floats.
// If positions of maps are ignored, their byte is 255. With more than 256
// classes, a class has two bytes, and 65535 is ignored.

#ifndef LENSLET_DATA_PACKED_FILE_H_
#define LENSLET_DATA_PACKED_FILE_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/read_ahead.h"

namespace lenslet {

inline constexpr absl::string_view kPackedFileStart = "LENSPACK";

// Writes the data set to a packed file that replaces the one at `path`, if any,
// when it is complete. Reads the examples in order, and needs memory for the
// index alone: 8 bytes for each example, and the targets of at most 64 bytes.
// `on_example`, if any, is called after each example with the number that have
// been written. The normalization is not written. Errors: those of reading and
// writing; InvalidArgument for a class that has no name, a label other than
// 0 and 1, and ignored positions beside a class 255.
absl::Status WritePackedFile(
    const Dataset& dataset, const std::string& path,
    const std::function<void(int64_t)>& on_example = nullptr);

struct PackedFileOptions {
  // How many bytes of records are mixed with each other.
  int64_t mixed_bytes = int64_t{64} << 20;
  // How they are read, which changes no result.
  ReadAheadOptions read_ahead = {};
};

// Opens a packed file. Keeps its index in memory, and reads inputs ahead. Each
// record that is read is compared with its checksum.
//
// An epoch's order (Examples::EpochOrder()) is that of data in memory if there
// are at most `mixed_bytes` of records. If there are more, runs of records of
// about 1 MiB are read in random order, and `mixed_bytes` of them are mixed.
//
// Errors, naming the path: as InputFile::Open(); InvalidArgument for anything
// but a packed file; DataLoss for one that is incomplete or damaged;
// ResourceExhausted. Reading: DataLoss, naming the record, for one whose
// checksum differs; system errors.
absl::StatusOr<Dataset> OpenPackedFile(const std::string& path,
                                       const PackedFileOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_DATA_PACKED_FILE_H_
