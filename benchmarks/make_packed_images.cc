// Writes a packed file of made images, for larger_than_memory.sh: noise, on
// which one of ten classes leaves a bright bar. Keeps one image at a time.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/packed_file.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "make_packed_images";
constexpr int kClasses = 10;

struct Options {
  std::string output;
  int64_t megabytes = 100;
  int64_t size = 128;
};

class MadeImages : public Examples {
 public:
  MadeImages(int64_t count, int64_t size) : count_(count), side_(size) {}

  int64_t size() const override { return count_; }
  Shape shape() const override { return {side_, side_, 3}; }
  ElementType type() const override { return ElementType::kUint8; }

  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    const int64_t row = side_ * 3;
    for (size_t i = 0; i < indices.size(); ++i) {
      Random random(/*seed=*/1, indices[i]);
      auto* image = batch.Input<uint8_t>(i);
      for (int64_t j = 0; j < side_ * row; j += sizeof(uint64_t)) {
        const uint64_t noise = random.Bits();
        std::memcpy(image + j, &noise,
                    std::min<int64_t>(sizeof(noise), side_ * row - j));
      }
      const int64_t label = indices[i] % kClasses;
      std::fill(image + label * side_ / kClasses * row,
                image + (label + 1) * side_ / kClasses * row, 255);
    }
    return absl::OkStatus();
  }

  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    for (size_t i = 0; i < indices.size(); ++i) {
      batch.classes()[i] = static_cast<int32_t>(indices[i] % kClasses);
    }
    return absl::OkStatus();
  }

 private:
  const int64_t count_;
  const int64_t side_;
};

absl::Status Write(const Options& options) {
  const int64_t bytes = options.size * options.size * 3;
  const int64_t count =
      std::max<int64_t>(kClasses, options.megabytes * 1000000 / bytes);
  Dataset dataset;
  dataset.examples = std::make_shared<MadeImages>(count, options.size);
  for (int i = 0; i < kClasses; ++i) {
    dataset.target_names.push_back(absl::StrCat(i));
  }
  LENSLET_RETURN_IF_ERROR(WritePackedFile(dataset, options.output));
  Print("%d images of %d bytes\n", count, bytes);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Options options;
  CommandLine line(kProgram, "Writes a packed file of made images.");
  line.AddFlag("output", "The file to write.", options.output);
  line.AddFlag("megabytes", "Its size, in millions of bytes.",
               options.megabytes, {.min = 1, .max = 1000000});
  line.AddFlag("size", "The height and width of an image.", options.size,
               {.min = 10, .max = 1024});
  if (const auto exit_code = line.Parse(argc, argv)) return *exit_code;
  if (options.output.empty()) {
    return ReportUsage(kProgram, "--output is required");
  }
  const absl::Status status = Write(options);
  return status.ok() ? 0 : ReportFailure(kProgram, status);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
