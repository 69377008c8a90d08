#include "lenslet/codegen/write_sums.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace lenslet {
namespace {

// Sums that a CPU with 16 vector registers holds, beside what they are made of.
constexpr int64_t kSums = 10;
constexpr int64_t kMostPositions = 7;

// The sums of a SumsStep for some positions at once.
class SumsWriter {
 public:
  // `rows` are null if the whole input is in memory.
  SumsWriter(const SumsStep& sums, const RowBuffer* rows, CWriter& out)
      : s_(sums),
        rows_(rows),
        out_(out),
        window_(sums.window),
        channels_(sums.input_channels),
        step_channels_(sums.group_inputs()) {}

  void Write(absl::string_view y_row, absl::FunctionRef<void()> row_done) {
    y_row_ = std::string(y_row);
    OpenGroups();
    OpenRows();
    WriteRow();
    row_done();
    CloseRows();
    CloseGroups();
  }

  void WriteOneRow(absl::string_view y_row) {
    y_row_ = std::string(y_row);
    OpenGroups();
    WriteRow();
    CloseGroups();
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

  void OpenGroups() {
    if (s_.row_groups() == 1) return;
    out_.Open("for (int g = 0; g < ", s_.groups, "; ++g)");
  }
  void CloseGroups() {
    if (s_.row_groups() > 1) out_.Close();
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
    if (!s_.transposed && !Clips(2) && width % positions == 0) {
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
    if (s_.transposed || positions == 1 || inner + positions > inner_end) {
      out_.Open("for (int w = 0; w < ", width, "; ++w)");
      WriteTile(1, Clips(2));
      out_.Close();
      return;
    }
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
    const std::string channel =
        s_.depthwise ? " + o" : GroupOffset(step_channels_);
    if (rows_ != nullptr) {
      out_.Line("const float* a = x", rows_->Place(Under(1, has_h)), " + (",
                Under(2, has_w), ") * ", channels_, channel, ";");
    } else {
      const std::string row =
          absl::StrCat("((", Under(0, has_d), ") * ", s_.input[1], " + ",
                       Under(1, has_h), ") * ", s_.input[2]);
      out_.Line("const float* a = x + (", row, " + ", Under(2, has_w), ") * ",
                channels_, channel, ";");
    }
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
      out_.OpenBlock();
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
  const RowBuffer* rows_;
  CWriter& out_;
  const Window& window_;
  const int64_t channels_;       // Of the input.
  const int64_t step_channels_;  // That an output channel reads.
  std::string y_row_;
};

}  // namespace

void WriteSums(const SumsStep& sums, absl::string_view y_row,
               absl::FunctionRef<void()> row_done, CWriter& out) {
  SumsWriter(sums, nullptr, out).Write(y_row, row_done);
}

void WriteSumsRow(const SumsStep& sums, const RowBuffer& x,
                  absl::string_view y_row, CWriter& out) {
  SumsWriter(sums, &x, out).WriteOneRow(y_row);
}

}  // namespace lenslet
