#include "lenslet/data/read_ahead.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/memory.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// How many inputs a thread reads before it looks around.
constexpr int64_t kAtOnce = 16;

int64_t BytesOfInput(const Examples& examples) {
  return MultiplySizes(examples.shape().elements(), SizeOf(examples.type()));
}

// As batches have them; 0 if targets are not read ahead.
int64_t BytesOfTarget(const Examples& examples) {
  return examples.reads_targets()
             ? MultiplySizes(examples.target().shape.elements(),
                             int64_t{sizeof(float)})
             : 0;
}

const void* TargetsOf(const ExampleBatch& batch) {
  return batch.classes().empty()
             ? static_cast<const void*>(batch.values().data())
             : batch.classes().data();
}

class ReadAheadExamples : public Examples {
 public:
  ReadAheadExamples(std::shared_ptr<const Examples> examples, Tensor buffer,
                    int64_t slots, int threads)
      : examples_(std::move(examples)),
        bytes_(BytesOfInput(*examples_)),
        target_bytes_(BytesOfTarget(*examples_)),
        buffer_(std::move(buffer)),
        thread_count_(threads) {
    for (int64_t slot = 0; slot < slots; ++slot) free_.push_back(slot);
  }

  ~ReadAheadExamples() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    work_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  int64_t size() const override { return examples_->size(); }
  Shape shape() const override { return examples_->shape(); }
  ElementType type() const override { return examples_->type(); }
  TargetSpec target() const override { return examples_->target(); }
  bool target_is_input() const override { return examples_->target_is_input(); }
  int64_t bytes() const override {
    return examples_->bytes() + buffer_.bytes();
  }
  std::vector<int64_t> EpochOrder(uint64_t seed, int64_t epoch) const override {
    return examples_->EpochOrder(seed, epoch);
  }
  absl::Status AddToDigest(absl::Span<const int64_t> indices,
                           Digest& digest) const override {
    return examples_->AddToDigest(indices, digest);
  }
  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    const uint8_t* kept = batch.KeptTargets(*this, indices);
    if (kept == nullptr) return examples_->ReadTargets(indices, batch);
    void* out = batch.classes().empty()
                    ? static_cast<void*>(batch.values().data())
                    : batch.classes().data();
    std::memcpy(out, kept, indices.size() * target_bytes_);
    return absl::OkStatus();
  }

  void WillRead(absl::Span<const int64_t> order) const override {
    std::unique_lock lock(mutex_);
    // What threads are reading now belongs to the order before.
    next_ = order_.size();
    done_.wait(lock, [&] { return reading_ == 0; });
    for (const auto& [index, entry] : entries_) free_.push_back(entry.slot);
    entries_.clear();
    taken_.clear();
    order_.assign(order.begin(), order.end());
    examples_->WillRead(order);
    next_ = 0;
    while (static_cast<int>(threads_.size()) < thread_count_) {
      threads_.emplace_back([this] { Run(); });
    }
    lock.unlock();
    work_.notify_all();
  }

  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    absl::InlinedVector<int64_t, 64> missing;
    uint8_t* const targets =
        target_bytes_ == 0 ? nullptr
                           : batch.KeepTargets(*this, indices, target_bytes_);
    for (size_t i = 0; i < indices.size(); ++i) {
      if (!Take(indices[i], batch.Input<uint8_t>(i),
                targets + i * target_bytes_)) {
        missing.push_back(i);
      }
    }
    if (missing.size() == indices.size() && targets == nullptr) {
      return examples_->ReadInputs(indices, batch);
    }
    ExampleBatch single;
    for (const int64_t i : missing) {
      LENSLET_RETURN_IF_ERROR(single.ReadInputs(*examples_, {indices[i]}));
      std::memcpy(batch.Input<uint8_t>(i), single.inputs()[0], bytes_);
      if (targets == nullptr) continue;
      LENSLET_RETURN_IF_ERROR(single.ReadTargets(*examples_, {indices[i]}));
      std::memcpy(targets + i * target_bytes_, TargetsOf(single),
                  target_bytes_);
    }
    return absl::OkStatus();
  }

 private:
  struct Entry {
    int64_t slot;
    bool is_ready = false;
    bool has_failed = false;
    bool is_wanted = false;  // Somebody waits for it.
  };

  uint8_t* Slot(int64_t slot) const {
    return buffer_.data<uint8_t>() + slot * (bytes_ + target_bytes_);
  }

  // Copies the input and the target if they are in the buffer, or about to be.
  // An input that could not be read is not: whoever reads it again gets its
  // error.
  bool Take(int64_t index, uint8_t* out, uint8_t* target) const {
    std::unique_lock lock(mutex_);
    const auto found = entries_.find(index);
    if (found == entries_.end() || found->second.is_wanted) {
      if (found == entries_.end() && next_ < order_.size()) {
        taken_.insert(index);
      }
      return false;
    }
    Entry& entry = found->second;  // Stays where it is when others come.
    entry.is_wanted = true;
    done_.wait(lock, [&] { return entry.is_ready; });
    const Entry taken = entry;
    entries_.erase(index);
    lock.unlock();
    // The slot is nobody else's until it is free.
    if (!taken.has_failed) {
      std::memcpy(out, Slot(taken.slot), bytes_);
      if (target_bytes_ > 0) {
        std::memcpy(target, Slot(taken.slot) + bytes_, target_bytes_);
      }
    }
    lock.lock();
    free_.push_back(taken.slot);
    lock.unlock();
    work_.notify_one();
    return !taken.has_failed;
  }

  // What a background thread does.
  void Run() const {
    ExampleBatch batch;
    std::vector<int64_t> indices;
    std::vector<uint8_t*> rooms;
    std::unique_lock lock(mutex_);
    while (true) {
      work_.wait(lock, [&] {
        return stop_ || (next_ < order_.size() && !free_.empty());
      });
      if (stop_) return;
      Claim(indices, rooms);
      if (indices.empty()) continue;
      ++reading_;
      lock.unlock();
      batch.UseRooms(rooms);
      const bool is_read = Read(indices, rooms, batch);
      lock.lock();
      for (const int64_t index : indices) {
        Entry& entry = entries_.at(index);
        entry.has_failed = !is_read;
        entry.is_ready = true;
      }
      --reading_;
      done_.notify_all();
    }
  }

  // Reads inputs and targets into slots. Returns whether it could.
  bool Read(const std::vector<int64_t>& indices,
            const std::vector<uint8_t*>& rooms, ExampleBatch& batch) const {
    if (!examples_->ReadInputs(indices, batch).ok()) return false;
    if (target_bytes_ == 0) return true;
    if (!batch.ReadTargets(*examples_, indices).ok()) return false;
    const auto* targets = static_cast<const uint8_t*>(TargetsOf(batch));
    for (size_t i = 0; i < indices.size(); ++i) {
      std::memcpy(rooms[i] + bytes_, targets + i * target_bytes_,
                  target_bytes_);
    }
    return true;
  }

  // Takes slots for the next inputs of the order.
  void Claim(std::vector<int64_t>& indices,
             std::vector<uint8_t*>& rooms) const {
    indices.clear();
    rooms.clear();
    while (next_ < order_.size() && !free_.empty() &&
           static_cast<int64_t>(indices.size()) < kAtOnce) {
      const int64_t index = order_[next_++];
      if (taken_.erase(index) > 0 || entries_.count(index) > 0) continue;
      entries_.emplace(index, Entry{.slot = free_.back()});
      rooms.push_back(Slot(free_.back()));
      free_.pop_back();
      indices.push_back(index);
    }
  }

  const std::shared_ptr<const Examples> examples_;
  const int64_t bytes_;         // Of one input.
  const int64_t target_bytes_;  // Of its target, which follows it in the slot.
  mutable Tensor buffer_;
  const int thread_count_;

  mutable std::mutex mutex_;
  mutable std::condition_variable work_;  // For background threads.
  mutable std::condition_variable done_;  // For those that wait for them.
  // The mutex guards all that follows.
  mutable bool stop_ = false;
  mutable std::vector<int64_t> order_;
  mutable size_t next_ = 0;            // In order_, to be claimed.
  mutable std::vector<int64_t> free_;  // Slots.
  // Inputs in the buffer, or being read into it.
  mutable std::unordered_map<int64_t, Entry> entries_;
  // Inputs that were read before the threads came to them.
  mutable std::unordered_set<int64_t> taken_;
  mutable int reading_ = 0;  // Threads that are reading.
  mutable std::vector<std::thread> threads_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const Examples>> ReadAhead(
    std::shared_ptr<const Examples> examples, const ReadAheadOptions& options) {
  if (options.buffer_bytes < 0) {
    return BadValue("buffer_bytes", options.buffer_bytes, "at least 0");
  }
  if (options.threads < 1) {
    return BadValue("threads", options.threads, "at least 1");
  }
  // Of examples that a damaged file does not have, the shape means nothing.
  if (examples->size() == 0) return examples;
  const int64_t bytes = std::max<int64_t>(
      1, AddSizes(BytesOfInput(*examples), BytesOfTarget(*examples)));
  const int64_t slots = std::clamp<int64_t>(
      options.buffer_bytes / bytes, 1, std::max<int64_t>(1, examples->size()));
  LENSLET_ASSIGN_OR_RETURN(
      Tensor buffer,
      Tensor::Create(ElementType::kUint8, {MultiplySizes(slots, bytes)}));
  return std::make_shared<ReadAheadExamples>(
      std::move(examples), std::move(buffer), slots, options.threads);
}

}  // namespace lenslet
