#include "lenslet/inspect/report/report.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/split.h"
#include "lenslet/inspect/report/collect_report.h"
#include "lenslet/inspect/report/report_data.h"
#include "lenslet/inspect/report/report_page.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/recipe/recipe_specs.h"
#include "lenslet/train/runs/history.h"
#include "lenslet/train/runs/run_notes.h"

namespace lenslet {
namespace {

const Dataset* IfAny(const Dataset& dataset) {
  return dataset.size() > 0 ? &dataset : nullptr;
}

}  // namespace

absl::Status WriteRunReport(const CheckpointProto& checkpoint,
                            const RunData& data, const std::string& run_dir,
                            const std::string& path,
                            const RunReportOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const RecipeProto recipe,
                           RecipeFromBytes(checkpoint.recipe()));
  LENSLET_ASSIGN_OR_RETURN(const std::vector<int64_t> counts,
                           ClassCounts(data.train));
  LENSLET_ASSIGN_OR_RETURN(
      const LossSpec loss,
      MakeLossSpec(recipe, counts, data.train.examples->target().kind));
  ReportSources sources = {
      .default_title = std::filesystem::path(recipe.model()).stem(),
      .description = data.description,
      .test_description = data.test_description,
      .recipe = ProtoToText(recipe),
      .backend = BackendByName(recipe.backend()).value_or(Backend::kLanes),
      .machine = options.machine,
      .train_examples = data.train.size(),
      .validation = IfAny(data.validation),
      .test = IfAny(data.test),
      .loss = loss,
  };
  const std::string metrics = std::filesystem::path(run_dir) / kMetricsJsonName;
  absl::StatusOr<std::vector<MetricsRecord>> history = ReadHistory(metrics);
  if (history.ok()) {
    sources.history = *std::move(history);
  } else if (!absl::IsNotFound(history.status())) {
    return history.status();
  }
  LENSLET_ASSIGN_OR_RETURN(
      sources.notes, ReadNotes(std::filesystem::path(run_dir) / kNotesName));
  LENSLET_ASSIGN_OR_RETURN(
      const ReportData report,
      CollectReportData(checkpoint, sources, {.threads = options.threads}));
  return WriteReport(path, report);
}

}  // namespace lenslet
