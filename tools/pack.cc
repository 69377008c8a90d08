// Writes a data set to packed files.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "lenslet/base/machine.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/data/all_sources.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/load_data.h"
#include "lenslet/data/packed_file.h"
#include "lenslet/data/survey.h"
#include "lenslet/data/unreadable_files.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/common_flags.h"
#include "lenslet/tools/outputs.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/progress_bar.h"
#include "lenslet/tools/words.h"

namespace lenslet {
namespace {

constexpr char kPack[] = "lenslet pack";

struct PackFlags {
  std::vector<std::string> paths;
  std::string output;
  std::string test_output;
  std::string shape;
  bool skip_unreadable = false;
  int64_t threads = CpuThreads();
};

std::optional<int> ParsePackFlags(int argc, char** argv, PackFlags& flags) {
  CommandLine line(
      kPack,
      "Writes your data to a packed file, from which training reads data that "
      "is larger than memory. The data is one of what lenslet init takes: a "
      "folder with a folder of images for each class, a folder with folders "
      "train and test of these, a CSV file, NumPy's arrays, or a folder with "
      "the files of MNIST or CIFAR. A recipe names the files like this:\n"
      "  data { packed { train_file: \"train.pack\" test_file: \"test.pack\" } "
      "}\n");
  line.AddArguments("DATA", "The folder or CSV file.", flags.paths);
  line.AddFlag("output", "File to write the training examples to.",
               flags.output);
  line.AddFlag("test_output",
               "File to write the test examples to. Required if the data has "
               "some.",
               flags.test_output);
  line.AddFlag("shape",
               "What images are converted to: HEIGHT,WIDTH,CHANNELS. Default: "
               "their size if all have the same, else the median height and "
               "width of a sample; 1 channel if the sample is gray, else 3.",
               flags.shape);
  line.AddFlag("skip_unreadable",
               "Leave out images that cannot be read, and name them. Without "
               "this, they are an error.",
               flags.skip_unreadable);
  AddThreadsFlag(line, flags.threads);
  return line.Parse(argc, argv);
}

// The source of the data, complete.
absl::StatusOr<DataProto> SourceOf(const PackFlags& flags) {
  LENSLET_ASSIGN_OR_RETURN(DataSurvey survey,
                           SurveyData(UserPath(flags.paths[0])));
  DataProto data = survey.data;
  // Nobody sees later what a packed file lacks, so it is complete unless asked.
  const OnUnreadable on_unreadable = flags.skip_unreadable ? SKIP : STOP;
  if (data.has_image_table()) {
    std::vector<int64_t> sizes(survey.shape.dims().begin(),
                               survey.shape.dims().end());
    if (!flags.shape.empty()) {
      LENSLET_ASSIGN_OR_RETURN(sizes, ShapeFromFlag(flags.shape));
    }
    data.mutable_image_table()->mutable_shape()->Assign(sizes.begin(),
                                                        sizes.end());
    data.mutable_image_table()->set_on_unreadable(on_unreadable);
    return data;
  }
  if (!data.has_image_folders()) {
    if (flags.shape.empty()) return data;
    return absl::InvalidArgumentError(
        absl::StrCat("--shape is for folders of images, but ", flags.paths[0],
                     " is a ", survey.kind));
  }
  ImageFoldersProto& folders = *data.mutable_image_folders();
  std::vector<int64_t> sizes(survey.shape.dims().begin(),
                             survey.shape.dims().end());
  if (!flags.shape.empty()) {
    LENSLET_ASSIGN_OR_RETURN(sizes, ShapeFromFlag(flags.shape));
  }
  folders.mutable_shape()->Assign(sizes.begin(), sizes.end());
  folders.mutable_read_ahead()->set_threads(flags.threads);
  folders.set_on_unreadable(on_unreadable);
  return data;
}

// The error for images that cannot be read, with the flag for the field.
absl::Status WithSkipFlag(const absl::Status& status) {
  return absl::Status(
      status.code(),
      absl::StrReplaceAll(status.message(),
                          {{"on_unreadable: SKIP", "--skip_unreadable"}}));
}

absl::Status WriteTo(const std::string& output, const char* split,
                     const Dataset& dataset) {
  {
    ProgressBar bar(stderr, absl::StrCat("packing ", split, " examples"));
    LENSLET_RETURN_IF_ERROR(WithSkipFlag(
        WritePackedFile(dataset, UserPath(output), [&](int64_t done) {
          bar.Update(static_cast<double>(done) / dataset.size(), "");
        })));
  }
  Print("wrote %s: %s %s examples of shape %s\n", Printable(output),
        WithCommas(dataset.size()), split, dataset.example_shape().ToString());
  return absl::OkStatus();
}

// Whether both outputs are one file, by any names.
bool IsSameFile(const PackFlags& flags) {
  std::error_code error;
  const auto resolved = [&](const std::string& path) {
    return std::filesystem::weakly_canonical(
        std::filesystem::absolute(UserPath(path), error), error);
  };
  return resolved(flags.output) == resolved(flags.test_output);
}

// Returns an error of the command line, or OK.
absl::Status CheckPackFlags(const PackFlags& flags) {
  if (flags.paths.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "expected one folder or CSV file, got ", flags.paths.size()));
  }
  if (flags.output.empty()) {
    return absl::InvalidArgumentError("--output is required");
  }
  if (!flags.test_output.empty() && IsSameFile(flags)) {
    return absl::InvalidArgumentError(
        "--output and --test_output are the same file");
  }
  for (const auto& [flag, output] :
       {std::pair("--output", flags.output),
        std::pair("--test_output", flags.test_output)}) {
    LENSLET_RETURN_IF_ERROR(
        CheckOutput(flag, output, OutputKind::kPacked, flags.paths));
  }
  return flags.shape.empty() ? absl::OkStatus()
                             : ShapeFromFlag(flags.shape).status();
}

absl::Status Pack(const PackFlags& flags, const std::string& argv0) {
  LENSLET_ASSIGN_OR_RETURN(const DataProto data, SourceOf(flags));
  for (const std::string& output : {flags.output, flags.test_output}) {
    if (output.empty()) continue;
    const absl::Status status = CheckOutsideClasses(UserPath(output), data);
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(output, " ", status.message()));
    }
  }
  const absl::StatusOr<LoadedData> opened = LoadData(
      data, AllDataSources(),
      {.argv0 = argv0, .progress = ProgressOn(stderr, "reading images")});
  LENSLET_RETURN_IF_ERROR(WithSkipFlag(opened.status()));
  const LoadedData& loaded = *opened;
  for (const std::string& warning : loaded.warnings) PrintWarning(warning);
  if (!AreAllNamed(loaded.unreadable)) {
    for (const std::string& file : UnreadableList(loaded.unreadable)) {
      PrintWarning(absl::StrCat(file, "; it is left out"));
    }
  }
  if (loaded.test.size() > 0 && flags.test_output.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the data has ", WithCommas(loaded.test.size()),
        " test examples; expected --test_output, the file to write them to"));
  }
  if (loaded.test.size() == 0 && !flags.test_output.empty()) {
    return absl::InvalidArgumentError(
        "--test_output is given, but the data has no test examples");
  }
  LENSLET_RETURN_IF_ERROR(WriteTo(flags.output, "training", loaded.train));
  if (loaded.test.size() == 0) return absl::OkStatus();
  return WriteTo(flags.test_output, "test", loaded.test);
}

}  // namespace

int PackCommand(int argc, char** argv) {
  PackFlags flags;
  if (const auto exit_code = ParsePackFlags(argc, argv, flags)) {
    return *exit_code;
  }
  if (const absl::Status status = CheckPackFlags(flags); !status.ok()) {
    return ReportUsage(kPack, status);
  }
  if (const absl::Status status = CheckDataWord(flags.paths[0]); !status.ok()) {
    ReportFailure(kPack, status);
    return kExitUsage;
  }
  const absl::Status status = Pack(flags, argv[0]);
  return status.ok() ? 0 : ReportFailure(kPack, status);
}

}  // namespace lenslet
