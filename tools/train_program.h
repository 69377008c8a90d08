// The program that trains by a recipe: tools/train, and with other defaults
// tools/train_lenet.

#ifndef LENSLET_TOOLS_TRAIN_PROGRAM_H_
#define LENSLET_TOOLS_TRAIN_PROGRAM_H_

#include <string>

namespace lenslet {

struct TrainProgramOptions {
  std::string name;
  std::string description;
  // The recipe without --recipe; "": it is needed.
  std::string recipe = {};
};

// What main() does, and returns: 0, kExitFailure, kExitUsage, or 128 and the
// signal's number after Ctrl-C or SIGTERM.
int TrainProgram(const TrainProgramOptions& options, int argc, char** argv);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_TRAIN_PROGRAM_H_
