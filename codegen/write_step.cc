#include "lenslet/codegen/write_step.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/codegen/c_text.h"
#include "lenslet/codegen/write_sums.h"
#include "lenslet/ops/padding_mode.h"

namespace lenslet {
namespace {

std::string SizesText(const Axes& sizes, int64_t channels) {
  return sizes[0] == 1
             ? absl::StrCat(sizes[1], " x ", sizes[2], " x ", channels)
             : absl::StrCat(sizes[0], " x ", sizes[1], " x ", sizes[2], " x ",
                            channels);
}

std::string Call(const ActivationSpec& spec, absl::string_view x) {
  switch (spec.kind) {
    case ActivationKind::kSigmoid:
      return absl::StrCat("vf_sigmoid(", x, ")");
    case ActivationKind::kTanh:
      return absl::StrCat("vf_tanh(", x, ")");
    case ActivationKind::kRelu:
      return absl::StrCat("vf_relu(", x, ")");
    case ActivationKind::kLeakyRelu:
      return absl::StrCat("vf_leaky_relu(", x, ", ", CLiteral(spec.slope), ")");
    case ActivationKind::kElu:
      return absl::StrCat("vf_elu(", x, ", ", CLiteral(spec.alpha), ")");
    case ActivationKind::kGelu:
      return absl::StrCat("vf_gelu(", x, ")");
    case ActivationKind::kSilu:
      return absl::StrCat("vf_silu(", x, ")");
    case ActivationKind::kSoftplus:
      return absl::StrCat("vf_softplus(", x, ")");
    case ActivationKind::kClip:
      return absl::StrCat("vf_clip(", x, ", ", CLiteral(spec.min), ", ",
                          CLiteral(spec.max), ")");
    case ActivationKind::kHardSigmoid:
      return absl::StrCat("vf_hard_sigmoid(", x, ", ",
                          CLiteral(spec.hard_slope), ", ",
                          CLiteral(spec.offset), ")");
    case ActivationKind::kHardSwish:
      return absl::StrCat("vf_hard_swish(", x, ")");
  }
  return std::string(x);
}

// Applies the functions to `size` floats at `y`.
void WriteFunctions(const Step& step, int64_t size, absl::string_view y,
                    CWriter& out) {
  for (const Function& function : step.functions) {
    if (const auto* spec = std::get_if<ActivationSpec>(&function.kind)) {
      out.Open("for (int i = 0; i < ", size, "; i += V)");
      out.Line("vf_store(", y, " + i, ",
               Call(*spec, absl::StrCat("vf_load(", y, " + i)")), ");");
      out.Close();
      continue;
    }
    const auto& scale = std::get<ScaleFunction>(function.kind);
    out.Open("for (int i = 0; i < ", size, "; i += ", scale.channels, ")");
    out.Open("for (int c = 0; c < ", scale.channels, "; ++c)");
    out.Line("const float product = ", y, "[i + c] * weights[",
             Plus("c", scale.scale), "];");
    out.Line(y, "[i + c] = product + weights[", Plus("c", scale.shift), "];");
    out.Close();
    out.Close();
  }
}

// One step.
class StepWriter {
 public:
  StepWriter(const Step& step, CWriter& out) : step_(step), out_(out) {}

  void Write(absl::string_view function) {
    WriteComment();
    std::vector<std::string> parameters;
    for (size_t i = 0; i < step_.inputs.size(); ++i) {
      parameters.push_back(absl::StrCat("const float* ", Input(i)));
    }
    parameters.push_back("float* y");
    if (step_.pool.has_value()) parameters.push_back("float* band");
    out_.Open("static void ", function, "(", absl::StrJoin(parameters, ", "),
              ")");
    std::visit([&](const auto& kind) { WriteKind(kind); }, step_.kind);
    out_.Close();
  }

  // `x` and `y` have rows of the step's input and output.
  void WriteByRows(const Program& program, const RowBuffer& x,
                   const RowBuffer& y, absl::string_view function,
                   absl::string_view next) {
    WriteComment();
    out_.Open("static void ", function, "(float* arena, int row)");
    out_.Line("const float* x = arena + ",
              program.values[step_.inputs[0]].offset, "; /* ",
              x.kept < x.rows ? "The last " : "", x.kept, " rows of ", x.pitch,
              " floats. */");
    out_.Line("float* y = arena + ", program.values[step_.output].offset, ";");
    if (step_.pool.has_value()) {
      out_.Line("float* band = arena + ", step_.band, ";");
    }
    if (const auto* sums = std::get_if<SumsStep>(&step_.kind)) {
      OpenRowsDone(sums->window, x.rows, sums->output[1]);
      WriteSumsByRows(*sums, x, y, next);
    } else if (const auto* pool = std::get_if<PoolStep>(&step_.kind)) {
      const PoolGeometry& g = pool->geometry;
      WritePoolTables(g);
      OpenRowsDone(g.window, x.rows, g.output[1]);
      out_.Line("float* y_row = y", y.Place("h"), ";");
      WritePoolRowByTables(g, x);
      EndRow("y_row", y, "h", next);
    } else {  // A copy.
      out_.OpenBlock();
      out_.Line("const float* x_row = x", x.Place("row"), ";");
      out_.Line("float* y_row = y", y.Place("row"), ";");
      out_.Open("for (int i = 0; i < ", y.floats, "; ++i)");
      out_.Line("y_row[i] = x_row[i];");
      out_.Close();
      EndRow("y_row", y, "row", next);
    }
    out_.Close();
    out_.Close();
  }

 private:
  std::string Input(size_t i) const {
    return step_.inputs.size() == 1 ? "x" : absl::StrCat("x", i);
  }

  void WriteComment() {
    std::vector<std::string> parts;
    if (!step_.details.empty()) {
      parts.push_back(absl::StrCat(step_.layer, ": ", step_.details, ", to ",
                                   step_.computed.ToString()));
    }
    for (const Function& function : step_.functions) {
      parts.push_back(absl::StrCat(function.layer, ": ", function.type));
    }
    if (step_.pool.has_value()) {
      parts.push_back(
          absl::StrCat(step_.pool_layer, ": ", step_.pool_details, ", to ",
                       SizesText(step_.pool->output, step_.pool->channels)));
    }
    for (size_t i = 0; i < parts.size(); ++i) {
      out_.Line(i == 0 ? "/* " : " * ", parts[i],
                i + 1 == parts.size() ? " */" : "");
    }
  }

  int64_t size() const { return step_.computed.elements(); }

  void WriteKind(const SumsStep& sums) {
    const int64_t row = sums.output[2] * sums.output_channels;
    if (step_.pool.has_value()) {
      // A band of rows, then one row of the pooling.
      const int64_t rows = BandRows(*step_.pool);
      WriteSums(
          sums, absl::StrCat("band + h % ", rows, " * ", row),
          [&] { WriteBandEnd(rows, row); }, out_);
      return;
    }
    std::string y_row = "y";
    if (sums.output[0] > 1) {
      absl::StrAppend(&y_row, " + d * ", sums.output[1] * row);
    }
    if (sums.output[1] > 1) absl::StrAppend(&y_row, " + h * ", row);
    WriteSums(
        sums, y_row, [] {}, out_);
    WriteFunctions(step_, size(), "y", out_);
  }

  // Opens a loop over the rows h of output that the row of input completes.
  void OpenRowsDone(const Window& window, int64_t rows, int64_t outputs) {
    const auto done = [&](absl::string_view row) {
      return absl::StrCat("rows_done(", row, ", ", rows, ", ",
                          Extent(window, 1), ", ", window.stride[1], ", ",
                          window.padding.before[1], ", ", outputs, ")");
    };
    out_.Line("const int end = ", done("row"), ";");
    out_.Open("for (int h = ", done("row - 1"), "; h < end; ++h)");
  }

  // What follows a row `h` of output, which is at `y_row`.
  void EndRow(absl::string_view y_row, const RowBuffer& y, absl::string_view h,
              absl::string_view next) {
    if (!step_.functions.empty() && !step_.pool.has_value()) {
      WriteFunctions(step_, y.floats, y_row, out_);
    }
    if (!next.empty()) out_.Line(next, "(arena, ", h, ");");
  }

  void WriteSumsByRows(const SumsStep& sums, const RowBuffer& x,
                       const RowBuffer& y, absl::string_view next) {
    if (!step_.pool.has_value()) {
      out_.Line("float* y_row = y", y.Place("h"), ";");
      WriteSumsRow(sums, x, "y_row", out_);
      EndRow("y_row", y, "h", next);
      return;
    }
    const int64_t row = sums.output[2] * sums.output_channels;
    const int64_t rows = BandRows(*step_.pool);
    WriteSumsRow(sums, x, absl::StrCat("band + h % ", rows, " * ", row), out_);
    OpenBandEnd(rows, row);
    out_.Line("float* y_row = y", y.Place("h_out"), ";");
    WritePoolRow(*step_.pool, "band", "0", "y_row");
    EndRow("y_row", y, "h_out", next);
    out_.Close();
  }

  void WriteBandEnd(int64_t rows, int64_t row) {
    OpenBandEnd(rows, row);
    WritePoolRow(*step_.pool, "band", "0", RowOf(*step_.pool, "h_out"));
    out_.Close();
  }

  // Where a row of a pooling's whole output is.
  static std::string RowOf(const PoolGeometry& g, absl::string_view h) {
    return absl::StrCat("y + (", h, ") * ", g.output[2] * g.channels);
  }

  void OpenBandEnd(int64_t rows, int64_t row) {
    out_.Open("if (h % ", rows, " == ", rows - 1, " && h / ", rows, " < ",
              step_.pool->output[1], ")");
    WriteFunctions(step_, rows * row, "band", out_);
    out_.Line("const int h_out = h / ", rows, ";");
  }

  // One row of a pooling whose windows all lie on the input. Its first tap is
  // at row `h_in`. The row of output is at `y_row`.
  void WritePoolRow(const PoolGeometry& g, absl::string_view x,
                    absl::string_view h_in, absl::string_view y_row) {
    const Window& window = g.window;
    out_.Open("for (int w = 0; w < ", g.output[2], "; ++w)");
    out_.Line("const float* a = ", x, " + (", h_in, ") * ",
              g.input[2] * g.channels, " + w * ", window.stride[2] * g.channels,
              ";");
    out_.Line("float* to = ", y_row, " + w * ", g.channels, ";");
    OpenChannels(g);
    StartPool(g, "vf_load(a + c)");
    for (int64_t kh = 0; kh < window.kernel[1]; ++kh) {
      for (int64_t kw = 0; kw < window.kernel[2]; ++kw) {
        if (kh == 0 && kw == 0) continue;
        const int64_t offset =
            (kh * window.dilation[1] * g.input[2] + kw * window.dilation[2]) *
            g.channels;
        PoolTap(g, absl::StrCat("vf_load(a + ", Plus("c", offset), ")"));
      }
    }
    if (g.kind == PoolKind::kSoftmax) {
      StartWeights();
      for (int64_t kh = 0; kh < window.kernel[1]; ++kh) {
        for (int64_t kw = 0; kw < window.kernel[2]; ++kw) {
          const int64_t offset =
              (kh * window.dilation[1] * g.input[2] + kw * window.dilation[2]) *
              g.channels;
          WeighTap(g, absl::StrCat("vf_load(a + ", Plus("c", offset), ")"));
        }
      }
    }
    EndPool(g, absl::StrCat(window.kernel[1] * window.kernel[2], ".0f"));
    CloseChannels(g);
    out_.Close();
  }

  // Vectors of channels. The last may read beyond a position's channels: the
  // arena has floats after its last array.
  void OpenChannels(const PoolGeometry& g) {
    out_.Open("for (int c = 0; c < ", g.channels, "; c += V)");
  }
  void CloseChannels(const PoolGeometry&) { out_.Close(); }

  void StartPool(const PoolGeometry&, absl::string_view first) {
    out_.Line("vf m = ", first, ";");
  }
  void PoolTap(const PoolGeometry& g, absl::string_view tap) {
    switch (g.kind) {
      case PoolKind::kMax:
      case PoolKind::kSoftmax:
        out_.Line("m = vf_max(m, ", tap, ");");
        return;
      case PoolKind::kMin:
        out_.Line("m = vf_min(m, ", tap, ");");
        return;
      case PoolKind::kAverage:
        out_.Line("m = m + ", tap, ";");
        return;
    }
  }
  void StartWeights() {
    out_.Line("vf weight_sum = vf_set(0.0f);");
    out_.Line("vf sum = vf_set(0.0f);");
  }
  void WeighTap(const PoolGeometry& g, absl::string_view tap) {
    out_.OpenBlock();
    out_.Line("const vf t = ", tap, ";");
    out_.Line("const vf e = vf_exp((t - m) * ", CLiteral(InverseTemperature(g)),
              ");");
    out_.Line("weight_sum = weight_sum + e;");
    out_.Line("sum = sum + e * t;");
    out_.Close();
  }
  void EndPool(const PoolGeometry& g, absl::string_view count) {
    std::string result = "m";
    if (g.kind == PoolKind::kAverage) {
      result = absl::StrCat("m / ", count);
    } else if (g.kind == PoolKind::kSoftmax) {
      result = "sum / weight_sum";
    }
    out_.Line("vf_put(to + c, ", result, ", ", g.channels, " - c);");
  }

  void WriteKind(const PoolStep& pool) {
    const PoolGeometry& g = pool.geometry;
    if (!g.adaptive && WindowsAreWhole(g) && g.input[0] == 1) {
      out_.Open("for (int h = 0; h < ", g.output[1], "; ++h)");
      WritePoolRow(g, "x", Times("h", g.window.stride[1]), RowOf(g, "h"));
      out_.Close();
    } else {
      WriteAnyPool(g);
    }
    WriteFunctions(step_, size(), "y", out_);
  }

  // Windows that differ: tables have each one's first tap, number of taps and
  // divisor, along each axis.
  void WriteAnyPool(const PoolGeometry& g) {
    WritePoolTables(g);
    for (int axis = 0; axis < 3; ++axis) OpenPositions(g, axis);
    out_.Line("const float* a = x + ((td[0] * ", g.input[1], " + th[0]) * ",
              g.input[2], " + tw[0]) * ", g.channels, ";");
    out_.Line("float* to = y + ((d * ", g.output[1], " + h) * ", g.output[2],
              " + w) * ", g.channels, ";");
    // Adaptive windows are not dilated.
    const Axes dilation = g.adaptive ? Axes::Filled(3, 1) : g.window.dilation;
    WritePoolByTables(
        g, absl::StrCat("a + ((", Times("kd", dilation[0]), " * ", g.input[1],
                        " + ", Times("kh", dilation[1]), ") * ", g.input[2],
                        " + ", Times("kw", dilation[2]), ") * ", g.channels));
    for (int axis = 0; axis < 3; ++axis) out_.Close();
  }

  // The row h of output, of rows of x.
  void WritePoolRowByTables(const PoolGeometry& g, const RowBuffer& x) {
    const Window& window = g.window;
    out_.Line("const int32_t* td = taps_d[0];");
    out_.Line("const int32_t* th = taps_h[h];");
    OpenPositions(g, 2);
    out_.Line("const float* a = x", x.Place("th[0]"), " + tw[0] * ", g.channels,
              ";");
    out_.Line("float* to = y_row + w * ", g.channels, ";");
    WritePoolByTables(
        g, absl::StrCat("x",
                        x.Place(absl::StrCat("th[0] + ",
                                             Times("kh", window.dilation[1]))),
                        " + (tw[0] + ", Times("kw", window.dilation[2]), ") * ",
                        g.channels));
    out_.Close();
  }

  void WritePoolTables(const PoolGeometry& g) {
    for (int axis = 0; axis < 3; ++axis) {
      std::vector<std::string> rows;
      for (int64_t o = 0; o < g.output[axis]; ++o) {
        const PoolTaps taps = TapsAt(g, axis, o);
        rows.push_back(absl::StrCat("{", taps.first, ", ", taps.count, ", ",
                                    taps.divisor, "}"));
      }
      out_.Line("static const int32_t taps_", kAxisNames[axis], "[",
                g.output[axis], "][3] = {", absl::StrJoin(rows, ", "), "};");
    }
  }
  void OpenPositions(const PoolGeometry& g, int axis) {
    const char* name = kAxisNames[axis];
    out_.Open("for (int ", name, " = 0; ", name, " < ", g.output[axis], "; ++",
              name, ")");
    out_.Line("const int32_t* t", name, " = taps_", name, "[", name, "];");
  }

  // One position, from its first tap at a to `to`. `tap` is where the tap kd,
  // kh, kw is.
  void WritePoolByTables(const PoolGeometry& g, const std::string& tap) {
    OpenChannels(g);
    StartPool(g, "vf_load(a + c)");
    OpenAnyTaps(tap);
    out_.Line("if (kd == 0 && kh == 0 && kw == 0) continue;");
    PoolTap(g, "vf_load(tap + c)");
    CloseAnyTaps();
    if (g.kind == PoolKind::kSoftmax) {
      StartWeights();
      OpenAnyTaps(tap);
      WeighTap(g, "vf_load(tap + c)");
      CloseAnyTaps();
    }
    EndPool(g, "(float)(td[2] * th[2] * tw[2])");
    CloseChannels(g);
  }
  void OpenAnyTaps(const std::string& tap) {
    for (int axis = 0; axis < 3; ++axis) {
      const char* name = kAxisNames[axis];
      out_.Open("for (int k", name, " = 0; k", name, " < t", name, "[1]; ++k",
                name, ")");
    }
    out_.Line("const float* tap = ", tap, ";");
  }
  void CloseAnyTaps() {
    for (int axis = 0; axis < 3; ++axis) out_.Close();
  }

  void WriteKind(const PadStep& pad) {
    const PadGeometry& g = pad.geometry;
    for (int axis = 0; axis < 3; ++axis) {
      std::vector<int64_t> sources;
      for (int64_t o = 0; o < g.output[axis]; ++o) {
        sources.push_back(
            SourceOf(g.mode, o - g.padding.before[axis], g.input[axis]));
      }
      out_.Line("static const int32_t from_", kAxisNames[axis], "[",
                sources.size(), "] = {", absl::StrJoin(sources, ", "), "};");
    }
    for (int axis = 0; axis < 3; ++axis) {
      const char* name = kAxisNames[axis];
      out_.Open("for (int ", name, " = 0; ", name, " < ", g.output[axis],
                "; ++", name, ")");
      out_.Line("const int i", name, " = from_", name, "[", name, "];");
    }
    out_.Line("float* to = y + ((d * ", g.output[1], " + h) * ", g.output[2],
              " + w) * ", g.channels, ";");
    out_.Line("const int inside = id >= 0 && ih >= 0 && iw >= 0;");
    out_.Line("const float* from = x;");
    out_.Line("if (inside) from += ((id * ", g.input[1], " + ih) * ",
              g.input[2], " + iw) * ", g.channels, ";");
    out_.Open("for (int c = 0; c < ", g.channels, "; ++c)");
    out_.Line("to[c] = inside ? from[c] : 0.0f;");
    out_.Close();
    for (int axis = 0; axis < 3; ++axis) out_.Close();
    WriteFunctions(step_, size(), "y", out_);
  }

  void WriteKind(const ConcatStep& concat) {
    const ConcatGeometry& g = concat.geometry;
    int64_t before = 0;
    for (size_t i = 0; i < g.pieces.size(); ++i) {
      out_.Open("for (int r = 0; r < ", g.rows, "; ++r)");
      out_.Open("for (int i = 0; i < ", g.pieces[i], "; ++i)");
      out_.Line("y[r * ", g.row, " + ", Plus("i", before), "] = ", Input(i),
                "[r * ", g.pieces[i], " + i];");
      out_.Close();
      out_.Close();
      before += g.pieces[i];
    }
    WriteFunctions(step_, size(), "y", out_);
  }

  void WriteKind(const ElementwiseStep& step) {
    // If no input is repeated, one loop does.
    const bool flat = std::all_of(step.strides.begin(), step.strides.end(),
                                  [&](const auto& strides) {
                                    return strides == StridesOf(step_.computed);
                                  });
    std::vector<std::string> terms;
    for (size_t i = 0; i < step.strides.size(); ++i) {
      std::vector<std::string> index;
      for (size_t axis = 0; axis < step.strides[i].size() && !flat; ++axis) {
        const int64_t stride = step.strides[i][axis];
        if (stride > 0) {
          index.push_back(Times(absl::StrCat("i", axis), stride));
        }
      }
      if (flat) index = {"i"};
      if (index.empty()) index = {"0"};
      terms.push_back(
          absl::StrCat(Input(i), "[", absl::StrJoin(index, " + "), "]"));
    }
    const std::string value =
        absl::StrJoin(terms, step.multiplies ? " * " : " + ");
    if (flat) {
      out_.Open("for (int i = 0; i < ", size(), "; ++i)");
      out_.Line("y[i] = ", value, ";");
      out_.Close();
    } else {
      WriteForEachElement(value);
    }
    WriteFunctions(step_, size(), "y", out_);
  }

  // Sets each element of the output, at i0, i1, ...
  void WriteForEachElement(const std::string& value) {
    const Shape& shape = step_.computed;
    std::vector<std::string> index;
    const std::vector<int64_t> strides = StridesOf(shape);
    for (int axis = 0; axis < shape.rank(); ++axis) {
      out_.Open("for (int i", axis, " = 0; i", axis, " < ", shape.dim(axis),
                "; ++i", axis, ")");
      index.push_back(Times(absl::StrCat("i", axis), strides[axis]));
    }
    out_.Line("y[", absl::StrJoin(index, " + "), "] = ", value, ";");
    for (int axis = 0; axis < shape.rank(); ++axis) out_.Close();
  }

  void WriteKind(const NormalizeStep& step) {
    const std::string count = absl::StrCat(step.features, ".0f");
    const std::string each =
        absl::StrCat("for (int i = 0; i < ", step.features, "; ++i)");
    out_.Open("for (int r = 0; r < ", step.rows, "; ++r)");
    out_.Line("const float* a = x + r * ", step.features, ";");
    out_.Line("float sum = 0.0f;");
    out_.Line(each, " sum = sum + a[i];");
    out_.Line("const float mean = sum / ", count, ";");
    out_.Line("float squares = 0.0f;");
    out_.Open(each);
    out_.Line("const float d = a[i] - mean;");
    out_.Line("squares = squares + d * d;");
    out_.Close();
    out_.Line("const float deviation = float_sqrt(squares / ", count, " + ",
              CLiteral(step.epsilon), ");");
    out_.Open(each);
    out_.Line("const float z = (a[i] - mean) / deviation;");
    out_.Line("const float product = z * weights[", Plus("i", step.scale),
              "];");
    out_.Line("y[r * ", step.features, " + i] = product + weights[",
              Plus("i", step.bias), "];");
    out_.Close();
    out_.Close();
    WriteFunctions(step_, size(), "y", out_);
  }

  void WriteKind(const LrnStep& step) {
    const LrnSpec& spec = step.spec;
    const int64_t before = (spec.size - 1) / 2;
    const int64_t end = spec.size / 2 + 1;
    out_.Open("for (int p = 0; p < ", step.positions, "; ++p)");
    out_.Line("const float* a = x + p * ", step.channels, ";");
    out_.Open("for (int c = 0; c < ", step.channels, "; ++c)");
    out_.Line("const int first = c < ", before, " ? 0 : c - ", before, ";");
    out_.Line("const int end = c + ", end, " < ", step.channels, " ? c + ", end,
              " : ", step.channels, ";");
    out_.Line("float sum = 0.0f;");
    out_.Line("for (int i = first; i < end; ++i) sum = sum + a[i] * a[i];");
    out_.Line("const vf divisor = vf_set(sum * ", CLiteral(LrnShare(spec)),
              " + ", CLiteral(spec.bias), ");");
    out_.Line("const vf factor = vf_exp(vf_log(divisor) * ",
              CLiteral(-spec.beta), ");");
    out_.Line("vf_put(y + p * ", step.channels, " + c, a[c] * factor, 1);");
    out_.Close();
    out_.Close();
    WriteFunctions(step_, size(), "y", out_);
  }

  void WriteKind(const ResizeStep& step) {
    for (int axis = 0; axis < 3; ++axis) {
      const ResizeAxis& resized = step.axes[axis];
      std::vector<std::string> positions;
      std::vector<std::string> weights;
      for (const ResizeAxis::Tap& tap : resized.taps) {
        positions.push_back(
            absl::StrCat("{", tap.first, ", ", tap.second, "}"));
        weights.push_back(absl::StrCat("{", CLiteral(tap.first_weight), ", ",
                                       CLiteral(tap.second_weight), "}"));
      }
      out_.Line("static const int32_t from_", kAxisNames[axis], "[",
                positions.size(), "][2] = {", absl::StrJoin(positions, ", "),
                "};");
      if (resized.interpolates) {
        out_.Line("static const float weight_", kAxisNames[axis], "[",
                  weights.size(), "][2] = {", absl::StrJoin(weights, ", "),
                  "};");
      }
    }
    for (int axis = 0; axis < 3; ++axis) {
      const char* name = kAxisNames[axis];
      out_.Open("for (int ", name, " = 0; ", name, " < ", step.output[axis],
                "; ++", name, ")");
    }
    out_.Open("for (int c = 0; c < ", step.channels, "; ++c)");
    std::array<const char*, 3> taps = {"0", "0", "0"};
    const std::string value = WriteResized(step, 0, taps);
    out_.Line("y[((d * ", step.output[1], " + h) * ", step.output[2],
              " + w) * ", step.channels, " + c] = ", value, ";");
    for (int depth = 0; depth < 4; ++depth) out_.Close();
    WriteFunctions(step_, size(), "y", out_);
  }

  // Writes the value between the positions along the axes from `axis` on, and
  // returns its name.
  std::string WriteResized(const ResizeStep& step, int axis,
                           std::array<const char*, 3>& taps) {
    const std::string value =
        absl::StrCat("v", taps[0], taps[1], taps[2], "_", axis);
    if (axis == 3) {
      const auto from = [&](int a) {
        return absl::StrCat("from_", kAxisNames[a], "[", kAxisNames[a], "][",
                            taps[a], "]");
      };
      out_.Line("const float ", value, " = x[((", from(0), " * ", step.input[1],
                " + ", from(1), ") * ", step.input[2], " + ", from(2), ") * ",
                step.channels, " + c];");
      return value;
    }
    taps[axis] = "0";
    const std::string first = WriteResized(step, axis + 1, taps);
    if (!step.axes[axis].interpolates) return first;
    taps[axis] = "1";
    const std::string second = WriteResized(step, axis + 1, taps);
    taps[axis] = "0";
    const std::string weight =
        absl::StrCat("weight_", kAxisNames[axis], "[", kAxisNames[axis], "]");
    out_.Line("const float ", value, "a = ", first, " * ", weight, "[0];");
    out_.Line("const float ", value, "b = ", second, " * ", weight, "[1];");
    out_.Line("const float ", value, " = ", value, "a + ", value, "b;");
    return value;
  }

  void WriteKind(const CopyStep&) {
    out_.Open("for (int i = 0; i < ", size(), "; ++i)");
    out_.Line("y[i] = x[i];");
    out_.Close();
    WriteFunctions(step_, size(), "y", out_);
  }

  const Step& step_;
  CWriter& out_;
};

}  // namespace

void WriteStep(const Step& step, absl::string_view function, CWriter& out) {
  StepWriter(step, out).Write(function);
}

void WriteRowStep(const RowProgram& by_rows, int step,
                  absl::string_view function, absl::string_view next,
                  CWriter& out) {
  StepWriter(by_rows.program.steps[step], out)
      .WriteByRows(by_rows.program, by_rows.buffers[step],
                   by_rows.buffers[step + 1], function, next);
}

}  // namespace lenslet
