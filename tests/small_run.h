// A small training run, for tests of runs that are stopped and go on: some
// seconds, with everything in it that a checkpoint has to keep.

#ifndef LENSLET_TESTS_SMALL_RUN_H_
#define LENSLET_TESTS_SMALL_RUN_H_

#include <string>
#include <vector>

#include "lenslet/tests/run_program.h"

namespace lenslet {

// Writes a recipe and its model into the folder, and returns the recipe's path:
// 6 epochs of 10 steps on made images, with batch normalization, dropout,
// augmentation, Adam, averaged weights, validation, reduce on plateau, and a
// checkpoint after each step.
std::string WriteSmallRecipe(const std::string& folder);

// The arguments of tools/train for the recipe and folder.
std::vector<std::string> TrainArguments(const std::string& recipe,
                                        const std::string& run_dir);

// tools/train with them, and more.
ProgramResult Train(const std::string& recipe, const std::string& run_dir,
                    const std::vector<std::string>& more = {},
                    const std::string& prefix = "");

// The bytes of the run's latest.ckpt.
std::string FinalBytes(const std::string& run_dir);

// The lines of its metrics.jsonl without what depends on time.
std::vector<std::string> TimelessMetrics(const std::string& run_dir);

}  // namespace lenslet

#endif  // LENSLET_TESTS_SMALL_RUN_H_
