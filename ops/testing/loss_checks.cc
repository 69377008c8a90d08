#include "lenslet/ops/testing/loss_checks.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/testing/instruction_sets.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

constexpr uint64_t kSeed = 5;

struct Case {
  int64_t images;
  int64_t classes;
};

constexpr Case kCases[] = {{1, 1},  {1, 2},   {3, 10},   {16, 17},
                           {33, 3}, {37, 11}, {5, 1000}, {17, 256}};

std::vector<int32_t> RandomLabels(const Case& c, Random& random) {
  std::vector<int32_t> labels(c.images);
  for (int32_t& label : labels) {
    label = static_cast<int32_t>(random.Below(c.classes));
  }
  return labels;
}

// Of missing images, after `images` in lanes.
void ExpectZeroInMissingLanes(int64_t images, const Tensor& lanes) {
  const int64_t classes = lanes.shape().dim(1);
  const float* last =
      lanes.data() + (LaneGroups(images) - 1) * kLanes * classes;
  for (int64_t n = images % kLanes; n != 0 && n < kLanes; ++n) {
    for (int64_t k = 0; k < classes; ++k) {
      ASSERT_EQ(last[k * kLanes + n], 0) << "missing image " << n;
    }
  }
}

}  // namespace

LossAndGradient RunLoss(LossKernel& loss, const Tensor& x,
                        const std::vector<int32_t>& labels, float scale) {
  const int64_t images = x.shape().dim(0);
  const int64_t classes = x.shape().dim(1);
  LossAndGradient result = {Tensor({images}), Tensor(x.shape())};
  Tensor block({RoomForImages(loss.layout(), images), classes});
  Tensor dx(block.shape());
  FillIota(1, dx.span());
  const bool lanes = loss.layout() == Layout::kLanes;
  if (lanes) {
    ImagesToLanes(images, classes, x.data(), block.data());
  } else {
    std::copy(x.span().begin(), x.span().end(), block.data());
  }
  loss.Run(images, block.data(), labels.data(), scale, result.losses.data(),
           dx.data());
  if (lanes) {
    ExpectZeroInMissingLanes(images, dx);
    LanesToImages(images, classes, dx.data(), result.dx.data());
  } else {
    result.dx = std::move(dx);
  }
  Tensor losses({images});
  loss.Run(images, block.data(), labels.data(), scale, losses.data(),
           /*dx=*/nullptr);
  for (int64_t n = 0; n < images; ++n) {
    const float expected = result.losses.data()[n];
    const float actual = losses.data()[n];
    EXPECT_TRUE(actual == expected ||
                (std::isnan(actual) && std::isnan(expected)))
        << "without a gradient, loss " << n << " is " << actual << ", not "
        << expected;
  }
  return result;
}

void CheckLossAgainstReference(
    const LossFactory& make, Backend backend,
    const std::function<double(int64_t classes)>& roundings, double absolute,
    double gradient_absolute) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(absl::StrCat(c.images, " images, ", c.classes,
                              " classes, seed ", kSeed));
    Tensor x({c.images, c.classes});
    Random random(kSeed);
    FillUniform(-5, 5, random, x.span());
    const std::vector<int32_t> labels = RandomLabels(c, random);
    const LossAndGradient expected = RunLoss(
        **make(Backend::kReference, c.classes, c.images), x, labels, 0.25f);
    const double unit = roundings(c.classes) * 0x1p-24;
    const auto check = [&](const std::string& instructions) {
      SCOPED_TRACE(instructions);
      const LossAndGradient actual =
          RunLoss(**make(backend, c.classes, c.images), x, labels, 0.25f);
      LENSLET_EXPECT_OK(
          AllClose(actual.losses, expected.losses,
                   {.absolute = absolute * unit, .relative = unit}));
      LENSLET_EXPECT_OK(
          AllClose(actual.dx, expected.dx,
                   {.absolute = gradient_absolute * unit, .relative = unit}));
    };
    if (backend == Backend::kLanes) {
      ForEachInstructionSet(check);
    } else {
      check("");
    }
  }
}

void CheckLossGradient(LossKernel& loss, Tensor x,
                       const std::vector<int32_t>& labels, double step,
                       double third_derivative, double roundings) {
  for (float& score : x.span()) {
    score = static_cast<float>(std::round(score / step) * step);
  }
  const Tensor dx = RunLoss(loss, x, labels, /*scale=*/1).dx;
  const double tolerance =
      step * step / 6 * third_derivative + roundings * 0x1p-24 / step;
  const int64_t classes = x.shape().dim(1);
  for (int64_t i = 0; i < x.shape().elements(); ++i) {
    const auto loss_at = [&](double score) -> double {
      const float saved = x.data()[i];
      x.data()[i] = static_cast<float>(score);
      const Tensor losses = RunLoss(loss, x, labels, /*scale=*/1).losses;
      x.data()[i] = saved;
      return losses.data()[i / classes];
    };
    const double above = loss_at(x.data()[i] + step);
    const double below = loss_at(x.data()[i] - step);
    EXPECT_NEAR(dx.data()[i], (above - below) / (2 * step), tolerance)
        << "image " << i / classes << ", class " << i % classes;
  }
}

}  // namespace lenslet
