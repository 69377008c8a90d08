#include "layers/testing/layer_case.h"

#include <string>
#include <vector>

#include "base/check.h"

namespace lenslet {

KernelCase LayerCase(std::shared_ptr<const Layer> layer, const Shape& image,
                     int64_t terms) {
  const absl::StatusOr<LayerInfo> info = layer->Infer({image});
  LENSLET_CHECK(info.ok());
  KernelCase c = {.name = std::string(layer->type()),
                  .make =
                      [layer, image](Backend backend, int64_t images) {
                        return layer->MakeKernel(backend, {image}, images);
                      },
                  .inputs = {image},
                  .output = info->output,
                  .images = 2,
                  .terms = terms};
  for (const ParameterInfo& parameter : info->parameters) {
    c.parameters.push_back(parameter.shape);
  }
  return c;
}

void CheckOnAllBackends(const KernelCase& c) {
  CheckAgainstReference(c, Backend::kXnnpack);
  CheckAgainstReference(c, Backend::kDirect);
  for (Backend backend : kTrainingBackends) CheckGradients(c, backend);
}

}  // namespace lenslet
