#include "lenslet/data/read_ahead.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/dataset.h"

namespace lenslet {
namespace {

// Input i has the bytes i % 256 and i / 256. Counts reads.
class CountedExamples : public Examples {
 public:
  explicit CountedExamples(int64_t size, int64_t broken = -1)
      : size_(size), broken_(broken) {}

  int64_t size() const override { return size_; }
  Shape shape() const override { return {2}; }
  ElementType type() const override { return ElementType::kUint8; }
  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    for (size_t i = 0; i < indices.size(); ++i) {
      if (indices[i] == broken_) return absl::DataLossError("broken");
      uint8_t* const input = batch.Input<uint8_t>(i);
      input[0] = static_cast<uint8_t>(indices[i] % 256);
      input[1] = static_cast<uint8_t>(indices[i] / 256);
      ++reads_;
    }
    return absl::OkStatus();
  }
  absl::Status ReadTargets(absl::Span<const int64_t>,
                           ExampleBatch& batch) const override {
    std::fill(batch.classes().begin(), batch.classes().end(), 0);
    return absl::OkStatus();
  }

  int64_t reads() const { return reads_; }

 private:
  const int64_t size_;
  const int64_t broken_;
  mutable std::atomic<int64_t> reads_ = 0;
};

void ExpectInputs(const Examples& examples, absl::Span<const int64_t> indices) {
  ExampleBatch batch;
  ASSERT_THAT(batch.ReadInputs(examples, indices), IsOk());
  for (size_t i = 0; i < indices.size(); ++i) {
    const auto* input = static_cast<const uint8_t*>(batch.inputs()[i]);
    ASSERT_EQ(input[0] + 256 * input[1], indices[i]);
  }
}

TEST(ReadAheadTest, GivesTheSameInputsForAnyBufferAndThreads) {
  const auto counted = std::make_shared<CountedExamples>(3000);
  for (const int64_t bytes : {0, 2, 50, 1000, 1000000}) {
    for (const int threads : {1, 3}) {
      const auto examples =
          ReadAhead(counted, {.buffer_bytes = bytes, .threads = threads})
              .value();
      for (int epoch = 0; epoch < 2; ++epoch) {
        const Batches batches(examples->EpochOrder(/*seed=*/1, epoch), 7);
        examples->WillRead(examples->EpochOrder(/*seed=*/1, epoch));
        for (int64_t i = 0; i < batches.count(); ++i) {
          ExpectInputs(*examples, batches.batch(i));
        }
      }
    }
  }
}

TEST(ReadAheadTest, ReadsEachAnnouncedInputOnce) {
  const auto counted = std::make_shared<CountedExamples>(2000);
  const auto examples = ReadAhead(counted, {.buffer_bytes = 100}).value();
  const std::vector<int64_t> order = AllIndices(2000);
  examples->WillRead(order);
  const Batches batches(order, 16);
  for (int64_t i = 0; i < batches.count(); ++i) {
    ExpectInputs(*examples, batches.batch(i));
  }
  EXPECT_EQ(counted->reads(), 2000);
}

TEST(ReadAheadTest, ServesManyThreadsInAnyOrder) {
  const auto counted = std::make_shared<CountedExamples>(4000);
  const auto examples =
      ReadAhead(counted, {.buffer_bytes = 64, .threads = 2}).value();
  examples->WillRead(AllIndices(4000));
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 4; ++reader) {
    readers.emplace_back([&, reader] {
      // Backwards, and some that another reads too.
      for (int64_t i = 3999 - reader; i >= 0; i -= 3) {
        ExpectInputs(*examples, {i});
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
}

TEST(ReadAheadTest, AnnouncementsReplaceOneAnother) {
  const auto examples =
      ReadAhead(std::make_shared<CountedExamples>(1000), {.buffer_bytes = 40})
          .value();
  for (int i = 0; i < 50; ++i) {
    examples->WillRead(examples->EpochOrder(i, 0));
    ExpectInputs(*examples, {3, 1, i, 999});
  }
}

TEST(ReadAheadTest, GivesAnErrorToWhoReadsTheInput) {
  const auto examples =
      ReadAhead(std::make_shared<CountedExamples>(100, /*broken=*/40),
                {.buffer_bytes = 1000})
          .value();
  examples->WillRead(AllIndices(100));
  ExampleBatch batch;
  for (int64_t i = 0; i < 100; ++i) {
    const absl::Status status = batch.ReadInputs(*examples, {i});
    EXPECT_EQ(status.ok(), i != 40) << i;
    if (i == 40) {
      EXPECT_EQ(status.message(), "broken");
    }
  }
}

TEST(ReadAheadTest, ChecksItsOptions) {
  const auto counted = std::make_shared<CountedExamples>(1);
  EXPECT_FALSE(ReadAhead(counted, {.buffer_bytes = -1}).ok());
  EXPECT_FALSE(ReadAhead(counted, {.threads = 0}).ok());
}

// Input and target i are i. Counts reads of targets.
class TargetsInFiles : public CountedExamples {
 public:
  using CountedExamples::CountedExamples;
  bool reads_targets() const override { return true; }
  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    target_reads_ += indices.size();
    std::copy(indices.begin(), indices.end(), batch.classes().begin());
    return absl::OkStatus();
  }
  int64_t target_reads() const { return target_reads_; }

 private:
  mutable std::atomic<int64_t> target_reads_ = 0;
};

TEST(ReadAheadTest, ReadsTargetsWithTheirInputs) {
  constexpr int64_t kSize = 1000;
  for (const int threads : {1, 4}) {
    SCOPED_TRACE(threads);
    const auto source = std::make_shared<TargetsInFiles>(kSize);
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const std::shared_ptr<const Examples> ahead,
        ReadAhead(source, {.buffer_bytes = 600, .threads = threads}));
    const std::vector<int64_t> order = ShuffledIndices(kSize, 1, 0);
    ahead->WillRead(order);
    ExampleBatch batch;
    for (int64_t first = 0; first < kSize; first += 8) {
      const auto indices = absl::MakeConstSpan(order).subspan(first, 8);
      LENSLET_ASSERT_OK(batch.ReadInputs(*ahead, indices));
      LENSLET_ASSERT_OK(batch.ReadTargets(*ahead, indices));
      for (size_t i = 0; i < indices.size(); ++i) {
        ASSERT_EQ(batch.classes()[i], indices[i]);
        const auto* input = static_cast<const uint8_t*>(batch.inputs()[i]);
        ASSERT_EQ(input[0] + 256 * input[1], indices[i]);
      }
    }
    // Once each, however the threads take turns.
    EXPECT_EQ(source->target_reads(), kSize);
    // Of other inputs than those of the batch.
    LENSLET_ASSERT_OK(batch.ReadTargets(*ahead, {5}));
    EXPECT_EQ(batch.classes()[0], 5);
    EXPECT_EQ(source->target_reads(), kSize + 1);
  }
}

// A file may say that its examples are larger than memory, and have none.
class NoHugeExamples : public CountedExamples {
 public:
  NoHugeExamples() : CountedExamples(0) {}
  Shape shape() const override { return {int64_t{1} << 60}; }
};

TEST(ReadAheadTest, NoExamplesNeedNoBuffer) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const auto ahead, ReadAhead(std::make_shared<NoHugeExamples>(), {}));
  EXPECT_EQ(ahead->size(), 0);
}

}  // namespace
}  // namespace lenslet
