// The data that a program runs a trained model on. By default, the data of the
// model's recipe.

#ifndef LENSLET_TOOLS_CHECKPOINT_DATA_H_
#define LENSLET_TOOLS_CHECKPOINT_DATA_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/decoded_image.h"
#include "lenslet/data/load_data.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/tools/command_line.h"

namespace lenslet {

struct DataFlags {
  std::string data_dir = {};  // MNIST's four files.
  std::string data = {};      // A DataProto as text.
  std::string split = "test";
};

// Adds --data. Without it, the program uses `otherwise`, as in "the data of the
// model's recipe".
void AddDataFlag(CommandLine& line, const std::string& otherwise,
                 std::string& data);

// Adds --data_dir, --data and --split.
void AddDataFlags(CommandLine& line, DataFlags& flags);

// Returns the first of these flags that is on the command line, such as
// "--split", or "".
std::string GivenDataFlag(const CommandLine& line);

// Checks the flags without reading files. Errors: InvalidArgument, naming the
// flag.
absl::Status CheckDataFlags(const DataFlags& flags);

// Returns the data that the flags or else the checkpoint's recipe name, with
// absolute paths. Empty if --data or the recipe cannot be read.
DataProto DataOf(const CheckpointProto& checkpoint, const DataFlags& flags);

// Returns the files that the flags or else the checkpoint's recipe name. Empty
// if --data or the recipe cannot be read.
std::vector<std::string> DataInputs(const CheckpointProto& checkpoint,
                                    const DataFlags& flags);

struct CheckpointData {
  std::string description;  // "test images of Fashion-MNIST"
  // What errors of data that does not fit the model end with: why it is this
  // data, if no flag and no recipe named it.
  std::string hint = {};
  // At least one example, with the checkpoint's normalization.
  Dataset dataset = {};
};

// Loads the chosen split of the data that the flags name; image files as
// TakeDecoding() (data/image_folder.h) says. Without such flags,
// uses the data of the checkpoint's recipe; the recipe's seed selects the same
// validation examples as in training. Without a recipe, uses Fashion-MNIST.
// `argv0` is main()'s. Errors: as CheckDataFlags(), LoadMnist() and LoadData();
// NotFound if the split has no examples, naming the splits that do;
// InvalidArgument if the model takes images of another shape, or was trained on
// examples of another type or on columns of other names (CheckTrainedInputs()).
absl::StatusOr<CheckpointData> LoadCheckpointData(
    const CheckpointProto& checkpoint, const DataFlags& flags,
    const std::string& argv0);

// Loads the data that a run was trained and measured with: that of `data`, a
// DataProto as text, or else of the checkpoint's recipe. It has the
// checkpoint's normalization; its validation examples are selected as in
// training. Errors: LoadData()'s; FailedPrecondition if the examples are not
// those of the run (CheckSameExamples()) and its recipe does not allow that.
absl::StatusOr<LoadedData> LoadDataOfRun(const CheckpointProto& checkpoint,
                                         const std::string& data,
                                         const std::string& argv0);

// Whether the model's training data was image files.
bool IsTrainedOnImages(const CheckpointProto& checkpoint);

// Returns how image files are decoded for a model, as its training data was.
// Samples of more than 8 bits become floats.
DecodeOptions DecodeOptionsFor(const CheckpointProto& checkpoint);

// Keeps that apart from the recipe (CheckpointProto.image_files), for formats
// without a recipe.
void KeepDecoding(CheckpointProto& checkpoint);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_CHECKPOINT_DATA_H_
