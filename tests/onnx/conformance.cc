// Runs ONNX's own conformance cases on Lenslet:
//
//   conformance FOLDER
//
// FOLDER has a folder for each case, with a model and one or more sets of
// inputs and expected outputs (libonnx-testdata). Prints a line for each case:
// its name, a tab, and "passes", "fails: ..." or "not read: ..." with the
// reason. The exit code is 1 if a case fails.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/types/span.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/onnx/constant.h"
#include "lenslet/onnx/fold_constants.h"
#include "lenslet/onnx/import.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/predict/predictor.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

// Applies the function at the model's end, which the network leaves out, to
// each run of `classes` scores.
void Activate(OutputActivation activation, int64_t classes,
              std::vector<float>& scores) {
  if (activation == OutputActivation::kSigmoid) {
    for (float& score : scores) score = 1 / (1 + std::exp(-score));
  }
  if (activation != OutputActivation::kSoftmax &&
      activation != OutputActivation::kLogSoftmax) {
    return;
  }
  for (auto first = scores.begin(); first != scores.end(); first += classes) {
    const auto last = first + classes;
    const float largest = *std::max_element(first, last);
    double sum = 0;
    for (auto score = first; score != last; ++score) {
      *score -= largest;
      sum += std::exp(double{*score});
    }
    for (auto score = first; score != last; ++score) {
      const double log = *score - std::log(sum);
      *score = static_cast<float>(
          activation == OutputActivation::kSoftmax ? std::exp(log) : log);
    }
  }
}

namespace fs = std::filesystem;

absl::StatusOr<onnx::TensorProto> ReadTensor(const fs::path& path) {
  LENSLET_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  onnx::TensorProto tensor;
  if (!tensor.ParseFromString(bytes)) {
    return absl::InvalidArgumentError("is no tensor");
  }
  return tensor;
}

// Puts ONNX's axes in the order of the network's, or back.
OnnxConstant InOrderOf(const OnnxConstant& x, const std::vector<int>& axes,
                       bool back) {
  std::vector<int64_t> order(axes.size() + 1, 0);
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto onnx_axis = static_cast<int64_t>(i) + 1;
    const auto axis = static_cast<int64_t>(axes[i]) + 1;
    if (back) {
      order[onnx_axis] = axis;
    } else {
      order[axis] = onnx_axis;
    }
  }
  return Transposed(x, order);
}

// Runs one set. Unimplemented or InvalidArgument: the model is not read.
// FailedPrecondition: it is, and computes something else.
absl::Status RunSet(const onnx::ModelProto& original, const fs::path& folder) {
  onnx::ModelProto model = original;
  // All inputs but the first are parameters.
  OnnxConstant input;
  int position = 0;
  for (const onnx::ValueInfoProto& info : model.graph().input()) {
    const bool has_value = std::any_of(
        model.graph().initializer().begin(), model.graph().initializer().end(),
        [&](const auto& tensor) { return tensor.name() == info.name(); });
    if (has_value) continue;
    LENSLET_ASSIGN_OR_RETURN(
        onnx::TensorProto tensor,
        ReadTensor(folder / absl::StrCat("input_", position, ".pb")));
    if (position++ == 0) {
      LENSLET_ASSIGN_OR_RETURN(input, ConstantOf(tensor, ""));
    } else {
      tensor.set_name(info.name());
      *model.mutable_graph()->add_initializer() = std::move(tensor);
    }
  }
  if (!input.is_float() || input.dims.empty()) {
    return absl::UnimplementedError("its input is no array of floats");
  }
  const std::string output_name = model.graph().output(0).name();
  LENSLET_ASSIGN_OR_RETURN(
      OnnxImport import,
      ImportOnnx(model.SerializeAsString(), "", {.output = output_name}));
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, GraphOf(import.checkpoint));
  import.checkpoint.set_target_kind(VALUES);
  if (input.dims.size() != import.input_axes.size() + 1) {
    return absl::UnimplementedError("its input has another shape than stated");
  }
  const int64_t images = input.dims[0];
  const Shape& shape = graph.ShapeOfValue(graph.output_value());
  OnnxConstant output;
  output.dims = {images};
  output.dims.insert(output.dims.end(), shape.dims().begin(),
                     shape.dims().end());
  output.floats.resize(images * shape.elements());
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Predictor> predictor,
      Predictor::Create(import.checkpoint, {.images = images}));
  const OnnxConstant images_last =
      InOrderOf(input, import.input_axes, /*back=*/false);
  LENSLET_RETURN_IF_ERROR(predictor->Predict(
      absl::MakeConstSpan(images_last.floats), absl::MakeSpan(output.floats)));
  Activate(import.activation, shape.dim(shape.rank() - 1), output.floats);
  output = InOrderOf(output, import.output_axes, /*back=*/true);
  LENSLET_ASSIGN_OR_RETURN(const onnx::TensorProto expected_tensor,
                           ReadTensor(folder / "output_0.pb"));
  LENSLET_ASSIGN_OR_RETURN(const OnnxConstant expected,
                           ConstantOf(expected_tensor, ""));
  if (expected.dims != output.dims) {
    return absl::FailedPreconditionError("the output has another shape");
  }
  for (int64_t i = 0; i < expected.size(); ++i) {
    const float want = expected.floats[i];
    const float got = output.floats[i];
    if (!(std::abs(want - got) <= 1e-5f + 1e-4f * std::abs(want))) {
      return absl::FailedPreconditionError(
          absl::StrCat("output ", i, " is ", got, "; expected ", want));
    }
  }
  return absl::OkStatus();
}

absl::Status RunCase(const fs::path& folder) {
  LENSLET_ASSIGN_OR_RETURN(const std::string bytes,
                           ReadFile(folder / "model.onnx"));
  onnx::ModelProto model;
  if (!model.ParseFromString(bytes)) {
    return absl::InvalidArgumentError("no model");
  }
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory()) LENSLET_RETURN_IF_ERROR(RunSet(model, entry));
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: conformance FOLDER\n");
    return 2;
  }
  std::vector<std::filesystem::path> cases;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    if (entry.is_directory()) cases.push_back(entry);
  }
  std::sort(cases.begin(), cases.end());
  bool failed = false;
  for (const std::filesystem::path& folder : cases) {
    const absl::Status status = lenslet::RunCase(folder);
    const std::string reason = absl::StrReplaceAll(
        std::string(status.message()), {{"\n", "; "}, {"\t", " "}});
    const bool fails = absl::IsFailedPrecondition(status);
    failed = failed || fails;
    std::printf("%s\t%s%s\n", folder.filename().c_str(),
                status.ok() ? "passes"
                : fails     ? "fails: "
                            : "not read: ",
                reason.c_str());
  }
  return failed ? 1 : 0;
}
