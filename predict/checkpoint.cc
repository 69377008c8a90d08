#include "lenslet/predict/checkpoint.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "google/protobuf/stubs/logging.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/file.h"
#include "lenslet/base/input_file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "zlib.h"

namespace lenslet {
namespace {

using google::protobuf::LogSilencer;

constexpr absl::string_view kMagic = "LENSLET1";
constexpr size_t kCrcBytes = 4;

std::string CrcOf(absl::string_view bytes) {
  const uint32_t crc = static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
  std::string little_endian;
  for (int shift = 0; shift < 32; shift += 8) {
    little_endian.push_back(static_cast<char>(crc >> shift));
  }
  return little_endian;
}

// The checkpoint itself, of a folder.
std::string FileOf(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error)
             ? std::string(std::filesystem::path(path) / kLatestName)
             : path;
}

bool HasFloats(const ParameterProto& proto) { return proto.type() == FLOAT32; }

absl::Status ParameterError(absl::string_view name, absl::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("parameter \"", name, "\": ", reason));
}

}  // namespace

void CopyParameters(const Parameters& parameters, CheckpointProto& checkpoint) {
  checkpoint.clear_parameter();
  for (int i = 0; i < parameters.size(); ++i) {
    const View<const float> view = parameters.view(i);
    ParameterProto& proto = *checkpoint.add_parameter();
    proto.set_name(parameters.info(i).name);
    proto.mutable_shape()->Add(view.shape().dims().begin(),
                               view.shape().dims().end());
    proto.mutable_value()->Add(view.span().begin(), view.span().end());
  }
}

absl::StatusOr<Parameters> RestoreParameters(
    const Graph& graph, const CheckpointProto& checkpoint) {
  if (checkpoint.parameter_size() !=
      static_cast<int>(graph.parameters().size())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the checkpoint has ",
        CountText(checkpoint.parameter_size(), "parameter"), "; expected ",
        graph.parameters().size(), ", as the model has"));
  }
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters, Parameters::Create(graph));
  for (int i = 0; i < parameters.size(); ++i) {
    const ParameterProto& proto = checkpoint.parameter(i);
    const View<float> view = parameters.view(i);
    if (proto.name() != parameters.info(i).name) {
      return ParameterError(proto.name(), absl::StrCat("the model has \"",
                                                       parameters.info(i).name,
                                                       "\" in this place"));
    }
    if (!HasFloats(proto)) {
      return ParameterError(
          proto.name(),
          absl::StrCat("its element type is ", static_cast<int>(proto.type()),
                       ", which this version does not know; expected 0, "
                       "float32"));
    }
    LENSLET_ASSIGN_OR_RETURN(const Shape shape,
                             Shape::Create(absl::MakeConstSpan(
                                 proto.shape().data(), proto.shape_size())));
    if (shape != view.shape()) {
      return ParameterError(
          proto.name(), absl::StrCat("shape ", shape.ToString(), "; expected ",
                                     view.shape().ToString()));
    }
    if (proto.value_size() != view.size()) {
      return ParameterError(
          proto.name(), absl::StrCat(proto.value_size(), " values for shape ",
                                     shape.ToString()));
    }
    const auto not_finite =
        std::find_if_not(proto.value().begin(), proto.value().end(),
                         [](float value) { return std::isfinite(value); });
    if (not_finite != proto.value().end()) {
      return ParameterError(
          proto.name(),
          absl::StrCat("value ", not_finite - proto.value().begin(), " is ",
                       *not_finite, "; expected a finite number"));
    }
    std::copy(proto.value().begin(), proto.value().end(), view.span().begin());
  }
  return parameters;
}

std::vector<bool> CopyMatchingParameters(const CheckpointProto& checkpoint,
                                         Parameters& parameters) {
  std::vector<bool> copied(parameters.size());
  for (int i = 0; i < parameters.size(); ++i) {
    const View<float> view = parameters.view(i);
    for (const ParameterProto& proto : checkpoint.parameter()) {
      if (proto.name() != parameters.info(i).name || !HasFloats(proto) ||
          absl::MakeConstSpan(proto.shape().data(), proto.shape_size()) !=
              view.shape().dims() ||
          proto.value_size() != view.size()) {
        continue;
      }
      std::copy(proto.value().begin(), proto.value().end(),
                view.span().begin());
      copied[i] = true;
    }
  }
  return copied;
}

absl::StatusOr<std::string> CheckpointToBytes(
    const CheckpointProto& checkpoint) {
  if (checkpoint.ByteSizeLong() > std::numeric_limits<int32_t>::max()) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "a checkpoint of ", checkpoint.ByteSizeLong() >> 20,
        " MiB is more than the 2048 MiB that the format can hold"));
  }
  const LogSilencer silencer;
  const std::string contents = checkpoint.SerializeAsString();
  return absl::StrCat(kMagic, CrcOf(contents), contents);
}

absl::StatusOr<CheckpointProto> CheckpointFromBytes(absl::string_view bytes) {
  absl::string_view contents = bytes;
  if (!absl::ConsumePrefix(&contents, kMagic)) {
    return absl::InvalidArgumentError(
        absl::StrCat("is not a checkpoint: it does not start with ", kMagic));
  }
  const absl::string_view crc = contents.substr(0, kCrcBytes);
  contents.remove_prefix(crc.size());
  if (crc != CrcOf(contents)) {
    return absl::DataLossError(absl::StrCat(
        "is damaged: its ", bytes.size(),
        " bytes do not match their checksum; it was cut short or changed"));
  }
  // Whatever protobuf finds is in the status; it would print it as well.
  const LogSilencer silencer;
  CheckpointProto checkpoint;
  if (contents.size() > std::numeric_limits<int32_t>::max() ||
      !checkpoint.ParseFromArray(contents.data(),
                                 static_cast<int>(contents.size()))) {
    return absl::InvalidArgumentError(
        "has a correct checksum, but it does not contain a checkpoint");
  }
  return checkpoint;
}

absl::Status SaveCheckpoint(const std::string& path,
                            const CheckpointProto& checkpoint) {
  const absl::StatusOr<std::string> bytes = CheckpointToBytes(checkpoint);
  if (!bytes.ok()) return AtPlace(bytes.status(), path);
  return WriteFileAtomically(path, *bytes);
}

bool IsCheckpoint(const std::string& path) {
  absl::StatusOr<InputFile> file = InputFile::Open(FileOf(path));
  if (!file.ok()) return false;
  char start[kMagic.size()];
  const absl::StatusOr<int64_t> size = file->Read(absl::MakeSpan(start));
  return size.ok() && absl::string_view(start, *size) == kMagic;
}

absl::StatusOr<CheckpointProto> LoadCheckpoint(const std::string& name) {
  const std::string path = FileOf(name);
  const absl::StatusOr<std::string> bytes = ReadFile(path);
  if (absl::IsNotFound(bytes.status()) && path != name) {
    return absl::NotFoundError(
        absl::StrCat(name, " is a folder without ", kLatestName,
                     "; expected a checkpoint or a run's folder"));
  }
  LENSLET_RETURN_IF_ERROR(bytes.status());
  absl::StatusOr<CheckpointProto> checkpoint = CheckpointFromBytes(*bytes);
  if (!checkpoint.ok()) return AtPlace(checkpoint.status(), path);
  return checkpoint;
}

}  // namespace lenslet
