// Bytes as a packed file; and bytes as the records and the index of one, whose
// checksums are right: what is opened can be read, and is packed again as the
// same examples.
//
// The first two bytes say how many bytes of records follow; the rest is the
// index.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#define XXH_INLINE_ALL
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/check.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/packed_file.h"
#include "lenslet/data/packed_index.pb.h"
#include "lenslet/fuzz/target_input.h"
#include "lenslet/tensor/element_type.h"
#include "xxhash.h"

namespace lenslet {
namespace {

constexpr int64_t kMostExamples = 100;
constexpr int64_t kMostBytes = int64_t{1} << 20;

std::string LittleEndian(uint64_t number) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(number >> 8 * i);
  return bytes;
}

// As data/packed_file.h says.
std::string WithChecksums(absl::string_view data) {
  if (data.size() < 2) return std::string(data);
  const size_t length = std::min<size_t>(
      static_cast<uint8_t>(data[0]) + 256 * static_cast<uint8_t>(data[1]),
      data.size() - 2);
  const absl::string_view records = data.substr(2, length);
  const absl::string_view index_bytes = data.substr(2 + length);
  PackedIndexProto index;
  std::string end(index_bytes);
  if (index.ParseFromArray(index_bytes.data(),
                           static_cast<int>(index_bytes.size())) &&
      index.examples() > 0 && index.examples() <= kMostExamples) {
    const size_t bytes = records.size() / index.examples();
    index.clear_checksum();
    for (int64_t i = 0; i < index.examples(); ++i) {
      index.add_checksum(XXH3_64bits(records.data() + i * bytes, bytes));
    }
    end = index.SerializeAsString();
  }
  absl::StrAppend(&end, LittleEndian(end.size()),
                  LittleEndian(XXH3_64bits(end.data(), end.size())),
                  kPackedFileStart);
  return absl::StrCat(kPackedFileStart, records, end);
}

absl::StatusOr<std::string> AllBytes(const Dataset& dataset) {
  const Examples& examples = *dataset.examples;
  const size_t input = examples.shape().elements() * SizeOf(examples.type());
  std::string bytes;
  ExampleBatch batch;
  for (int64_t i = 0; i < dataset.size(); ++i) {
    LENSLET_RETURN_IF_ERROR(batch.ReadInputs(examples, {i}));
    LENSLET_RETURN_IF_ERROR(batch.ReadTargets(examples, {i}));
    bytes.append(static_cast<const char*>(batch.inputs()[0]), input);
    bytes.append(reinterpret_cast<const char*>(batch.classes().data()),
                 4 * batch.classes().size());
    bytes.append(reinterpret_cast<const char*>(batch.values().data()),
                 4 * batch.values().size());
  }
  return bytes;
}

void CheckPacked(absl::string_view bytes) {
  const MemoryFile file(bytes);
  const absl::StatusOr<Dataset> dataset = OpenPackedFile(
      file.path(),
      {.mixed_bytes = 100, .read_ahead = {.buffer_bytes = 100, .threads = 1}});
  if (!dataset.ok()) return CheckError(dataset.status());
  if (dataset->size() > kMostExamples ||
      dataset->example_shape().elements() > kMostBytes ||
      dataset->examples->target().shape.elements() > kMostBytes) {
    return;
  }
  LENSLET_CHECK(
      static_cast<int64_t>(dataset->examples->EpochOrder(1, 0).size()) ==
      dataset->size());
  const absl::StatusOr<std::string> examples = AllBytes(*dataset);
  if (!examples.ok()) return CheckError(examples.status());
  const ScratchFolder folder;
  const std::string again = folder.path() + "/again.pack";
  const absl::Status written = WritePackedFile(*dataset, again);
  // Labels may be other bytes than 0 and 1.
  if (!written.ok()) return CheckError(written);
  LENSLET_CHECK(AllBytes(OpenPackedFile(again).value()).value() == *examples);
}

}  // namespace
}  // namespace lenslet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes = lenslet::AsText(data, size);
  lenslet::CheckPacked(bytes);
  lenslet::CheckPacked(lenslet::WithChecksums(bytes));
  return 0;
}
