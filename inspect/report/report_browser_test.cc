// The page as a browser shows it, light and dark, on a phone and on a desk.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/png.h"
#include "lenslet/inspect/report/browser.h"
#include "lenslet/inspect/report/made_up_report.h"
#include "lenslet/inspect/report/report_data.h"
#include "lenslet/inspect/report/report_page.h"
#include "lenslet/tensor/tensor.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

struct Variant {
  const char* name;
  int64_t width;
  bool dark;
};

// What a canvas shows: how many colors, and how many pixels that are not
// transparent.
constexpr char kScript[] = R"(
  const root = document.documentElement;
  const canvases = {};
  for (const canvas of document.querySelectorAll('canvas')) {
    const {width, height} = canvas;
    const pixels = new Uint32Array(
        canvas.getContext('2d').getImageData(0, 0, width, height).data.buffer);
    canvases[canvas.dataset.chart] = {
      colors: new Set(pixels).size,
      pixels: pixels.filter((pixel) => pixel !== 0).length,
    };
  }
  const outside = [...document.querySelectorAll('main *')]
      .filter((e) => !e.closest('.scroll, pre, svg, .hidden') &&
          e.getBoundingClientRect().right > innerWidth + 0.5)
      .map((e) => e.outerHTML.slice(0, 80));
  report({
    problems,
    canvases,
    outside,
    innerWidth,
    scrollWidth: root.scrollWidth,
    height: root.scrollHeight,
    loaded: performance.getEntriesByType('resource').map((e) => e.name)
        .filter((name) => !name.startsWith('data:')),
    broken: [...document.images].filter((i) => i.naturalWidth === 0).length,
    unnamed: [...document.querySelectorAll('canvas')]
        .filter((c) => !c.getAttribute('aria-label')).length,
    background: getComputedStyle(document.body).backgroundColor,
  });
)";

class ReportInBrowser : public ::testing::TestWithParam<Variant> {};

TEST_P(ReportInBrowser, ShowsEverything) {
  const Variant& variant = GetParam();
  const std::string html = MakeReportPage(MadeUpReport());
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const OpenedPage page,
      OpenInBrowser(html, kScript,
                    {.width = variant.width, .dark = variant.dark}));
  const nlohmann::json& report = page.report;
  SCOPED_TRACE(report.dump(2));

  EXPECT_TRUE(report["problems"].empty());
  EXPECT_TRUE(report["loaded"].empty());
  EXPECT_EQ(report["broken"], 0);
  EXPECT_EQ(report["unnamed"], 0);
  EXPECT_EQ(report["innerWidth"], variant.width);
  EXPECT_LE(report["scrollWidth"], variant.width);
  EXPECT_TRUE(report["outside"].empty());
  EXPECT_EQ(report["background"],
            variant.dark ? "rgb(13, 16, 21)" : "rgb(245, 246, 248)");

  EXPECT_EQ(report["canvases"].size(), 5);
  for (const auto& [name, canvas] : report["canvases"].items()) {
    // Axes alone are some hundred pixels in one color and its shades.
    EXPECT_GT(canvas["pixels"], 2000) << name;
    EXPECT_GT(canvas["colors"], 20) << name;
  }

  LENSLET_ASSERT_OK_AND_ASSIGN(const DecodedImage picture,
                               DecodePng("screenshot", page.screenshot));
  EXPECT_EQ(picture.image.shape().dim(1), variant.width);

  // For people who want to look: all of the page.
  const char* outputs = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
  if (outputs == nullptr) return;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const OpenedPage whole,
      OpenInBrowser(html, kScript,
                    {.width = variant.width,
                     .height = report["height"].get<int64_t>(),
                     .dark = variant.dark}));
  LENSLET_ASSERT_OK(WriteFileAtomically(
      absl::StrCat(outputs, "/", variant.name, ".png"), whole.screenshot));
}

INSTANTIATE_TEST_SUITE_P(Variants, ReportInBrowser,
                         ::testing::Values(Variant{"light_390", 390, false},
                                           Variant{"light_1280", 1280, false},
                                           Variant{"dark_390", 390, true},
                                           Variant{"dark_1280", 1280, true}),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST(ReportInBrowserWithLongNames, FitsAPhone) {
  const std::string name(128, 'w');
  ReportData data = MadeUpReport();
  data.title = name;
  data.description = name;
  data.filters->layer = name;
  for (ReportActivations& sample : data.activations) {
    sample.label = name;
    for (ReportLayerPictures& layer : sample.layers) layer.layer = name;
  }
  for (ReportLayer& layer : data.layers) layer.name = name;
  for (ReportMistake& mistake : data.mistakes) {
    mistake.label = name;
    mistake.prediction = name;
  }
  for (ClassReport& c : data.quality->classes) c.name = name;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const OpenedPage page,
      OpenInBrowser(MakeReportPage(data), kScript, {.width = 420}));
  EXPECT_LE(page.report["scrollWidth"], 420) << page.report.dump(2);
}

TEST(ReportInBrowserWithout, AnyDataIsStillAPage) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const OpenedPage page,
                               OpenInBrowser(MakeReportPage({.title = "lenet"}),
                                             kScript, {.width = 390}));
  EXPECT_TRUE(page.report["problems"].empty()) << page.report.dump(2);
  EXPECT_TRUE(page.report["canvases"].empty());
  EXPECT_LE(page.report["scrollWidth"], 390);
}

// What the checks above rest on.
TEST(OpenInBrowser, TellsOfErrorsAndOfWhatThePolicyStopped) {
  std::string html = MakeReportPage({.title = "lenet"});
  const size_t end = html.rfind("</body>");
  html.insert(end,
              "<img src=\"https://lenslet.invalid/a.png\" alt=\"\">"
              "<script>nothing();</script>");
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const OpenedPage page,
      OpenInBrowser(html, "report({problems});", {.width = 390}));
  const std::string problems = page.report["problems"].dump();
  EXPECT_NE(problems.find("nothing is not defined"), std::string::npos)
      << problems;
  EXPECT_NE(problems.find("img-src: https://lenslet.invalid/a.png"),
            std::string::npos)
      << problems;
}

struct OtherTargets {
  const char* name;
  ReportData (*data)();
  size_t charts;  // Of different kinds.
};

class OtherReportInBrowser : public ::testing::TestWithParam<OtherTargets> {};

TEST_P(OtherReportInBrowser, ShowsEverything) {
  const std::string html = MakeReportPage(GetParam().data());
  for (const int64_t width : {390, 1280}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const OpenedPage page, OpenInBrowser(html, kScript, {.width = width}));
    const nlohmann::json& report = page.report;
    SCOPED_TRACE(report.dump(2));
    EXPECT_TRUE(report["problems"].empty());
    EXPECT_EQ(report["broken"], 0);
    EXPECT_EQ(report["unnamed"], 0);
    EXPECT_LE(report["scrollWidth"], width);
    EXPECT_TRUE(report["outside"].empty());
    EXPECT_EQ(report["canvases"].size(), GetParam().charts);
    for (const auto& [name, canvas] : report["canvases"].items()) {
      EXPECT_GT(canvas["pixels"], 2000) << name;
      EXPECT_GT(canvas["colors"], 20) << name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Targets, OtherReportInBrowser,
    ::testing::Values(OtherTargets{"values", MadeUpValueReport, 6},
                      OtherTargets{"labels", MadeUpLabelReport, 5},
                      OtherTargets{"maps", MadeUpMapReport, 3},
                      OtherTargets{"images", MadeUpImageReport, 6}),
    [](const auto& param_info) { return param_info.param.name; });

}  // namespace
}  // namespace lenslet
