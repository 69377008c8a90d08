#include "lenslet/codegen/write_c.h"

#include <algorithm>
#include <cstdint>
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
#include "lenslet/base/version.h"
#include "lenslet/codegen/c_text.h"
#include "lenslet/codegen/c_texts.h"
#include "lenslet/codegen/little_endian_floats.h"
#include "lenslet/codegen/score_digest.h"
#include "lenslet/codegen/write_step.h"

namespace lenslet {
namespace {

bool IsIdentifier(absl::string_view name) {
  return !name.empty() && !absl::ascii_isdigit(name[0]) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
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
  Files(const Program& program, const Certificate& certificate,
        absl::string_view name, const COptions& options)
      : program_(program),
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
    out.Line();
    out.Line(
        "/* Computes the scores of an input. Returns them: they are in the");
    out.Line(" * arena, until the next call. Threads need an arena each. */");
    out.Line("const float* ", name_, "_scores(const ", number_,
             "* input, float* arena);");
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
    for (size_t i = 0; i < program_.steps.size(); ++i) {
      out.Line();
      WriteStep(program_, program_.steps[i], functions_[i], out);
    }
    out.Line();
    WriteNormalize(out);
    out.Line();
    WriteScores(out);
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

  // A C name for each step, after its layer.
  void NameFunctions() {
    std::set<std::string> taken;
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
    out.Line("  for (int i = 0; i < ", upper_, "_INPUTS; ++i) {");
    out.Line("    y[i] = ", value, ";");
    out.Line("  }");
    out.Line("}");
  }

  std::string Place(int value) const {
    return absl::StrCat("arena + ", program_.values[value].offset);
  }

  void WriteScores(CWriter& out) const {
    out.Line("const float* ", name_, "_scores(const ", number_,
             "* input, float* arena) {");
    out.Line("  normalize(input, ", Place(0), ");");
    for (size_t i = 0; i < program_.steps.size(); ++i) {
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
    out.Line("int ", name_, "_class(const ", number_,
             "* input, float* arena) {");
    out.Line("  const float* scores = ", name_, "_scores(input, arena);");
    out.Line("  int best = 0;");
    out.Line("  for (int i = 1; i < ", outputs_, "; ++i) {");
    out.Line("    if (scores[i] > scores[best]) best = i;");
    out.Line("  }");
    out.Line("  return best;");
    out.Line("}");
  }

  // The input lies where its normalized floats will be. Bytes are at the end of
  // that array, so that each is read before a float covers it.
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
    out.Line("    ", number_, "* input = (", number_, "*)(arena + ",
             program_.values[0].offset, ")",
             program_.bytes ? absl::StrCat(" + 3 * ", upper_, "_INPUTS") : "",
             ";");
    out.Line("    for (int i = 0; i < ", upper_, "_INPUTS; ++i) {");
    out.Line("      input[i] = self_test_number(&x);");
    out.Line("    }");
    out.Line("    const float* scores = ", name_, "_scores(input, arena);");
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

  const Program& program_;
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
    return absl::InvalidArgumentError(
        absl::StrCat("the name is \"", absl::CEscape(name),
                     "\"; expected letters, digits and _, and no digit first"));
  }
  if (name == "stdint") {
    return absl::InvalidArgumentError(
        "the name is \"stdint\", whose header the files include; expected "
        "another");
  }
  Files files(program, certificate, name, options);
  CFiles written;
  written.header = files.Header();
  written.source = files.Source();
  if (options.weights_apart) {
    written.weights = LittleEndianFloats(program.weights);
  }
  return written;
}

}  // namespace lenslet
