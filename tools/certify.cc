// Certifies what a trained network computes, and checks such certificates.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/codegen/certificate.h"
#include "lenslet/codegen/program.h"
#include "lenslet/codegen/score_digest.h"
#include "lenslet/codegen/write_c.h"
#include "lenslet/onnx/load.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/tools/checkpoint_data.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/outputs.h"
#include "lenslet/tools/print_json.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/words.h"

namespace lenslet {
namespace {

constexpr char kCertify[] = "lenslet certify";
constexpr char kVerify[] = "lenslet verify";
constexpr int64_t kMaxCertificateBytes = 1 << 20;

// The files that lenslet export --c wrote.
std::vector<std::string> FilesOf(const std::string& c) {
  std::vector<std::string> files = {absl::StrCat(c, ".h"),
                                    absl::StrCat(c, ".c")};
  const std::string weights = absl::StrCat(c, kWeightsEnding);
  if (FileExists(UserPath(weights))) files.push_back(weights);
  return files;
}

std::string FileName(const std::string& path) {
  return std::filesystem::path(path).filename();
}

struct CertifyFlags {
  std::vector<std::string> words;
  DataFlags data;
  bool test = true;
  std::string c;
  std::string json;
};

void AddCommonFlags(CommandLine& line, CertifyFlags& flags) {
  AddDataFlags(line, flags.data);
  line.AddFlag("test",
               "Compute the scores of the test examples. If false, the data "
               "are not read.",
               flags.test);
  line.AddFlag("c",
               "The C files, without an ending: what lenslet export --c had.",
               flags.c);
}

// Certifies the network of the word, with the scores of its test examples and
// the files that the flags ask for.
absl::StatusOr<Certificate> CertifyNetwork(const std::string& word,
                                           const CertifyFlags& flags,
                                           const std::string& argv0) {
  LENSLET_ASSIGN_OR_RETURN(
      const TrainedNetwork network,
      LoadTrainedNetwork(UserPath(word), LoadCheckpointOrOnnx));
  LENSLET_ASSIGN_OR_RETURN(const Program program, MakeProgram(network));
  LENSLET_ASSIGN_OR_RETURN(Certificate certificate, Certify(network, program));
  if (flags.test) {
    LENSLET_ASSIGN_OR_RETURN(
        const CheckpointData data,
        LoadCheckpointData(network.checkpoint, flags.data, argv0));
    LENSLET_RETURN_IF_ERROR(CertifyTest(program, data.dataset, certificate));
  }
  return certificate;
}

absl::Status AddFiles(const std::string& c, Certificate& certificate) {
  if (c.empty()) return absl::OkStatus();
  for (const std::string& file : FilesOf(c)) {
    LENSLET_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(UserPath(file)));
    certificate.files[FileName(file)] = BytesDigest(bytes);
  }
  return absl::OkStatus();
}

absl::Status RunCertify(const CertifyFlags& flags, const std::string& argv0) {
  LENSLET_ASSIGN_OR_RETURN(Certificate certificate,
                           CertifyNetwork(flags.words[0], flags, argv0));
  LENSLET_RETURN_IF_ERROR(AddFiles(flags.c, certificate));
  const std::string json =
      absl::StrCat(CertificateToJson(certificate).dump(2), "\n");
  if (flags.json.empty()) {
    PrintText(json);
    return absl::OkStatus();
  }
  LENSLET_RETURN_IF_ERROR(WriteFileAtomically(UserPath(flags.json), json));
  Print("wrote %s\n", Printable(flags.json));
  return absl::OkStatus();
}

// One link of the chain, as the certificate has it and as it is now.
class Links {
 public:
  void Check(const char* name, const std::string& certified,
             const std::string& found) {
    if (certified.empty()) return;
    if (found.empty()) {
      Print("%-24s not checked\n", Printable(name));
      return;
    }
    const bool same = certified == found;
    Print("%-24s %s\n", Printable(name), same ? "as certified" : "DIFFERS");
    if (!same) {
      Print("  certified %s\n  found     %s\n", Printable(certified),
            Printable(found));
    }
    broken_ += !same;
    ++checked_;
  }

  absl::Status Result() const {
    if (broken_ > 0) {
      return absl::FailedPreconditionError(absl::StrCat(
          broken_, " of ", checked_, " digests differ from the certificate"));
    }
    if (checked_ == 0) {
      return absl::InvalidArgumentError(
          "nothing to check: name a run or checkpoint, or --c");
    }
    Print("%s checked, all as certified\n", CountText(checked_, "digest"));
    return absl::OkStatus();
  }

 private:
  int checked_ = 0;
  int broken_ = 0;
};

// "" if there are no test examples.
std::string CountOf(const Certificate& certificate) {
  return certificate.test_examples == 0
             ? ""
             : absl::StrCat(certificate.test_examples);
}

absl::Status RunVerify(const CertifyFlags& flags, const std::string& argv0) {
  const std::string& path = flags.words[0];
  LENSLET_ASSIGN_OR_RETURN(const std::string text,
                           ReadFile(UserPath(path), kMaxCertificateBytes));
  absl::StatusOr<Certificate> certified = CertificateFromJson(text);
  if (!certified.ok()) return AtPlace(certified.status(), path);
  Certificate found;
  CertifyFlags what = flags;
  // Without scores in the certificate, there is nothing to compare.
  what.test = flags.test && !certified->test_scores.empty();
  if (flags.words.size() > 1) {
    LENSLET_ASSIGN_OR_RETURN(found,
                             CertifyNetwork(flags.words[1], what, argv0));
  }
  LENSLET_RETURN_IF_ERROR(AddFiles(flags.c, found));
  for (const auto& [name, digest] : found.files) {
    if (certified->files.count(name) == 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--c: ", path, " does not certify a file ", Printable(name)));
    }
  }
  Links links;
  links.Check("version", certified->version, found.version);
  links.Check("noted training data", certified->data, found.data);
  links.Check("recipe", certified->recipe, found.recipe);
  links.Check("parameters", certified->parameters, found.parameters);
  links.Check("scores of the self-test", certified->self_test, found.self_test);
  links.Check("test examples", certified->test_inputs, found.test_inputs);
  links.Check("number of them", CountOf(*certified), CountOf(found));
  links.Check("scores of the test", certified->test_scores, found.test_scores);
  for (const auto& [name, digest] : certified->files) {
    const auto file = found.files.find(name);
    links.Check(name.c_str(), digest,
                file == found.files.end() ? "" : file->second);
  }
  return links.Result();
}

}  // namespace

int CertifyCommand(int argc, char** argv) {
  CertifyFlags flags;
  CommandLine line(
      kCertify,
      "Prints a certificate of what a trained network computes: a chain of "
      "digests of its training data, recipe and parameters and of its scores, "
      "in the arithmetic of the C code that lenslet export writes. Who has the "
      "same files can compute the same digests, with lenslet verify or by the "
      "C code itself.");
  AddTrainedWord(line, flags.words);
  AddCommonFlags(line, flags);
  line.AddFlag("json", "File to write the certificate to, as JSON.",
               flags.json);
  if (const auto exit_code = line.Parse(argc, argv)) return *exit_code;
  if (const auto exit_code = CheckOneWord(WordFor::kTrained, kCertify,
                                          "checkpoint", flags.words)) {
    return *exit_code;
  }
  absl::Status status = CheckDataFlags(flags.data);
  if (status.ok()) {
    status = CheckOutput("--json", flags.json, OutputKind::kOther, flags.words);
  }
  if (!status.ok()) return ReportUsage(kCertify, status);
  status = RunCertify(flags, argv[0]);
  return status.ok() ? 0 : ReportFailure(kCertify, status);
}

int VerifyCommand(int argc, char** argv) {
  CertifyFlags flags;
  CommandLine line(
      kVerify,
      "Computes the digests of a certificate again, for what it is given: a "
      "run or checkpoint, its data, and C files. Says which differ. The exit "
      "status is 0 if none does.");
  line.AddArguments("CERTIFICATE", "A file that lenslet certify wrote.",
                    flags.words);
  line.AddArguments("[CHECKPOINT]",
                    "A checkpoint, a run's folder or an ONNX model.",
                    flags.words);
  AddCommonFlags(line, flags);
  if (const auto exit_code = line.Parse(argc, argv)) return *exit_code;
  absl::Status status = CheckDataFlags(flags.data);
  if (status.ok() && (flags.words.empty() || flags.words.size() > 2)) {
    status = absl::InvalidArgumentError(absl::StrCat(
        "there are ", flags.words.size(),
        " words; expected a certificate, and perhaps a run or checkpoint"));
  }
  if (!status.ok()) return ReportUsage(kVerify, status);
  status = RunVerify(flags, argv[0]);
  return status.ok() ? 0 : ReportFailure(kVerify, status);
}

}  // namespace lenslet
