// The checks for every kernel: its results must agree with the reference
// backend, and its gradients with finite differences of Forward().

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
  // Whether to run in training mode. Otherwise, gradients are not checked.
  bool training = true;
  // Indices of the parameters that are statistics (layers/layer.h). Their
  // values are from 1/2 to 3/2. They have updates instead of gradients, which
  // are only compared with the reference backend's.
  std::vector<int> statistics = {};

  // The number of products in the longest sum of an output, an input gradient
  // or (for one image) a parameter gradient. Determines the expected rounding
  // error.
  int64_t terms = 1;
  // A bound on the third derivative of the output w.r.t. an input or a
  // parameter. Determines the expected error of a finite difference.
  double third_derivative = 0;
  // Another such bound, w.r.t. inputs of about 1, for an operator whose output
  // depends only on the proportions of its inputs. For inputs of another size,
  // it is divided by the cube of the size.
  double scaled_third_derivative = 0;
  // The error of an output element, relative to 1, that does not come from a
  // sum: the error bound of the backend's approximation of a function.
  double function_error = 0;
  // The error of an output element for inputs of about 1, beyond that of a sum,
  // that consists of roundings; it is proportional to the inputs. Also bounds
  // that of an input gradient.
  double rounding_error = 0;
  // The same of a parameter gradient of one image.
  double parameter_rounding_error = 0;
  // The errors of gradients that do not come from a sum, for inputs of about 1.
  // The first is for an element of an input gradient; it is divided by the size
  // of the inputs. The second is for a parameter gradient of one image.
  double input_gradient_error = 0;
  double parameter_gradient_error = 0;
  // Fills an input with numbers of about the size `scale`. If an operator has
  // kinks, the numbers must be at least 2 * kStep * scale away from them.
  // Empty: uniform in [-scale, scale].
  std::function<void(Random& random, double scale, absl::Span<float> input)>
      fill_input = {};

  friend void PrintTo(const KernelCase& c, std::ostream* os) { *os << c.name; }
};

// Finite differences move an input by kStep * scale.
inline constexpr double kStep = 0x1p-6;

// Returns whether the backend has a kernel that can run the case. The kernel
// needs gradients if the case is for training and the backend has gradients.
// Fails the test if there is an error other than Unimplemented.
bool HasKernel(const KernelCase& c, Backend backend);

// Fails the test if the backend's output or gradients differ from those of the
// reference backend by more than the error of float sums. Runs a whole block,
// then a part of a block, then a whole block with other parameters. Runs lanes
// and direct on every instruction set that the CPU has and kernels are compiled
// for. Also fails the test if
// * lanes give other bits on another instruction set with fused multiply-adds;
// * a kernel changes the bytes after an array, which it may read but not write;
// * these bytes change a result;
// * a direct kernel writes after the last image. Direct has no gradients.
//
// Without `expect_kernel`, only fails the test if HasKernel().
void CheckAgainstReference(const KernelCase& c, Backend backend,
                           bool expect_kernel = true);

// Fails the test if a gradient w.r.t. an input or a parameter differs from
// finite differences of the kernel's own Forward(). Uses a non-uniform output
// gradient and several scales of the inputs. Also fails the test if omitting
// the gradients of some parameters changes another gradient.
void CheckGradients(const KernelCase& c, Backend backend);

}  // namespace lenslet

#endif  // LENSLET_OPS_TESTING_KERNEL_CHECKS_H_
