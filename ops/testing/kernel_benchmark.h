// The speed of kernels, as Google Benchmark measures it.
//
//   int main(int argc, char** argv) {
//     return lenslet::RunKernelBenchmarks({{.name = "LeNetFirst", ...}}, argc,
//                                         argv);
//   }
//
// Benchmarks are called BACKEND/NAME/forward and BACKEND/NAME/backward. An
// iteration is a block of kBenchmarkImages images. Counters:
//   FLOP       floating-point operations in a second: two for each multiply-add
//              of the operator's cost; backward, as many for the gradient by
//              the parameters, and again by the input
//   elements   elements of the input in a second, where there are no
//              multiply-adds
//   image      seconds for one image

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
  // Whether backward computes the gradient by the input too: the first layer of
  // a network does not.
  bool input_gradient = true;
};

// What main() returns: registers the cases for each backend that has them, and
// runs those that the command line asks for.
int RunKernelBenchmarks(const std::vector<KernelBenchmark>& cases, int argc,
                        char** argv);

// For benchmarks of something else than kernels.

// "lanes/LeNetFirst/forward"
std::string BenchmarkName(Backend backend, const std::string& name,
                          const std::string& direction);

// Sets the counter `what`, of which there are so many in an image, and "image".
void SetCounters(const std::string& what, int64_t of_image,
                 benchmark::State& state);

// Runs registered benchmarks and returns what main() returns. Without a
// --benchmark_filter, leaves out the reference backend, which takes long.
int RunBenchmarks(int argc, char** argv);

}  // namespace lenslet

#endif  // LENSLET_OPS_TESTING_KERNEL_BENCHMARK_H_
