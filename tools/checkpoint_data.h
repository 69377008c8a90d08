// The data that a program shows a trained model: by default those that the
// model's own recipe names.

#ifndef LENSLET_TOOLS_CHECKPOINT_DATA_H_
#define LENSLET_TOOLS_CHECKPOINT_DATA_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/tools/command_line.h"

namespace lenslet {

// What a --checkpoint flag takes, for its help.
inline constexpr char kCheckpointHelp[] =
    "A checkpoint that train or train_lenet saved, or a run's folder, whose "
    "latest.ckpt is used.";

struct DataFlags {
  std::string data_dir;  // MNIST's four files.
  std::string data;      // A DataProto as text.
  std::string split = "test";
};

// Adds --data_dir, --data and --split.
void AddDataFlags(CommandLine& line, DataFlags& flags);

// Whether one of them is on the command line.
bool DataFlagsGiven(const CommandLine& line);

// What can be said before any file is read: InvalidArgument naming the flag.
absl::Status CheckDataFlags(const DataFlags& flags);

struct CheckpointData {
  std::string description;  // "test images of Fashion-MNIST"
  // Has at least one example, and the checkpoint's normalization.
  Dataset dataset = {};
};

// The split of the data that the flags name; without, of those of the
// checkpoint's recipe, where the recipe's seed sets the same validation
// examples apart; without a recipe, of Fashion-MNIST. `argv0` is main()'s.
// Errors: CheckDataFlags()'s; LoadMnist()'s and LoadData()'s; NotFound for a
// split without examples, naming those that have some.
absl::StatusOr<CheckpointData> LoadCheckpointData(
    const CheckpointProto& checkpoint, const DataFlags& flags,
    const std::string& argv0);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_CHECKPOINT_DATA_H_
