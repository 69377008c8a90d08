#include "lenslet/inspect/report/report_page.h"

#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/inspect/report/made_up_report.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

int Count(absl::string_view text, absl::string_view part) {
  int count = 0;
  for (size_t at = text.find(part); at != absl::string_view::npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

TEST(ReportPage, HasASectionForAllThatIsKnown) {
  const std::string page = MakeReportPage(MadeUpReport());
  for (const char* id :
       {"curves", "confusion", "classes", "calibration", "mistakes", "filters",
        "activations", "network", "recipe", "machine"}) {
    EXPECT_THAT(page, HasSubstr(absl::StrCat("<section id=\"", id, "\"")));
    EXPECT_THAT(page, HasSubstr(absl::StrCat("<a href=\"#", id, "\"")));
  }
  EXPECT_THAT(page, HasSubstr("91.34\u00a0%"));
  EXPECT_THAT(page, HasSubstr("9,134 of 10,000 images"));
}

TEST(ReportPage, ExplainsMistakes) {
  ReportData data = MadeUpReport();
  std::string page = MakeReportPage(data);
  EXPECT_THAT(page, HasSubstr("Grad-CAM of layer conv2: what speaks for"));
  EXPECT_THAT(page, HasSubstr("when a square of 7 x 7 pixels hides"));
  EXPECT_EQ(Count(page, "alt=\"Grad-CAM for "), 12);
  EXPECT_EQ(Count(page, "alt=\"Occlusion map for "), 12);
  for (ReportMistake& mistake : data.mistakes) {
    mistake.grad_cam = mistake.occlusion = std::nullopt;
  }
  page = MakeReportPage(data);
  EXPECT_THAT(page, HasSubstr("<section id=\"mistakes\""));
  EXPECT_THAT(page, Not(HasSubstr("Grad-CAM")));
}

TEST(ReportPage, NamesTheSourceOfTestImages) {
  ReportData data = MadeUpReport();
  EXPECT_THAT(MakeReportPage(data),
              HasSubstr("<p class=\"lead\">Fashion-MNIST \u00b7 "));
  data.description = "image folders in a";
  data.test_description = "image folders in <b>";
  EXPECT_THAT(MakeReportPage(data),
              HasSubstr("<p class=\"lead\">image folders in a; test images: "
                        "image folders in &lt;b&gt; \u00b7 "));
}

TEST(ReportPage, ShowsNotesWarningsFirst) {
  ReportData data = MadeUpReport();
  EXPECT_THAT(MakeReportPage(data), Not(HasSubstr("<section id=\"notes\"")));
  data.notes = {{.step = 9, .id = "stopped_early", .text = "stopped early"},
                {.step = 3, .id = "dead", .warning = true, .text = "a < b"}};
  const std::string page = MakeReportPage(data);
  EXPECT_THAT(page, HasSubstr("<a href=\"#notes\""));
  const size_t warning = page.find("<strong>Warning:</strong> a &lt; b</li>");
  ASSERT_NE(warning, std::string::npos);
  EXPECT_LT(warning, page.find("<li>stopped early</li>"));
}

TEST(ReportPage, HasCurvesOfThresholds) {
  ReportData data = MadeUpReport();
  ThresholdCurve curve = {
      .points = {{0.75, 0.25, 0.5, 1, 0.6}, {0.5, 1, 1, 0.5, 0.6}},
      .auc = 0.9375,
      .average_precision = 0.8125};
  for (ClassReport& c : data.quality->classes) c.curve = curve;
  data.quality->classes[3].name = "worst <class>";
  data.quality->classes[3].curve.auc = 0.125;
  const std::string page = MakeReportPage(data);
  EXPECT_THAT(page, HasSubstr("<section id=\"thresholds\""));
  EXPECT_THAT(page, HasSubstr("the classes with the smallest area"));
  EXPECT_THAT(page, HasSubstr("</span> worst &lt;class&gt;</th>"));
  EXPECT_THAT(page, HasSubstr("M36.00 308.00L111.00 158.00L336.00 8.00"));
  EXPECT_THAT(page, Not(HasSubstr(">Threshold</th>")));
  // Of two classes, the second has a table.
  data.quality->classes.resize(2);
  data.quality->classes[1].name = "yes";
  data.quality->thresholds = {{0.5, 0.25, 0.5, 0.75, 0.6}};
  const std::string two = MakeReportPage(data);
  EXPECT_THAT(two, HasSubstr("</span> yes</th>"));
  EXPECT_THAT(two, HasSubstr(">Threshold</th>"));
}

TEST(ReportPage, OfValuesHasErrorsAndScatters) {
  const std::string page = MakeReportPage(MadeUpValueReport());
  for (const char* id : {"curves", "values", "scatters"}) {
    EXPECT_THAT(page, HasSubstr(absl::StrCat("<section id=\"", id, "\"")));
  }
  EXPECT_THAT(page, HasSubstr("<dt>Test mean absolute error</dt>"));
  EXPECT_THAT(page, HasSubstr("over 6,000 numbers of 3,000 examples"));
  EXPECT_THAT(page, HasSubstr("price in 1000 &lt;dollars&gt;"));
  EXPECT_EQ(Count(page, "data-chart=\"scatter\""), 2);
  EXPECT_EQ(Count(page, "data-chart=\"residuals\""), 2);
  EXPECT_THAT(page, HasSubstr("Test mean absolute error from 2."));
  EXPECT_THAT(page, HasSubstr("The residuals as numbers"));
  EXPECT_THAT(page, HasSubstr("3,000 test examples"));
  EXPECT_THAT(page, Not(HasSubstr("<section id=\"confusion\"")));
}

TEST(ReportPage, OfLabelsHasATableByLabel) {
  const std::string page = MakeReportPage(MadeUpLabelReport());
  for (const char* id : {"curves", "labels", "label-mistakes"}) {
    EXPECT_THAT(page, HasSubstr(absl::StrCat("<section id=\"", id, "\"")));
  }
  EXPECT_THAT(page, HasSubstr("<dt>Test F1</dt>"));
  EXPECT_THAT(page, HasSubstr("sky &lt;/script&gt;&lt;b&gt;"));
  EXPECT_EQ(Count(page, "</script>"), 3);
}

TEST(ReportPage, OfMapsHasPicturesAndALegend) {
  const std::string page = MakeReportPage(MadeUpMapReport());
  for (const char* id : {"curves", "positions", "pictures"}) {
    EXPECT_THAT(page, HasSubstr(absl::StrCat("<section id=\"", id, "\"")));
  }
  EXPECT_THAT(page, HasSubstr("<dt>Test accuracy</dt>"));
  EXPECT_THAT(page, HasSubstr(" of 3,136 positions"));
  EXPECT_EQ(Count(page, "class=\"swatch\""), 4);
  EXPECT_EQ(Count(page, "<figcaption>output</figcaption>"), 4);
}

TEST(ReportPage, OfImagesHasPictures) {
  const std::string page = MakeReportPage(MadeUpImageReport());
  EXPECT_THAT(page, HasSubstr("<section id=\"pictures\""));
  EXPECT_EQ(Count(page, "class=\"swatch\""), 0);
  EXPECT_EQ(Count(page, "<figcaption>target</figcaption>"), 6);
}

TEST(ReportPage, WithoutDataIsATitle) {
  const std::string page = MakeReportPage({.title = "lenet"});
  EXPECT_THAT(page, HasSubstr("<h1>lenet</h1>"));
  EXPECT_THAT(page, HasSubstr("<title>lenet – training report</title>"));
  EXPECT_THAT(page, Not(HasSubstr("<section")));
  EXPECT_THAT(page, Not(HasSubstr("<canvas")));
  EXPECT_THAT(page, Not(HasSubstr("class=\"figures\"")));
}

TEST(ReportPage, WithoutATestSetSpeaksOfTheValidationSet) {
  ReportData data = MadeUpReport();
  data.test.reset();
  data.measured_on = "validation";
  for (MetricsRecord& record : data.history) {
    record.test_loss.reset();
    record.test_accuracy.reset();
  }
  const std::string page = MakeReportPage(data);
  EXPECT_THAT(page, HasSubstr("<dt>Validation accuracy</dt>"));
  EXPECT_THAT(page, HasSubstr("on the validation images."));
  EXPECT_THAT(page, Not(HasSubstr("Test accuracy")));
  EXPECT_THAT(page, Not(HasSubstr("\"test_loss\"")));
}

// A text that would end every element and attribute that it may stand in.
TEST(ReportPage, TakesTextAsText) {
  constexpr char kText[] = "</script></pre>\"'><img src=x onerror=alert(1)>&";
  constexpr char kEscaped[] =
      "&lt;/script&gt;&lt;/pre&gt;&quot;&#39;&gt;&lt;img src=x "
      "onerror=alert(1)&gt;&amp;";
  ReportData data = MadeUpReport();
  data.title = data.description = data.date = data.recipe = kText;
  data.grad_cam_layer = data.test_description = kText;
  for (ClassReport& c : data.quality->classes) c.name = kText;
  for (ReportMistake& m : data.mistakes) m.label = m.prediction = kText;
  data.filters->layer = data.filters->shows = kText;
  for (ReportActivations& a : data.activations) {
    a.label = kText;
    for (ReportLayerPictures& l : a.layers) l.layer = l.shows = kText;
  }
  for (ReportLayer& l : data.layers) {
    l.name = l.type = l.output = l.kernel = kText;
  }
  data.machine = {{kText, kText}};
  const std::string page = MakeReportPage(data);
  EXPECT_THAT(page, Not(HasSubstr("<img src=x")));
  EXPECT_GE(Count(page, kEscaped), 60);
  // Those of the data, of Chart.js and of the page's own script.
  EXPECT_EQ(Count(page, "</script>"), 3);
}

TEST(ReportPage, TextThatIsNoUtf8IsReplaced) {
  const std::string page = MakeReportPage({.title = "a\xff"
                                                    "b"});
  EXPECT_THAT(page, HasSubstr("<h1>a\\xffb</h1>"));
}

TEST(ReportPage, SaysWhatTheColorsOfFiltersMean) {
  ReportData data = {.title = "lenet"};
  data.filters = ReportLayerPictures{
      .layer = "conv", .images = {{.png = "p"}}, .min = -2, .max = 0.5};
  const std::string diverging = MakeReportPage(data);
  EXPECT_THAT(diverging, HasSubstr("<p class=\"scale\"><span>-2</span>"));
  data.filters->is_rgb = true;
  const std::string rgb = MakeReportPage(data);
  EXPECT_THAT(rgb, Not(HasSubstr("<p class=\"scale\">")));
  EXPECT_THAT(
      rgb, HasSubstr("from -2 (dark) through 0 (half bright) to 2 (bright)."));
}

// JSON has no NaN.
TEST(ReportPage, NumbersThatAreNotFiniteAreGapsInTheCurves) {
  ReportData data = {.title = "lenet"};
  data.history = {
      {.step = 1, .epoch = 1, .train_loss = 2.5, .end_of_epoch = true},
      {.step = 2,
       .epoch = 2,
       .train_loss = std::numeric_limits<double>::quiet_NaN(),
       .end_of_epoch = true}};
  const std::string page = MakeReportPage(data);
  EXPECT_THAT(page, HasSubstr("\"train_loss\":[2.5,null]"));
  EXPECT_THAT(page, HasSubstr("<td>not finite</td>"));
}

// An epoch's last record has the training metrics of all of it.
TEST(ReportPage, CurvesAreOfTheRecordsWithinEpochsIfThereAreSome) {
  ReportData data = {.title = "lenet"};
  data.history = {
      {.step = 100, .epoch = 0.48, .train_loss = 2.0},
      {.step = 200, .epoch = 0.95, .train_loss = 1.0},
      {.step = 210, .epoch = 1, .train_loss = 1.5, .end_of_epoch = true},
      {.step = 310, .epoch = 1.48, .train_loss = 0.5}};
  const std::string page = MakeReportPage(data);
  EXPECT_THAT(page, HasSubstr("\"train_loss\":[2.0,1.0,null,0.5]"));
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">1</th><td>1.5</td>"));
}

TEST(ReportPage, OfManyClassesOnlyTheConfusionsAreShown) {
  ReportData data = {.title = "lenet"};
  data.quality.emplace();
  for (int i = 0; i < 41; ++i) {
    data.quality->classes.emplace_back().name = absl::StrCat("class ", i);
    data.quality->confusion.push_back(std::vector<int64_t>(41, 0));
  }
  data.quality->confusion[3][4] = 5;
  const std::string page = MakeReportPage(data);
  EXPECT_THAT(page, Not(HasSubstr("<table class=\"matrix\"")));
  EXPECT_THAT(page, HasSubstr("Most frequent confusions"));
}

TEST(ReportPage, KeepsTheLicenseOfChartJs) {
  const std::string page = MakeReportPage({.title = "lenet"});
  EXPECT_THAT(page, HasSubstr("Chart.js v3"));
  EXPECT_THAT(page, HasSubstr("Permission is hereby granted, free of charge"));
}

}  // namespace
}  // namespace lenslet
