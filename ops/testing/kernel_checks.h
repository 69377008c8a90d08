// The checks that every kernel goes through: agreement with the reference
// backend, and of its gradients with its own forward.

#ifndef LENSLET_OPS_TESTING_KERNEL_CHECKS_H_
#define LENSLET_OPS_TESTING_KERNEL_CHECKS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/base/random.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// One named case of an operator. Shapes are those of one image.
struct KernelCase {
  std::string name;
  std::function<absl::StatusOr<std::unique_ptr<Kernel>>(Backend backend,
                                                        int64_t images)>
      make;
  std::vector<Shape> inputs;
  Shape output;
  std::vector<Shape> parameters = {};
  int64_t images = 1;
  // Whether runs are those of training; without, no gradient is looked at.
  bool training = true;
  // Indices of the parameters that are statistics (layers/layer.h): numbers
  // from 1/2 to 3/2, whose gradients are none, and only have to agree with the
  // reference's.
  std::vector<int> statistics = {};

  // Products in the longest sum of an output, an input gradient or (for one
  // image) a parameter gradient: how much rounding error to expect.
  int64_t terms = 1;
  // A bound on the third derivative of the output by an input or a parameter:
  // how much a finite difference errs.
  double third_derivative = 0;
  // The same of an operator whose output depends on its inputs' proportions
  // alone: for inputs of about 1, by an input.
  double scaled_third_derivative = 0;
  // Error of an element of the output that is no sum's, relative to 1: what the
  // backend's approximation of a function promises.
  double function_error = 0;
  // Errors of gradients that are no sum's, for inputs of about 1: of an element
  // of an input gradient, which smaller inputs make as much larger, and of a
  // parameter gradient of one image.
  double input_gradient_error = 0;
  double parameter_gradient_error = 0;
  // Fills an input with numbers of about that size. Where an operator has
  // kinks, keeps them 2 * kStep * scale away. Empty: uniform in [-scale,
  // scale].
  std::function<void(Random& random, double scale, absl::Span<float> input)>
      fill_input = {};

  friend void PrintTo(const KernelCase& c, std::ostream* os) { *os << c.name; }
};

// Finite differences move an input by kStep * scale.
inline constexpr double kStep = 0x1p-6;

// Whether the backend has a kernel that can run the case, with gradients if it
// is one of training and the backend has any. Fails the test if that is neither
// so nor Unimplemented.
bool HasKernel(const KernelCase& c, Backend backend);

// Fails the test if the backend's output or one of its gradients is not the
// reference's within the error of float sums, for a whole block, then for a
// part of one, then with other parameters; lanes and direct on every
// instruction set that the CPU has and kernels are compiled for; direct without
// training, and if it writes after the images; or if a kernel writes to the
// bytes after an array that it may only read, or lets them change a result.
// Without `expect_kernel`, fails it if HasKernel().
void CheckAgainstReference(const KernelCase& c, Backend backend,
                           bool expect_kernel = true);

// Fails the test if a gradient is not what finite differences of the kernel's
// own forward say, for inputs and parameters, under a non-uniform output
// gradient, at several scales of the inputs; or if leaving out parameters'
// gradients changes another gradient.
void CheckGradients(const KernelCase& c, Backend backend);

}  // namespace lenslet

#endif  // LENSLET_OPS_TESTING_KERNEL_CHECKS_H_
