// Draws a network: its layers as boxes, with arrows along the flow of data.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/inspect/graph_drawing.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/outputs.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/words.h"

namespace lenslet {
namespace {

constexpr char kDraw[] = "lenslet draw";

struct DrawFlags {
  std::vector<std::string> words;
  std::string output;
  std::string format;
  std::string direction = "down";
};

std::optional<int> ParseDrawFlags(int argc, char** argv, DrawFlags& flags) {
  CommandLine line(
      kDraw,
      "Draws a network. Each layer is a box with its options, parameters and "
      "output. Arrows show the flow of data.");
  AddNetworkWord(/*otherwise=*/"", line, flags.words);
  line.AddFlag("output", "File to write. Default: standard output.",
               flags.output);
  line.AddFlag("format",
               "svg (a picture for browsers and web pages) or dot (text for "
               "Graphviz). Default: the extension of --output, or svg.",
               flags.format);
  line.AddFlag("direction", "Direction of the data flow: down or right.",
               flags.direction);
  return line.Parse(argc, argv);
}

// The format that the file's name ends in, or "".
std::string FormatOfName(const std::string& file) {
  std::string extension = std::filesystem::path(file).extension();
  if (extension == ".gv") return "dot";
  return extension == ".svg" || extension == ".dot" ? extension.substr(1) : "";
}

// "svg" or "dot". Errors: InvalidArgument.
absl::StatusOr<std::string> FormatOf(const DrawFlags& flags) {
  const std::string of_name = FormatOfName(flags.output);
  if (flags.format.empty()) {
    if (!of_name.empty()) return of_name;
    if (std::filesystem::path(flags.output).extension().empty()) {
      return std::string("svg");
    }
    return absl::InvalidArgumentError(absl::StrCat(
        "--output is \"", flags.output,
        "\"; expected a name that ends in .svg or .dot, or the flag --format"));
  }
  if (flags.format != "svg" && flags.format != "dot") {
    return absl::InvalidArgumentError(absl::StrCat(
        "--format is \"", flags.format, "\"; expected svg or dot"));
  }
  if (!of_name.empty() && of_name != flags.format) {
    return absl::InvalidArgumentError(
        absl::StrCat("--format is ", flags.format, ", but --output is \"",
                     flags.output, "\"; expected the same format"));
  }
  return flags.format;
}

absl::StatusOr<DrawingDirection> DirectionOf(const DrawFlags& flags) {
  if (flags.direction == "down") return DrawingDirection::kDown;
  if (flags.direction == "right") return DrawingDirection::kRight;
  return absl::InvalidArgumentError(absl::StrCat(
      "--direction is \"", flags.direction, "\"; expected down or right"));
}

absl::Status Draw(const DrawFlags& flags, const std::string& format,
                  DrawingDirection direction) {
  LENSLET_ASSIGN_OR_RETURN(const NamedGraph network,
                           LoadNetwork(flags.words[0]));
  const GraphDrawingOptions options = {.title = network.name,
                                       .direction = direction};
  std::string picture;
  if (format == "dot") {
    picture = GraphToDot(network.graph, options);
  } else {
    LENSLET_ASSIGN_OR_RETURN(picture, GraphToSvg(network.graph, options));
  }
  if (!flags.output.empty()) {
    LENSLET_RETURN_IF_ERROR(
        WriteFileAtomically(UserPath(flags.output), picture));
    Print("wrote %s\n", Printable(flags.output));
    return absl::OkStatus();
  }
  PrintText(picture);
  return absl::OkStatus();
}

}  // namespace

int DrawCommand(int argc, char** argv) {
  DrawFlags flags;
  if (const auto exit_code = ParseDrawFlags(argc, argv, flags)) {
    return *exit_code;
  }
  if (const auto exit_code =
          CheckOneWord(WordFor::kNetwork, kDraw, "network", flags.words)) {
    return *exit_code;
  }
  const absl::StatusOr<std::string> format = FormatOf(flags);
  if (!format.ok()) return ReportUsage(kDraw, format.status());
  const absl::StatusOr<DrawingDirection> direction = DirectionOf(flags);
  if (!direction.ok()) return ReportUsage(kDraw, direction.status());
  if (const absl::Status status = CheckOutput("--output", flags.output,
                                              OutputKind::kOther, flags.words);
      !status.ok()) {
    return ReportUsage(kDraw, status);
  }
  const absl::Status status = Draw(flags, *format, *direction);
  return status.ok() ? 0 : ReportFailure(kDraw, status);
}

}  // namespace lenslet
