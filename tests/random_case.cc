#include "lenslet/tests/random_case.h"

#include <cmath>
#include <memory>
#include <utility>

#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layer.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/predict/predictor.h"

namespace lenslet {
namespace {

void SetRandom(Random& random, Parameters& parameters) {
  for (int i = 0; i < parameters.size(); ++i) {
    const ParameterInfo& info = parameters.info(i).info;
    const double size = 1 / std::sqrt(static_cast<double>(info.fan_in));
    for (float& value : parameters.view(i).span()) {
      const double uniform = random.Uniform();
      switch (info.role) {
        case ParameterRole::kScale:
        case ParameterRole::kRunningVariance:
          value = static_cast<float>(0.5 + uniform);
          break;
        default:
          value = static_cast<float>((4 * uniform - 2) * size);
      }
    }
  }
}

}  // namespace

absl::StatusOr<RandomCase> MakeRandomCase(const ModelProto& model,
                                          int64_t images, Random& random) {
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildGraph(model));
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters, Parameters::Create(graph));
  SetRandom(random, parameters);
  RandomCase made{.network = {.checkpoint = {},
                              .graph = graph,
                              .parameters = std::move(parameters)}};
  *made.network.checkpoint.mutable_model() = model;
  made.images.resize(images * made.input().elements());
  for (float& value : made.images) {
    value = static_cast<float>(2 * random.Uniform() - 1);
  }
  made.outputs.resize(images * made.output().elements());
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Predictor> predictor,
      Predictor::Create(graph, made.network.parameters,
                        {.kind = TargetKind::kValues}, {},
                        {.images = images, .backend = Backend::kReference}));
  LENSLET_RETURN_IF_ERROR(predictor->Predict(absl::MakeConstSpan(made.images),
                                             absl::MakeSpan(made.outputs)));
  return made;
}

}  // namespace lenslet
