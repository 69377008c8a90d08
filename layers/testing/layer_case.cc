#include "lenslet/layers/testing/layer_case.h"

namespace lenslet {

KernelCase LayerCaseOfInputs(const Layer& layer,
                             const std::vector<Shape>& inputs, int64_t terms) {
  const LayerInfo info = layer.Infer(inputs).value();
  KernelCase c = {.name = layer.type(),
                  .make =
                      [layer, inputs](Backend backend, int64_t images) {
                        return layer.MakeKernel(backend, inputs, images);
                      },
                  .inputs = inputs,
                  .output = info.output,
                  .images = 2,
                  .terms = terms};
  for (const ParameterInfo& parameter : info.parameters) {
    if (IsStatistic(parameter.role)) {
      c.statistics.push_back(static_cast<int>(c.parameters.size()));
    }
    c.parameters.push_back(parameter.shape);
  }
  return c;
}

KernelCase LayerCase(const Layer& layer, const Shape& image, int64_t terms) {
  return LayerCaseOfInputs(layer, {image}, terms);
}

void CheckOnAllBackends(const KernelCase& c) {
  CheckAgainstReference(c, Backend::kXnnpack);
  CheckAgainstReference(c, Backend::kDirect);
  for (Backend backend : kTrainingBackends) CheckGradients(c, backend);
}

}  // namespace lenslet
