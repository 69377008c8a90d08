#include "lenslet/data/examples.h"

#include "absl/strings/str_cat.h"
#include "lenslet/base/memory.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/batches.h"

namespace lenslet {
namespace {

// Makes `room` at least as large.
absl::Status Grow(int64_t bytes, Tensor& room) {
  // A new tensor has floats.
  if (room.type() == ElementType::kUint8 && room.bytes() >= bytes) {
    return absl::OkStatus();
  }
  LENSLET_ASSIGN_OR_RETURN(room, Tensor::Create(ElementType::kUint8, {bytes}));
  return absl::OkStatus();
}

}  // namespace

std::vector<int64_t> Examples::EpochOrder(uint64_t seed, int64_t epoch) const {
  return ShuffledIndices(size(), seed, epoch);
}

void Examples::WillRead(absl::Span<const int64_t>) const {}

absl::Status Examples::AddToDigest(absl::Span<const int64_t> indices,
                                   Digest& digest) const {
  constexpr size_t kAtOnce = 64;
  const int64_t count = static_cast<int64_t>(indices.size());
  ExampleBatch batch;
  LENSLET_ASSIGN_OR_RETURN(const Shape inputs, shape().WithOuter(count));
  digest.AddWord(inputs.ToString());
  const int64_t bytes = shape().elements() * SizeOf(type());
  for (size_t first = 0; first < indices.size(); first += kAtOnce) {
    const auto some = indices.subspan(first, kAtOnce);
    LENSLET_RETURN_IF_ERROR(batch.ReadInputs(*this, some));
    for (const void* input : batch.inputs()) digest.Add(input, bytes);
  }
  // Bytes with classes were there first, and their digests stay.
  const TargetKind kind = target().kind;
  if (type() != ElementType::kUint8 || kind != TargetKind::kClasses) {
    digest.AddWord(absl::StrCat(Name(type()), " ", Name(kind)));
  }
  LENSLET_ASSIGN_OR_RETURN(const Shape targets,
                           target().shape.WithOuter(count));
  digest.AddWord(targets.ToString());
  std::vector<uint8_t> labels;
  for (size_t first = 0; first < indices.size(); first += kAtOnce) {
    const auto some = indices.subspan(first, kAtOnce);
    LENSLET_RETURN_IF_ERROR(batch.ReadTargets(*this, some));
    if (target().kind == TargetKind::kClasses) {
      labels.assign(batch.classes().begin(), batch.classes().end());
      digest.Add(labels.data(), labels.size());
      // Their byte may be that of a class.
      for (size_t i = 0; i < batch.classes().size(); ++i) {
        const int32_t c = batch.classes()[i];
        if (c == kIgnoredClass) {
          digest.AddWord(absl::StrCat("ignored ", i));
        } else if (c > 255) {
          digest.AddWord(absl::StrCat("class ", i, " is ", c));
        }
      }
    } else {
      digest.Add(batch.values().data(), batch.values().size() * sizeof(float));
    }
  }
  return absl::OkStatus();
}

absl::Status ExampleBatch::PrepareInputs(const Examples& examples,
                                         int64_t count) {
  // A cache line: threads that fill neighbors share none.
  constexpr int64_t kLine = 64;
  const int64_t bytes =
      MultiplySizes(examples.shape().elements(), SizeOf(examples.type()));
  const int64_t stride = AddSizes(bytes, kLine - 1) / kLine * kLine;
  inputs_.assign(count, nullptr);
  kept_source_ = nullptr;
  if (!examples.keeps_inputs()) {
    LENSLET_RETURN_IF_ERROR(Grow(MultiplySizes(stride, count), room_));
    rooms_.resize(count);
    for (int64_t i = 0; i < count; ++i) {
      rooms_[i] = room_.data<uint8_t>() + i * stride;
    }
    inputs_.assign(rooms_.begin(), rooms_.end());
  }
  return absl::OkStatus();
}

absl::Status ExampleBatch::PrepareTargets(const Examples& examples,
                                          int64_t count) {
  const TargetSpec target = examples.target();
  const int64_t numbers = MultiplySizes(count, target.shape.elements());
  LENSLET_RETURN_IF_ERROR(
      Grow(MultiplySizes(numbers, int64_t{sizeof(float)}), target_room_));
  uint8_t* const targets = target_room_.data<uint8_t>();
  const bool has_classes = target.kind == TargetKind::kClasses;
  classes_ = absl::MakeSpan(reinterpret_cast<int32_t*>(targets),
                            has_classes ? numbers : 0);
  values_ = absl::MakeSpan(reinterpret_cast<float*>(targets),
                           has_classes ? 0 : numbers);
  return absl::OkStatus();
}

void ExampleBatch::UseRooms(absl::Span<uint8_t* const> rooms) {
  rooms_.assign(rooms.begin(), rooms.end());
  inputs_.assign(rooms.begin(), rooms.end());
}

uint8_t* ExampleBatch::KeepTargets(const Examples& source,
                                   absl::Span<const int64_t> indices,
                                   int64_t bytes) {
  kept_source_ = &source;
  kept_indices_.assign(indices.begin(), indices.end());
  kept_targets_.resize(indices.size() * bytes);
  return kept_targets_.data();
}

const uint8_t* ExampleBatch::KeptTargets(
    const Examples& source, absl::Span<const int64_t> indices) const {
  return kept_source_ == &source && indices == kept_indices_
             ? kept_targets_.data()
             : nullptr;
}

absl::Status ExampleBatch::ReadInputs(const Examples& examples,
                                      absl::Span<const int64_t> indices) {
  LENSLET_RETURN_IF_ERROR(PrepareInputs(examples, indices.size()));
  return examples.ReadInputs(indices, *this);
}

absl::Status ExampleBatch::ReadTargets(const Examples& examples,
                                       absl::Span<const int64_t> indices) {
  LENSLET_RETURN_IF_ERROR(PrepareTargets(examples, indices.size()));
  return examples.ReadTargets(indices, *this);
}

}  // namespace lenslet
