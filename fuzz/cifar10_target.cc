// A CIFAR-10 folder. The input is batches.meta.txt up to the first byte 0; then
// a byte for each record, its label, which is also where its pixels start to
// count from; and at the end, after another byte 0xff, as many bytes too many.

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/check.h"
#include "lenslet/data/cifar.h"
#include "lenslet/data/dataset.h"
#include "lenslet/fuzz/target_input.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

constexpr int64_t kSide = 32;
constexpr int64_t kChannels = 3;
constexpr size_t kMaxRecords = 70;  // More than are read at once.

// Of a record with that label.
uint8_t PixelOf(uint8_t label, int64_t channel, int64_t position) {
  return static_cast<uint8_t>(label + position * 7 + channel * 101);
}

std::string Records(absl::string_view labels, absl::string_view rest) {
  std::string bytes;
  for (const char label : labels) {
    bytes += label;
    for (int64_t channel = 0; channel < kChannels; ++channel) {
      for (int64_t i = 0; i < kSide * kSide; ++i) {
        bytes +=
            static_cast<char>(PixelOf(static_cast<uint8_t>(label), channel, i));
      }
    }
  }
  bytes.append(rest.data(), rest.size());
  return bytes;
}

void CheckDataset(const Dataset& dataset, absl::string_view labels,
                  int64_t files) {
  const int64_t count = labels.size();
  const Tensor images = dataset.Inputs().value();
  const std::vector<int32_t> classes = dataset.Classes().value();
  LENSLET_CHECK(images.shape() ==
                Shape({count * files, kSide, kSide, kChannels}));
  LENSLET_CHECK(dataset.target_names.size() == 10);
  const uint8_t* pixel = images.data<uint8_t>();
  for (int64_t i = 0; i < count * files; ++i) {
    const uint8_t label = static_cast<uint8_t>(classes[i]);
    LENSLET_CHECK(label == static_cast<uint8_t>(labels[i % count]));
    for (int64_t position = 0; position < kSide * kSide; ++position) {
      for (int64_t channel = 0; channel < kChannels; ++channel) {
        LENSLET_CHECK(*pixel++ == PixelOf(label, channel, position));
      }
    }
  }
}

void RunTarget(absl::string_view bytes) {
  const size_t meta_end = std::min(bytes.find('\0'), bytes.size());
  const absl::string_view meta = bytes.substr(0, meta_end);
  absl::string_view labels = bytes.substr(std::min(meta_end + 1, bytes.size()));
  const size_t labels_end = std::min(labels.find('\xff'), labels.size());
  const absl::string_view rest = labels.substr(labels_end);
  labels = labels.substr(0, std::min(labels_end, kMaxRecords));

  const ScratchFolder folder;
  const std::string records = Records(labels, rest);
  folder.Write("test_batch.bin", records);
  if (!meta.empty()) folder.Write("batches.meta.txt", meta);
  const absl::StatusOr<Dataset> test = LoadCifar10(folder.path(), Split::kTest);
  if (!test.ok()) return CheckError(test.status());
  CheckDataset(*test, labels, 1);
  if (labels.size() > 2) return;
  for (const char* name : {"data_batch_1.bin", "data_batch_2.bin",
                           "data_batch_3.bin", "data_batch_4.bin"}) {
    folder.Write(name, records);
  }
  CheckError(LoadCifar10(folder.path(), Split::kTrain).status());
  folder.Write("data_batch_5.bin", records);
  CheckDataset(*LoadCifar10(folder.path(), Split::kTrain), labels, 5);
}

}  // namespace
}  // namespace lenslet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lenslet::RunTarget(lenslet::AsText(data, size));
  return 0;
}
