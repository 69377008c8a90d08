// Measures the speed of kernels with Google Benchmark.
//
//   int main(int argc, char** argv) {
//     return lenslet::RunKernelBenchmarks({{.name = "LeNetFirst", ...}}, argc,
//                                         argv);
//   }
//
// Benchmarks are called BACKEND/NAME/forward and BACKEND/NAME/backward. An
// iteration is a block of kBenchmarkImages images. Counters:
//   FLOP       floating-point operations per second: two for each multiply-add
//              of the operator's cost; backward, as many for the gradient
//              w.r.t. the parameters, and again w.r.t. the input
//   elements   elements of the input per second, if there are no multiply-adds
//   image      seconds per image

#ifndef LENSLET_OPS_TESTING_KERNEL_BENCHMARK_H_
#define LENSLET_OPS_TESTING_KERNEL_BENCHMARK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "benchmark/benchmark.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/cost.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// The block that training uses.
inline constexpr int64_t kBenchmarkImages = 16;

// One named case of an operator. Shapes are those of one image.
struct KernelBenchmark {
  std::string name;
  std::function<absl::StatusOr<std::unique_ptr<Kernel>>(Backend backend,
                                                        int64_t images)>
      make;
  Shape input;
  Shape output;
  std::vector<Shape> parameters = {};
  Cost cost = {};  // Of one image, forward.
  // Whether backward also computes the gradient w.r.t. the input. The first
  // layer of a network does not.
  bool input_gradient = true;
};

// The body of main(). Registers the cases for each backend that supports them,
// runs those that the command line selects, and returns the exit code.
int RunKernelBenchmarks(const std::vector<KernelBenchmark>& cases, int argc,
                        char** argv);

// The functions below are for benchmarks of things other than kernels.

// "lanes/LeNetFirst/forward"
std::string BenchmarkName(Backend backend, const std::string& name,
                          const std::string& direction);

// Sets the counters "image" and `what`. An image counts as `of_image` of
// `what`.
void SetCounters(const std::string& what, int64_t of_image,
                 benchmark::State& state);

// Runs the registered benchmarks and returns main()'s exit code. Without
// --benchmark_filter, omits the reference backend, which is slow.
int RunBenchmarks(int argc, char** argv);

}  // namespace lenslet

#endif  // LENSLET_OPS_TESTING_KERNEL_BENCHMARK_H_
