#include "lenslet/inspect/report/inside.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/text_format.h"
#include "lenslet/inspect/report/html.h"

namespace lenslet {
namespace {

constexpr int64_t kFilterSide = 88;
constexpr int64_t kActivationSide = 64;
constexpr int64_t kSampleSide = 168;

// The pictures repeat what stands beside them, so that they have no alt texts
// of their own: the list has one.
std::string Tiles(const ReportLayerPictures& pictures, int64_t side,
                  absl::string_view label) {
  std::string tiles =
      absl::StrCat("<div class=\"tiles\" role=\"img\" aria-label=\"",
                   EscapeHtml(label), "\">");
  for (const ReportImage& image : pictures.images) {
    absl::StrAppend(&tiles, ImageHtml(image, side, ""));
  }
  return absl::StrCat(tiles, "</div>\n");
}

std::string Activations(const ReportActivations& sample, bool has_classes) {
  std::string layers;
  for (const ReportLayerPictures& layer : sample.layers) {
    absl::StrAppend(&layers, "<div class=\"layer\"><h4>",
                    EscapeHtml(layer.layer), "</h4><p>",
                    EscapeHtml(layer.shows), "</p>\n",
                    Tiles(layer, kActivationSide,
                          absl::StrCat("What ", layer.layer,
                                       " makes of the image: ", layer.shows)),
                    "</div>\n");
  }
  return absl::StrCat(
      "<article class=\"card sample\">\n<figure>",
      ImageHtml(
          sample.image, kSampleSide,
          absl::StrCat(has_classes ? "Image of class " : "", sample.label)),
      "<figcaption>", EscapeHtml(sample.label),
      "</figcaption></figure>\n<div class=\"layers\">\n", layers,
      "</div>\n</article>\n");
}

// A number with a bar as long as its share of the column's largest.
std::string CountCell(int64_t count, int64_t largest) {
  if (count == 0) return "<td class=\"none\">0</td>";
  return absl::StrFormat(
      "<td class=\"share\"><span class=\"bar\" style=\"--v:%.3f\">"
      "</span>%s</td>",
      static_cast<double>(count) / largest, WithCommas(count));
}

std::string LayerTable(const ReportData& data) {
  ReportLayer total, largest;
  for (const ReportLayer& layer : data.layers) {
    total.parameters += layer.parameters;
    total.multiply_adds += layer.multiply_adds;
    largest.parameters = std::max(largest.parameters, layer.parameters);
    largest.multiply_adds =
        std::max(largest.multiply_adds, layer.multiply_adds);
  }
  std::string table =
      "<table class=\"summary\">\n<thead><tr><th scope=\"col\">Layer</th>"
      "<th scope=\"col\">Type</th><th scope=\"col\">Output</th>"
      "<th scope=\"col\">Parameters</th><th scope=\"col\">Multiply-adds</th>"
      "<th scope=\"col\">Kernel</th></tr></thead>\n<tbody>\n";
  for (const ReportLayer& layer : data.layers) {
    absl::StrAppend(&table, "<tr><th scope=\"row\">", EscapeHtml(layer.name),
                    "</th><td>", EscapeHtml(layer.type), "</td><td>",
                    EscapeHtml(layer.output), "</td>",
                    CountCell(layer.parameters, largest.parameters),
                    CountCell(layer.multiply_adds, largest.multiply_adds),
                    "<td>", EscapeHtml(layer.kernel), "</td></tr>\n");
  }
  return absl::StrCat(
      table,
      "</tbody>\n<tfoot><tr><th scope=\"row\">total</th><td></td>"
      "<td></td><td>",
      WithCommas(total.parameters), "</td><td>",
      WithCommas(total.multiply_adds), "</td><td></td></tr></tfoot></table>\n");
}

// What the colors of ColorMap::kDiverging mean.
std::string FilterScale(const ReportLayerPictures& filters) {
  const double end = std::max(std::abs(filters.min), std::abs(filters.max));
  if (filters.is_rgb) {
    return absl::StrCat(
        "<p class=\"note\">The red, green and blue of a pixel show its weights "
        "for these channels: from ",
        ShortNumber(-end), " (dark) through 0 (half bright) to ",
        ShortNumber(end), " (bright).</p>");
  }
  return absl::StrCat("<p class=\"scale\"><span>", ShortNumber(-end),
                      "</span><i aria-hidden=\"true\"></i><span>",
                      ShortNumber(end), "</span></p>");
}

}  // namespace

std::string FiltersSection(const ReportData& data) {
  if (!data.filters || data.filters->images.empty()) return "";
  const ReportLayerPictures& filters = *data.filters;
  return SectionHtml(
      "filters", "First filters",
      absl::StrCat("What ", filters.layer, " looks for: ", filters.shows, "."),
      absl::StrCat("<div class=\"card filters\">\n",
                   Tiles(filters, kFilterSide,
                         absl::StrCat("The weights of ", filters.layer, ": ",
                                      filters.shows)),
                   FilterScale(filters), "\n</div>\n"));
}

std::string ActivationsSection(const ReportData& data) {
  if (data.activations.empty()) return "";
  std::string content;
  for (const ReportActivations& sample : data.activations) {
    absl::StrAppend(&content, Activations(sample, data.quality.has_value()));
  }
  return SectionHtml("activations", "What layers see",
                     "From black, a layer's smallest number, to white, its "
                     "largest.",
                     content);
}

std::string NetworkSection(const ReportData& data) {
  if (data.network_svg.empty() && data.layers.empty()) return "";
  std::string content;
  if (!data.network_svg.empty()) {
    absl::StrAppend(&content, "<div class=\"card drawing\">",
                    ScrollBoxHtml("The network drawn", data.network_svg),
                    "</div>\n");
  }
  if (!data.layers.empty()) {
    absl::StrAppend(&content, "<div class=\"card layers-table\">",
                    ScrollBoxHtml("Layers", LayerTable(data)), "</div>\n");
  }
  return SectionHtml(
      "network", "Network",
      "Parameters are those that training changes; "
      "multiply-adds are counted for one image.",
      absl::StrCat("<div class=\"parts\">\n", content, "</div>\n"));
}

std::string RecipeSection(const ReportData& data) {
  if (data.recipe.empty()) return "";
  return SectionHtml(
      "recipe", "Recipe",
      "Everything that determines the result. To repeat the run, train with "
      "this recipe.",
      absl::StrCat("<div class=\"card\"><pre tabindex=\"0\">",
                   EscapeHtml(data.recipe), "</pre></div>\n"));
}

std::string MachineSection(const ReportData& data) {
  if (data.machine.empty()) return "";
  std::string items;
  for (const auto& [name, value] : data.machine) {
    absl::StrAppend(&items, "<div><dt>", EscapeHtml(name), "</dt><dd>",
                    EscapeHtml(value), "</dd></div>\n");
  }
  return SectionHtml(
      "machine", "Machine", "",
      absl::StrCat("<dl class=\"card machine\">\n", items, "</dl>\n"));
}

}  // namespace lenslet
