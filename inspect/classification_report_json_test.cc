#include "lenslet/inspect/classification_report_json.h"

#include "gtest/gtest.h"
#include "lenslet/tensor/tensor.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

TEST(ClassificationReportJsonTest, HasEverything) {
  const ClassificationReport report = *MakeClassificationReport(
      Tensor::Of({2, 2}, {.75f, .25f, 1, 0}), {1, 0}, {"caf\xe9", "b"},
      {.top_k = 2, .calibration_bins = 2});
  nlohmann::ordered_json json = ReportToJson(report);
  EXPECT_EQ(json["cross_entropy"], report.cross_entropy);  // Log of 4, over 2.
  EXPECT_NEAR(report.cross_entropy, 0.693, 0.001);
  json.erase("cross_entropy");
  ASSERT_EQ(json["thresholds"].size(), 9u);
  EXPECT_EQ(json["thresholds"][4]["threshold"], 0.5);
  EXPECT_EQ(json["thresholds"][1]["precision"], 1);
  // Nothing is predicted.
  EXPECT_TRUE(json["thresholds"][4]["precision"].is_null());
  EXPECT_EQ(json["thresholds"][4]["recall"], 0);
  json.erase("thresholds");
  EXPECT_EQ(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
            R"({"examples":2,"correct":1,"accuracy":0.5,"top_k":2,)"
            R"("top_k_accuracy":1.0,"brier_score":0.5625,)"
            R"("expected_calibration_error":0.375,"macro_precision":0.5,)"
            R"("macro_recall":0.5,"macro_f1":0.3333333333333333,)"
            R"("macro_precision_with_zeros":0.25,)"
            R"("macro_recall_with_zeros":0.5,)"
            R"("macro_f1_with_zeros":0.3333333333333333,"macro_auc":1.0,)"
            R"("macro_average_precision":1.0,"classes":[)"
            "{\"name\":\"caf\xef\xbf\xbd\","
            R"("support":1,"predicted":2,"correct":1,"precision":0.5,)"
            R"("recall":1.0,"f1":0.6666666666666666,"auc":1.0,)"
            R"("average_precision":1.0},)"
            R"({"name":"b","support":1,"predicted":0,"correct":0,)"
            R"("precision":null,"recall":0.0,"f1":0.0,"auc":1.0,)"
            R"("average_precision":1.0}],)"
            R"("confusion":[[1,0],[1,0]],"calibration":[)"
            R"({"lower":0.0,"upper":0.5,"count":0,"mean_confidence":null,)"
            R"("accuracy":null},)"
            R"({"lower":0.5,"upper":1.0,"count":2,"mean_confidence":0.875,)"
            R"("accuracy":0.5}],"mistakes":[{"index":0,"label":1,)"
            R"("predicted":0,"probability":0.75,"label_probability":0.25}]})");
}

}  // namespace
}  // namespace lenslet
