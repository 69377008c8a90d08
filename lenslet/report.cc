#include "lenslet/report.h"

#include <filesystem>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/machine.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/inspect/report/report.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/runs/run_data.h"

namespace lenslet {

absl::Status WriteReport(const std::string& run_dir, const Dataset& data,
                         const WriteReportOptions& options) {
  if (options.threads < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("threads is ", options.threads, "; expected at least 0"));
  }
  const std::filesystem::path folder = run_dir;
  const std::string path = folder / options.checkpoint;
  LENSLET_ASSIGN_OR_RETURN(const CheckpointProto checkpoint,
                           LoadCheckpoint(path));
  LENSLET_ASSIGN_OR_RETURN(const RecipeProto recipe,
                           RecipeFromBytes(checkpoint.recipe()));
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildGraph(checkpoint.model()));
  const RunData run_data(recipe.data().in_memory().name(), data,
                         options.validation, options.test);
  LENSLET_RETURN_IF_ERROR(CheckRunData(graph, run_data));
  if (data.normalization !=
      NormalizationFromProto(checkpoint.normalization())) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, ": the data's normalization differs; expected that of the run"));
  }
  LENSLET_ASSIGN_OR_RETURN(const DataDigestProto digests, DigestsOf(run_data));
  LENSLET_RETURN_IF_ERROR(
      AtPlace(CheckSameExamples(checkpoint, run_data, digests), path));
  const Machine machine = ThisMachine();
  return WriteRunReport(
      checkpoint, run_data, run_dir,
      options.output.empty() ? std::string(folder / kReportName)
                             : options.output,
      {.threads = options.threads != 0 ? options.threads : CpuThreads(),
       .machine = &machine});
}

}  // namespace lenslet
