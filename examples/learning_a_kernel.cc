// Learning a kernel: find the kernel that made y of x, from x and y alone.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <vector>

#include "lenslet/base/check.h"
#include "lenslet/base/random.h"
#include "lenslet/examples/matrix.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr float kLearningRate = 0.03f;
constexpr int kIterations = 10;

// White, with a black stripe in columns 2 to 5.
Tensor MakeImage() {
  Tensor image({6, 8});
  for (int64_t row = 0; row < 6; ++row) {
    for (int64_t column = 0; column < 8; ++column) {
      image.view().at({row, column}) = column < 2 || column > 5 ? 1 : 0;
    }
  }
  return image;
}

// A network of one convolution with a 1x2 kernel and no bias. With `flip` it is
// the strict convolution, which reads its kernel backwards.
Graph MakeGraph(bool flip) {
  GraphBuilder builder;
  builder.AddInput("image", {6, 8, 1});
  builder.AddLayer("conv",
                   layers::Conv2d({.output_channels = 1,
                                   .window = {.kernel = {1, 2}},
                                   .has_bias = false,
                                   .flip = flip}),
                   {"image"});
  return builder.Build().value();
}

// Changes the kernel in `parameters` so that it makes y of x. Returns the loss,
// the sum of squared errors, of each iteration.
std::vector<float> Learn(const Graph& graph, const Tensor& x, const Tensor& y,
                         Parameters& parameters) {
  const std::unique_ptr<Executor> executor =
      Executor::Create(
          graph, parameters,
          {.backend = Backend::kReference, .images = 1, .training = true})
          .value();
  Parameters gradients = Parameters::Create(graph).value();
  std::vector<float> losses;
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    std::copy(x.span().begin(), x.span().end(), executor->input().data());
    executor->Forward(1);

    // loss = sum of (y_hat - y)^2, so its gradient w.r.t. y_hat is
    // 2 (y_hat - y).
    float loss = 0;
    for (int64_t i = 0; i < y.shape().elements(); ++i) {
      const float error = executor->output()[i] - y.data()[i];
      loss += error * error;
      executor->output_gradient()[i] = 2 * error;
    }
    losses.push_back(loss);

    // The executor propagates the gradient to the kernel. It adds to the
    // array, so the array starts at 0.
    std::fill(gradients.array().begin(), gradients.array().end(), 0.0f);
    executor->Backward(1, gradients.array());
    for (int i = 0; i < 2; ++i) {
      parameters.view(0)[i] -= kLearningRate * gradients.view(0)[i];
    }
    // Backends may convert parameters to their own form.
    LENSLET_CHECK(executor->ParametersChanged().ok());
  }
  return losses;
}

void PrintKernel(const Parameters& parameters) {
  std::printf("learned kernel: [%.5f, %.5f]\n\n", parameters.view(0)[0],
              parameters.view(0)[1]);
}

void Main() {
  const Graph graph = MakeGraph(/*flip=*/false);
  const Tensor x = ToImage(MakeImage());
  const Tensor edges = ToImage(Tensor::Of({1, 2}, {1, -1}));
  const Tensor y = Conv2d(x, edges).value();

  // Parameters start at zero.
  Parameters parameters = Parameters::Create(graph).value();
  const std::vector<float> losses = Learn(graph, x, y, parameters);
  for (int i = 1; i < kIterations; i += 2) {
    std::printf("iteration %2d, loss %.3f\n", i + 1, losses[i]);
  }
  PrintKernel(parameters);

  // From kernels drawn at random, as layers usually start, how far ten
  // iterations get depends on the draw.
  float best = INFINITY;
  float worst = 0;
  Random random(/*seed=*/0);
  constexpr int kStarts = 46;
  for (int start = 0; start < kStarts; ++start) {
    Parameters drawn = Parameters::Create(graph).value();
    const double bound = std::sqrt(0.5);
    FillUniform(-bound, bound, random, drawn.view(0).span());
    const float loss = Learn(graph, x, y, drawn).back();
    best = std::min(best, loss);
    worst = std::max(worst, loss);
  }
  std::printf("%d random starts: last loss %.3f to %.3f\n\n", kStarts, best,
              worst);

  // A strict convolution learns the flipped kernel; its outputs are the same.
  const Graph strict = MakeGraph(/*flip=*/true);
  Parameters flipped = Parameters::Create(strict).value();
  const float loss = Learn(strict, x, y, flipped).back();
  std::printf("strict convolution: last loss %.3f\n", loss);
  PrintKernel(flipped);
}

}  // namespace
}  // namespace lenslet

int main() { lenslet::Main(); }
