#include "lenslet/data/augmentation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/check.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/change_colors.h"
#include "lenslet/data/lane_images.h"
#include "lenslet/data/normalization.h"

namespace lenslet {
namespace {

// Apart from the streams that layers draw from with the same seed, which count
// from zero.
constexpr uint64_t kFirstChangeStream = uint64_t{1} << 60;
constexpr uint64_t kFirstNoiseStream = uint64_t{1} << 61;
constexpr uint64_t kFirstMixStream = uint64_t{3} << 59;

// Of an example that is no image: a row of pixels, which nothing moves.
ImageFormat FormatOf(const Shape& shape) {
  if (shape.rank() != 3) {
    const int64_t channels = ChannelsOf(shape);
    return {.width = channels == 0 ? 0 : shape.elements() / channels,
            .channels = channels};
  }
  return {
      .height = shape.dim(0), .width = shape.dim(1), .channels = shape.dim(2)};
}

// In [-bound, bound].
int64_t DrawShift(Random& random, int64_t bound) {
  return random.Below(2 * bound + 1) - bound;
}

// The sum of a draw's 8 bytes less its mean, a whole number in [-1020, 1020].
int32_t DrawNoise(Random& random) {
  constexpr uint64_t kEverySecond = 0x00ff00ff00ff00ff;
  constexpr uint64_t kSumOfFour = 0x0001000100010001;
  const uint64_t bits = random.Bits();
  const uint64_t pairs = (bits & kEverySecond) + (bits >> 8 & kEverySecond);
  return static_cast<int32_t>(pairs * kSumOfFour >> 48) - 1020;
}

// In [1 - bound, 1 + bound], but not negative.
double DrawFactor(Random& random, double bound) {
  const double least = std::max(1 - bound, 0.0);
  return least + (1 + bound - least) * random.Uniform();
}

// Whether pixels come from between pixels in a way that ImageRotation does not
// provide.
bool Warps(const AugmentationSpec& spec) {
  return spec.crop_area > 0 || spec.scale > 0;
}

bool Moves(const AugmentationSpec& spec) {
  return Warps(spec) || spec.rotation > 0 || spec.shift > 0 || spec.flip ||
         spec.vertical_flip;
}

MixingSpec MixingOf(const AugmentationSpec& spec) {
  return {.mixup = spec.mixup, .cutmix = spec.cutmix};
}

// Whether anything is changed before inputs are normalized.
bool ChangesPixels(const AugmentationSpec& spec) {
  AugmentationSpec rest = spec;
  rest.noise = 0;
  rest.mixup = 0;
  rest.cutmix = 0;
  return !rest.empty();
}

// Whether a change is defined for bytes alone.
bool NeedsBytes(const AugmentationSpec& spec) {
  return spec.brightness > 0 || spec.contrast > 0 || spec.saturation > 0 ||
         spec.hue > 0 || spec.erasing > 0;
}

absl::Status CheckInRange(absl::string_view field, double value, double max) {
  if (value >= 0 && value <= max) return absl::OkStatus();
  return BadValue(absl::StrCat("augmentation.", field), value,
                  absl::StrCat("a number in [0, ", max, "]"));
}

absl::Status CheckNumbers(const AugmentationSpec& spec) {
  struct Field {
    absl::string_view name;
    double value;
    double max;
  };
  for (const Field& field :
       std::initializer_list<Field>{{"crop_area", spec.crop_area, 1},
                                    {"rotation", spec.rotation, 180},
                                    {"brightness", spec.brightness, 10},
                                    {"contrast", spec.contrast, 10},
                                    {"saturation", spec.saturation, 10},
                                    {"hue", spec.hue, 0.5},
                                    {"erasing", spec.erasing, 1},
                                    {"noise", spec.noise, 1},
                                    {"mixup", spec.mixup, 100},
                                    {"cutmix", spec.cutmix, 100}}) {
    LENSLET_RETURN_IF_ERROR(CheckInRange(field.name, field.value, field.max));
  }
  if (!(spec.scale >= 0 && spec.scale < 1)) {
    return BadValue("augmentation.scale", spec.scale, "a number in [0, 1)");
  }
  return absl::OkStatus();
}

// Eight times a byte's, (256^2 - 1) / 12.
constexpr double kNoiseVariance = 8 * 65535.0 / 12;

}  // namespace

AugmentationSpec AugmentationFromProto(const AugmentationProto& proto) {
  return {.rotation = proto.rotation(),
          .shift = proto.shift(),
          .flip = proto.flip(),
          .cutout = proto.cutout(),
          .noise = proto.noise(),
          .vertical_flip = proto.vertical_flip(),
          .crop_area = proto.crop_area(),
          .scale = proto.scale(),
          .brightness = proto.brightness(),
          .contrast = proto.contrast(),
          .saturation = proto.saturation(),
          .hue = proto.hue(),
          .erasing = proto.erasing(),
          .mixup = proto.mixup(),
          .cutmix = proto.cutmix()};
}

AugmentationProto AugmentationToProto(const AugmentationSpec& spec) {
  AugmentationProto proto;
  proto.set_rotation(spec.rotation);
  proto.set_shift(spec.shift);
  proto.set_flip(spec.flip);
  proto.set_cutout(spec.cutout);
  proto.set_noise(spec.noise);
  proto.set_vertical_flip(spec.vertical_flip);
  proto.set_crop_area(spec.crop_area);
  proto.set_scale(spec.scale);
  proto.set_brightness(spec.brightness);
  proto.set_contrast(spec.contrast);
  proto.set_saturation(spec.saturation);
  proto.set_hue(spec.hue);
  proto.set_erasing(spec.erasing);
  proto.set_mixup(spec.mixup);
  proto.set_cutmix(spec.cutmix);
  return proto;
}

absl::Status CheckAugmentation(const AugmentationSpec& spec, const Shape& shape,
                               ElementType type, const TargetSpec& target) {
  LENSLET_RETURN_IF_ERROR(CheckNumbers(spec));
  if (!ChangesPixels(spec) && spec.cutmix == 0) return absl::OkStatus();
  const bool has_pixels = shape.rank() == 3 && shape.elements() > 0;
  if (ChangesPixels(spec) && !has_pixels) {
    return absl::InvalidArgumentError(absl::StrCat(
        "augmentation other than noise, mixup and cutmix needs images, of "
        "shape [height, width, channels]; the examples of the data set are ",
        Name(type), " of shape ", shape.ToString()));
  }
  if (NeedsBytes(spec) && type != ElementType::kUint8) {
    return absl::InvalidArgumentError(absl::StrCat(
        "augmentation.brightness, contrast, saturation, hue and erasing need "
        "images of bytes; those of the data set are ",
        Name(type), ", as images of 16 bits per sample are"));
  }
  if (!has_pixels) {
    return absl::InvalidArgumentError(absl::StrCat(
        "augmentation.cutmix needs examples of shape [height, width, "
        "channels]; those of the data set have shape ",
        shape.ToString()));
  }
  if ((Moves(spec) || spec.cutmix > 0) && target.shape.rank() > 1 &&
      (target.shape.dim(0) != shape.dim(0) ||
       target.shape.dim(1) != shape.dim(1))) {
    return absl::InvalidArgumentError(absl::StrCat(
        "augmentation.crop_area, rotation, scale, shift, flip, vertical_flip "
        "and cutmix move images of shape ",
        shape.ToString(), " away from their targets of shape ",
        target.shape.ToString(),
        "; expected targets of the same height and width, or only other "
        "changes"));
  }
  if ((spec.saturation > 0 || spec.hue > 0) && shape.dim(2) != 3) {
    return absl::InvalidArgumentError(absl::StrCat(
        "augmentation.", spec.hue > 0 ? "hue" : "saturation",
        " needs images of 3 channels; those of the data set have shape ",
        shape.ToString()));
  }
  const int64_t height = shape.dim(0), width = shape.dim(1);
  if (spec.shift < 0 || spec.shift >= std::min(height, width)) {
    return absl::InvalidArgumentError(
        absl::StrCat("augmentation.shift is ", spec.shift,
                     "; expected a number in [0, ", std::min(height, width) - 1,
                     "], for images of shape ", shape.ToString()));
  }
  if (spec.cutout < 0 || spec.cutout > std::max(height, width)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "augmentation.cutout is ", spec.cutout, "; expected a number in [0, ",
        std::max(height, width), "], for images of shape ", shape.ToString()));
  }
  return absl::OkStatus();
}

absl::Status CheckMixing(const AugmentationSpec& spec, int64_t block) {
  if (MixingOf(spec).empty() || block > 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("augmentation.", spec.mixup > 0 ? "mixup" : "cutmix",
                   " mixes the examples of a block, and block is ", block,
                   "; expected at least 2"));
}

absl::StatusOr<std::unique_ptr<Augmenter>> Augmenter::Create(
    const AugmentationSpec& spec, const Shape& shape) {
  std::unique_ptr<Augmenter> augmenter(new Augmenter(spec, shape));
  if (!ChangesPixels(spec)) return augmenter;
  LENSLET_ASSIGN_OR_RETURN(const Shape group, shape.WithOuter(kLanes));
  LENSLET_ASSIGN_OR_RETURN(augmenter->changed_,
                           Tensor::Create(ElementType::kUint8, group));
  LENSLET_ASSIGN_OR_RETURN(augmenter->rotated_,
                           Tensor::Create(ElementType::kUint8, shape));
  return augmenter;
}

Augmenter::Augmenter(const AugmentationSpec& spec, const Shape& shape)
    : spec_(spec),
      shape_(shape),
      format_(FormatOf(shape)),
      rotation_(format_),
      noise_scales_(format_.channels) {
  randoms_.reserve(kLanes);
}

void Augmenter::CopyInputs(const Dataset& dataset, const ExampleBatch& batch,
                           uint64_t seed, Layout layout, float* out) {
  LENSLET_CHECK(dataset.example_shape() == shape_);
  if (!ChangesPixels(spec_)) {
    lenslet::CopyInputs(dataset, batch, layout, out);
  }
  const int64_t elements = shape_.elements();
  const int64_t count = static_cast<int64_t>(batch.inputs().size());
  if (!MixingOf(spec_).empty()) DrawMixtures(seed, count);
  for (int64_t first = 0; first < count; first += kLanes) {
    const int64_t in_group = std::min(kLanes, count - first);
    float* group = out + first * elements;
    if (ChangesPixels(spec_)) {
      const auto change = dataset.examples->type() == ElementType::kUint8
                              ? &Augmenter::ChangeBytes
                              : &Augmenter::ChangeFloats;
      (this->*change)(dataset, batch.inputs().subspan(first, in_group), seed,
                      first, layout, group);
    }
    if (spec_.noise > 0) {
      AddNoise(dataset.normalization, seed, first, in_group, layout, group);
    }
    if (!mixtures_.empty()) {
      MixGroup(absl::MakeConstSpan(mixtures_).subspan(first, in_group), format_,
               layout, group);
    }
  }
}

void Augmenter::DrawMixtures(uint64_t seed, int64_t count) {
  mixtures_.assign(count, Mixture());
  for (int64_t n = 0; n < count; ++n) {
    if (PartnerOf(n, count) == n) continue;
    Random random(seed, kFirstMixStream + static_cast<uint64_t>(n));
    mixtures_[n] = DrawMixture(MixingOf(spec_), format_, random);
  }
}

void Augmenter::ChangeBytes(const Dataset& dataset,
                            absl::Span<const void* const> images, uint64_t seed,
                            int64_t first, Layout layout, float* out) {
  const int64_t elements = shape_.elements();
  std::array<const void*, kLanes> changed;
  for (size_t n = 0; n < images.size(); ++n) {
    Random random(seed, kFirstChangeStream + static_cast<uint64_t>(first) + n);
    uint8_t* to = changed_.data<uint8_t>() + n * elements;
    Change(static_cast<const uint8_t*>(images[n]), random, to);
    changed[n] = to;
  }
  if (layout == Layout::kLanes) {
    CopyGroupToLanes<uint8_t>(
        absl::MakeConstSpan(changed.data(), images.size()), elements,
        dataset.channels(), dataset.normalization, out);
  } else {
    NormalizePixels(
        absl::MakeConstSpan(changed_.data<uint8_t>(), images.size() * elements),
        dataset.channels(), dataset.normalization, out);
  }
}

void Augmenter::ChangeFloats(const Dataset& dataset,
                             absl::Span<const void* const> images,
                             uint64_t seed, int64_t first, Layout layout,
                             float* out) {
  const int64_t elements = shape_.elements();
  changed_floats_.resize(kLanes * elements);
  std::array<const void*, kLanes> changed;
  for (size_t n = 0; n < images.size(); ++n) {
    Random random(seed, kFirstChangeStream + static_cast<uint64_t>(first) + n);
    float* to = changed_floats_.data() + n * elements;
    std::copy_n(static_cast<const float*>(images[n]), elements, to);
    MoveNumbers(DrawMotion(random), format_.channels, to);
    if (spec_.cutout > 0) CutOut(random, to);
    changed[n] = to;
  }
  if (layout == Layout::kLanes) {
    CopyGroupToLanes<float>(absl::MakeConstSpan(changed.data(), images.size()),
                            elements, dataset.channels(), dataset.normalization,
                            out);
  } else {
    NormalizeNumbers(
        absl::MakeConstSpan(changed_floats_.data(), images.size() * elements),
        dataset.channels(), dataset.normalization, out);
  }
}

template <typename T>
void Augmenter::CutOut(Random& random, T* image) {
  const int64_t row = random.Below(format_.height);
  const int64_t column = random.Below(format_.width);
  EraseSquare(format_, row, column, spec_.cutout, image);
}

void Augmenter::Change(const uint8_t* in, Random& random, uint8_t* out) {
  Move(in, DrawMotion(random), out);
  ColorChange colors;
  if (spec_.brightness > 0) {
    colors.brightness = DrawFactor(random, spec_.brightness);
  }
  if (spec_.contrast > 0) colors.contrast = DrawFactor(random, spec_.contrast);
  if (spec_.saturation > 0) {
    colors.saturation = DrawFactor(random, spec_.saturation);
  }
  if (spec_.hue > 0) colors.hue = (2 * random.Uniform() - 1) * spec_.hue;
  ChangeColors(format_, colors, out);
  if (spec_.cutout > 0) CutOut(random, out);
  if (spec_.erasing > 0 && random.Uniform() < spec_.erasing) {
    FillAtRandom(format_, DrawErasedBox(format_, random), random, out);
  }
}

Augmenter::Motion Augmenter::DrawMotion(Random& random) const {
  Motion motion;
  motion.warp.part = {.height = format_.height, .width = format_.width};
  if (spec_.rotation > 0) {
    motion.warp.degrees = (2 * random.Uniform() - 1) * spec_.rotation;
  }
  if (spec_.crop_area > 0) {
    motion.warp.part = DrawPart(format_, spec_.crop_area, random);
  }
  if (spec_.scale > 0) motion.warp.factor = DrawFactor(random, spec_.scale);
  if (spec_.shift > 0) {
    motion.rows = DrawShift(random, spec_.shift);
    motion.columns = DrawShift(random, spec_.shift);
  }
  motion.mirrored = spec_.flip && random.Below(2) == 1;
  motion.upside_down = spec_.vertical_flip && random.Below(2) == 1;
  return motion;
}

void Augmenter::Move(const uint8_t* in, const Motion& motion, uint8_t* out) {
  uint8_t* const rotated = rotated_.data<uint8_t>();
  if (Warps(spec_)) {
    WarpImage(format_, in, motion.warp, rotated);
    in = rotated;
  } else if (spec_.rotation > 0) {
    rotation_.Rotate(in, motion.warp.degrees, rotated);
    in = rotated;
  }
  MoveImage(format_, in, motion.rows, motion.columns, motion.mirrored, out);
  if (motion.upside_down) TurnUpsideDown(format_, out);
}

void Augmenter::MoveClasses(const Motion& motion, int64_t channels,
                            int32_t* classes) {
  const ImageFormat format = {
      .height = format_.height, .width = format_.width, .channels = channels};
  map_.resize(2 * format.bytes());
  const int32_t* in = map_.data();
  int32_t* const rotated = map_.data() + format.bytes();
  std::copy_n(classes, format.bytes(), map_.data());
  if (Warps(spec_)) {
    WarpMap(format, map_.data(), motion.warp, kIgnoredClass, rotated);
    in = rotated;
  } else if (spec_.rotation > 0) {
    RotateMap(format, map_.data(), motion.warp.degrees, kIgnoredClass, rotated);
    in = rotated;
  }
  MoveMap(format, in, motion.rows, motion.columns, motion.mirrored,
          kIgnoredClass, classes);
  if (motion.upside_down) TurnUpsideDown(format, classes);
}

void Augmenter::MoveNumbers(const Motion& motion, int64_t channels,
                            float* numbers) {
  const ImageFormat format = {
      .height = format_.height, .width = format_.width, .channels = channels};
  numbers_.resize(2 * format.bytes());
  const float* in = numbers_.data();
  float* const rotated = numbers_.data() + format.bytes();
  std::copy_n(numbers, format.bytes(), numbers_.data());
  if (Warps(spec_)) {
    WarpNumbers(format, numbers_.data(), motion.warp, rotated);
    in = rotated;
  } else if (spec_.rotation > 0) {
    RotateNumbers(format, numbers_.data(), motion.warp.degrees, rotated);
    in = rotated;
  }
  MoveMap(format, in, motion.rows, motion.columns, motion.mirrored, 0.0f,
          numbers);
  if (motion.upside_down) TurnUpsideDown(format, numbers);
}

void Augmenter::ChangeTargets(const Examples& examples, uint64_t seed,
                              ExampleBatch& batch) {
  const TargetSpec target = examples.target();
  if (Moves(spec_) && target.shape.rank() >= 2) {
    const int64_t elements = target.shape.elements();
    const int64_t channels = elements / (format_.height * format_.width);
    for (size_t n = 0; n < batch.inputs().size(); ++n) {
      Random random(seed, kFirstChangeStream + n);
      const Motion motion = DrawMotion(random);
      if (examples.target_is_input() &&
          examples.type() == ElementType::kUint8) {
        uint8_t* const moved = changed_.data<uint8_t>();
        Move(static_cast<const uint8_t*>(batch.inputs()[n]), motion, moved);
        ScalePixels(absl::MakeConstSpan(moved, elements),
                    batch.values().data() + n * elements);
      } else if (target.kind == TargetKind::kClasses) {
        MoveClasses(motion, channels, batch.classes().data() + n * elements);
      } else {
        MoveNumbers(motion, channels, batch.values().data() + n * elements);
      }
    }
  }
  if (!mixtures_.empty()) MixTargets(target, batch);
}

void Augmenter::MixTargets(const TargetSpec& target, ExampleBatch& batch) {
  const int64_t elements = target.shape.elements();
  const bool has_pixels = target.shape.rank() >= 2;
  ImageFormat format = format_;
  format.channels =
      has_pixels ? elements / (format_.height * format_.width) : 1;
  const auto mixtures = absl::MakeConstSpan(mixtures_);
  if (target.kind != TargetKind::kClasses) {
    MixArrays(mixtures, elements, batch.values().data(),
              [&](const Mixture& mixture, float* own, const float* other) {
                if (mixture.pastes && has_pixels) {
                  PasteBox(format, mixture.box, other, own);
                  return;
                }
                for (int64_t i = 0; i < elements; ++i) {
                  own[i] =
                      mixture.share * own[i] + (1 - mixture.share) * other[i];
                }
              });
    return;
  }
  shares_.clear();
  other_classes_.clear();
  MixArrays(mixtures, elements, batch.classes().data(),
            [&](const Mixture& mixture, int32_t* own, const int32_t* other) {
              other_classes_.insert(other_classes_.end(), other,
                                    other + elements);
              const bool pastes = mixture.pastes && has_pixels;
              if (pastes) PasteBox(format, mixture.box, other, own);
              shares_.push_back(pastes ? 1 : mixture.share);
            });
}

void Augmenter::AddNoise(const Normalization& normalization, uint64_t seed,
                         int64_t first, int64_t count, Layout layout,
                         float* out) {
  // Pixels that are finished for all images before the next: in lanes they are
  // the same cache lines.
  constexpr int64_t kPixels = 64;
  randoms_.clear();
  for (int64_t n = 0; n < count; ++n) {
    randoms_.emplace_back(seed,
                          kFirstNoiseStream + static_cast<uint64_t>(first + n));
  }
  const int64_t elements = shape_.elements();
  const int64_t stride = layout == Layout::kLanes ? kLanes : 1;
  const int64_t image = layout == Layout::kLanes ? 1 : elements;
  const int64_t channels = format_.channels;
  const int64_t tile = kPixels * channels;
  for (int64_t c = 0; c < channels; ++c) {
    const double deviation =
        normalization.empty() ? 1.0 : normalization.DeviationOf(c);
    noise_scales_[c] = static_cast<float>(
        spec_.noise / (std::sqrt(kNoiseVariance) * deviation));
  }
  for (int64_t begin = 0; begin < elements; begin += tile) {
    const int64_t end = std::min(begin + tile, elements);
    for (int64_t n = 0; n < count; ++n) {
      Random random = randoms_[n];
      float* values = out + n * image;
      int64_t channel = 0;
      for (int64_t i = begin; i < end; ++i) {
        values[i * stride] +=
            noise_scales_[channel] * static_cast<float>(DrawNoise(random));
        if (++channel == channels) channel = 0;
      }
      randoms_[n] = random;
    }
  }
}

}  // namespace lenslet
