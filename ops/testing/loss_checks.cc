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
  int64_t outputs;
};

constexpr Case kCases[] = {{1, 1},  {1, 2},   {3, 10},   {16, 17},
                           {33, 3}, {37, 11}, {5, 1000}, {17, 256}};

TestTargets RandomTargets(const Case& c, TargetKind target, Random& random) {
  TestTargets targets;
  if (target == TargetKind::kClasses) {
    for (int64_t n = 0; n < c.images; ++n) {
      targets.classes.push_back(static_cast<int32_t>(random.Below(c.outputs)));
    }
    return targets;
  }
  targets.values = Tensor({c.images, c.outputs});
  if (target == TargetKind::kValues) {
    FillUniform(-5, 5, random, targets.values.span());
    return targets;
  }
  FillUniform(-1, 2, random, targets.values.span());
  for (float& value : targets.values.span()) {
    value = std::clamp(value, 0.0f, 1.0f);
  }
  return targets;
}

// Of missing images, after `images` in lanes.
void ExpectZeroInMissingLanes(int64_t images, const Tensor& lanes) {
  const int64_t elements = lanes.shape().inner_elements();
  const float* last =
      lanes.data() + (LaneGroups(images) - 1) * kLanes * elements;
  for (int64_t n = images % kLanes; n != 0 && n < kLanes; ++n) {
    for (int64_t i = 0; i < elements; ++i) {
      ASSERT_EQ(last[i * kLanes + n], 0) << "missing image " << n;
    }
  }
}

// A block of `images`, [N, ...], in the layout. Lanes of missing images hold
// `missing`.
Tensor BlockOf(Layout layout, const Tensor& images, float missing) {
  const int64_t count = images.shape().dim(0);
  const int64_t elements = images.shape().inner_elements();
  Tensor block({RoomForImages(layout, count), elements});
  if (layout == Layout::kImages) {
    std::copy(images.span().begin(), images.span().end(), block.data());
    return block;
  }
  ImagesToLanes(count, elements, images.data(), block.data());
  const int64_t last = (LaneGroups(count) - 1) * kLanes;
  for (int64_t n = count; n < last + kLanes; ++n) {
    for (int64_t i = 0; i < elements; ++i) {
      block.data()[last * elements + i * kLanes + n - last] = missing;
    }
  }
  return block;
}

}  // namespace

LossAndGradient RunLoss(LossKernel& loss, const Tensor& x,
                        const TestTargets& targets, float scale) {
  const int64_t images = x.shape().dim(0);
  LossAndGradient result = {Tensor({images}), Tensor(x.shape())};
  const Tensor block = BlockOf(loss.layout(), x, /*missing=*/0);
  Tensor values;
  LossTargets block_targets = {.classes = targets.classes.data()};
  if (targets.classes.empty()) {
    values = BlockOf(loss.layout(), targets.values, /*missing=*/NAN);
    block_targets = {.values = values.data()};
  }
  Tensor dx(block.shape());
  FillIota(1, dx.span());
  loss.Run(images, block.data(), block_targets, scale, result.losses.data(),
           dx.data());
  if (loss.layout() == Layout::kLanes) {
    ExpectZeroInMissingLanes(images, dx);
    LanesToImages(images, x.shape().inner_elements(), dx.data(),
                  result.dx.data());
  } else {
    std::copy(dx.span().begin(), dx.span().end(), result.dx.data());
  }
  Tensor losses({images});
  loss.Run(images, block.data(), block_targets, scale, losses.data(),
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

LossAndGradient RunLoss(LossKernel& loss, const Tensor& x,
                        const std::vector<int32_t>& labels, float scale) {
  return RunLoss(loss, x, TestTargets{.classes = labels, .values = {}}, scale);
}

void CheckLossAgainstReference(const LossFactory& make, Backend backend,
                               TargetKind target, const LossBounds& bounds) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(absl::StrCat(c.images, " images, ", c.outputs,
                              " outputs, seed ", kSeed));
    Tensor x({c.images, c.outputs});
    Random random(kSeed);
    FillUniform(-5, 5, random, x.span());
    const TestTargets targets = RandomTargets(c, target, random);
    const LossAndGradient expected = RunLoss(
        **make(Backend::kReference, c.outputs, c.images), x, targets, 0.25f);
    const double unit = bounds.roundings(c.outputs) * 0x1p-24;
    const auto check = [&](const std::string& instructions) {
      SCOPED_TRACE(instructions);
      const LossAndGradient actual =
          RunLoss(**make(backend, c.outputs, c.images), x, targets, 0.25f);
      LENSLET_EXPECT_OK(
          AllClose(actual.losses, expected.losses,
                   {.absolute = bounds.absolute * unit, .relative = unit}));
      LENSLET_EXPECT_OK(AllClose(
          actual.dx, expected.dx,
          {.absolute = bounds.gradient_absolute * unit, .relative = unit}));
    };
    if (backend == Backend::kLanes) {
      ForEachInstructionSet(check);
    } else {
      check("");
    }
  }
}

void CheckLossAgainstReference(
    const LossFactory& make, Backend backend,
    const std::function<double(int64_t classes)>& roundings, double absolute,
    double gradient_absolute) {
  CheckLossAgainstReference(make, backend, TargetKind::kClasses,
                            {.roundings = roundings,
                             .absolute = absolute,
                             .gradient_absolute = gradient_absolute});
}

void CheckLossGradient(LossKernel& loss, Tensor x, const TestTargets& targets,
                       double step, double third_derivative, double roundings) {
  for (float& score : x.span()) {
    score = static_cast<float>(std::round(score / step) * step);
  }
  const Tensor dx = RunLoss(loss, x, targets, /*scale=*/1).dx;
  const double tolerance =
      step * step / 6 * third_derivative + roundings * 0x1p-24 / step;
  const int64_t elements = x.shape().inner_elements();
  for (int64_t i = 0; i < x.shape().elements(); ++i) {
    const auto loss_at = [&](double score) -> double {
      const float saved = x.data()[i];
      x.data()[i] = static_cast<float>(score);
      const Tensor losses = RunLoss(loss, x, targets, /*scale=*/1).losses;
      x.data()[i] = saved;
      return losses.data()[i / elements];
    };
    const double above = loss_at(x.data()[i] + step);
    const double below = loss_at(x.data()[i] - step);
    EXPECT_NEAR(dx.data()[i], (above - below) / (2 * step), tolerance)
        << "image " << i / elements << ", number " << i % elements;
  }
}

void CheckLossGradient(LossKernel& loss, Tensor x,
                       const std::vector<int32_t>& labels, double step,
                       double third_derivative, double roundings) {
  CheckLossGradient(loss, std::move(x),
                    TestTargets{.classes = labels, .values = {}}, step,
                    third_derivative, roundings);
}

}  // namespace lenslet
