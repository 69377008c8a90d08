// A certificate: what a network computes, and what it comes from, as a chain of
// digests. Who has the files can compute each of them again:
//
//   version      of the program that wrote the certificate
//   data         the training examples (data/dataset_digest.h)
//   recipe       how the network was trained
//   parameters   the trained parameters, with their names and shapes
//   self_test    the scores of the self-test's examples
//   test         the test examples and their scores, in order
//   files        exported files
//
// Digests are SHA-256, but that of the training data, which is XXH3: it finds
// changes, not forgeries. Scores are those of Evaluate() (evaluate.h), and so
// of the generated C.

#ifndef LENSLET_CODEGEN_CERTIFICATE_H_
#define LENSLET_CODEGEN_CERTIFICATE_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/codegen/program.h"
#include "lenslet/data/dataset.h"
#include "lenslet/predict/load_graph.h"
#include "nlohmann/json.hpp"

namespace lenslet {

// "" stands for what is not known.
struct Certificate {
  std::string version = "";
  std::string data = "";
  std::string recipe = "";
  std::string parameters = "";
  std::string self_test = "";
  int64_t test_examples = 0;
  std::string test_inputs = "";
  std::string test_scores = "";
  std::map<std::string, std::string> files = {};  // By name.
};

// Certifies a network without its data and files. `program` is MakeProgram() of
// it. Errors: as SelfTestDigest().
absl::StatusOr<Certificate> Certify(const TrainedNetwork& network,
                                    const Program& program);

// Adds the test examples and their scores. Errors: InvalidArgument for examples
// of another type or size than the program takes; those of reading them.
absl::Status CertifyTest(const Program& program, const Dataset& test,
                         Certificate& certificate);

nlohmann::ordered_json CertificateToJson(const Certificate& certificate);

// Errors: InvalidArgument for a text that is not a certificate.
absl::StatusOr<Certificate> CertificateFromJson(absl::string_view text);

}  // namespace lenslet

#endif  // LENSLET_CODEGEN_CERTIFICATE_H_
