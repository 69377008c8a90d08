#include "lenslet/ops/conv/conv_autograd.h"

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/ops/conv/conv_call.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/tensor/fatal.h"

namespace lenslet {
namespace {

template <typename T>
T ValueOrFatal(absl::StatusOr<T> value) {
  if (!value.ok()) Fatal(value.status().message());
  return *std::move(value);
}

std::vector<Tensor> GradientsOfConv(const Tensor& x, const Tensor& filter,
                                    const Tensor* bias,
                                    const ConvOptions& options,
                                    const Tensor& dy) {
  ConvCall call = ValueOrFatal(PrepareConv(2, x, filter, bias, options));
  std::vector<const Tensor*> parameters = {&filter};
  if (bias != nullptr) parameters.push_back(bias);
  return ValueOrFatal(
      GradientsOnce(std::move(call.kernel), {&x}, parameters, dy));
}

}  // namespace

Variable Conv2d(const Variable& x, const Variable& filter, const Variable& bias,
                const ConvOptions& options) {
  return Variable(
      ValueOrFatal(Conv2d(x.value(), filter.value(), bias.value(), options)),
      {x, filter, bias}, [=](const Tensor& dy) {
        return GradientsOfConv(x.value(), filter.value(), &bias.value(),
                               options, dy);
      });
}

Variable Conv2d(const Variable& x, const Variable& filter,
                const ConvOptions& options) {
  return Variable(ValueOrFatal(Conv2d(x.value(), filter.value(), options)),
                  {x, filter}, [=](const Tensor& dy) {
                    return GradientsOfConv(x.value(), filter.value(),
                                           /*bias=*/nullptr, options, dy);
                  });
}

}  // namespace lenslet
