#include "lenslet/data/augmentation.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/input_targets.h"
#include "lenslet/data/testing/pixels.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr AugmentationSpec kEverything = {.rotation = 20,
                                          .shift = 2,
                                          .flip = true,
                                          .cutout = 3,
                                          .noise = 0.1,
                                          .vertical_flip = true,
                                          .crop_area = 0.5,
                                          .scale = 0.25,
                                          .brightness = 0.4,
                                          .contrast = 0.3,
                                          .saturation = 0.6,
                                          .hue = 0.2,
                                          .erasing = 0.7,
                                          .mixup = 0.8,
                                          .cutmix = 1.5};

// What moves targets with their images.
AugmentationSpec MotionOf(const AugmentationSpec& spec) {
  return {.rotation = spec.rotation,
          .shift = spec.shift,
          .flip = spec.flip,
          .vertical_flip = spec.vertical_flip,
          .crop_area = spec.crop_area,
          .scale = spec.scale};
}

// `size` images of height x width.
Dataset UnlabeledImages(int64_t size, const Shape& shape) {
  Tensor images(*shape.WithOuter(size), ElementType::kUint8);
  uint8_t byte = 1;
  for (uint8_t& pixel : images.span<uint8_t>()) pixel = byte++;
  return OfOneClass(std::move(images));
}

ExampleBatch ReadBatch(const Dataset& dataset,
                       absl::Span<const int64_t> indices) {
  ExampleBatch batch;
  LENSLET_EXPECT_OK(batch.ReadInputs(*dataset.examples, indices));
  return batch;
}

std::vector<float> Augmented(const AugmentationSpec& spec,
                             const Dataset& dataset,
                             absl::Span<const int64_t> indices, uint64_t seed,
                             Layout layout = Layout::kImages) {
  const auto augmenter = *Augmenter::Create(spec, dataset.example_shape());
  std::vector<float> out(RoomForImages(layout, indices.size()) *
                             dataset.example_shape().elements(),
                         -99);
  augmenter->CopyInputs(dataset, ReadBatch(dataset, indices), seed, layout,
                        out.data());
  return out;
}

TEST(AugmenterTest, GivesBothLayoutsTheSameNumbers) {
  for (const Shape& shape : {Shape({9, 7, 1}), Shape({5, 5, 3})}) {
    Dataset dataset = UnlabeledImages(40, shape);
    for (const bool normalized : {false, true}) {
      if (normalized) {
        dataset.normalization = {.mean = {0.3f}, .deviation = {0.7f}};
      }
      for (const int64_t images : {1, 16, 19, 33}) {
        const std::vector<int64_t> indices = AllIndices(images);
        const std::vector<float> rows =
            Augmented(kEverything, dataset, indices, /*seed=*/5);
        std::vector<float> expected(RoomForImages(Layout::kLanes, images) *
                                    shape.elements());
        ImagesToLanes(images, shape.elements(), rows.data(), expected.data());
        EXPECT_EQ(Augmented(kEverything, dataset, indices, /*seed=*/5,
                            Layout::kLanes),
                  expected)
            << images << " images of shape " << shape;
      }
    }
  }
}

// The same as bytes, which are rounded.
TEST(AugmenterTest, MovesFloatsAsItMovesBytes) {
  const Shape shape = {9, 7, 3};
  const Dataset bytes = UnlabeledImages(19, shape);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor pixels, bytes.Inputs());
  Tensor numbers(pixels.shape());
  for (int64_t i = 0; i < numbers.shape().elements(); ++i) {
    numbers.data()[i] = static_cast<float>(pixels.data<uint8_t>()[i]) / 255;
  }
  const Dataset floats = OfOneClass(std::move(numbers));
  const std::vector<int64_t> indices = AllIndices(19);
  for (const AugmentationSpec& spec :
       {AugmentationSpec{.shift = 2, .flip = true, .vertical_flip = true},
        AugmentationSpec{.rotation = 20, .shift = 1, .cutout = 3},
        AugmentationSpec{.rotation = 20, .crop_area = 0.5, .scale = 0.25},
        AugmentationSpec{.flip = true, .noise = 0.1, .mixup = 0.8}}) {
    for (const Layout layout : {Layout::kImages, Layout::kLanes}) {
      const std::vector<float> expected =
          Augmented(spec, bytes, indices, /*seed=*/5, layout);
      const std::vector<float> actual =
          Augmented(spec, floats, indices, /*seed=*/5, layout);
      const bool is_exact = spec.rotation == 0;
      for (size_t i = 0; i < expected.size(); ++i) {
        // Half a byte, and the rounding of sums and products of numbers up to
        // 1.
        ASSERT_NEAR(actual[i], expected[i], (is_exact ? 0 : 0.5 / 255) + 1e-5)
            << i;
      }
    }
  }
}

// A block's result does not depend on what else the thread has read.
TEST(AugmenterTest, DependsOnSeedAndPlaceAlone) {
  const Dataset dataset = UnlabeledImages(40, {9, 7, 1});
  const auto augmenter = *Augmenter::Create(kEverything, {9, 7, 1});
  std::vector<float> out(20 * 63), other(20 * 63);
  const ExampleBatch batch = ReadBatch(dataset, AllIndices(20));
  augmenter->CopyInputs(dataset, batch, 1, Layout::kImages, other.data());
  augmenter->CopyInputs(dataset, batch, 2, Layout::kImages, out.data());
  EXPECT_NE(out, other);
  EXPECT_EQ(out, Augmented(kEverything, dataset, AllIndices(20), 2));
  // But for mixtures, with what else is in the block.
  AugmentationSpec unmixed = kEverything;
  unmixed.mixup = unmixed.cutmix = 0;
  const std::vector<float> three =
      Augmented(unmixed, dataset, AllIndices(3), 2);
  const std::vector<float> twenty =
      Augmented(unmixed, dataset, AllIndices(20), 2);
  EXPECT_TRUE(std::equal(three.begin(), three.end(), twenty.begin()));
}

TEST(AugmenterTest, WithoutChangesReadsAsCopyInputs) {
  const Dataset dataset = UnlabeledImages(3, {9, 7, 1});
  std::vector<float> expected(3 * 63);
  LENSLET_ASSERT_OK(
      ReadInputs(dataset, AllIndices(3), Layout::kImages, expected.data()));
  EXPECT_EQ(Augmented({}, dataset, AllIndices(3), 1), expected);
}

// One white pixel in the middle of 7 x 7 shows where an image was moved to.
TEST(AugmenterTest, ShiftsByEveryDistanceEquallyOften) {
  Tensor image({1, 7, 7, 1}, ElementType::kUint8);
  image.data<uint8_t>()[3 * 7 + 3] = 255;
  const Dataset dataset = OfOneClass(std::move(image));
  constexpr int kImages = 9000;
  const std::vector<float> out = Augmented(
      {.shift = 1}, dataset, std::vector<int64_t>(kImages, 0), /*seed=*/1);
  std::vector<int> counts(49);
  for (int i = 0; i < kImages; ++i) {
    for (int p = 0; p < 49; ++p) counts[p] += out[i * 49 + p] == 1;
  }
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), 0), kImages);
  // A count has standard deviation sqrt(9000 * 1/9 * 8/9) = 30; five of them.
  for (const int row : {2, 3, 4}) {
    for (const int column : {2, 3, 4}) {
      EXPECT_NEAR(counts[row * 7 + column], 1000, 150);
    }
  }
}

TEST(AugmenterTest, FlipsHalfOfTheImages) {
  const Dataset dataset =
      OfOneClass(Tensor::Of<uint8_t>({1, 1, 2, 1}, {0, 255}));
  constexpr int kImages = 10000;
  const std::vector<float> out = Augmented(
      {.flip = true}, dataset, std::vector<int64_t>(kImages, 0), /*seed=*/1);
  int flipped = 0;
  for (int i = 0; i < kImages; ++i) {
    flipped += out[2 * i] == 1;
    EXPECT_EQ(out[2 * i] + out[2 * i + 1], 1);
  }
  // Standard deviation 50; five of them.
  EXPECT_NEAR(flipped, 5000, 250);
}

TEST(AugmenterTest, CutsOutAroundEveryPixel) {
  Tensor white({1, 4, 5, 1}, ElementType::kUint8);
  for (uint8_t& pixel : white.span<uint8_t>()) pixel = 255;
  const Dataset dataset = OfOneClass(std::move(white));
  constexpr int kImages = 20000;
  const std::vector<float> out = Augmented(
      {.cutout = 1}, dataset, std::vector<int64_t>(kImages, 0), /*seed=*/1);
  for (int p = 0; p < 20; ++p) {
    int zeros = 0;
    for (int i = 0; i < kImages; ++i) zeros += out[i * 20 + p] == 0;
    // Standard deviation sqrt(20000 * 1/20 * 19/20) = 31; five of them.
    EXPECT_NEAR(zeros, 1000, 155);
  }
}

// What is cut out is black, whatever black is for the network.
TEST(AugmenterTest, IsBeforeNormalization) {
  const Dataset dataset = OfOneClass(Tensor::Of<uint8_t>({1, 1, 1, 1}, {255}),
                                     {.mean = {0.5f}, .deviation = {0.25f}});
  EXPECT_EQ(Augmented({.cutout = 1}, dataset, {0}, 1)[0], -2);
}

// The brightest of a row of pixels tells the angle: in [-30, 30], and the outer
// thirds of that range as often as the middle.
TEST(AugmenterTest, RotatesByAnyAngleUpToTheGreatest) {
  Tensor image({1, 101, 101, 1}, ElementType::kUint8);
  // 40 pixels to the right of the middle.
  for (int row = 49; row <= 51; ++row) {
    for (int column = 89; column <= 91; ++column) {
      image.data<uint8_t>()[row * 101 + column] = 255;
    }
  }
  const Dataset dataset = OfOneClass(std::move(image));
  constexpr int kImages = 600;
  const std::vector<float> out = Augmented(
      {.rotation = 30}, dataset, std::vector<int64_t>(kImages, 0), /*seed=*/1);
  std::vector<int> counts(3);
  for (int i = 0; i < kImages; ++i) {
    double x = 0, y = 0;
    for (int p = 0; p < 101 * 101; ++p) {
      const double value = out[i * 101 * 101 + p];
      x += value * (p % 101 - 50);
      y += value * (50 - p / 101);
    }
    const double degrees = std::atan2(y, x) * 180 / M_PI;
    EXPECT_LT(std::abs(degrees), 30.1);
    ++counts[std::clamp(static_cast<int>((degrees + 30) / 20), 0, 2)];
  }
  // Standard deviation sqrt(600 * 1/3 * 2/3) = 11.5; five of them.
  for (const int count : counts) EXPECT_NEAR(count, 200, 58);
}

TEST(AugmenterTest, NoiseHasItsDeviation) {
  const Dataset dataset =
      OfOneClass(Tensor({1, 100, 100, 2}, ElementType::kUint8),
                 {.mean = {0.0f}, .deviation = {1.0f, 0.5f}});
  const std::vector<float> out =
      Augmented({.noise = 0.25}, dataset, std::vector<int64_t>(20, 0), 1);
  for (const int channel : {0, 1}) {
    double sum = 0, squares = 0, fourths = 0, count = 0;
    for (size_t i = channel; i < out.size(); i += 2) {
      const double x = out[i] / (channel == 0 ? 0.25 : 0.5);
      sum += x;
      squares += x * x;
      fourths += x * x * x * x;
      ++count;
    }
    // Five standard deviations, 1 / sqrt(n) of the mean, about sqrt(2 / n) of
    // the variance and sqrt(96 / n) of the fourth moment, n = 200,000.
    EXPECT_NEAR(sum / count, 0, 0.012);
    EXPECT_NEAR(squares / count, 1, 0.016);
    EXPECT_NEAR(fourths / count, 2.85, 0.11);
  }
}

TEST(AugmenterTest, NoiseDiffersBetweenPixelsAndImages) {
  const Dataset black = OfOneClass(Tensor({1, 4, 4, 1}, ElementType::kUint8));
  const std::vector<float> out =
      Augmented({.noise = 1}, black, std::vector<int64_t>(20, 0), 1);
  // 320 draws of some 2000 numbers: there are pairs, but not many.
  EXPECT_GT(std::set<float>(out.begin(), out.end()).size(), 200);
}

// The numbers that users' seeds stand for: a change here changes every run.
TEST(AugmenterTest, IsTheSameOnEveryMachine) {
  const Dataset dataset = UnlabeledImages(1, {3, 3, 1});
  const std::vector<float> out =
      Augmented({.rotation = 45, .shift = 1, .flip = true}, dataset, {0, 0}, 7);
  std::vector<int> bytes;
  for (const float x : out) bytes.push_back(std::lround(255 * x));
  EXPECT_THAT(
      bytes, ElementsAre(0, 0, 0, 0, 3, 2, 0, 7, 5, 0, 0, 0, 2, 2, 0, 5, 4, 0));
  // Sums of 8 bytes less their mean, over their standard deviation.
  const Dataset black = OfOneClass(Tensor({1, 1, 3, 1}, ElementType::kUint8));
  std::vector<int> sums;
  for (const float x : Augmented({.noise = 1}, black, {0, 0}, 7)) {
    sums.push_back(std::lround(x * std::sqrt(8 * 65535.0 / 12)));
  }
  EXPECT_THAT(sums, ElementsAre(54, 194, 283, -337, -67, 273));
}

// The draws of the test above, in units of what they are added to: of floats,
// not of 255ths. Columns differ by what they are divided by.
TEST(AugmenterTest, AddsNoiseToFloatNumbers) {
  const Dataset rows = OfOneClass(Tensor::Of({2, 3}, {1, 2, 3, 40, 50, 60}),
                                  {.mean = {0}, .deviation = {1, 2, 4}});
  const std::vector<float> out = Augmented({.noise = 0.5}, rows, {0, 1}, 7);
  const float plain[] = {1, 1, 0.75f, 40, 25, 15};
  std::vector<int> sums;
  for (int i = 0; i < 6; ++i) {
    const double noise = (out[i] - plain[i]) * (1 << i % 3) / 0.5;
    sums.push_back(std::lround(noise * std::sqrt(8 * 65535.0 / 12)));
  }
  EXPECT_THAT(sums, ElementsAre(54, 194, 283, -337, -67, 273));
}

TEST(AugmenterTest, GivesBothLayoutsTheSameFloatNumbers) {
  for (const Shape& shape : {Shape({5}), Shape({40, 2}), Shape({2, 3, 4, 5})}) {
    Tensor numbers(*shape.WithOuter(19));
    float number = -1;
    for (float& x : numbers.span()) x = number += 0.25f;
    const Dataset dataset =
        OfOneClass(std::move(numbers), {.mean = {0.3f}, .deviation = {0.7f}});
    const std::vector<float> rows =
        Augmented({.noise = 0.5}, dataset, AllIndices(19), /*seed=*/5);
    std::vector<float> expected(2 * kLanes * shape.elements());
    ImagesToLanes(19, shape.elements(), rows.data(), expected.data());
    EXPECT_EQ(Augmented({.noise = 0.5}, dataset, AllIndices(19), /*seed=*/5,
                        Layout::kLanes),
              expected)
        << shape;
  }
}

TEST(AugmenterDeathTest, ChecksTheShape) {
  const Dataset dataset = UnlabeledImages(2, {3, 3, 1});
  const auto other = *Augmenter::Create({.shift = 1}, {3, 4, 1});
  float out[9];
  EXPECT_DEATH(other->CopyInputs(dataset, ReadBatch(dataset, {0}), 0,
                                 Layout::kImages, out),
               "broken invariant");
}

TEST(AugmentationFromProtoTest, TakesEveryField) {
  EXPECT_TRUE(AugmentationFromProto({}).empty());
  AugmentationProto proto;
  proto.set_rotation(20);
  proto.set_shift(2);
  proto.set_flip(true);
  proto.set_cutout(3);
  proto.set_noise(0.1);
  proto.set_vertical_flip(true);
  proto.set_crop_area(0.5);
  proto.set_scale(0.25);
  proto.set_brightness(0.4);
  proto.set_contrast(0.3);
  proto.set_saturation(0.6);
  proto.set_hue(0.2);
  proto.set_erasing(0.7);
  proto.set_mixup(0.8);
  proto.set_cutmix(1.5);
  EXPECT_EQ(AugmentationFromProto(proto), kEverything);
  EXPECT_EQ(AugmentationToProto(kEverything).SerializeAsString(),
            proto.SerializeAsString());
}

TEST(CheckAugmentationTest, AcceptsLimits) {
  LENSLET_EXPECT_OK(CheckAugmentation(
      {.rotation = 180, .shift = 5, .flip = true, .cutout = 7, .noise = 1},
      {6, 7, 3}, ElementType::kUint8, {}));
  LENSLET_EXPECT_OK(CheckAugmentation({.crop_area = 1,
                                       .scale = 0.999,
                                       .brightness = 10,
                                       .contrast = 10,
                                       .saturation = 10,
                                       .hue = 0.5,
                                       .erasing = 1,
                                       .mixup = 100,
                                       .cutmix = 100},
                                      {6, 7, 3}, ElementType::kUint8, {}));
}

TEST(CheckAugmentationTest, NamesTheField) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::pair<AugmentationSpec, const char*>> cases = {
      {{.rotation = -1},
       "augmentation.rotation is -1; expected a number in [0"},
      {{.rotation = 181}, "augmentation.rotation is 181; expected a number in"},
      {{.rotation = nan}, "augmentation.rotation is nan"},
      {{.shift = -1}, "augmentation.shift is -1; expected a number in [0, 5]"},
      {{.shift = 6},
       "augmentation.shift is 6; expected a number in [0, 5], for "
       "images of shape [6, 7, 3]"},
      {{.cutout = -1},
       "augmentation.cutout is -1; expected a number in [0, 7]"},
      {{.cutout = 8}, "augmentation.cutout is 8; expected a number in [0, 7]"},
      {{.noise = -0.5},
       "augmentation.noise is -0.5; expected a number in [0, 1]"},
      {{.noise = nan}, "augmentation.noise is nan"},
      {{.crop_area = -0.1},
       "augmentation.crop_area is -0.1; expected a number in [0, 1]"},
      {{.crop_area = 1.5}, "augmentation.crop_area is 1.5"},
      {{.scale = 1}, "augmentation.scale is 1; expected a number in [0, 1)"},
      {{.scale = nan}, "augmentation.scale is nan"},
      {{.brightness = 11},
       "augmentation.brightness is 11; expected a number in [0, 10]"},
      {{.contrast = -1}, "augmentation.contrast is -1"},
      {{.saturation = nan}, "augmentation.saturation is nan"},
      {{.hue = 0.6}, "augmentation.hue is 0.6; expected a number in [0, 0.5]"},
      {{.erasing = 2}, "augmentation.erasing is 2"},
      {{.mixup = 101},
       "augmentation.mixup is 101; expected a number in [0, 100]"},
      {{.cutmix = -1}, "augmentation.cutmix is -1"},
  };
  for (const auto& [spec, text] : cases) {
    EXPECT_THAT(CheckAugmentation(spec, {6, 7, 3}, ElementType::kUint8, {}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text)));
  }
}

TEST(CheckAugmentationTest, NeedsImages) {
  LENSLET_EXPECT_OK(CheckAugmentation({}, {40, 4}, ElementType::kUint8, {}));
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(
      CheckAugmentation({.flip = true}, {40, 4}, ElementType::kUint8, {}),
      StatusIs(code,
               "augmentation other than noise, mixup and cutmix needs images, "
               "of shape [height, width, channels]; the examples of the data "
               "set are uint8 of shape [40, 4]"));
  EXPECT_THAT(
      CheckAugmentation({.flip = true}, {6, 0, 3}, ElementType::kUint8, {}),
      StatusIs(code, HasSubstr("are uint8 of shape [6, 0, 3]")));
}

TEST(CheckAugmentationTest, ColorsNeedBytes) {
  LENSLET_EXPECT_OK(CheckAugmentation({.rotation = 20,
                                       .shift = 2,
                                       .flip = true,
                                       .cutout = 3,
                                       .vertical_flip = true,
                                       .crop_area = 0.5,
                                       .scale = 0.25},
                                      {6, 7, 3}, ElementType::kFloat32, {}));
  for (const AugmentationSpec& spec :
       {AugmentationSpec{.brightness = 1}, AugmentationSpec{.contrast = 1},
        AugmentationSpec{.saturation = 1}, AugmentationSpec{.hue = 0.5},
        AugmentationSpec{.erasing = 1}}) {
    EXPECT_THAT(
        CheckAugmentation(spec, {6, 7, 3}, ElementType::kFloat32, {}),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 "augmentation.brightness, contrast, saturation, hue and "
                 "erasing need images of bytes; those of the data set are "
                 "float32, as images of 16 bits per sample are"));
  }
}

// Noise moves nothing, and is added to anything.
TEST(CheckAugmentationTest, NoiseNeedsNoImages) {
  for (const ElementType type : {ElementType::kUint8, ElementType::kFloat32}) {
    LENSLET_EXPECT_OK(CheckAugmentation({.noise = 0.1}, {40, 4}, type, {}));
    LENSLET_EXPECT_OK(
        CheckAugmentation({.noise = 0.1}, {6, 7, 3}, type, {.shape = {6, 7}}));
    EXPECT_THAT(CheckAugmentation({.noise = 2}, {40, 4}, type, {}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("augmentation.noise is 2")));
  }
}

TEST(CheckAugmentationTest, ColorsNeedThreeChannels) {
  const auto code = absl::StatusCode::kInvalidArgument;
  for (const ElementType type : {ElementType::kUint8, ElementType::kFloat32}) {
    LENSLET_EXPECT_OK(CheckAugmentation({.mixup = 1}, {40, 4}, type, {}));
    LENSLET_EXPECT_OK(CheckAugmentation({.cutmix = 1}, {6, 7, 2}, type, {}));
    EXPECT_THAT(CheckAugmentation({.cutmix = 1}, {40, 4}, type, {}),
                StatusIs(code,
                         "augmentation.cutmix needs examples of shape [height, "
                         "width, channels]; those of the data set have shape "
                         "[40, 4]"));
  }
  LENSLET_EXPECT_OK(CheckAugmentation({.brightness = 1, .contrast = 1},
                                      {6, 7, 1}, ElementType::kUint8, {}));
  EXPECT_THAT(
      CheckAugmentation({.hue = 0.1}, {6, 7, 1}, ElementType::kUint8, {}),
      StatusIs(code,
               "augmentation.hue needs images of 3 channels; those of the data "
               "set have shape [6, 7, 1]"));
  EXPECT_THAT(
      CheckAugmentation({.saturation = 1}, {6, 7, 4}, ElementType::kUint8, {}),
      StatusIs(code, HasSubstr("augmentation.saturation needs images of 3")));
}

TEST(CheckMixingTest, NeedsMoreThanOneExample) {
  LENSLET_EXPECT_OK(CheckMixing({.flip = true}, 1));
  LENSLET_EXPECT_OK(CheckMixing({.mixup = 1}, 2));
  EXPECT_THAT(CheckMixing({.cutmix = 1}, 1),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "augmentation.cutmix mixes the examples of a block, and "
                       "block is 1; expected at least 2"));
}

// 20 images of 9 x 7. The class of a pixel is its column and row modulo 3; its
// byte is 40 (class + 1), so that 0 comes from outside. Values are the bytes.
Dataset Checkered(TargetKind kind) {
  const bool has_classes = kind == TargetKind::kClasses;
  ExampleArrays arrays = {
      .inputs = Tensor({20, 9, 7, 1}, ElementType::kUint8),
      .targets = Tensor({20, 9, 7}, has_classes ? ElementType::kUint8
                                                : ElementType::kFloat32),
      .kind = kind};
  for (int64_t i = 0; i < 20 * 63; ++i) {
    const int64_t row = i % 63 / 7, column = i % 7;
    const int64_t c = (row / 3 + column / 3 + i / 63) % 3;
    arrays.inputs.data<uint8_t>()[i] = static_cast<uint8_t>(40 * (c + 1));
    if (has_classes) {
      arrays.targets.data<uint8_t>()[i] = static_cast<uint8_t>(c);
    } else {
      arrays.targets.data()[i] = static_cast<float>(40 * (c + 1)) / 255;
    }
  }
  return *MakeDataset(std::move(arrays),
                      has_classes ? std::vector<std::string>{"a", "b", "c"}
                                  : std::vector<std::string>{});
}

struct ChangedExamples {
  std::vector<float> inputs;
  ExampleBatch batch;
};

ChangedExamples ChangeBoth(const AugmentationSpec& spec, const Dataset& dataset,
                           uint64_t seed) {
  const auto augmenter = *Augmenter::Create(spec, dataset.example_shape());
  const std::vector<int64_t> indices = AllIndices(dataset.size());
  ChangedExamples changed = {.batch = ReadBatch(dataset, indices)};
  changed.inputs.resize(indices.size() * dataset.example_shape().elements());
  augmenter->CopyInputs(dataset, changed.batch, seed, Layout::kImages,
                        changed.inputs.data());
  LENSLET_EXPECT_OK(changed.batch.ReadTargets(*dataset.examples, indices));
  augmenter->ChangeTargets(*dataset.examples, seed, changed.batch);
  return changed;
}

TEST(AugmenterTest, MovesMapsWithTheirImages) {
  const Dataset dataset = Checkered(TargetKind::kClasses);
  for (const AugmentationSpec& spec :
       {AugmentationSpec{.shift = 3}, AugmentationSpec{.flip = true},
        AugmentationSpec{.shift = 2, .flip = true},
        AugmentationSpec{.vertical_flip = true},
        AugmentationSpec{.shift = 1, .vertical_flip = true}}) {
    const ChangedExamples changed = ChangeBoth(spec, dataset, /*seed=*/3);
    int64_t ignored = 0;
    for (size_t i = 0; i < changed.inputs.size(); ++i) {
      const int32_t c = changed.batch.classes()[i];
      ignored += c == kIgnoredClass;
      ASSERT_EQ(changed.inputs[i], static_cast<float>(40 * (c + 1)) / 255) << i;
    }
    EXPECT_EQ(ignored > 0, spec.shift > 0);
  }
}

// Where the four pixels around a source are of one class, the map has it.
TEST(AugmenterTest, RotatesMapsWithTheirImages) {
  const Dataset dataset = Checkered(TargetKind::kClasses);
  for (const AugmentationSpec& spec :
       {AugmentationSpec{.rotation = 180, .shift = 1, .flip = true},
        AugmentationSpec{.rotation = 180,
        .shift = 1,
        .vertical_flip = true,
        .crop_area = 0.7,
        .scale = 0.1}}) {
    const ChangedExamples changed = ChangeBoth(spec, dataset, /*seed=*/4);
    int64_t pure = 0;
    for (size_t i = 0; i < changed.inputs.size(); ++i) {
      for (int32_t c = kIgnoredClass; c < 3; ++c) {
        if (changed.inputs[i] != static_cast<float>(40 * (c + 1)) / 255)
          continue;
        // A mixture may be the color between two others, or an edge of one.
        pure += changed.batch.classes()[i] == c;
      }
    }
    // Nine in sixteen of a square of 3 x 3 are pure, and some by chance.
    EXPECT_GT(pure, static_cast<int64_t>(changed.inputs.size()) / 3);
    const ChangedExamples other = ChangeBoth(spec, dataset, /*seed=*/5);
    EXPECT_NE(std::vector<int32_t>(other.batch.classes().begin(),
                                   other.batch.classes().end()),
              std::vector<int32_t>(changed.batch.classes().begin(),
                                   changed.batch.classes().end()));
  }
}

// Bytes are rounded, by half of one at most; values are not.
TEST(AugmenterTest, MovesValuesWithTheirImages) {
  const Dataset dataset = Checkered(TargetKind::kValues);
  for (const double rotation : {0.0, 90.0}) {
    const ChangedExamples changed = ChangeBoth(
        {.rotation = rotation, .shift = 2, .flip = true}, dataset, /*seed=*/3);
    for (size_t i = 0; i < changed.inputs.size(); ++i) {
      ASSERT_NEAR(changed.batch.values()[i], changed.inputs[i],
                  rotation == 0 ? 0 : 0.501 / 255)
          << i;
    }
  }
  const ChangedExamples warped =
      ChangeBoth(MotionOf(kEverything), dataset, /*seed=*/3);
  for (size_t i = 0; i < warped.inputs.size(); ++i) {
    ASSERT_NEAR(warped.batch.values()[i], warped.inputs[i], 0.501 / 255) << i;
  }
}

// Bytes and colors change before inputs become numbers, so one pixel of two
// colors tells all factors.
TEST(AugmenterTest, DrawsFactorsUniformly) {
  const Dataset dataset =
      OfOneClass(Tensor::Of<uint8_t>({1, 1, 2, 1}, {100, 200}));
  constexpr int kImages = 4000;
  const std::vector<int64_t> indices(kImages, 0);
  const std::vector<float> out =
      Augmented({.brightness = 0.2}, dataset, indices, /*seed=*/1);
  std::vector<int> counts(4);
  for (int i = 0; i < kImages; ++i) {
    const double factor = out[2 * i] * 255 / 100;
    EXPECT_NEAR(out[2 * i + 1] * 255 / 200, factor, 0.0076);
    ++counts[std::clamp(static_cast<int>((factor - 0.8) * 10), 0, 3)];
  }
  // Standard deviation sqrt(4000 * 1/4 * 3/4) = 27; five of them, and as many
  // that rounding moves.
  for (const int count : counts) EXPECT_NEAR(count, 1000, 200);
  // Around a mean of 130.
  const Dataset darker =
      OfOneClass(Tensor::Of<uint8_t>({1, 1, 2, 1}, {100, 160}));
  const std::vector<float> contrast =
      Augmented({.contrast = 2}, darker, indices, /*seed=*/1);
  int flat = 0;
  for (int i = 0; i < kImages; ++i) {
    EXPECT_NEAR(contrast[2 * i] + contrast[2 * i + 1], 260.0 / 255, 0.005);
    EXPECT_LE(contrast[2 * i], contrast[2 * i + 1]);
    flat += contrast[2 * i + 1] < 145.0 / 255;
  }
  // Factors below 1/2, of those in [0, 3]. Standard deviation 24; five of them,
  // and what rounding moves.
  EXPECT_NEAR(flat, kImages / 6, 120 + 45);
}

TEST(AugmenterTest, ErasesAsOftenAsItsProbability) {
  const Dataset dataset =
      OfOneClass(Tensor({1, 20, 10, 1}, ElementType::kUint8));
  constexpr int kImages = 2000;
  const std::vector<float> out =
      Augmented({.erasing = 0.25}, dataset, std::vector<int64_t>(kImages, 0),
                /*seed=*/1);
  int erased = 0;
  for (int i = 0; i < kImages; ++i) {
    const auto filled =
        std::count_if(out.begin() + i * 200, out.begin() + (i + 1) * 200,
                      [](float x) { return x != 0; });
    erased += filled > 0;
    EXPECT_LE(filled, 95);  // 40%, and what rounding the sides adds.
  }
  // Standard deviation sqrt(2000 * 1/4 * 3/4) = 19; five of them.
  EXPECT_NEAR(erased, 500, 97);
}

// Against mixtures of what the inputs are without them.
TEST(AugmenterTest, MixesInputsAndNumbers) {
  const Dataset dataset = Checkered(TargetKind::kValues);
  const ChangedExamples plain = ChangeBoth({.flip = true}, dataset, 9);
  const ChangedExamples mixed =
      ChangeBoth({.flip = true, .mixup = 1}, dataset, 9);
  int64_t told = 0;
  for (int64_t n = 0; n < 20; ++n) {
    // The first group has 16 examples, the second 4.
    const int64_t other = n == 15 ? 0 : n == 19 ? 16 : n + 1;
    double share = -1;  // Not known yet.
    for (int64_t i = 0; i < 63; ++i) {
      const float a = plain.inputs[n * 63 + i],
                  b = plain.inputs[other * 63 + i];
      const float x = mixed.inputs[n * 63 + i];
      EXPECT_NEAR(mixed.batch.values()[n * 63 + i], x, 1e-6);
      if (a == b) {
        EXPECT_NEAR(x, a, 1e-6);
        continue;
      }
      const double s = (x - b) / (a - b);
      if (share == -1) share = std::max(s, 0.0);
      EXPECT_NEAR(s, share, 1e-5);
    }
    EXPECT_LE(share, 1 + 1e-5);
    told += share >= 0;
  }
  // Images whose numbers differ by 3 are the same.
  EXPECT_GE(told, 15);
}

// Pixels and their classes are pasted together; the share of maps is all.
TEST(AugmenterTest, PastesBoxesWithTheirClasses) {
  const Dataset dataset = Checkered(TargetKind::kClasses);
  const ChangedExamples plain = ChangeBoth({.shift = 1}, dataset, 9);
  const auto augmenter =
      *Augmenter::Create({.shift = 1, .cutmix = 1}, {9, 7, 1});
  ExampleBatch batch = ReadBatch(dataset, AllIndices(20));
  std::vector<float> out(20 * 63);
  augmenter->CopyInputs(dataset, batch, 9, Layout::kImages, out.data());
  LENSLET_ASSERT_OK(batch.ReadTargets(*dataset.examples, AllIndices(20)));
  augmenter->ChangeTargets(*dataset.examples, 9, batch);
  EXPECT_THAT(augmenter->shares(), ::testing::Each(1.0f));
  EXPECT_NE(out, plain.inputs);
  for (size_t i = 0; i < out.size(); ++i) {
    ASSERT_EQ(out[i], static_cast<float>(40 * (batch.classes()[i] + 1)) / 255);
  }
}

TEST(AugmenterTest, TellsTheClassesOfMixtures) {
  ExampleArrays arrays = {.inputs = Tensor({18, 8, 8, 1}, ElementType::kUint8),
                          .targets = Tensor({18}, ElementType::kUint8)};
  for (int n = 0; n < 18; ++n) {
    arrays.targets.data<uint8_t>()[n] = static_cast<uint8_t>(n % 3);
    std::fill_n(arrays.inputs.data<uint8_t>() + n * 64, 64,
                static_cast<uint8_t>(100 + n));
  }
  const Dataset dataset = *MakeDataset(std::move(arrays), {"a", "b", "c"});
  for (const AugmentationSpec& spec :
       {AugmentationSpec{.mixup = 0.4}, AugmentationSpec{.cutmix = 1}}) {
    const auto augmenter = *Augmenter::Create(spec, {8, 8, 1});
    const int64_t count = 17;  // The last is alone.
    ExampleBatch batch = ReadBatch(dataset, AllIndices(count));
    std::vector<float> out(count * 64);
    augmenter->CopyInputs(dataset, batch, 3, Layout::kImages, out.data());
    LENSLET_ASSERT_OK(batch.ReadTargets(*dataset.examples, AllIndices(count)));
    augmenter->ChangeTargets(*dataset.examples, 3, batch);
    for (int64_t n = 0; n < count; ++n) {
      const int64_t other = n >= 15 ? n / 16 * 16 : n + 1;
      EXPECT_EQ(batch.classes()[n], n % 3);
      EXPECT_EQ(augmenter->other_classes()[n], other % 3);
      // As much as the share says has come from the other.
      double mean = 0;
      for (int i = 0; i < 64; ++i) mean += out[n * 64 + i] * 255 / 64;
      const double share = augmenter->shares()[n];
      EXPECT_NEAR(mean, share * (100 + n) + (1 - share) * (100 + other), 1e-3);
    }
    EXPECT_EQ(augmenter->shares()[16], 1);
    EXPECT_GT(
        std::set<float>(augmenter->shares().begin(), augmenter->shares().end())
            .size(),
        5);
  }
}

// The target is the input before what hides parts of it.
TEST(AugmenterTest, KeepsTheInputAsATargetClean) {
  const Dataset dataset = WithInputsAsTargets(Checkered(TargetKind::kClasses));
  AugmentationSpec unmixed = kEverything;
  unmixed.mixup = unmixed.cutmix = 0;
  const ChangedExamples changed = ChangeBoth(unmixed, dataset, 7);
  const ChangedExamples expected =
      ChangeBoth(MotionOf(kEverything), dataset, 7);
  EXPECT_NE(changed.inputs, expected.inputs);
  for (size_t i = 0; i < expected.inputs.size(); ++i) {
    ASSERT_EQ(changed.batch.values()[i], expected.inputs[i]);
  }
}

TEST(AugmenterTest, LeavesOtherTargetsAlone) {
  const Dataset maps = Checkered(TargetKind::kClasses);
  const ChangedExamples changed = ChangeBoth({.cutout = 4,
                                              .noise = 0.1,
                                              .brightness = 0.5,
                                              .contrast = 0.5,
                                              .erasing = 1},
                                             maps, 1);
  ExampleBatch batch;
  LENSLET_ASSERT_OK(batch.ReadTargets(*maps.examples, AllIndices(maps.size())));
  EXPECT_THAT(changed.batch.classes(),
              ::testing::ElementsAreArray(batch.classes()));
}

TEST(CheckAugmentationTest, MovesOnlyTargetsOfTheSameSize) {
  for (const TargetSpec& target :
       {TargetSpec{.kind = TargetKind::kClasses, .shape = {6, 8}},
        TargetSpec{.kind = TargetKind::kValues, .shape = {3, 7, 3}}}) {
    for (const AugmentationSpec& spec :
         {AugmentationSpec{.rotation = 1}, AugmentationSpec{.shift = 1},
          AugmentationSpec{.flip = true},
          AugmentationSpec{.vertical_flip = true},
          AugmentationSpec{.crop_area = 0.5}, AugmentationSpec{.scale = 0.1},
          AugmentationSpec{.cutmix = 1}}) {
      EXPECT_THAT(
          CheckAugmentation(spec, {6, 7, 3}, ElementType::kUint8, target),
          StatusIs(absl::StatusCode::kInvalidArgument,
                   HasSubstr("move images of shape [6, 7, 3] away from their "
                             "targets of shape ")));
    }
    LENSLET_EXPECT_OK(CheckAugmentation({.cutout = 1}, {6, 7, 3},
                                        ElementType::kUint8, target));
  }
  for (const TargetSpec& target :
       {TargetSpec{.kind = TargetKind::kClasses, .shape = {6, 7}},
        TargetSpec{.kind = TargetKind::kValues, .shape = {6, 7, 1}}}) {
    LENSLET_EXPECT_OK(
        CheckAugmentation(kEverything, {6, 7, 3}, ElementType::kUint8, target));
  }
  for (const TargetSpec& target :
       {TargetSpec{.kind = TargetKind::kLabels, .shape = {5}},
        TargetSpec{.kind = TargetKind::kValues, .shape = {2}}}) {
    LENSLET_EXPECT_OK(CheckAugmentation({.shift = 1}, {6, 7, 3},
                                        ElementType::kUint8, target));
  }
}

}  // namespace
}  // namespace lenslet
