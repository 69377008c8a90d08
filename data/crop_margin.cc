#include "lenslet/data/crop_margin.h"

#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/check.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/digest.h"
#include "lenslet/tensor/element_type.h"

namespace lenslet {
namespace {

// Apart from the streams of augmentation, which has the same seeds.
constexpr uint64_t kFirstCropStream = uint64_t{7} << 58;

// Copies the part of `out_shape` that begins at this row and column, of images
// or maps: [height, width, ...].
void CopyPart(const uint8_t* in, const Shape& in_shape, int64_t element_bytes,
              int64_t row, int64_t column, const Shape& out_shape,
              uint8_t* out) {
  const int64_t out_row = out_shape.inner_elements() * element_bytes;
  const int64_t pixel = out_row / out_shape.dim(1);
  for (int64_t y = 0; y < out_shape.dim(0); ++y) {
    std::memcpy(out + y * out_row,
                in + ((row + y) * in_shape.dim(1) + column) * pixel, out_row);
  }
}

// The shape with the sides longer by `change`.
absl::StatusOr<Shape> Changed(const Shape& shape, int64_t change) {
  std::vector<int64_t> dims(shape.dims().begin(), shape.dims().end());
  dims[0] += change;
  dims[1] += change;
  return Shape::Create(dims);
}

// Whether targets have the height and width of their inputs.
bool AreMaps(const Examples& examples) {
  const Shape target = examples.target().shape;
  return target.rank() >= 2 && target.dim(0) == examples.shape().dim(0) &&
         target.dim(1) == examples.shape().dim(1);
}

uint8_t* BytesOfTargets(ExampleBatch& batch) {
  return batch.classes().empty()
             ? reinterpret_cast<uint8_t*>(batch.values().data())
             : reinterpret_cast<uint8_t*>(batch.classes().data());
}

class CroppedExamples : public Examples {
 public:
  CroppedExamples(std::shared_ptr<const Examples> all, int64_t margin)
      : all_(std::move(all)),
        margin_(margin),
        shape_(*Changed(all_->shape(), -2 * margin)),
        target_(all_->target()),
        are_maps_(AreMaps(*all_)) {
    if (are_maps_) target_.shape = *Changed(target_.shape, -2 * margin);
  }

  int64_t size() const override { return all_->size(); }
  Shape shape() const override { return shape_; }
  ElementType type() const override { return all_->type(); }
  TargetSpec target() const override { return target_; }
  bool reads_targets() const override { return all_->reads_targets(); }
  int64_t bytes() const override { return all_->bytes(); }

  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    ExampleBatch whole;
    LENSLET_RETURN_IF_ERROR(whole.ReadInputs(*all_, indices));
    for (size_t i = 0; i < indices.size(); ++i) {
      const auto [row, column] = PlaceOf(batch, i);
      CopyPart(static_cast<const uint8_t*>(whole.inputs()[i]), all_->shape(),
               SizeOf(type()), row, column, shape_, batch.Input<uint8_t>(i));
    }
    if (!are_maps_) return absl::OkStatus();
    return CutTargets(
        indices, whole, batch,
        batch.KeepTargets(*this, indices,
                          target_.shape.elements() * kTargetBytes));
  }

  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    if (!are_maps_) return all_->ReadTargets(indices, batch);
    uint8_t* const out = BytesOfTargets(batch);
    // Those of the inputs that were read last.
    if (const uint8_t* kept = batch.KeptTargets(*this, indices)) {
      std::memcpy(out, kept,
                  indices.size() * target_.shape.elements() * kTargetBytes);
      return absl::OkStatus();
    }
    ExampleBatch whole;
    return CutTargets(indices, whole, batch, out);
  }

  std::vector<int64_t> EpochOrder(uint64_t seed, int64_t epoch) const override {
    return all_->EpochOrder(seed, epoch);
  }

  void WillRead(absl::Span<const int64_t> order) const override {
    all_->WillRead(order);
  }

  absl::Status AddToDigest(absl::Span<const int64_t> indices,
                           Digest& digest) const override {
    digest.AddWord(absl::StrCat("margin ", margin_));
    return all_->AddToDigest(indices, digest);
  }

 private:
  static constexpr int64_t kTargetBytes = sizeof(float);  // And of int32_t.

  std::pair<int64_t, int64_t> PlaceOf(const ExampleBatch& batch,
                                      size_t i) const {
    if (!batch.crop_seed().has_value()) return {margin_, margin_};
    Random random(*batch.crop_seed(), kFirstCropStream + i);
    const int64_t row = random.Below(2 * margin_ + 1);
    return {row, random.Below(2 * margin_ + 1)};
  }

  // Writes the targets where the batch's inputs are cut.
  absl::Status CutTargets(absl::Span<const int64_t> indices,
                          ExampleBatch& whole, const ExampleBatch& batch,
                          uint8_t* out) const {
    LENSLET_RETURN_IF_ERROR(whole.ReadTargets(*all_, indices));
    const Shape whole_shape = all_->target().shape;
    const uint8_t* in = BytesOfTargets(whole);
    for (size_t i = 0; i < indices.size(); ++i) {
      const auto [row, column] = PlaceOf(batch, i);
      CopyPart(in, whole_shape, kTargetBytes, row, column, target_.shape, out);
      in += whole_shape.elements() * kTargetBytes;
      out += target_.shape.elements() * kTargetBytes;
    }
    return absl::OkStatus();
  }

  const std::shared_ptr<const Examples> all_;
  const int64_t margin_;
  const Shape shape_;
  TargetSpec target_;
  const bool are_maps_;
};

}  // namespace

absl::StatusOr<Shape> WithMargin(const Shape& shape, int64_t margin) {
  return Changed(shape, 2 * margin);
}

absl::StatusOr<Tensor> WithoutMargin(const Tensor& image, int64_t margin) {
  LENSLET_ASSIGN_OR_RETURN(const Shape shape,
                           Changed(image.shape(), -2 * margin));
  LENSLET_ASSIGN_OR_RETURN(Tensor part, Tensor::Create(image.type(), shape));
  const bool is_bytes = image.type() == ElementType::kUint8;
  CopyPart(is_bytes ? image.data<uint8_t>()
                    : reinterpret_cast<const uint8_t*>(image.data()),
           image.shape(), SizeOf(image.type()), margin, margin, shape,
           is_bytes ? part.data<uint8_t>()
                    : reinterpret_cast<uint8_t*>(part.data()));
  return part;
}

std::shared_ptr<const Examples> CropMargin(
    std::shared_ptr<const Examples> examples, int64_t margin) {
  const Shape shape = examples->shape();
  LENSLET_CHECK(margin >= 0 && shape.rank() == 3 && shape.dim(0) > 2 * margin &&
                shape.dim(1) > 2 * margin);
  return std::make_shared<CroppedExamples>(std::move(examples), margin);
}

}  // namespace lenslet
