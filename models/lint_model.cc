#include "lenslet/models/lint_model.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "lenslet/base/proto_text_problems.h"
#include "lenslet/layers/graph.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/models/model_text.h"
#include "lenslet/models/model_warnings.h"

namespace lenslet {
namespace {

// The inputs and layers that have gaps.
ModelGaps FindGaps(const ModelProto& model, const MendedText& mended) {
  struct Part {
    TextPlace start;
    int field;
    int index;
  };
  std::vector<Part> parts;
  const auto add = [&](int field, int count) {
    for (int i = 0; i < count; ++i) {
      const FieldStep step = {.number = field, .index = i};
      parts.push_back({.start = FindPlace(model, mended, {step}),
                       .field = field,
                       .index = i});
    }
  };
  ModelGaps gaps;
  if (mended.gaps.empty()) return gaps;
  add(ModelProto::kInputFieldNumber, model.input_size());
  add(ModelProto::kLayerFieldNumber, model.layer_size());
  std::sort(parts.begin(), parts.end(),
            [](const Part& a, const Part& b) { return a.start < b.start; });
  for (const TextPlace& gap : mended.gaps) {
    const auto after =
        std::upper_bound(parts.begin(), parts.end(), gap,
                         [](const TextPlace& place, const Part& part) {
                           return place < part.start;
                         });
    if (after == parts.begin()) {
      gaps.elsewhere = true;
    } else {
      const Part& part = *(after - 1);
      (part.field == ModelProto::kInputFieldNumber ? gaps.inputs : gaps.layers)
          .push_back(part.index);
    }
  }
  return gaps;
}

}  // namespace

std::vector<TextProblem> LintModel(absl::string_view text,
                                   absl::string_view file_name) {
  ModelProto model;
  MendedText mended = ParseAndFindProblems(text, file_name, model);
  std::vector<TextProblem> problems = std::move(mended.problems);
  if (!mended.complete) return problems;
  if (model.ByteSizeLong() == 0) {
    if (problems.empty()) {
      problems.push_back({.place = {.line = 1, .column = 1},
                          .message = std::string(kNoModelInText)});
    }
    return problems;
  }
  std::vector<FieldProblem> found;
  const std::optional<Graph> graph =
      BuildGraph(model, FindGaps(model, mended), found);
  if (graph) found = FindModelWarnings(model, *graph);
  for (const FieldProblem& problem : found) {
    problems.push_back({.place = FindPlace(model, mended, problem.path),
                        .message = problem.message,
                        .is_warning = problem.is_warning});
  }
  std::stable_sort(problems.begin(), problems.end(),
                   [](const TextProblem& a, const TextProblem& b) {
                     return a.place < b.place;
                   });
  return problems;
}

}  // namespace lenslet
