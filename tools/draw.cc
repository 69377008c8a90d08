// Draws a network: its layers as boxes, with arrows along the flow of data.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/inspect/graph_drawing.h"
#include "lenslet/models/zoo.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "draw";

struct Flags {
  std::vector<std::string> networks;
  std::string output;
  std::string format;
  std::string direction = "down";
};

std::optional<int> ParseFlags(int argc, char** argv, Flags& flags) {
  CommandLine line(
      kProgram,
      "Draws a network. Each layer is a box with its options, parameters and "
      "output. Arrows show\nthe flow of data.");
  line.AddArguments(
      "network",
      absl::StrCat("The network: a name (",
                   absl::StrJoin(ZooModelNames(), ", "),
                   "), a model file, a checkpoint or a run's folder."),
      flags.networks);
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

// "svg" or "dot". Errors: InvalidArgument.
absl::StatusOr<std::string> FormatOf(const Flags& flags) {
  const auto known = [](const std::string& format) {
    return format == "svg" || format == "dot";
  };
  if (!flags.format.empty()) {
    if (known(flags.format)) return flags.format;
    return absl::InvalidArgumentError(absl::StrCat(
        "--format is \"", flags.format, "\"; expected svg or dot"));
  }
  std::string extension = std::filesystem::path(flags.output).extension();
  if (extension.empty()) return std::string("svg");
  extension.erase(0, 1);
  if (extension == "gv") return std::string("dot");
  if (known(extension)) return extension;
  return absl::InvalidArgumentError(absl::StrCat(
      "--output is \"", flags.output,
      "\"; expected a name that ends in .svg or .dot, or the flag --format"));
}

absl::StatusOr<DrawingDirection> DirectionOf(const Flags& flags) {
  if (flags.direction == "down") return DrawingDirection::kDown;
  if (flags.direction == "right") return DrawingDirection::kRight;
  return absl::InvalidArgumentError(absl::StrCat(
      "--direction is \"", flags.direction, "\"; expected down or right"));
}

absl::Status Run(const Flags& flags, const std::string& format,
                 DrawingDirection direction) {
  LENSLET_ASSIGN_OR_RETURN(const NamedGraph network,
                           LoadGraph(flags.networks[0], UserFolder()));
  const GraphDrawingOptions options = {.title = network.name,
                                       .direction = direction};
  std::string picture;
  if (format == "dot") {
    picture = GraphToDot(network.graph, options);
  } else {
    LENSLET_ASSIGN_OR_RETURN(picture, GraphToSvg(network.graph, options));
  }
  if (!flags.output.empty()) {
    return WriteFileAtomically(UserPath(flags.output), picture);
  }
  PrintText(picture);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Flags flags;
  if (const auto exit_code = ParseFlags(argc, argv, flags)) return *exit_code;
  if (flags.networks.size() != 1) {
    return ReportUsage(kProgram, absl::StrCat("expected one network, got ",
                                              flags.networks.size()));
  }
  const absl::StatusOr<std::string> format = FormatOf(flags);
  if (!format.ok()) {
    return ReportUsage(kProgram, std::string(format.status().message()));
  }
  const absl::StatusOr<DrawingDirection> direction = DirectionOf(flags);
  if (!direction.ok()) {
    return ReportUsage(kProgram, std::string(direction.status().message()));
  }
  const absl::Status status = Run(flags, *format, *direction);
  return status.ok() ? 0 : ReportFailure(kProgram, status);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
