// Convolutions of single images that compute a rectifier and a pooling as well.

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/activation/activation.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/conv/conv_case.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/conv/testing/small_convs.h"
#include "lenslet/ops/epilogue.h"
#include "lenslet/ops/pool/pool.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/testing/instruction_sets.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr ActivationSpec kRectifier = {.kind = ActivationKind::kRelu};

// The kernels of a convolution, a rectifier and a pooling, one after the other.
class SeparateKernels : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<Kernel>> Create(Backend backend,
                                                        const ConvSpec& conv,
                                                        const PoolSpec& pool,
                                                        const Shape& image,
                                                        int64_t images) {
    auto kernels = std::make_unique<SeparateKernels>();
    LENSLET_ASSIGN_OR_RETURN(const Shape result, OutputShape(conv, image));
    LENSLET_ASSIGN_OR_RETURN(kernels->conv_,
                             MakeConvKernel(backend, conv, image, images));
    LENSLET_ASSIGN_OR_RETURN(
        kernels->relu_,
        MakeActivationKernel(backend, kRectifier, result, images));
    LENSLET_ASSIGN_OR_RETURN(kernels->pool_,
                             MakePoolKernel(backend, pool, result, images));
    LENSLET_ASSIGN_OR_RETURN(const Shape block, result.WithOuter(images));
    kernels->sums_ = Tensor(block);
    kernels->rectified_ = Tensor(block);
    return kernels;
  }

  absl::Status Bind(KernelBuffers buffers) override {
    KernelBuffers conv = buffers;
    conv.output = sums_.data();
    LENSLET_RETURN_IF_ERROR(conv_->Bind(conv));
    LENSLET_RETURN_IF_ERROR(
        relu_->Bind({.inputs = {sums_.data()}, .output = rectified_.data()}));
    return pool_->Bind(
        {.inputs = {rectified_.data()}, .output = buffers.output});
  }

  absl::Status ParametersChanged() override {
    return conv_->ParametersChanged();
  }

  void Forward(int64_t images) override {
    conv_->Forward(images);
    relu_->Forward(images);
    pool_->Forward(images);
  }

  void Backward(int64_t, absl::Span<float* const>) override { FAIL(); }

 private:
  std::unique_ptr<Kernel> conv_;
  std::unique_ptr<Kernel> relu_;
  std::unique_ptr<Kernel> pool_;
  Tensor sums_;
  Tensor rectified_;
};

struct PooledConv {
  std::string name;
  ConvSpec conv;
  Shape image;
  int64_t images = 1;
  bool in_registers = false;  // Needs many: not on all CPUs.

  friend void PrintTo(const PooledConv& c, std::ostream* os) { *os << c.name; }
};

// Where kernels compute pooling themselves.
std::vector<PooledConv> PooledConvs() {
  const auto taps = [](const std::string& name, int64_t outputs,
                       const Window& window, const Shape& image,
                       int64_t images = 1) {
    return PooledConv{name, Spec(1, outputs, window), image, images, true};
  };
  const Window same3 = {.kernel = {3, 3}, .padding = {1, 1}};
  const Window same5 = {.kernel = {5, 5}, .padding = {2, 2}};
  return {
      taps("OneWindow", 16, {.kernel = {3, 3}}, {4, 4, 1}),
      taps("OddRowsAndColumns", 16, same3, {7, 9, 1}, 3),
      taps("NotAWholeVector", 19, same3, {6, 8, 1}, 2),
      taps("SeveralVectors", 33, {.kernel = {3, 3}}, {8, 6, 1}),
      taps("Strides", 17,
           {.kernel = {3, 3}, .stride = {2, 3}, .padding = {1, 0}}, {13, 20, 1},
           2),
      taps("FiveTaps", 16, same5, {6, 10, 1}, 2),
      taps("FiveTapsOdd", 20, {.kernel = {5, 5}, .padding = {1, 2}}, {9, 7, 1}),
      {"WinogradRows", Spec(1, 16, same5), {8, 12, 1}, 2},
      {"WinogradRowsOdd", Spec(1, 35, {.kernel = {5, 5}}), {13, 15, 1}, 2},
      {"WinogradRowsOfChannels",
       Spec(12, 32, {.kernel = {5, 5}}),
       {14, 14, 12},
       2},
      {"WinogradRowsOfChannelsOdd", Spec(4, 20, same5), {39, 9, 4}, 2},
      {"Winograd", Spec(16, 16, same3), {12, 16, 16}, 2},
      {"WinogradPartsOfTiles", Spec(17, 19, same3), {14, 10, 17}, 1},
      {"WinogradOdd", Spec(32, 33, same3), {7, 7, 32}, 2},
      // Of the last tiles, one row is computed and left out.
      {"WinogradOneIsLeft", Spec(32, 16, same3), {5, 9, 32}, 1},
      {"WinogradFiveTaps", Spec(24, 33, same5), {8, 8, 24}, 1},
      {"WinogradFiveTapsOdd", Spec(24, 20, same5), {7, 9, 24}, 2},
  };
}

constexpr PoolKind kKinds[] = {PoolKind::kMax, PoolKind::kMin,
                               PoolKind::kAverage};

PoolSpec TwoByTwo(PoolKind kind) {
  return {.kind = kind, .window = {.kernel = {2, 2}}};
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeFused(Backend backend,
                                                  const PooledConv& c,
                                                  const PoolSpec& pool,
                                                  int64_t images) {
  return MakeConvKernel(backend, c.conv, c.image, images,
                        {.activation = kRectifier, .pool = pool});
}

class PooledConvTest : public ::testing::TestWithParam<PooledConv> {};

INSTANTIATE_TEST_SUITE_P(Cases, PooledConvTest,
                         ::testing::ValuesIn(PooledConvs()),
                         [](const auto& info) { return info.param.name; });

// A maximum, minimum or mean of numbers is off by no more than they are. The
// mean's own roundings are those of four more terms.
TEST_P(PooledConvTest, AgreesWithReference) {
  const PooledConv& pooled = GetParam();
  for (const PoolKind kind : kKinds) {
    SCOPED_TRACE(static_cast<int>(kind));
    const PoolSpec pool = TwoByTwo(kind);
    KernelCase c =
        ConvCase(pooled.name, pooled.conv, pooled.image, pooled.images);
    c.training = false;
    c.terms += 4;
    c.output = *OutputShape(pool, c.output);
    c.make = [&](Backend backend,
                 int64_t images) -> absl::StatusOr<std::unique_ptr<Kernel>> {
      if (backend == Backend::kDirect) {
        auto fused = MakeFused(backend, pooled, pool, images);
        if (fused.ok()) return fused;
        EXPECT_TRUE(pooled.in_registers) << fused.status();
      }
      return SeparateKernels::Create(backend, pooled.conv, pool, pooled.image,
                                     images);
    };
    CheckAgainstReference(c, Backend::kDirect);
  }
}

// To the last bit, as executors choose one or the other. And close to what
// another backend computes.
TEST_P(PooledConvTest, ComputesWhatTheKernelsOfTheLayersWould) {
  const PooledConv& c = GetParam();
  Tensor x(*c.image.WithOuter(c.images));
  Tensor filter(*FilterShape(c.conv));
  Tensor bias({c.conv.output_channels});
  Random random(/*seed=*/7);
  for (Tensor* tensor : {&x, &filter, &bias}) {
    FillUniform(-1, 1, random, tensor->span());
  }
  const KernelCase facts = ConvCase(c.name, c.conv, c.image, c.images);
  const double steps = facts.parameters[0].inner_elements() + 5;
  for (const PoolKind kind : kKinds) {
    const PoolSpec pool = TwoByTwo(kind);
    const Shape block =
        *OutputShape(pool, *OutputShape(c.conv, c.image))->WithOuter(c.images);
    const auto run = [&](absl::StatusOr<std::unique_ptr<Kernel>> kernel) {
      Tensor y(block);
      EXPECT_THAT(RunOnce(*std::move(kernel), {&x}, {&filter, &bias}, y),
                  IsOk());
      return y;
    };
    // Lanes pool only what windows cover.
    auto lanes = MakeFused(Backend::kLanes, c, pool, c.images);
    const Tensor other =
        run(lanes.ok() ? std::move(lanes)
                       : SeparateKernels::Create(Backend::kReference, c.conv,
                                                 pool, c.image, c.images));
    int fused_sets = 0;
    ForEachInstructionSet([&](const std::string& name) {
      SCOPED_TRACE(name);
      auto kernel = MakeFused(Backend::kDirect, c, pool, c.images);
      if (!kernel.ok() && c.in_registers) return;
      ++fused_sets;
      const Tensor fused = run(std::move(kernel));
      LENSLET_EXPECT_OK(AllClose(
          fused, run(SeparateKernels::Create(Backend::kDirect, c.conv, pool,
                                             c.image, c.images))));
      // Sums of `steps` products of at most 1, each with as many roundings.
      LENSLET_EXPECT_OK(AllClose(
          fused, other,
          {.absolute = 2 * facts.rounding_error + steps * steps * 0x1p-24}));
    });
    if (!c.in_registers || CanConvolveTaps(*Resolve(c.conv, c.image))) {
      EXPECT_GT(fused_sets, 0);
    }
  }
}

// Of pixels 0 to 15, with a filter of one in its middle and half to its right,
// the sums at the four positions inside are
//   5 + 6 / 2 = 8     6 + 7 / 2 = 9.5
//   9 + 10 / 2 = 14  10 + 11 / 2 = 15.5
// less 10 by the bias: -2, -0.5, 4 and 5.5.
TEST(PooledConvTest, ByHand) {
  Tensor x({1, 4, 4, 1});
  FillIota(0, x.span());
  const ConvSpec spec = Spec(1, 9, {.kernel = {3, 3}});
  Tensor filter({9, 3, 3, 1});
  Tensor bias({9});
  for (int k = 0; k < 9; ++k) {
    filter.data()[k * 9 + 4] = 1;
    filter.data()[k * 9 + 5] = 0.5;
    bias.data()[k] = -10;
  }
  if (!CanConvolveTaps(*Resolve(spec, {4, 4, 1}))) GTEST_SKIP();
  const auto pooled = [&](PoolKind kind, bool relu) {
    Epilogue epilogue = {.pool = TwoByTwo(kind)};
    if (relu) epilogue.activation = kRectifier;
    Tensor y({1, 1, 1, 9});
    EXPECT_THAT(RunOnce(*MakeConvKernel(Backend::kDirect, spec, {4, 4, 1},
                                        /*images=*/1, epilogue),
                        {&x}, {&filter, &bias}, y),
                IsOk());
    EXPECT_THAT(y.span(), ::testing::Each(y.data()[0]));
    return y.data()[0];
  };
  EXPECT_EQ(pooled(PoolKind::kMax, false), 5.5f);
  EXPECT_EQ(pooled(PoolKind::kMin, false), -2.0f);
  EXPECT_EQ(pooled(PoolKind::kAverage, false), 1.75f);
  EXPECT_EQ(pooled(PoolKind::kMax, true), 5.5f);
  EXPECT_EQ(pooled(PoolKind::kMin, true), 0.0f);
  EXPECT_EQ(pooled(PoolKind::kAverage, true), 2.375f);
}

TEST(PooledConvTest, LeavesOthersToTheirKernels) {
  const ConvSpec conv = Spec(32, 32, {.kernel = {3, 3}, .padding = {1, 1}});
  const auto make = [&](const Epilogue& epilogue, const ConvSpec& spec) {
    return MakeConvKernel(Backend::kDirect, spec, {12, 12, 32}, /*images=*/1,
                          epilogue)
        .status();
  };
  LENSLET_EXPECT_OK(make({.pool = TwoByTwo(PoolKind::kMax)}, conv));
  const auto no_fusion =
      StatusIs(absl::StatusCode::kUnimplemented,
               "kernels of direct do not compute that as well");
  EXPECT_THAT(make({.pool = TwoByTwo(PoolKind::kSoftmax)}, conv), no_fusion);
  EXPECT_THAT(make({.activation = ActivationSpec{ActivationKind::kTanh},
                    .pool = TwoByTwo(PoolKind::kMax)},
                   conv),
              no_fusion);
  for (const Window& window : std::vector<Window>{
           {.kernel = {3, 3}},
           {.kernel = {2, 2}, .stride = {1, 1}},
           {.kernel = {2, 2}, .stride = {2, 2}, .dilation = {2, 1}},
           {.kernel = {2, 2}, .padding = {1, 1}}}) {
    EXPECT_THAT(make({.pool = PoolSpec{.window = window}}, conv), no_fusion);
  }
  ConvSpec depthwise = conv;
  depthwise.groups = 32;
  EXPECT_THAT(make({.pool = TwoByTwo(PoolKind::kMax)}, depthwise), no_fusion);
}

}  // namespace
}  // namespace lenslet
