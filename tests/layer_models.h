// Models with one layer to test, for kinds and options that random models
// (storm_models.h) lack.

#ifndef LENSLET_TESTS_LAYER_MODELS_H_
#define LENSLET_TESTS_LAYER_MODELS_H_

#include <string>
#include <vector>

namespace lenslet {

// Returns the texts of model files. Each network ends with the layer, perhaps
// followed by one that reads it.
std::vector<std::string> LayerModels();

}  // namespace lenslet

#endif  // LENSLET_TESTS_LAYER_MODELS_H_
