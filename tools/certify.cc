// Certifies what a trained network computes, and checks such certificates.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/codegen/certificate.h"
#include "lenslet/codegen/little_endian_floats.h"
#include "lenslet/codegen/program.h"
#include "lenslet/codegen/score_digest.h"
#include "lenslet/codegen/write_c.h"
#include "lenslet/data/dataset_digest.h"
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
  bool training_data = true;  // Of verify.
  std::string c;
  std::string json;
};

void AddCommonFlags(CommandLine& line, CertifyFlags& flags) {
  AddDataFlags(line, flags.data);
  line.AddFlag("test",
               "Compute the scores of the test examples. If false, they are "
               "not read.",
               flags.test);
  line.AddFlag("c",
               "The C files, without an ending: what lenslet export --c had.",
               flags.c);
}

// A network that is certified.
struct Certified {
  TrainedNetwork network;
  Program program;
};

absl::StatusOr<Certified> LoadCertified(const std::string& word) {
  LENSLET_ASSIGN_OR_RETURN(TrainedNetwork network,
                           LoadTrainedNetwork(UserPath(word), LoadAndWarn));
  LENSLET_ASSIGN_OR_RETURN(Program program, MakeProgram(network));
  return Certified{.network = std::move(network),
                   .program = std::move(program)};
}

// Adds the test examples that the flags or the recipe name, and their scores.
absl::Status AddTest(const Certified& certified, const DataFlags& flags,
                     const std::string& argv0, Certificate& certificate) {
  LENSLET_ASSIGN_OR_RETURN(
      const CheckpointData data,
      LoadCheckpointData(certified.network.checkpoint, flags, argv0));
  return CertifyTest(certified.program, data.dataset, certificate);
}

// The digest of the training examples that the flags or the recipe name.
absl::StatusOr<std::string> TrainingDigest(const Certified& certified,
                                           DataFlags flags,
                                           const std::string& argv0) {
  flags.split = "train";
  LENSLET_ASSIGN_OR_RETURN(
      const CheckpointData data,
      LoadCheckpointData(certified.network.checkpoint, flags, argv0));
  return DigestOf(data.dataset);
}

absl::Status AddFiles(const std::string& c, Certificate& certificate) {
  if (c.empty()) return absl::OkStatus();
  for (const std::string& file : FilesOf(c)) {
    LENSLET_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(UserPath(file)));
    certificate.files[FileName(file)] = BytesDigest(bytes);
  }
  return absl::OkStatus();
}

// Checks that the C files are those of the network.
absl::Status CheckFiles(const std::string& c, const Certified& certified,
                        const Certificate& certificate) {
  if (c.empty()) return absl::OkStatus();
  LENSLET_ASSIGN_OR_RETURN(const std::string source,
                           ReadFile(UserPath(absl::StrCat(c, ".c"))));
  if (!absl::StrContains(source, certificate.parameters) ||
      !absl::StrContains(source, certificate.self_test)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--c: ", Printable(c),
                     ".c is of another network; expected what lenslet "
                     "export --c wrote for this one"));
  }
  const std::string weights = absl::StrCat(c, kWeightsEnding);
  if (!FileExists(UserPath(weights))) return absl::OkStatus();
  LENSLET_ASSIGN_OR_RETURN(const std::string bytes,
                           ReadFile(UserPath(weights)));
  if (bytes == LittleEndianFloats(certified.program.weights)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--c: ", Printable(weights),
                   " does not have the weights of this network; expected what "
                   "lenslet export --c wrote for it"));
}

absl::Status RunCertify(const CertifyFlags& flags, const std::string& argv0) {
  LENSLET_ASSIGN_OR_RETURN(const Certified certified,
                           LoadCertified(flags.words[0]));
  LENSLET_ASSIGN_OR_RETURN(Certificate certificate,
                           Certify(certified.network, certified.program));
  LENSLET_RETURN_IF_ERROR(CheckFiles(flags.c, certified, certificate));
  if (flags.test) {
    LENSLET_RETURN_IF_ERROR(AddTest(certified, flags.data, argv0, certificate));
  }
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

// The links of the chain, as the certificate has them and as they are now.
class Links {
 public:
  // `found` is "" if there is nothing to compute the link of, or why that
  // cannot be read.
  void Check(const char* name, const std::string& certified,
             const absl::StatusOr<std::string>& found) {
    if (certified.empty()) {
      if (found.ok() && !found->empty()) {
        Print("%-24s not in the certificate\n", Printable(name));
      }
      return;
    }
    if (found.ok() && found->empty()) {
      Print("%-24s not checked\n", Printable(name));
      return;
    }
    ++checked_;
    if (found.ok() && *found == certified) {
      Print("%-24s as certified\n", Printable(name));
      return;
    }
    broken_.push_back(Printable(name));
    if (!found.ok()) {
      Print("%-24s CANNOT BE READ\n  %s\n", Printable(name),
            Printable(found.status().message()));
      return;
    }
    Print("%-24s DIFFERS\n  certified %s\n  found     %s\n", Printable(name),
          Printable(certified), Printable(*found));
  }

  absl::Status Result() const {
    if (!broken_.empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat(broken_.size(), " of ", CountText(checked_, "link"),
                       broken_.size() == 1 ? " is" : " are",
                       " not as certified: ", absl::StrJoin(broken_, ", ")));
    }
    if (checked_ == 0) {
      return absl::InvalidArgumentError(
          "nothing to check: name a run or checkpoint, or --c");
    }
    Print("%s checked, all as certified\n", CountText(checked_, "link"));
    return absl::OkStatus();
  }

 private:
  int checked_ = 0;
  std::vector<std::string> broken_;
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
  absl::Status test;
  absl::StatusOr<std::string> training_data = "";
  if (flags.words.size() > 1) {
    LENSLET_ASSIGN_OR_RETURN(const Certified network,
                             LoadCertified(flags.words[1]));
    LENSLET_ASSIGN_OR_RETURN(found, Certify(network.network, network.program));
    // What the certificate does not have needs no data to compare with.
    if (flags.training_data && !certified->data.empty()) {
      training_data = TrainingDigest(network, flags.data, argv0);
    }
    if (flags.test && !certified->test_scores.empty()) {
      test = AddTest(network, flags.data, argv0, found);
    }
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
  links.Check("training data", certified->data, training_data);
  links.Check("its digest in the run", certified->data, found.data);
  links.Check("recipe", certified->recipe, found.recipe);
  links.Check("parameters", certified->parameters, found.parameters);
  links.Check("scores of the self-test", certified->self_test, found.self_test);
  links.Check(
      "test examples", certified->test_inputs,
      test.ok() ? absl::StatusOr<std::string>(found.test_inputs) : test);
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
    status = CheckOutput("--json", flags.json, OutputKind::kCertificate,
                         flags.words);
  }
  if (!status.ok()) return ReportUsage(kCertify, status);
  status = RunCertify(flags, argv[0]);
  return status.ok() ? 0 : ReportFailure(kCertify, status);
}

int VerifyCommand(int argc, char** argv) {
  CertifyFlags flags;
  CommandLine line(
      kVerify,
      "Computes the links of a certificate again, for what it is given: a run "
      "or checkpoint, its training and test data, and C files. Says which "
      "differ. The exit status is 0 if none does.");
  line.AddArguments("CERTIFICATE", "A file that lenslet certify wrote.",
                    flags.words);
  line.AddArguments("[CHECKPOINT]",
                    "A checkpoint, a run's folder or an ONNX model.",
                    flags.words);
  AddCommonFlags(line, flags);
  line.AddFlag("training_data",
               "Compute the digest of the training examples. If false, they "
               "are not read.",
               flags.training_data);
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
