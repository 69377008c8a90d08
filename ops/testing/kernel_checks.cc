#include "lenslet/ops/testing/kernel_checks.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/check.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/layout_adapter.h"
#include "lenslet/ops/testing/instruction_sets.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Half the distance between neighboring floats, relative.
constexpr double kRoundoff = 0x1p-24;

// What the bytes after an array hold: numbers that show wherever they go, not
// a signaling one, which some instructions turn into another.
constexpr uint32_t kExtraBits = 0x7fc0abcd;

uint32_t* Extra(Tensor& tensor) {
  return reinterpret_cast<uint32_t*>(tensor.data() + tensor.shape().elements());
}

// A kernel with memory of its own, for its gradients too where it is to train.
class BoundKernel {
 public:
  BoundKernel(const KernelCase& c, std::unique_ptr<Kernel> kernel,
              int64_t block, bool training)
      : kernel_(AdaptLayout(Layout::kImages, std::move(kernel), c.inputs,
                            c.output, block)) {
    KernelBuffers buffers;
    for (const Shape& shape : c.inputs) {
      inputs.emplace_back(*shape.WithOuter(block));
      input_gradients.emplace_back(*shape.WithOuter(block));
      buffers.inputs.push_back(inputs.back().data());
      buffers.input_gradients.push_back(input_gradients.back().data());
    }
    for (const Shape& shape : c.parameters) {
      parameters.emplace_back(shape);
      parameter_gradients.emplace_back(shape);
      gradient_pointers_.push_back(parameter_gradients.back().data());
      buffers.parameters.push_back(parameters.back().data());
    }
    output = Tensor(*c.output.WithOuter(block));
    output_gradient = Tensor(*c.output.WithOuter(block));
    buffers.output = output.data();
    buffers.training = training;
    if (training) buffers.output_gradient = output_gradient.data();
    ForEachTensor(
        [](Tensor& tensor) { std::fill_n(Extra(tensor), kExtra, kExtraBits); });
    bound_ = kernel_->Bind(std::move(buffers));
    kernel_->Seed(/*seed=*/7);
  }

  // What Bind() said; without OK, nothing else may be called.
  const absl::Status& bound() const { return bound_; }

  absl::Status TryParameters() { return kernel_->ParametersChanged(); }
  void ParametersChanged() {
    LENSLET_CHECK(bound_.ok() && TryParameters().ok());
  }
  void Forward(int64_t images) { kernel_->Forward(images); }
  void Backward(int64_t images) {
    kernel_->Backward(images, gradient_pointers_);
  }
  // Without the parameters' gradients, but for that of parameter `kept`, if
  // there is one.
  void BackwardWithout(int64_t images, size_t kept) {
    std::vector<float*> pointers(gradient_pointers_.size());
    if (kept < pointers.size()) pointers[kept] = gradient_pointers_[kept];
    kernel_->Backward(images, pointers);
  }

  // Whether the bytes after the arrays are as they were.
  bool ExtraIsUntouched() {
    bool untouched = true;
    ForEachTensor([&](Tensor& tensor) {
      const uint32_t* extra = Extra(tensor);
      untouched &= std::all_of(extra, extra + kExtra, [](uint32_t bits) {
        return bits == kExtraBits;
      });
    });
    return untouched;
  }

  std::vector<Tensor> inputs;
  std::vector<Tensor> parameters;
  Tensor output;
  Tensor output_gradient;
  std::vector<Tensor> input_gradients;
  std::vector<Tensor> parameter_gradients;

 private:
  static constexpr int64_t kExtra = Tensor::kExtraBytes / sizeof(uint32_t);

  template <typename Body>
  void ForEachTensor(Body body) {
    for (std::vector<Tensor>* tensors :
         {&inputs, &parameters, &input_gradients, &parameter_gradients}) {
      for (Tensor& tensor : *tensors) body(tensor);
    }
    body(output);
    body(output_gradient);
  }

  std::unique_ptr<Kernel> kernel_;
  absl::Status bound_;
  std::vector<float*> gradient_pointers_;
};

void FillInputs(const KernelCase& c, Random& random, double scale,
                BoundKernel& kernel) {
  for (Tensor& input : kernel.inputs) {
    if (c.fill_input) {
      c.fill_input(random, scale, input.span());
    } else {
      FillUniform(-scale, scale, random, input.span());
    }
  }
  FillUniform(-1, 1, random, kernel.output_gradient.span());
  // Gradients are added to what is there.
  for (Tensor& gradient : kernel.parameter_gradients) {
    FillUniform(-1, 1, random, gradient.span());
  }
}

bool IsStatistic(const KernelCase& c, int parameter) {
  return std::find(c.statistics.begin(), c.statistics.end(), parameter) !=
         c.statistics.end();
}

void FillParameters(const KernelCase& c, Random& random, BoundKernel& kernel) {
  for (size_t i = 0; i < kernel.parameters.size(); ++i) {
    const bool statistic = IsStatistic(c, static_cast<int>(i));
    FillUniform(statistic ? 0.5 : -1, statistic ? 1.5 : 1, random,
                kernel.parameters[i].span());
  }
  kernel.ParametersChanged();
}

// The error of a float sum of n products of numbers from [-1, 1]: rounding
// errors add up like a random walk (Higham and Mary, "A new approach to
// probabilistic rounding error analysis", 2019), so it is below
// 4 sqrt(n) u * sum |t|, where sum |t| is some n / 4. A few roundings of
// numbers of the sum's own size, sqrt(n) / 3, come on top.
double SumTolerance(int64_t n) {
  return kRoundoff * (std::sqrt(n) * n + 4 * std::sqrt(n) + 4);
}

void ExpectClose(const Tensor& actual, const Tensor& expected, int64_t count,
                 double tolerance, const std::string& what) {
  LENSLET_EXPECT_OK(AllClose(actual.view().Slice(0, count),
                             expected.view().Slice(0, count),
                             {.absolute = tolerance, .relative = tolerance}))
      << what;
}

void Fill(float value, std::vector<Tensor>& tensors) {
  for (Tensor& tensor : tensors) {
    std::fill(tensor.span().begin(), tensor.span().end(), value);
  }
}

std::vector<Tensor> Copy(const std::vector<Tensor>& tensors) {
  std::vector<Tensor> copies;
  for (const Tensor& tensor : tensors) copies.push_back(tensor.Clone());
  return copies;
}

// That parameters whose gradients are not wanted change nothing in the others,
// and nothing in the inputs'.
void CheckUnwantedGradients(const KernelCase& c, Backend backend) {
  const size_t parameters = c.parameters.size();
  if (parameters == 0) return;
  LENSLET_ASSERT_OK_AND_ASSIGN(std::unique_ptr<Kernel> made,
                               c.make(backend, c.images));
  BoundKernel kernel(c, std::move(made), c.images, /*training=*/true);
  Random random(/*seed=*/2);
  FillParameters(c, random, kernel);
  FillInputs(c, random, /*scale=*/1, kernel);
  kernel.Forward(c.images);
  Fill(0, kernel.parameter_gradients);
  kernel.Backward(c.images);
  const std::vector<Tensor> by_inputs = Copy(kernel.input_gradients);
  const std::vector<Tensor> by_parameters = Copy(kernel.parameter_gradients);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  // The last time around no gradient is wanted.
  for (size_t kept = 0; kept <= parameters; ++kept) {
    SCOPED_TRACE(absl::StrCat(c.name, ", ", std::string(Name(backend)),
                              ", only the gradient of parameter ", kept));
    Fill(nan, kernel.input_gradients);
    Fill(0, kernel.parameter_gradients);
    kernel.BackwardWithout(c.images, kept);
    for (size_t i = 0; i < c.inputs.size(); ++i) {
      LENSLET_EXPECT_OK(AllClose(kernel.input_gradients[i], by_inputs[i], {}))
          << "gradient of input " << i;
    }
    for (size_t i = 0; i < parameters; ++i) {
      const Tensor zeros(c.parameters[i]);
      LENSLET_EXPECT_OK(AllClose(kernel.parameter_gradients[i],
                                 i == kept ? by_parameters[i] : zeros, {}))
          << "gradient of parameter " << i;
    }
  }
}

void Append(const Tensor& tensor, int64_t rows, std::string& bytes) {
  const View<const float> values = tensor.view().Slice(0, rows);
  bytes.append(reinterpret_cast<const char*>(values.data()),
               values.size() * sizeof(float));
}

// With `some` and `some` + 1 images of a block of the latter. Appends the bytes
// of all results to `results`.
void CheckBlock(const KernelCase& c, Backend backend, int64_t some,
                std::string& results) {
  const int64_t block = some + 1;
  LENSLET_ASSERT_OK_AND_ASSIGN(std::unique_ptr<Kernel> kernel,
                               c.make(backend, block));
  LENSLET_ASSERT_OK_AND_ASSIGN(std::unique_ptr<Kernel> reference_kernel,
                               c.make(Backend::kReference, block));
  const bool training = c.training && CanTrain(backend);
  BoundKernel actual(c, std::move(kernel), block, training);
  // What is behind the images that run belongs to others.
  constexpr float kUntouched = 1234.5f;
  BoundKernel expected(c, std::move(reference_kernel), block, training);

  int round = 0;
  for (const int64_t images : {block, some, block}) {
    SCOPED_TRACE(absl::StrCat(c.name, ", ", images, " of ", block,
                              " images, round ", round));
    for (BoundKernel* k : {&actual, &expected}) {
      Random random(/*seed=*/1, round);
      // The parameters stay the same from the first round to the second.
      if (round != 1) FillParameters(c, random, *k);
      FillInputs(c, random, /*scale=*/1, *k);
      std::fill(k->output.span().begin(), k->output.span().end(), kUntouched);
      k->Forward(images);
      if (training) k->Backward(images);
    }
    EXPECT_TRUE(actual.ExtraIsUntouched());
    const double tolerance =
        SumTolerance(c.terms) + c.function_error + c.rounding_error;
    ExpectClose(actual.output, expected.output, images, tolerance, "output");
    Append(actual.output, images, results);
    if (backend == Backend::kDirect) {
      EXPECT_THAT(actual.output.span().subspan(images * c.output.elements()),
                  ::testing::Each(kUntouched));
    }
    ++round;
    if (!training) continue;
    for (size_t i = 0; i < c.inputs.size(); ++i) {
      ExpectClose(actual.input_gradients[i], expected.input_gradients[i],
                  images, tolerance + c.input_gradient_error,
                  absl::StrCat("gradient of input ", i));
      Append(actual.input_gradients[i], images, results);
    }
    for (size_t i = 0; i < c.parameters.size(); ++i) {
      Append(actual.parameter_gradients[i], c.parameters[i].dim(0), results);
      ExpectClose(
          actual.parameter_gradients[i], expected.parameter_gradients[i],
          c.parameters[i].dim(0),
          SumTolerance(c.terms * images) +
              (c.parameter_gradient_error + c.parameter_rounding_error) *
                  images,
          absl::StrCat("gradient of parameter ", i));
    }
  }
}

}  // namespace

bool HasKernel(const KernelCase& c, Backend backend) {
  const auto has = [](const absl::Status& status) {
    EXPECT_TRUE(status.ok() || absl::IsUnimplemented(status)) << status;
    return status.ok();
  };
  absl::StatusOr<std::unique_ptr<Kernel>> made = c.make(backend, c.images);
  if (!has(made.status())) return false;
  BoundKernel kernel(c, *std::move(made), c.images,
                     c.training && CanTrain(backend));
  return has(kernel.bound()) && has(kernel.TryParameters());
}

void CheckAgainstReference(const KernelCase& c, Backend backend,
                           bool expect_kernel) {
  ASSERT_EQ(HasKernel(c, backend), expect_kernel);
  if (!expect_kernel) return;
  std::string results;
  if (backend != Backend::kLanes && backend != Backend::kDirect) {
    CheckBlock(c, backend, c.images, results);
    return;
  }
  std::string first;
  ForEachInstructionSet([&](const std::string& name) {
    SCOPED_TRACE(name);
    results.clear();
    CheckBlock(c, backend, c.images, results);
    // Direct convolutions choose between two orders by the vectors' width.
    if (backend == Backend::kDirect || !HasFusedMultiplyAdd(name)) return;
    if (first.empty()) first = results;
    EXPECT_TRUE(results == first)
        << c.name << ", " << std::string(Name(backend))
        << ": other bits than with the first instruction set";
  });
  // In lanes, more than one group.
  CheckBlock(c, backend, kLanes + c.images, results);
}

void CheckGradients(const KernelCase& c, Backend backend) {
  CheckUnwantedGradients(c, backend);
  uint64_t seed = 100;
  for (const double scale : {0.25, 1.0, 4.0}) {
    ++seed;
    SCOPED_TRACE(absl::StrCat(c.name, ", ", std::string(Name(backend)),
                              ", scale ", scale, ", seed ", seed));
    LENSLET_ASSERT_OK_AND_ASSIGN(std::unique_ptr<Kernel> made,
                                 c.make(backend, c.images));
    BoundKernel kernel(c, std::move(made), c.images, /*training=*/true);
    Random random(seed);
    FillParameters(c, random, kernel);
    FillInputs(c, random, scale, kernel);
    std::vector<Tensor> gradients_before;
    for (const Tensor& gradient : kernel.parameter_gradients) {
      gradients_before.push_back(gradient.Clone());
    }
    kernel.Forward(c.images);
    kernel.Backward(c.images);

    const double step = kStep * scale;
    const int64_t size = kernel.output.shape().elements();
    // The outputs for one value of an input or a parameter.
    const auto outputs = [&](bool is_parameter) {
      if (is_parameter) kernel.ParametersChanged();
      kernel.Forward(c.images);
      const absl::Span<const float> y = kernel.output.span();
      return std::vector<float>(y.begin(), y.end());
    };
    double largest_gradient = 0;
    double tolerance_of_largest = 0;
    // Compares the derivative by `value` of the loss, the sum of dy * y, with
    // its difference quotient.
    const auto check = [&](float& value, bool is_parameter, double gradient,
                           const std::string& what) {
      const float saved = value;
      value = static_cast<float>(saved + step);
      const float above = value;
      const std::vector<float> y_above = outputs(is_parameter);
      value = static_cast<float>(saved - step);
      const float below = value;
      const std::vector<float> y_below = outputs(is_parameter);
      value = saved;
      if (is_parameter) kernel.ParametersChanged();
      // An output that depends on the value has the error of a sum of `terms`
      // products or of a function, which the quotient divides by the step; the
      // third derivative is what the quotient itself leaves out.
      const double third_derivative =
          c.third_derivative +
          (is_parameter ? 0
                        : c.scaled_third_derivative / (scale * scale * scale));
      double difference = 0;
      double error = 0;
      double squares = 0;
      for (int64_t i = 0; i < size; ++i) {
        if (y_above[i] == y_below[i]) continue;
        const double dy = kernel.output_gradient.data()[i];
        difference += dy * (static_cast<double>(y_above[i]) - y_below[i]);
        const double y = std::max(std::abs(y_above[i]), std::abs(y_below[i]));
        error += std::abs(dy) *
                 (((std::sqrt(c.terms) + 2) * kRoundoff * (y + scale) +
                   c.function_error) /
                      step +
                  step * step / 6 * third_derivative);
        squares += dy * dy;
      }
      // Roundings do not depend on the signs of dy, which are random. So the
      // deviation of their sum is that of independent errors.
      error += std::sqrt(squares) * c.rounding_error * scale / step;
      // The gradient itself is a float sum, too.
      error += 4 * kRoundoff * std::abs(gradient) + SumTolerance(c.terms);
      error += is_parameter ? (c.parameter_gradient_error +
                               c.parameter_rounding_error * scale) *
                                  c.images
                            : c.input_gradient_error / scale;
      const double quotient = difference / (static_cast<double>(above) - below);
      ASSERT_NEAR(gradient, quotient, error) << what;
      if (std::abs(gradient) > largest_gradient) {
        largest_gradient = std::abs(gradient);
        tolerance_of_largest = error;
      }
    };
    // Large arrays are sampled.
    constexpr int64_t kSamples = 60;
    const auto for_samples = [&](int64_t size, auto body) {
      if (size <= kSamples) {
        for (int64_t i = 0; i < size; ++i) body(i);
      } else {
        for (int64_t i = 0; i < kSamples; ++i) body(random.Below(size));
      }
    };
    for (size_t i = 0; i < c.inputs.size(); ++i) {
      for_samples(kernel.inputs[i].shape().elements(), [&](int64_t j) {
        check(kernel.inputs[i].data()[j], false,
              kernel.input_gradients[i].data()[j],
              absl::StrCat("input ", i, ", element ", j));
      });
    }
    for (size_t i = 0; i < c.parameters.size(); ++i) {
      if (IsStatistic(c, static_cast<int>(i))) continue;
      for_samples(c.parameters[i].elements(), [&](int64_t j) {
        check(kernel.parameters[i].data()[j], true,
              static_cast<double>(kernel.parameter_gradients[i].data()[j]) -
                  gradients_before[i].data()[j],
              absl::StrCat("parameter ", i, ", element ", j));
      });
    }
    // A gradient that its tolerance hides has not been checked.
    EXPECT_GT(largest_gradient, 4 * tolerance_of_largest);
  }
}

}  // namespace lenslet
