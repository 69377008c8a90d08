#include "lenslet/codegen/row_program.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/window.h"

namespace lenslet {
namespace {

// Sizes along the height, which rows divide, and along the width.
void TurnAxes(Axes& axes) { std::swap(axes[1], axes[2]); }

void TurnWindow(Window& window) {
  for (Axes* axes : {&window.kernel, &window.stride, &window.dilation,
                     &window.padding.before, &window.padding.after}) {
    TurnAxes(*axes);
  }
}

// Turns a step along a line, whose axis is the width, into one along the
// height. With one axis, no order changes.
template <typename Geometry>
void TurnLine(Geometry& g) {
  if (g.input[1] != 1 || g.output[1] != 1) return;
  TurnAxes(g.input);
  TurnAxes(g.output);
  TurnWindow(g.window);
}

// What a step that runs by rows reads and writes.
struct RowShapes {
  int64_t rows;
  int64_t floats;  // In a row.
  int64_t kept;
  int64_t output_rows;
  int64_t output_floats;
};

// None unless a step with this window can run by rows.
std::optional<RowShapes> ShapesOf(const Window& window, const Axes& input,
                                  const Axes& output, int64_t input_channels,
                                  int64_t output_channels) {
  if (input[0] != 1 || output[0] != 1 || window.kernel[0] != 1 ||
      window.padding.before[0] != 0 || input[1] == 1) {
    return std::nullopt;
  }
  return RowShapes{.rows = input[1],
                   .floats = input[2] * input_channels,
                   .kept = std::min(Extent(window, 1), input[1]),
                   .output_rows = output[1],
                   .output_floats = output[2] * output_channels};
}

std::optional<RowShapes> ShapesOf(const Step& step) {
  if (const auto* pool = std::get_if<PoolStep>(&step.kind)) {
    const PoolGeometry& g = pool->geometry;
    if (g.adaptive) return std::nullopt;
    return ShapesOf(g.window, g.input, g.output, g.channels, g.channels);
  }
  if (std::holds_alternative<CopyStep>(step.kind)) {
    const int64_t rows = step.computed.dim(0);
    const int64_t floats = step.computed.elements() / rows;
    return RowShapes{.rows = rows,
                     .floats = floats,
                     .kept = 1,
                     .output_rows = rows,
                     .output_floats = floats};
  }
  const auto* sums = std::get_if<SumsStep>(&step.kind);
  if (sums == nullptr || sums->transposed) return std::nullopt;
  std::optional<RowShapes> shapes =
      ShapesOf(sums->window, sums->input, sums->output, sums->input_channels,
               sums->output_channels);
  if (shapes.has_value() && step.pool.has_value()) {
    shapes->output_rows = step.pool->output[1];
    shapes->output_floats = step.pool->output[2] * step.pool->channels;
  }
  return shapes;
}

// Whether only one step, and not the caller, reads a value.
bool HasOneReader(const Program& program, int value) {
  int readers = value == program.output ? 1 : 0;
  for (const Step& step : program.steps) {
    readers += static_cast<int>(
        std::count(step.inputs.begin(), step.inputs.end(), value));
  }
  return readers == 1;
}

// Decides which steps run by rows.
void FindRowSteps(bool line, RowProgram& by_rows) {
  Program& program = by_rows.program;
  int value = 0;
  RowBuffer& input = by_rows.buffers.back();
  int64_t rows = input.rows;
  int64_t floats = input.floats;
  for (Step& step : program.steps) {
    if (step.inputs != std::vector<int>{value} ||
        !HasOneReader(program, value)) {
      return;
    }
    Step turned = step;
    if (line && !step.pool.has_value()) {
      if (auto* sums = std::get_if<SumsStep>(&turned.kind)) TurnLine(*sums);
      if (auto* pool = std::get_if<PoolStep>(&turned.kind)) {
        TurnLine(pool->geometry);
      }
    }
    const std::optional<RowShapes> shapes = ShapesOf(turned);
    // A layer may read the same numbers in another shape.
    if (!shapes.has_value() || shapes->rows != rows ||
        shapes->floats != floats) {
      return;
    }
    step = std::move(turned);
    RowBuffer& read = by_rows.buffers.back();
    read.kept = shapes->kept;
    read.pitch = InWholeLanes(floats);
    rows = shapes->output_rows;
    floats = shapes->output_floats;
    by_rows.buffers.push_back(
        {.rows = rows, .floats = floats, .kept = rows, .pitch = floats});
    ++by_rows.row_steps;
    value = step.output;
  }
}

// The steps that run by rows do so at once.
void PlanRows(RowProgram& by_rows) {
  Program& program = by_rows.program;
  std::vector<int64_t> sizes;
  for (const ProgramValue& value : program.values) {
    sizes.push_back(InWholeLanes(value.shape.elements()));
  }
  int value = 0;
  for (int i = 0; i <= by_rows.row_steps; ++i) {
    const RowBuffer& rows = by_rows.buffers[i];
    // Functions of vectors write beyond the end of a row.
    sizes[value] = InWholeLanes(rows.kept * rows.pitch) + kWeightLanes;
    if (i < by_rows.row_steps) value = program.steps[i].output;
  }
  PlanMemory(sizes, by_rows.row_steps, program);
}

}  // namespace

std::string RowBuffer::Place(const std::string& row) const {
  std::string at = absl::StrCat("(", row, ")");
  if (kept < rows) absl::StrAppend(&at, " % ", kept);
  return absl::StrCat(" + ", at, " * ", pitch);
}

absl::StatusOr<RowProgram> MakeRowProgram(Program program) {
  const Shape& input = program.input;
  if (input.rank() != 2 && input.rank() != 3) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the input is ", input.ToString(),
        ", which has no rows; expected [height, width, channels] or [length, "
        "channels]"));
  }
  const int64_t rows = input.dim(0);
  const int64_t floats = input.elements() / rows;
  const bool line = input.rank() == 2;
  RowProgram by_rows;
  by_rows.program = std::move(program);
  by_rows.buffers.push_back(
      {.rows = rows, .floats = floats, .kept = rows, .pitch = floats});
  FindRowSteps(line, by_rows);
  PlanRows(by_rows);
  return by_rows;
}

}  // namespace lenslet
