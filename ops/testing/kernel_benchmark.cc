#include "lenslet/ops/testing/kernel_benchmark.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/denormals.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// A kernel with memory of its own, all of it full of numbers.
class FilledKernel {
 public:
  static absl::StatusOr<std::unique_ptr<FilledKernel>> Create(
      const KernelBenchmark& c, Backend backend) {
    LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> kernel,
                             c.make(backend, kBenchmarkImages));
    std::unique_ptr<FilledKernel> filled(new FilledKernel(std::move(kernel)));
    LENSLET_RETURN_IF_ERROR(filled->Bind(c));
    return filled;
  }

  void Forward() { kernel_->Forward(kBenchmarkImages); }
  void Backward() { kernel_->Backward(kBenchmarkImages, parameter_gradients_); }

 private:
  explicit FilledKernel(std::unique_ptr<Kernel> kernel)
      : kernel_(std::move(kernel)) {}

  absl::Status Bind(const KernelBenchmark& c) {
    KernelBuffers buffers;
    buffers.inputs = {NewBlock(c.input)};
    buffers.output = NewBlock(c.output);
    buffers.output_gradient = NewBlock(c.output);
    buffers.training = true;
    buffers.input_gradients = {c.input_gradient ? NewBlock(c.input) : nullptr};
    for (const Shape& shape : c.parameters) {
      buffers.parameters.push_back(NewArray(shape));
      parameter_gradients_.push_back(NewArray(shape));
    }
    LENSLET_RETURN_IF_ERROR(kernel_->Bind(std::move(buffers)));
    return kernel_->ParametersChanged();
  }

  float* NewBlock(const Shape& image) {
    return NewArray(
        *image.WithOuter(RoomForImages(kernel_->layout(), kBenchmarkImages)));
  }

  float* NewArray(const Shape& shape) {
    arrays_.emplace_back(shape);
    FillUniform(-1, 1, random_, arrays_.back().span());
    return arrays_.back().data();
  }

  const std::unique_ptr<Kernel> kernel_;
  Random random_{/*seed=*/0};
  std::vector<Tensor> arrays_;
  std::vector<float*> parameter_gradients_;
};

int64_t BackwardFlops(const KernelBenchmark& c) {
  const int gradients = (c.parameters.empty() ? 0 : 1) + c.input_gradient;
  return 2 * gradients * c.cost.multiply_adds;
}

void Run(const KernelBenchmark& c, Backend backend, bool backward,
         benchmark::State& state) {
  const auto kernel = FilledKernel::Create(c, backend);
  if (!kernel.ok()) {
    state.SkipWithError(std::string(kernel.status().message()).c_str());
    return;
  }
  const FlushDenormals flush;
  (*kernel)->Forward();  // Backward reads its output.
  if (backward) {
    for (auto _ : state) (*kernel)->Backward();
  } else {
    for (auto _ : state) (*kernel)->Forward();
  }
  const int64_t flops = backward ? BackwardFlops(c) : 2 * c.cost.multiply_adds;
  if (flops > 0) {
    SetCounters("FLOP", flops, state);
  } else {
    SetCounters("elements", c.input.elements(), state);
  }
}

}  // namespace

std::string BenchmarkName(Backend backend, const std::string& name,
                          const std::string& direction) {
  return absl::StrCat(Name(backend), "/", name, "/", direction);
}

void SetCounters(const std::string& what, int64_t of_image,
                 benchmark::State& state) {
  using benchmark::Counter;
  state.counters[what] =
      Counter(static_cast<double>(of_image * kBenchmarkImages),
              Counter::kIsIterationInvariantRate);
  state.counters["image"] =
      Counter(static_cast<double>(kBenchmarkImages),
              Counter::kIsIterationInvariantRate | Counter::kInvert);
}

int RunBenchmarks(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  std::string filter = benchmark::GetBenchmarkFilter();
  if (filter.empty()) filter = absl::StrCat("-^", Name(Backend::kReference));
  benchmark::RunSpecifiedBenchmarks(filter);
  benchmark::Shutdown();
  return 0;
}

int RunKernelBenchmarks(const std::vector<KernelBenchmark>& cases, int argc,
                        char** argv) {
  for (Backend backend : kBackends) {
    for (const KernelBenchmark& c : cases) {
      // Some backends can only tell when the kernel is complete.
      const absl::Status status = FilledKernel::Create(c, backend).status();
      if (absl::IsUnimplemented(status)) continue;
      for (bool backward : {false, true}) {
        benchmark::RegisterBenchmark(
            BenchmarkName(backend, c.name, backward ? "backward" : "forward")
                .c_str(),
            [&c, backend, backward](benchmark::State& state) {
              Run(c, backend, backward, state);
            });
      }
    }
  }
  return RunBenchmarks(argc, argv);
}

}  // namespace lenslet
