#include "lenslet/codegen/certificate.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/version.h"
#include "lenslet/codegen/evaluate.h"
#include "lenslet/codegen/little_endian_floats.h"
#include "lenslet/codegen/score_digest.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using CertificateJson = nlohmann::ordered_json;

std::string ParameterDigest(const Parameters& parameters) {
  std::string text;
  for (int i = 0; i < parameters.size(); ++i) {
    absl::StrAppend(&text, parameters.info(i).name, " ",
                    parameters.info(i).info.shape.ToString(), "\n",
                    LittleEndianFloats(parameters.view(i).span()));
  }
  return BytesDigest(text);
}

template <typename T>
absl::Status CertifyInputs(const Program& program, const Tensor& inputs,
                           Certificate& certificate) {
  const absl::Span<const T> numbers = inputs.view<T>().span();
  if constexpr (sizeof(T) == 1) {
    certificate.test_inputs = BytesDigest(absl::string_view(
        reinterpret_cast<const char*>(numbers.data()), numbers.size()));
  } else {
    certificate.test_inputs = BytesDigest(LittleEndianFloats(numbers));
  }
  LENSLET_ASSIGN_OR_RETURN(const std::vector<float> scores,
                           Evaluate(program, numbers));
  certificate.test_scores = ScoreDigest(scores);
  return absl::OkStatus();
}

void AddIfKnown(const char* name, const std::string& digest,
                CertificateJson& json) {
  if (!digest.empty()) json[name] = digest;
}

// A link under another name would not be checked.
absl::Status CheckNames(const CertificateJson& json) {
  static constexpr absl::string_view kNames[] = {
      "lenslet_version", "data",        "recipe",
      "parameters",      "self_test",   "test_examples",
      "test_inputs",     "test_scores", "files"};
  for (const auto& [name, value] : json.items()) {
    if (std::find(std::begin(kNames), std::end(kNames), name) ==
        std::end(kNames)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", absl::CEscape(name),
                       "\" is no link of a "
                       "certificate; expected one of ",
                       absl::StrJoin(kNames, ", ")));
    }
  }
  return absl::OkStatus();
}

// Sets `text` to the member of that name, if there is one.
absl::Status ReadText(const CertificateJson& json, const char* name,
                      std::string& text) {
  const auto member = json.find(name);
  if (member == json.end()) return absl::OkStatus();
  if (!member->is_string()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", name, "\" is no text"));
  }
  text = member->get<std::string>();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Certificate> Certify(const TrainedNetwork& network,
                                    const Program& program) {
  const CheckpointProto& checkpoint = network.checkpoint;
  Certificate certificate;
  certificate.version = kVersion;
  certificate.data = checkpoint.state().data_digest().train();
  if (!checkpoint.recipe().empty()) {
    certificate.recipe = BytesDigest(checkpoint.recipe());
  }
  certificate.parameters = ParameterDigest(network.parameters);
  LENSLET_ASSIGN_OR_RETURN(certificate.self_test, SelfTestDigest(program));
  return certificate;
}

absl::Status CertifyTest(const Program& program, const Dataset& test,
                         Certificate& certificate) {
  LENSLET_ASSIGN_OR_RETURN(const Tensor inputs, test.Inputs());
  const bool bytes = inputs.type() == ElementType::kUint8;
  if (bytes != program.bytes ||
      test.example_shape().elements() != program.input.elements()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the test examples are ", bytes ? "bytes " : "floats ",
        test.example_shape().ToString(), "; expected ",
        program.bytes ? "bytes " : "floats ", program.input.ToString()));
  }
  certificate.test_examples = test.size();
  return bytes ? CertifyInputs<uint8_t>(program, inputs, certificate)
               : CertifyInputs<float>(program, inputs, certificate);
}

nlohmann::ordered_json CertificateToJson(const Certificate& certificate) {
  CertificateJson json = {{"lenslet_version", certificate.version}};
  AddIfKnown("data", certificate.data, json);
  AddIfKnown("recipe", certificate.recipe, json);
  AddIfKnown("parameters", certificate.parameters, json);
  AddIfKnown("self_test", certificate.self_test, json);
  if (certificate.test_examples > 0) {
    json["test_examples"] = certificate.test_examples;
    json["test_inputs"] = certificate.test_inputs;
    json["test_scores"] = certificate.test_scores;
  }
  if (!certificate.files.empty()) json["files"] = certificate.files;
  return json;
}

absl::StatusOr<Certificate> CertificateFromJson(absl::string_view text) {
  const CertificateJson json = CertificateJson::parse(
      text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("lenslet_version")) {
    return absl::InvalidArgumentError(
        "not a certificate: expected JSON as lenslet certify writes it");
  }
  LENSLET_RETURN_IF_ERROR(CheckNames(json));
  Certificate certificate;
  LENSLET_RETURN_IF_ERROR(
      ReadText(json, "lenslet_version", certificate.version));
  LENSLET_RETURN_IF_ERROR(ReadText(json, "data", certificate.data));
  LENSLET_RETURN_IF_ERROR(ReadText(json, "recipe", certificate.recipe));
  LENSLET_RETURN_IF_ERROR(ReadText(json, "parameters", certificate.parameters));
  LENSLET_RETURN_IF_ERROR(ReadText(json, "self_test", certificate.self_test));
  LENSLET_RETURN_IF_ERROR(
      ReadText(json, "test_inputs", certificate.test_inputs));
  LENSLET_RETURN_IF_ERROR(
      ReadText(json, "test_scores", certificate.test_scores));
  const auto examples = json.find("test_examples");
  if (examples != json.end()) {
    if (!examples->is_number_unsigned()) {
      return absl::InvalidArgumentError(
          "\"test_examples\" is no whole number of at least 0");
    }
    certificate.test_examples = examples->get<int64_t>();
  }
  const auto files = json.find("files");
  if (files == json.end()) return certificate;
  if (!files->is_object()) {
    return absl::InvalidArgumentError(
        "\"files\" is no object; expected a digest for each name");
  }
  for (const auto& [name, digest] : files->items()) {
    LENSLET_RETURN_IF_ERROR(
        ReadText(*files, name.c_str(), certificate.files[name]));
  }
  return certificate;
}

}  // namespace lenslet
