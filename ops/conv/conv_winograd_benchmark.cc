// How long convolutions take with Winograd's algorithm, relative to sums of
// products: of 16 images in lanes, and of one image on the direct backend. Both
// run in turn; prints the ratios of medians:
//
//   conv_winograd_benchmark [INSTRUCTION_SET [filter|lanes|direct]]
//
// With "filter", only the gradient with respect to the filter; with "lanes",
// only the other times in lanes; with "direct", only those of one image.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hwy/targets.h"
#include "lenslet/base/denormals.h"
#include "lenslet/base/random.h"
#include "lenslet/ops/conv/conv_direct_winograd.h"
#include "lenslet/ops/conv/conv_lanes_winograd_filter_gradient.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

struct Algorithm {
  Algorithm(const ConvGeometry& g, bool exact, bool input_gradient = true) {
    const int64_t xs = Volume(g.input) * g.input_channels * kLanes;
    const int64_t ys = Volume(g.output) * g.output_channels * kLanes;
    const int64_t ws =
        Volume(g.window.kernel) * g.input_channels * g.output_channels;
    Random random(/*seed=*/1);
    for (const int64_t size :
         {xs, ys, ys, xs, ws, g.output_channels, ws, g.output_channels}) {
      arrays.emplace_back(Shape({size}));
      FillUniform(-1, 1, random, arrays.back().span());
    }
    kernel = *MakeConvLanesKernel(g, kLanes, /*epilogue=*/{}, exact);
    KernelBuffers buffers;
    buffers.inputs = {arrays[0].data()};
    buffers.parameters = {arrays[4].data(), arrays[5].data()};
    buffers.output = arrays[1].data();
    buffers.output_gradient = arrays[2].data();
    buffers.input_gradients = {input_gradient ? arrays[3].data() : nullptr};
    buffers.training = true;
    if (!kernel->Bind(std::move(buffers)).ok()) std::abort();
    Prepare();
  }
  void Prepare() {
    if (!kernel->ParametersChanged().ok()) std::abort();
  }

  std::vector<Tensor> arrays;
  std::unique_ptr<Kernel> kernel;
};

template <class Body>
double Seconds(Body body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

double Median(std::vector<double> v) {
  std::nth_element(v.begin(), v.begin() + v.size() / 2, v.end());
  return v[v.size() / 2];
}

ConvGeometry GeometryOf(int64_t taps, int64_t size, int64_t in, int64_t out,
                        bool pad = true) {
  const int64_t padding = pad ? taps / 2 : 0;
  const ConvSpec spec = {
      .input_channels = in,
      .output_channels = out,
      .window = {.kernel = {taps, taps}, .padding = {padding, padding}}};
  return *Resolve(spec, {size, size, in});
}

void Compare(int64_t taps, int64_t size, int64_t in, int64_t out,
             bool pad = true) {
  const ConvGeometry g = GeometryOf(taps, size, in, out, pad);
  Algorithm exact(g, true);
  Algorithm fast(g, false);
  std::vector<double> times[3][2];
  const double flops = 2.0 * taps * taps * Volume(g.output) * in * out * kLanes;
  const int rounds = std::clamp<int>(static_cast<int>(1.2e10 / flops), 15, 400);
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < 2; ++i) {
      Algorithm& a = i == 0 ? exact : fast;
      a.kernel->Forward(kLanes);
      times[0][i].push_back(Seconds([&] { a.kernel->Forward(kLanes); }));
      // The parameters' gradients are not wanted.
      std::vector<float*> none(2);
      times[1][i].push_back(Seconds([&] { a.kernel->Backward(kLanes, none); }));
      times[2][i].push_back(Seconds([&] { a.Prepare(); }));
    }
  }
  std::printf("%dx%d: %2dx%2dx%3d->%3d%s", static_cast<int>(taps),
              static_cast<int>(taps), static_cast<int>(size),
              static_cast<int>(size), static_cast<int>(in),
              static_cast<int>(out), pad ? "" : ", no padding,");
  const char* names[] = {"forward", "input gradient", "prepare"};
  for (int i = 0; i < 3; ++i) {
    const double direct = Median(times[i][0]);
    const double winograd = Median(times[i][1]);
    std::printf("  %s %6.1f / %6.1f us = %.2f", names[i], direct * 1e6,
                winograd * 1e6, direct / winograd);
    if (i < 2) std::printf(" (%3.0f GFLOP/s)", flops / winograd * 1e-9);
  }
  std::printf("\n");
}

// The filter's gradient alone.
void CompareFilterGradient(int64_t taps, int64_t size, int64_t in,
                           int64_t out) {
  const ConvGeometry g = GeometryOf(taps, size, in, out);
  Algorithm algorithms[] = {{g, /*exact=*/true, /*input_gradient=*/false},
                            {g, /*exact=*/false, /*input_gradient=*/false}};
  Tensor dw({taps * taps * in * out});
  const std::vector<float*> gradients = {dw.data(), nullptr};
  const double flops = 2.0 * taps * taps * size * size * in * out * kLanes;
  const int rounds = std::clamp<int>(static_cast<int>(2.4e10 / flops), 15, 400);
  std::vector<double> times[2];
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < 2; ++i) {
      times[i].push_back(
          Seconds([&] { algorithms[i].kernel->Backward(kLanes, gradients); }));
    }
  }
  const double sums = Median(times[0]);
  const double winograd = Median(times[1]);
  std::printf(
      "%dx%d: %2dx%2dx%3d->%3d  filter gradient %7.1f / %7.1f us = %.2f "
      "(%3.0f, %3.0f GFLOP/s), expected %.2f\n",
      static_cast<int>(taps), static_cast<int>(taps), static_cast<int>(size),
      static_cast<int>(size), static_cast<int>(in), static_cast<int>(out),
      sums * 1e6, winograd * 1e6, sums / winograd, flops / sums * 1e-9,
      flops / winograd * 1e-9,
      1 / WinogradFilterGradientShare(ForwardWinograd(g)));
}

// One image on the direct backend.
void CompareDirect(int64_t taps, int64_t size, int64_t in, int64_t out) {
  const ConvGeometry g = GeometryOf(taps, size, in, out);
  std::vector<Tensor> arrays;
  Random random(/*seed=*/1);
  for (const int64_t floats :
       {size * size * in, taps * taps * in * out, out, size * size * out}) {
    arrays.emplace_back(Shape({floats}));
    FillUniform(-1, 1, random, arrays.back().span());
  }
  const std::unique_ptr<Kernel> kernels[] = {
      *MakeConvDirectKernel(g, /*epilogue=*/{}, /*exact=*/true),
      MakeConvDirectWinogradKernel(g, /*epilogue=*/{})};
  for (const std::unique_ptr<Kernel>& kernel : kernels) {
    KernelBuffers buffers;
    buffers.inputs = {arrays[0].data()};
    buffers.parameters = {arrays[1].data(), arrays[2].data()};
    buffers.output = arrays[3].data();
    if (!kernel->Bind(std::move(buffers)).ok()) std::abort();
    if (!kernel->ParametersChanged().ok()) std::abort();
  }
  const double flops = 2.0 * taps * taps * size * size * in * out;
  const int repeats = std::max<int>(1, static_cast<int>(2e7 / flops));
  std::vector<double> times[2];
  for (int round = 0; round < 101; ++round) {
    for (int i = 0; i < 2; ++i) {
      kernels[i]->Forward(1);
      times[i].push_back(Seconds([&] {
        for (int repeat = 0; repeat < repeats; ++repeat) kernels[i]->Forward(1);
      }));
    }
  }
  const double sums = Median(times[0]) / repeats;
  const double winograd = Median(times[1]) / repeats;
  std::printf(
      "%dx%d: %2dx%2dx%3d->%3d  direct %7.2f / %7.2f us = %.2f "
      "(%3.0f GFLOP/s), expected %.2f\n",
      static_cast<int>(taps), static_cast<int>(taps), static_cast<int>(size),
      static_cast<int>(size), static_cast<int>(in), static_cast<int>(out),
      sums * 1e6, winograd * 1e6, sums / winograd, flops / winograd * 1e-9,
      1 / DirectWinogradShare(ForwardWinograd(g)));
}

void CompareFilterGradients() {
  for (const auto& [taps, size, in, out] :
       std::vector<std::array<int64_t, 4>>{{3, 32, 16, 16},
                                           {3, 16, 32, 32},
                                           {3, 8, 64, 64},
                                           {3, 14, 16, 16},
                                           {3, 14, 16, 32},
                                           {3, 14, 32, 32},
                                           {3, 14, 64, 64},
                                           {3, 28, 16, 16},
                                           {3, 7, 32, 32},
                                           {3, 6, 32, 64},
                                           {3, 3, 64, 56},
                                           {3, 4, 32, 32},
                                           {3, 8, 128, 128},
                                           {3, 4, 256, 256},
                                           {3, 9, 20, 24},
                                           {5, 14, 16, 32},
                                           {5, 14, 24, 64},
                                           {5, 8, 64, 64}}) {
    CompareFilterGradient(taps, size, in, out);
  }
}

void CompareLanes() {
  for (const auto& [size, in, out] :
       std::vector<std::array<int64_t, 3>>{{8, 64, 64},
                                           {16, 64, 64},
                                           {14, 64, 64},
                                           {16, 32, 32},
                                           {14, 32, 32},
                                           {32, 16, 16},
                                           {28, 16, 16},
                                           {14, 16, 16},
                                           {7, 32, 32},
                                           {7, 32, 64},
                                           {3, 64, 56},
                                           {14, 16, 32},
                                           {8, 128, 128},
                                           {4, 256, 256}}) {
    Compare(3, size, in, out);
  }
  for (const auto& [size, in, out] :
       std::vector<std::array<int64_t, 3>>{{14, 16, 16},
                                           {14, 12, 32},
                                           {14, 24, 64},
                                           {14, 48, 128},
                                           {8, 64, 64}}) {
    Compare(5, size, in, out);
  }
  Compare(3, 14, 32, 32, /*pad=*/false);
  Compare(5, 14, 24, 64, /*pad=*/false);
  Compare(5, 14, 48, 128, /*pad=*/false);
}

void CompareAllDirect() {
  for (const auto& [taps, size, in, out] : std::vector<std::array<int64_t, 4>>{
           {3, 32, 3, 16},   {3, 28, 8, 8},     {3, 28, 8, 16},
           {3, 14, 8, 32},   {3, 32, 16, 16},   {3, 14, 16, 16},
           {3, 14, 16, 32},  {3, 14, 24, 40},   {3, 7, 16, 16},
           {3, 16, 32, 32},  {3, 14, 32, 32},   {3, 7, 32, 32},
           {3, 6, 32, 64},   {3, 4, 32, 32},    {3, 4, 64, 64},
           {3, 3, 64, 56},   {3, 2, 64, 64},    {3, 8, 64, 64},
           {3, 5, 64, 64},   {3, 7, 128, 128},  {3, 4, 128, 128},
           {3, 8, 128, 128}, {3, 14, 128, 128}, {3, 56, 64, 64},
           {5, 14, 6, 16},   {5, 14, 16, 32},   {5, 14, 24, 64},
           {5, 8, 64, 64},   {5, 4, 64, 64}}) {
    CompareDirect(taps, size, in, out);
  }
}

int Main(int argc, char** argv) {
  if (argc > 1) {
    for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
      if (std::string(hwy::TargetName(target)) == argv[1]) {
        hwy::SetSupportedTargetsForTest(target);
        hwy::GetChosenTarget().Update(hwy::SupportedTargets());
      }
    }
  }
  const FlushDenormals flush;
  const std::string only = argc > 2 ? argv[2] : "";
  if (only.empty() || only == "filter") CompareFilterGradients();
  if (only.empty() || only == "lanes") CompareLanes();
  if (only.empty() || only == "direct") CompareAllDirect();
  return 0;
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Main(argc, argv); }
