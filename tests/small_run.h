// A small training run, for tests of stopping and resuming. It takes a few
// seconds and uses everything that a checkpoint must keep.

#ifndef LENSLET_TESTS_SMALL_RUN_H_
#define LENSLET_TESTS_SMALL_RUN_H_

#include <string>
#include <vector>

#include "lenslet/tests/run_program.h"

namespace lenslet {

// Writes a recipe and its model to the folder and returns the recipe's path.
// The recipe trains 6 epochs of 10 steps on synthetic images, with batch
// normalization, dropout, augmentation, Adam, averaged weights, validation,
// reduce on plateau, and a checkpoint after each step.
std::string WriteSmallRecipe(const std::string& folder);

// The arguments of tools/lenslet, "train" and more, for the recipe and folder.
std::vector<std::string> TrainArguments(const std::string& recipe,
                                        const std::string& run_dir);

// Runs tools/lenslet with these arguments and `more`.
ProgramResult Train(const std::string& recipe, const std::string& run_dir,
                    const std::vector<std::string>& more = {},
                    const std::string& prefix = "");

// Starts the same, and kills it with SIGKILL after so many seconds. Returns
// whether it was still going on then; otherwise it has ended well.
bool TrainAndKill(const std::string& recipe, const std::string& run_dir,
                  double seconds, const std::vector<std::string>& more = {});

// The bytes of the run's latest.ckpt.
std::string FinalBytes(const std::string& run_dir);

// The lines of the run's metrics.jsonl, without values that depend on time.
std::vector<std::string> TimelessMetrics(const std::string& run_dir);

}  // namespace lenslet

#endif  // LENSLET_TESTS_SMALL_RUN_H_
