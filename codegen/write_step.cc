#include "lenslet/codegen/write_step.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/overloaded.h"
#include "lenslet/ops/padding_mode.h"

namespace lenslet {
namespace {

constexpr const char* kAxisNames[3] = {"d", "h", "w"};
// Sums that a CPU with 16 vector registers holds, beside what they are made of.
constexpr int64_t kSums = 10;
constexpr int64_t kMostPositions = 7;

std::string SizesText(const Axes& sizes, int64_t channels) {
  return sizes[0] == 1
             ? absl::StrCat(sizes[1], " x ", sizes[2], " x ", channels)
             : absl::StrCat(sizes[0], " x ", sizes[1], " x ", sizes[2], " x ",
                            channels);
}

// "x", "-x", "x + 3"
std::string Plus(absl::string_view x, int64_t number) {
  if (number == 0) return std::string(x);
  return number < 0 ? absl::StrCat(x, " - ", -number)
                    : absl::StrCat(x, " + ", number);
}

std::string Times(absl::string_view x, int64_t factor) {
  return factor == 1 ? std::string(x) : absl::StrCat(x, " * ", factor);
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

// The sums of a SumsStep for some positions at once.
class SumsWriter {
 public:
  SumsWriter(const SumsStep& sums, CWriter& out)
      : s_(sums),
        out_(out),
        window_(sums.window),
        channels_(sums.input_channels),
        step_channels_(sums.group_inputs()) {}

  // Writes the function's body, which ends each row of output by calling
  // row_done(). `y_row` is where the row is written.
  template <typename RowDone>
  void Write(absl::string_view y_row, RowDone row_done) {
    y_row_ = std::string(y_row);
    const bool grouped = s_.row_groups() > 1;
    if (grouped) {
      out_.Open("for (int g = 0; g < ", s_.groups, "; ++g)");
    }
    OpenRows();
    WriteRow();
    if (!grouped) row_done();
    CloseRows();
    if (grouped) {
      out_.Close();
    }
  }

 private:
  bool IsOne(int axis) const { return s_.output[axis] == 1; }
  // Whether windows reach beyond the input along an axis.
  bool Clips(int axis) const {
    const int64_t start = -window_.padding.before[axis];
    const int64_t last = (s_.output[axis] - 1) * window_.stride[axis] + start +
                         Extent(window_, axis);
    return start < 0 || last > s_.input[axis];
  }

  // Where the window at the position named after the axis starts.
  std::string Start(int axis) const {
    const int64_t before = window_.padding.before[axis];
    if (IsOne(axis)) return absl::StrCat(-before);
    return Plus(Times(kAxisNames[axis], window_.stride[axis]), -before);
  }

  void OpenRows() {
    for (int axis = 0; axis < 2; ++axis) {
      const char* name = kAxisNames[axis];
      if (IsOne(axis)) continue;
      out_.Open("for (int ", name, " = 0; ", name, " < ", s_.output[axis],
                "; ++", name, ")");
    }
  }
  void CloseRows() {
    for (int axis = 0; axis < 2; ++axis) {
      if (!IsOne(axis)) out_.Close();
    }
  }

  std::string GroupOffset(int64_t size) const {
    return s_.row_groups() > 1 ? absl::StrCat(" + g * ", size) : "";
  }

  // How many vectors of sums to compute at once, for so many positions.
  int64_t Vectors(int64_t positions) const {
    const int64_t vectors = s_.row() / kWeightLanes;
    return std::clamp<int64_t>(kSums / positions, 1,
                               std::min<int64_t>(vectors, 8));
  }

  // Positions to compute at once: the most that divide the row, if any.
  int64_t Positions() const {
    if (s_.transposed) return 1;
    const int64_t width = s_.output[2];
    const int64_t vectors = s_.depthwise ? 1 : s_.row() / kWeightLanes;
    const int64_t most =
        std::min<int64_t>(vectors == 1 ? kMostPositions : kSums / 2, width);
    for (int64_t n = most; n > 2; --n) {
      if (width % n == 0 && !Clips(2)) return n;
    }
    return std::min<int64_t>(most, 4);
  }

  void WriteRow() {
    const int64_t width = s_.output[2];
    const int64_t positions = Positions();
    if (width == 1) {
      WriteTile(1, Clips(2) || s_.transposed);
      return;
    }
    if (s_.transposed || positions == 1) {
      out_.Open("for (int w = 0; w < ", width, "; ++w)");
      WriteTile(1, Clips(2));
      out_.Close();
      return;
    }
    if (!Clips(2) && width % positions == 0) {
      out_.Open("for (int w = 0; w < ", width, "; w += ", positions, ")");
      WriteTile(positions, false);
      out_.Close();
      return;
    }
    // The positions whose windows are on the input: [inner, inner_end).
    const int64_t stride = window_.stride[2];
    const int64_t before = window_.padding.before[2];
    const int64_t inner = (before + stride - 1) / stride;
    const int64_t last_start = s_.input[2] - Extent(window_, 2) + before;
    const int64_t inner_end =
        last_start < 0 ? 0 : std::min(width, last_start / stride + 1);
    out_.Open("for (int w = 0; w < ", width, ";)");
    out_.Open("if (w >= ", inner, " && w <= ", inner_end - positions, ")");
    WriteTile(positions, false);
    out_.Line("w += ", positions, ";");
    out_.Line("continue;");
    out_.Close();
    WriteTile(1, Clips(2));
    out_.Line("++w;");
    out_.Close();
  }

  // Sums for `positions` positions from w. `clips` if a window may reach beyond
  // the input along the width.
  void WriteTile(int64_t positions, bool clips) {
    if (s_.depthwise) {
      out_.Open("for (int o = 0; o < ", s_.output_channels, "; o += V)");
      WriteSums(positions, 1, clips);
      out_.Close();
      return;
    }
    const int64_t outputs = s_.group_outputs();
    const int64_t vectors = s_.row() / kWeightLanes;
    const int64_t at_once = Vectors(positions);
    const int64_t main = vectors / at_once * at_once * kWeightLanes;
    if (main > 0) {
      out_.Open("for (int o = 0; o < ", std::min(main, outputs),
                "; o += ", Times("V", at_once), ")");
      WriteSums(positions, at_once, clips);
      out_.Close();
    }
    if (main < outputs) {
      const int64_t rest = vectors % at_once;
      out_.Open("for (int o = ", main, "; o < ", outputs,
                "; o += ", Times("V", rest), ")");
      WriteSums(positions, rest, clips);
      out_.Close();
    }
  }

  static std::string Sum(int64_t position, int64_t vector) {
    return absl::StrCat("s", position, "_", vector);
  }
  static std::string Vector(int64_t vector) {
    return vector == 0 ? "" : absl::StrCat(" + ", Times("V", vector));
  }

  void WriteSums(int64_t positions, int64_t vectors, bool clips) {
    for (int64_t q = 0; q < vectors; ++q) {
      out_.Line("vf ", Sum(0, q), " = vf_load(weights + ", s_.bias,
                GroupOffset(s_.row()), " + o", Vector(q), ");");
    }
    for (int64_t p = 1; p < positions; ++p) {
      for (int64_t q = 0; q < vectors; ++q) {
        out_.Line("vf ", Sum(p, q), " = ", Sum(0, q), ";");
      }
    }
    if (s_.transposed) {
      WriteTransposedTaps(positions, vectors);
    } else {
      WriteTaps(positions, vectors, clips);
    }
    // The output.
    const int64_t outputs = s_.group_outputs();
    for (int64_t p = 0; p < positions; ++p) {
      for (int64_t q = 0; q < vectors; ++q) {
        const std::string place = absl::StrCat(
            y_row_,
            s_.output[2] == 1 ? ""
                              : absl::StrCat(" + (", Plus("w", p), ") * ",
                                             s_.output_channels),
            GroupOffset(outputs), " + o", Vector(q));
        if (outputs % kWeightLanes == 0) {
          out_.Line("vf_store(", place, ", ", Sum(p, q), ");");
        } else {
          out_.Line("vf_put(", place, ", ", Sum(p, q), ", ", outputs, " - o",
                    q == 0 ? "" : absl::StrCat(" - ", Times("V", q)), ");");
        }
      }
    }
  }

  // Opens a loop over the taps of an axis that are on the input, if there is
  // more than one. Returns whether it did.
  bool OpenTaps(int axis, bool clips) {
    const char* name = kAxisNames[axis];
    const int64_t kernel = window_.kernel[axis];
    if (kernel == 1 && !clips) return false;
    if (!clips) {
      out_.Open("for (int k", name, " = 0; k", name, " < ", kernel, "; ++k",
                name, ")");
      return true;
    }
    out_.Open("for (int k", name, " = first_tap(", Start(axis), ", ",
              window_.dilation[axis], "); k", name, " < end_tap(", Start(axis),
              ", ", kernel, ", ", window_.dilation[axis], ", ", s_.input[axis],
              "); ++k", name, ")");
    return true;
  }

  // The input position under a tap, as an expression.
  std::string Under(int axis, bool has_tap) const {
    std::string i = Start(axis);
    if (has_tap) {
      absl::StrAppend(
          &i, " + ",
          Times(absl::StrCat("k", kAxisNames[axis]), window_.dilation[axis]));
    }
    return i;
  }

  void WriteTaps(int64_t positions, int64_t vectors, bool clips) {
    const bool has_d = OpenTaps(0, Clips(0));
    const bool has_h = OpenTaps(1, Clips(1));
    const int64_t kernel_w = window_.kernel[2];
    // Taps along the width whose numbers lie one after the other, in the input
    // and in the weights, are one loop.
    const bool joins = !clips && window_.dilation[2] == 1 &&
                       s_.row_groups() == 1 && !s_.depthwise;
    const bool has_w = joins ? false : OpenTaps(2, clips);
    const std::string row =
        absl::StrCat("((", Under(0, has_d), ") * ", s_.input[1], " + ",
                     Under(1, has_h), ") * ", s_.input[2]);
    out_.Line("const float* a = x + (", row, " + ", Under(2, has_w), ") * ",
              channels_, s_.depthwise ? " + o" : GroupOffset(step_channels_),
              ";");
    std::string tap = has_d ? "kd" : "0";
    tap = absl::StrCat("(", tap, " * ", window_.kernel[1], " + ",
                       has_h ? "kh" : "0", ") * ", kernel_w);
    if (has_w) absl::StrAppend(&tap, " + kw");
    const int64_t tap_size = step_channels_ * s_.row();
    out_.Line("const float* k = weights + ", s_.weight,
              GroupOffset(Volume(window_.kernel) * tap_size), " + (", tap,
              ") * ", tap_size, " + o;");
    const int64_t inner = joins ? kernel_w * channels_ : step_channels_;
    WriteProducts(inner, positions, vectors);
    for (const bool open : {has_w, has_h, has_d}) {
      if (open) out_.Close();
    }
  }

  // Adds the products of `inner` numbers from a, for each position, with rows
  // of weights from k.
  void WriteProducts(int64_t inner, int64_t positions, int64_t vectors) {
    const int64_t apart = window_.stride[2] * channels_;
    if (s_.depthwise) {
      out_.Line("const vf w0 = vf_load(k);");
      for (int64_t p = 0; p < positions; ++p) {
        out_.Line(Sum(p, 0), " = ", Sum(p, 0), " + vf_load(a + ", p * apart,
                  ") * w0;");
      }
      return;
    }
    if (inner > 1) {
      out_.Open("for (int i = 0; i < ", inner, "; ++i)");
    } else {
      out_.Open("");
      out_.Line("const int i = 0;");
    }
    for (int64_t q = 0; q < vectors; ++q) {
      out_.Line("const vf w", q, " = vf_load(k + ", Times("i", s_.row()),
                Vector(q), ");");
    }
    for (int64_t p = 0; p < positions; ++p) {
      out_.Line("const float a", p, " = a[", Plus("i", p * apart), "];");
      for (int64_t q = 0; q < vectors; ++q) {
        out_.Line(Sum(p, q), " = ", Sum(p, q), " + a", p, " * w", q, ";");
      }
    }
    out_.Close();
  }

  void WriteTransposedTaps(int64_t positions, int64_t vectors) {
    for (int axis = 0; axis < 3; ++axis) {
      const char* name = kAxisNames[axis];
      out_.Open("for (int k", name, " = 0; k", name, " < ",
                window_.kernel[axis], "; ++k", name, ")");
      out_.Line("const int t", name, " = ",
                Plus(IsOne(axis) ? "0" : name, window_.padding.before[axis]),
                " - ", Times(absl::StrCat("k", name), window_.dilation[axis]),
                ";");
      const int64_t stride = window_.stride[axis];
      out_.Line(
          "if (t", name, " < 0 || t", name, " >= ", s_.input[axis] * stride,
          stride == 1 ? ""
                      : absl::StrCat(" || t", name, " % ", stride, " != 0"),
          ") continue;");
    }
    out_.Line("const float* a = x + ((td / ", window_.stride[0], " * ",
              s_.input[1], " + th / ", window_.stride[1], ") * ", s_.input[2],
              " + tw / ", window_.stride[2], ") * ", channels_, ";");
    out_.Line("const float* k = weights + ", s_.weight, " + ((kd * ",
              window_.kernel[1], " + kh) * ", window_.kernel[2], " + kw) * ",
              step_channels_ * s_.row(), " + o;");
    WriteProducts(step_channels_, positions, vectors);
    for (int axis = 0; axis < 3; ++axis) out_.Close();
  }

  const SumsStep& s_;
  CWriter& out_;
  const Window& window_;
  const int64_t channels_;       // Of the input.
  const int64_t step_channels_;  // That an output channel reads.
  std::string y_row_;
};

// One step.
class StepWriter {
 public:
  StepWriter(const Step& step, absl::string_view function, CWriter& out)
      : step_(step), function_(function), out_(out) {}

  void Write() {
    WriteComment();
    std::vector<std::string> parameters;
    for (size_t i = 0; i < step_.inputs.size(); ++i) {
      parameters.push_back(absl::StrCat("const float* ", Input(i)));
    }
    parameters.push_back("float* y");
    if (step_.pool.has_value()) parameters.push_back("float* band");
    out_.Open("static void ", function_, "(", absl::StrJoin(parameters, ", "),
              ")");
    std::visit([&](const auto& kind) { WriteKind(kind); }, step_.kind);
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
    SumsWriter writer(sums, out_);
    if (step_.pool.has_value()) {
      // A band of rows, then one row of the pooling.
      const int64_t rows = BandRows(*step_.pool);
      writer.Write(absl::StrCat("band + h % ", rows, " * ", row),
                   [&] { WriteBandEnd(rows, row); });
      return;
    }
    std::string y_row = "y";
    if (sums.output[0] > 1) {
      absl::StrAppend(&y_row, " + d * ", sums.output[1] * row);
    }
    if (sums.output[1] > 1) absl::StrAppend(&y_row, " + h * ", row);
    writer.Write(y_row, [] {});
    WriteFunctions(step_, size(), "y", out_);
  }

  void WriteBandEnd(int64_t rows, int64_t row) {
    out_.Open("if (h % ", rows, " == ", rows - 1, " && h / ", rows, " < ",
              step_.pool->output[1], ")");
    WriteFunctions(step_, rows * row, "band", out_);
    out_.Line("const int h_out = h / ", rows, ";");
    WritePoolRow(*step_.pool, "band", "0", "h_out");
    out_.Close();
  }

  // One row of a pooling whose windows all lie on the input. Its first tap is
  // at row `h_in`.
  void WritePoolRow(const PoolGeometry& g, absl::string_view x,
                    absl::string_view h_in, absl::string_view h_out) {
    const Window& window = g.window;
    out_.Open("for (int w = 0; w < ", g.output[2], "; ++w)");
    out_.Line("const float* a = ", x, " + (", h_in, ") * ",
              g.input[2] * g.channels, " + w * ", window.stride[2] * g.channels,
              ";");
    out_.Line("float* to = y + (", h_out, ") * ", g.output[2] * g.channels,
              " + w * ", g.channels, ";");
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
    out_.Open("");
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
      WritePoolRow(g, "x", Times("h", g.window.stride[1]), "h");
      out_.Close();
    } else {
      WriteAnyPool(g);
    }
    WriteFunctions(step_, size(), "y", out_);
  }

  // Windows that differ: tables have each one's first tap, number of taps and
  // divisor, along each axis.
  void WriteAnyPool(const PoolGeometry& g) {
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
    for (int axis = 0; axis < 3; ++axis) {
      const char* name = kAxisNames[axis];
      out_.Open("for (int ", name, " = 0; ", name, " < ", g.output[axis],
                "; ++", name, ")");
      out_.Line("const int32_t* t", name, " = taps_", name, "[", name, "];");
    }
    out_.Line("const float* a = x + ((td[0] * ", g.input[1], " + th[0]) * ",
              g.input[2], " + tw[0]) * ", g.channels, ";");
    out_.Line("float* to = y + ((d * ", g.output[1], " + h) * ", g.output[2],
              " + w) * ", g.channels, ";");
    OpenChannels(g);
    StartPool(g, "vf_load(a + c)");
    OpenAnyTaps(g);
    out_.Line("if (kd == 0 && kh == 0 && kw == 0) continue;");
    PoolTap(g, "vf_load(tap + c)");
    CloseAnyTaps();
    if (g.kind == PoolKind::kSoftmax) {
      StartWeights();
      OpenAnyTaps(g);
      WeighTap(g, "vf_load(tap + c)");
      CloseAnyTaps();
    }
    EndPool(g, "(float)(td[2] * th[2] * tw[2])");
    CloseChannels(g);
    for (int axis = 0; axis < 3; ++axis) out_.Close();
  }
  void OpenAnyTaps(const PoolGeometry& g) {
    for (int axis = 0; axis < 3; ++axis) {
      const char* name = kAxisNames[axis];
      out_.Open("for (int k", name, " = 0; k", name, " < t", name, "[1]; ++k",
                name, ")");
    }
    // Adaptive windows are not dilated.
    const Axes dilation = g.adaptive ? Axes::Filled(3, 1) : g.window.dilation;
    out_.Line("const float* tap = a + ((", Times("kd", dilation[0]), " * ",
              g.input[1], " + ", Times("kh", dilation[1]), ") * ", g.input[2],
              " + ", Times("kw", dilation[2]), ") * ", g.channels, ";");
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

  void WriteKind(const AddStep&) {
    std::vector<std::string> terms;
    for (size_t i = 0; i < step_.inputs.size(); ++i) {
      terms.push_back(absl::StrCat(Input(i), "[i]"));
    }
    out_.Open("for (int i = 0; i < ", size(), "; ++i)");
    out_.Line("y[i] = ", absl::StrJoin(terms, " + "), ";");
    out_.Close();
    WriteFunctions(step_, size(), "y", out_);
  }

  void WriteKind(const CopyStep&) {
    out_.Open("for (int i = 0; i < ", size(), "; ++i)");
    out_.Line("y[i] = x[i];");
    out_.Close();
    WriteFunctions(step_, size(), "y", out_);
  }

  const Step& step_;
  absl::string_view function_;
  CWriter& out_;
};

}  // namespace

void WriteStep(const Program&, const Step& step, absl::string_view function,
               CWriter& out) {
  StepWriter(step, function, out).Write();
}

}  // namespace lenslet
