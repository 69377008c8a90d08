#include "lenslet/tools/outputs.h"

#include <filesystem>
#include <string>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lenslet/codegen/write_c.h"
#include "lenslet/data/packed_file.h"
#include "lenslet/onnx/onnx_file.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/words.h"
#include "lenslet/train/runs/history.h"
#include "lenslet/train/runs/run_directory.h"
#include "lenslet/train/runs/run_notes.h"

namespace lenslet {
namespace {

namespace fs = std::filesystem;

// What a certificate has first.
constexpr absl::string_view kCertificateStart = "\"lenslet_version\": ";

bool AreSameFile(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error);
}

// Also for folders that do not exist yet.
bool AreSameFolder(const fs::path& a, const fs::path& b) {
  std::error_code error;
  const auto normal = [&](const fs::path& path) {
    return (fs::absolute(path, error) / "").lexically_normal();
  };
  return AreSameFile(a, b) || normal(a) == normal(b);
}

// Whether a file of this name in a run's folder is the run's.
bool IsNameOfRun(const std::string& name) {
  return name == kRecipeName || name == kMetricsJsonName ||
         name == kMetricsCsvName || name == kNotesName || name == kLatestName ||
         name == kBestName ||
         (absl::StartsWith(name, "step-") && absl::EndsWith(name, ".ckpt"));
}

// A path of one name is in the current folder.
fs::path FolderOf(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

bool IsOfRun(const fs::path& run, const fs::path& file) {
  return AreSameFolder(run, FolderOf(file)) && IsNameOfRun(file.filename());
}

// Whether the file is not a text, such as data. No output but a checkpoint or
// an image is.
bool IsBinary(const std::string& path) {
  constexpr int64_t kBytesToSearch = 4096;
  const std::string start = StartOfFile(path, kBytesToSearch);
  return absl::StrContains(start, '\0') || absl::StartsWith(start, "\x1f\x8b");
}

// What the existing file is, in the words of an error, if an output of this
// kind must not replace it; otherwise "".
absl::string_view Protected(OutputKind kind, const std::string& output) {
  const std::string path = UserPath(output);
  if (IsOfRun(FolderOf(path), path) &&
      ClassifyPath(FolderOf(path)) == WordKind::kRun) {
    return "which a run keeps there";
  }
  const WordKind existing = ClassifyPath(output);
  if (kind == OutputKind::kModel &&
      (existing == WordKind::kModelFile || existing == WordKind::kFile)) {
    const std::string start = StartOfFile(path, kImportedModel.size());
    return start.empty() || start == kImportedModel
               ? ""
               : "which lenslet import did not write";
  }
  switch (existing) {
    case WordKind::kModelFile:
    case WordKind::kRecipeFile:
      return Description(existing);
    case WordKind::kCheckpoint:
      return kind == OutputKind::kCheckpoint ? "" : Description(existing);
    case WordKind::kImage:
      return kind == OutputKind::kImage ? "" : Description(existing);
    case WordKind::kOnnx:
      if (kind != OutputKind::kOnnx) return Description(existing);
      // Only the name may be that of a model.
      return IsOnnx(StartOfFile(path, 3)) || StartOfFile(path, 1).empty()
                 ? ""
                 : "which is no ONNX model";
    case WordKind::kFile:
      if (kind == OutputKind::kCheckpoint && !StartOfFile(path, 1).empty()) {
        return "which is no checkpoint";
      }
      if (kind == OutputKind::kPacked) {
        const std::string start = StartOfFile(path, kPackedFileStart.size());
        return start.empty() || start == kPackedFileStart
                   ? ""
                   : "which is no packed file";
      }
      if (kind == OutputKind::kOnnx) {
        const std::string start = StartOfFile(path, 3);
        return start.empty() || IsOnnx(start) ? "" : "which is no ONNX model";
      }
      if (kind == OutputKind::kCode) {
        const std::string start = StartOfFile(path, 1024);
        return start.empty() || absl::StrContains(start, kGeneratedBy)
                   ? ""
                   : "which Lenslet did not generate";
      }
      if (kind == OutputKind::kCertificate) {
        const std::string start = StartOfFile(path, 1024);
        return start.empty() || absl::StrContains(start, kCertificateStart)
                   ? ""
                   : "which is no certificate";
      }
      return kind == OutputKind::kOther && IsBinary(path) ? "which is no text"
                                                          : "";
    default:
      return "";
  }
}

absl::Status Refuse(const std::string& flag, const std::string& output,
                    absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat(
      flag, " is ", output, ", ", reason, "; expected another file"));
}

}  // namespace

absl::Status CheckOutput(const std::string& flag, const std::string& output,
                         OutputKind kind,
                         absl::Span<const std::string> inputs) {
  if (output.empty() || output == kStandardOutput) return absl::OkStatus();
  const std::string path = UserPath(output);
  for (const std::string& input : inputs) {
    if (input.empty()) continue;
    const std::string input_path = UserPath(input);
    if (AreSameFile(path, input_path)) {
      return Refuse(flag, output, "which the command reads");
    }
    // Also of a run that has not begun.
    if (IsOfRun(input_path, path)) {
      return Refuse(flag, output, "which a run keeps there");
    }
  }
  const absl::string_view reason = Protected(kind, output);
  return reason.empty() ? absl::OkStatus() : Refuse(flag, output, reason);
}

std::vector<std::string> InputsOf(const DataProto& data) {
  return {data.csv().train_file(),         data.csv().test_file(),
          data.packed().train_file(),      data.packed().test_file(),
          data.image_table().train_file(), data.image_table().test_file(),
          data.npy().train_inputs(),       data.npy().train_targets(),
          data.npy().test_inputs(),        data.npy().test_targets()};
}

std::vector<std::string> InputsOf(const RecipeProto& recipe) {
  std::vector<std::string> inputs = InputsOf(recipe.data());
  inputs.push_back(recipe.model());
  inputs.push_back(recipe.start_from());
  return inputs;
}

}  // namespace lenslet
