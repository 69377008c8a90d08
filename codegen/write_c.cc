#include "lenslet/codegen/write_c.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/version.h"
#include "lenslet/codegen/c_text.h"
#include "lenslet/codegen/c_texts.h"
#include "lenslet/codegen/little_endian_floats.h"
#include "lenslet/codegen/row_program.h"
#include "lenslet/codegen/score_digest.h"
#include "lenslet/codegen/write_step.h"

namespace lenslet {
namespace {

bool IsIdentifier(absl::string_view name) {
  return !name.empty() && !absl::ascii_isdigit(name[0]) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

// Whether NAME.h is a header of C, which an include path to the files would
// hide.
bool IsStandardHeader(absl::string_view name) {
  static constexpr absl::string_view kHeaders[] = {
      "assert",   "complex",  "ctype",  "errno",       "fenv",    "float",
      "inttypes", "iso646",   "limits", "locale",      "math",    "setjmp",
      "signal",   "stdalign", "stdarg", "stdatomic",   "stdbool", "stddef",
      "stdint",   "stdio",    "stdlib", "stdnoreturn", "string",  "tgmath",
      "threads",  "time",     "uchar",  "wchar",       "wctype"};
  return std::find(std::begin(kHeaders), std::end(kHeaders), name) !=
         std::end(kHeaders);
}

// A C string literal. Two question marks may begin a trigraph.
std::string Quoted(absl::string_view text) {
  return absl::StrCat(
      "\"", absl::StrReplaceAll(absl::CEscape(text), {{"?", "\\?"}}), "\"");
}

// In a comment.
std::string CommentText(absl::string_view text) {
  std::string safe;
  for (const char c : text) {
    safe += c == '*' || c == '/' || !absl::ascii_isprint(c) ? '_' : c;
  }
  return safe;
}

// The files of one program.
class Files {
 public:
  // `by_rows` is null, or has `program`.
  Files(const Program& program, const RowProgram* by_rows,
        const Certificate& certificate, absl::string_view name,
        const COptions& options)
      : program_(program),
        by_rows_(by_rows),
        certificate_(certificate),
        name_(name),
        upper_(absl::AsciiStrToUpper(name)),
        options_(options),
        number_(program.bytes ? "uint8_t" : "float"),
        outputs_(program.values[program.output].shape.elements()) {}

  std::string Header() {
    CWriter out;
    out.Line("/* ", Description());
    out.Line(" * ", kGeneratedBy, " ", kVersion, ". */");
    out.Line();
    out.Line("#ifndef ", upper_, "_H_");
    out.Line("#define ", upper_, "_H_");
    out.Line();
    out.Line("#include <stdint.h>");
    out.Line();
    out.Line("#ifdef __cplusplus");
    out.Line("extern \"C\" {");
    out.Line("#endif");
    out.Line();
    out.Line("/* Numbers in an input: ", program_.input.ToString(),
             ", row by row",
             program_.bytes ? ", 0 to 255. */" : ", as in the data. */");
    out.Line("#define ", upper_, "_INPUTS ", program_.input.elements());
    out.Line("/* Scores: ", program_.values[program_.output].shape.ToString(),
             ". */");
    out.Line("#define ", upper_, "_OUTPUTS ", outputs_);
    out.Line("/* Floats in an arena: the memory of one call. */");
    out.Line("#define ", upper_, "_ARENA ", program_.arena);
    if (options_.weights_apart) {
      out.Line("/* Floats in ", name_, kWeightsEnding, ", which are ", name_,
               "_weights. */");
      out.Line("#define ", upper_, "_WEIGHTS ", program_.weights.size());
    }
    if (by_rows_ != nullptr) {
      out.Line("/* Rows of an input, and the numbers in one. */");
      out.Line("#define ", upper_, "_ROWS ", input_rows().rows);
      out.Line("#define ", upper_, "_ROW ", input_rows().floats);
    }
    if (!options_.class_only) {
      out.Line();
      out.Line(
          "/* Computes the scores of an input. Returns them: they are in the");
      out.Line(" * arena, until the next call. Threads need an arena each. */");
      out.Line(Signature("scores"), ";");
    }
    if (by_rows_ != nullptr) {
      out.Line();
      out.Line("/* Takes the row h of an input. The rows of an input come one");
      out.Line(" * after the other, from h = 0 on, with the same arena, and");
      if (options_.class_only) {
        out.Line(" * each is free after the call. Returns the class with the");
        out.Line(" * highest score after the last row, and -1 before. */");
      } else {
        out.Line(
            " * each is free after the call. Returns the scores after the");
        out.Line(" * last row, and 0 before. */");
      }
      out.Line(RowSignature(), ";");
    }
    if (program_.classes) {
      out.Line();
      out.Line("/* Returns the class with the highest score, from 0. */");
      out.Line("int ", name_, "_class(const ", number_,
               "* input, float* arena);");
      if (HasNames()) {
        out.Line();
        out.Line("extern const char* const ", name_, "_class_names[", outputs_,
                 "];");
      }
    }
    out.Line();
    out.Line(
        "/* Whether this build computes the bits that Lenslet computes, of");
    out.Line(" * ", kSelfTestExamples, " inputs: 1 if so, else 0. */");
    out.Line("int ", name_, "_self_test(float* arena);");
    out.Line();
    out.Line("/* What the network comes from, as JSON. */");
    out.Line("extern const char ", name_, "_certificate[];");
    out.Line();
    out.Line("#ifdef __cplusplus");
    out.Line("}");
    out.Line("#endif");
    out.Line();
    out.Line("#endif /* ", upper_, "_H_ */");
    return std::move(out).text();
  }

  std::string Source() {
    CWriter out;
    out.Line("/* ", Description());
    out.Line(" * ", kGeneratedBy, " ", kVersion, ". */");
    out.Line();
    out.Line("#include \"", name_, ".h\"");
    out.Line();
    out.Text(ArithmeticText());
    out.Line();
    WriteWeights(out);
    NameFunctions();
    if (row_steps() > 1) {
      out.Line();
      out.Line("/* Layers that run row by row call the next one. */");
      for (int i = 1; i < row_steps(); ++i) {
        out.Line("static void ", functions_[i], "(float* arena, int row);");
      }
    }
    for (size_t i = 0; i < program_.steps.size(); ++i) {
      out.Line();
      if (i < static_cast<size_t>(row_steps())) {
        WriteRowStep(*by_rows_, static_cast<int>(i), functions_[i],
                     NextRowFunction(i), out);
      } else {
        WriteStep(program_.steps[i], functions_[i], out);
      }
    }
    out.Line();
    WriteNormalize(out);
    out.Line();
    if (by_rows_ == nullptr) {
      WriteScores(out);
    } else {
      WriteRowScores(out);
    }
    if (program_.classes) {
      out.Line();
      WriteClass(out);
    }
    out.Line();
    out.Text(Sha256Text());
    out.Line();
    WriteSelfTest(out);
    out.Line();
    out.Line("const char ", name_, "_certificate[] =");
    out.Line("    ", Quoted(CertificateToJson(certificate_).dump()), ";");
    return std::move(out).text();
  }

 private:
  bool HasNames() const {
    return static_cast<int64_t>(program_.class_names.size()) == outputs_;
  }

  std::string Description() const {
    return absl::StrCat(
        "The network ",
        program_.name.empty() ? name_ : CommentText(program_.name), ": ",
        program_.input.ToString(), " to ",
        program_.values[program_.output].shape.ToString(), ".");
  }

  int row_steps() const {
    return by_rows_ == nullptr ? 0 : by_rows_->row_steps;
  }
  const RowBuffer& input_rows() const { return by_rows_->buffers[0]; }
  std::string NextRowFunction(size_t step) const {
    return step + 1 < static_cast<size_t>(row_steps()) ? functions_[step + 1]
                                                       : "";
  }

  std::string Signature(absl::string_view function) const {
    return absl::StrCat("const float* ", name_, "_", function, "(const ",
                        number_, "* input, float* arena)");
  }
  std::string RowSignature() const {
    return absl::StrCat(options_.class_only ? "int " : "const float* ", name_,
                        "_push_row(const ", number_,
                        "* row, int h, float* arena)");
  }

  // A C name for each step, after its layer. None is that of a function for
  // callers, whose name may start with "layer", too.
  void NameFunctions() {
    std::set<std::string> taken;
    for (const char* function : {"scores", "push_row", "class", "class_names",
                                 "self_test", "certificate", "weights"}) {
      taken.insert(absl::StrCat(name_, "_", function));
    }
    for (const Step& step : program_.steps) {
      std::string name = "layer_";
      for (const char c : step.layer) {
        name += absl::ascii_isalnum(c) ? c : '_';
      }
      std::string unique = name;
      for (int i = 2; !taken.insert(unique).second; ++i) {
        unique = absl::StrCat(name, "_", i);
      }
      functions_.push_back(unique);
    }
  }

  void WriteWeights(CWriter& out) const {
    const int64_t size = static_cast<int64_t>(program_.weights.size());
    if (size == 0) return;
    out.Line(
        "/* The parameters, in the order in which the layers read them. */");
    if (options_.weights_apart) {
      out.Line("extern const float ", name_, "_weights[", size, "]; /* ", name_,
               kWeightsEnding, " */");
      out.Line("#define weights ", name_, "_weights");
      return;
    }
    out.Line("static const float weights[", size, "] = {");
    std::string line;
    for (const float weight : program_.weights) {
      const std::string literal = absl::StrCat(CLiteral(weight), ",");
      if (line.size() + literal.size() > 76) {
        out.Line("   ", line);
        line.clear();
      }
      absl::StrAppend(&line, " ", literal);
    }
    out.Line("   ", line);
    out.Line("};");
  }

  // Numbers of the normalization: one, or one for each channel.
  void WriteChannels(absl::string_view name, absl::Span<const float> numbers,
                     CWriter& out) const {
    out.Line("  static const float ", name, "[", numbers.size(), "] = {",
             absl::StrJoin(numbers, ", ",
                           [](std::string* to, float x) {
                             absl::StrAppend(to, CLiteral(x));
                           }),
             "};");
  }

  void WriteNormalize(CWriter& out) const {
    const Normalization& normalization = program_.normalization;
    out.Line("static void normalize(const ", number_, "* x, float* y) {");
    const std::string number = program_.bytes ? "(float)x[i] / 255.0f" : "x[i]";
    std::string value = number;
    if (!normalization.empty()) {
      WriteChannels("mean", normalization.mean, out);
      WriteChannels("deviation", normalization.deviation, out);
      const auto index = [&](const std::vector<float>& numbers) {
        return numbers.size() == 1 ? std::string("0")
                                   : absl::StrCat("i % ", numbers.size());
      };
      value =
          absl::StrCat("(", number, " - mean[", index(normalization.mean),
                       "]) / deviation[", index(normalization.deviation), "]");
    }
    out.Line("  for (int i = 0; i < ", upper_,
             by_rows_ == nullptr ? "_INPUTS" : "_ROW", "; ++i) {");
    out.Line("    y[i] = ", value, ";");
    out.Line("  }");
    out.Line("}");
  }

  std::string Place(int value) const {
    return absl::StrCat("arena + ", program_.values[value].offset);
  }

  // Calls the steps that read whole arrays.
  void WriteCalls(CWriter& out) const {
    for (size_t i = row_steps(); i < program_.steps.size(); ++i) {
      const Step& step = program_.steps[i];
      std::vector<std::string> places;
      for (const int input : step.inputs) places.push_back(Place(input));
      places.push_back(Place(step.output));
      if (step.pool.has_value()) {
        places.push_back(absl::StrCat("arena + ", step.band));
      }
      out.Line("  ", functions_[i], "(", absl::StrJoin(places, ", "), ");");
    }
    out.Line("  return ", Place(program_.output), ";");
  }

  // "static " if callers see only the class.
  const char* Static() const { return options_.class_only ? "static " : ""; }

  void WriteScores(CWriter& out) const {
    out.Line(Static(), Signature("scores"), " {");
    out.Line("  normalize(input, ", Place(0), ");");
    WriteCalls(out);
    out.Line("}");
  }

  void WriteRowScores(CWriter& out) const {
    out.Line("static const float* take_row(const ", number_,
             "* row, int h, float* arena) {");
    out.Line("  normalize(row, ", Place(0), input_rows().Place("h"), ");");
    if (row_steps() > 0) out.Line("  ", functions_[0], "(arena, h);");
    out.Line("  if (h < ", upper_, "_ROWS - 1) return 0;");
    WriteCalls(out);
    out.Line("}");
    out.Line();
    out.Line(Static(), Signature("scores"), " {");
    out.Line("  const float* scores = 0;");
    out.Line("  for (int h = 0; h < ", upper_, "_ROWS; ++h) {");
    out.Line("    scores = take_row(input + h * ", upper_, "_ROW, h, arena);");
    out.Line("  }");
    out.Line("  return scores;");
    out.Line("}");
    if (options_.class_only) return;
    out.Line();
    out.Line(RowSignature(), " {");
    out.Line("  return take_row(row, h, arena);");
    out.Line("}");
  }

  void WriteClass(CWriter& out) const {
    if (HasNames()) {
      out.Line("const char* const ", name_, "_class_names[", outputs_, "] = {");
      for (const std::string& name : program_.class_names) {
        out.Line("    ", Quoted(name), ",");
      }
      out.Line("};");
      out.Line();
    }
    out.Line("static int highest(const float* scores) {");
    out.Line("  int best = 0;");
    out.Line("  for (int i = 1; i < ", outputs_, "; ++i) {");
    out.Line("    if (scores[i] > scores[best]) best = i;");
    out.Line("  }");
    out.Line("  return best;");
    out.Line("}");
    out.Line();
    out.Line("int ", name_, "_class(const ", number_,
             "* input, float* arena) {");
    out.Line("  return highest(", name_, "_scores(input, arena));");
    out.Line("}");
    if (by_rows_ == nullptr || !options_.class_only) return;
    out.Line();
    out.Line(RowSignature(), " {");
    out.Line("  const float* scores = take_row(row, h, arena);");
    out.Line("  return scores == 0 ? -1 : highest(scores);");
    out.Line("}");
  }

  // The input, or a row of it, lies where its normalized floats will be. Bytes
  // are at the end of that array, so that each is read before a float covers
  // it.
  void WriteSelfTest(CWriter& out) const {
    out.Line("/* One number of an example, from the generator's last. */");
    out.Line("static ", number_, " self_test_number(uint32_t* x) {");
    out.Line("  *x = *x * 1664525u + 1013904223u;");
    if (program_.bytes) {
      out.Line("  return (uint8_t)(*x >> 24);");
    } else {
      out.Line("  return ((float)(*x >> 8) - 8388608.0f) / 4194304.0f;");
    }
    out.Line("}");
    out.Line();
    out.Line("int ", name_, "_self_test(float* arena) {");
    out.Line("  static const char kExpected[] =");
    out.Line("      \"", certificate_.self_test, "\";");
    out.Line("  Sha256 hash;");
    out.Line("  sha256_start(&hash);");
    out.Line("  uint32_t x = 1;");
    out.Line("  for (int n = 0; n < ", kSelfTestExamples, "; ++n) {");
    if (by_rows_ == nullptr) {
      WriteSelfTestInput("    ", Place(0), "_INPUTS", out);
      out.Line("    const float* scores = ", name_, "_scores(input, arena);");
    } else {
      out.Line("    const float* scores = 0;");
      out.Line("    for (int h = 0; h < ", upper_, "_ROWS; ++h) {");
      WriteSelfTestInput("      ",
                         absl::StrCat(Place(0), input_rows().Place("h")),
                         "_ROW", out);
      out.Line("      scores = take_row(input, h, arena);");
      out.Line("    }");
    }
    out.Line("    for (int i = 0; i < ", upper_, "_OUTPUTS; ++i) {");
    out.Line("      sha256_float(&hash, scores[i]);");
    out.Line("    }");
    out.Line("  }");
    out.Line("  uint8_t digest[32];");
    out.Line("  sha256_finish(&hash, digest);");
    out.Line("  for (int i = 0; i < 64; ++i) {");
    out.Line(
        "    const int digit = digest[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15;");
    out.Line("    if (\"0123456789abcdef\"[digit] != kExpected[i]) return 0;");
    out.Line("  }");
    out.Line("  return 1;");
    out.Line("}");
  }

  // Fills `input`, of so many numbers.
  void WriteSelfTestInput(const std::string& margin, const std::string& place,
                          const std::string& count, CWriter& out) const {
    out.Line(margin, number_, "* input = (", number_, "*)(", place, ")",
             program_.bytes ? absl::StrCat(" + 3 * ", upper_, count) : "", ";");
    out.Line(margin, "for (int i = 0; i < ", upper_, count, "; ++i) {");
    out.Line(margin, "  input[i] = self_test_number(&x);");
    out.Line(margin, "}");
  }

  const Program& program_;
  const RowProgram* by_rows_;
  const Certificate& certificate_;
  const std::string name_;
  const std::string upper_;
  const COptions& options_;
  const std::string number_;
  const int64_t outputs_;
  std::vector<std::string> functions_;
};

}  // namespace

absl::StatusOr<CFiles> WriteC(const Program& program,
                              const Certificate& certificate,
                              absl::string_view name, const COptions& options) {
  if (!IsIdentifier(name)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the name is \"", absl::CEscape(name),
        "\"; expected letters, digits and _, no digit first and no "
        "ending"));
  }
  if (IsStandardHeader(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the name is \"", name, "\": ", name,
                     ".h would be taken for the standard header; expected "
                     "another"));
  }
  if (options.class_only && !program.classes) {
    return absl::InvalidArgumentError(
        "the network has no classes, so there is no class to return");
  }
  std::optional<RowProgram> by_rows;
  if (options.rows) {
    LENSLET_ASSIGN_OR_RETURN(by_rows, MakeRowProgram(program));
  }
  const Program& written_program = by_rows ? by_rows->program : program;
  Files files(written_program, by_rows ? &*by_rows : nullptr, certificate, name,
              options);
  CFiles written{.arena = written_program.arena,
                 .row_steps = by_rows ? by_rows->row_steps : 0};
  written.header = files.Header();
  written.source = files.Source();
  if (options.weights_apart) {
    written.weights = LittleEndianFloats(program.weights);
  }
  return written;
}

}  // namespace lenslet
