#include "lenslet/inspect/report/collect_report.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/synthetic.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Without training: the scores of all classes are 0 but that of the last, 1.
CheckpointProto MakeCheckpoint() {
  CheckpointProto checkpoint;
  *checkpoint.mutable_model() =
      ParseModelText(
          "name: \"small\" input { name: \"image\" shape: [6, 6, 1] } "
          "layer { name: \"conv\" conv2d { output_channels: 2 kernel: 3 } } "
          "layer { name: \"relu\" relu {} } "
          "layer { name: \"flatten\" flatten {} } "
          "layer { name: \"linear\" linear { output_features: 3 } }",
          "test.textproto")
          ->model;
  const Graph graph = *BuildGraph(checkpoint.model());
  Parameters parameters = *Parameters::Create(graph);
  parameters.view(3)[2] = 1;
  CopyParameters(parameters, checkpoint);
  for (const char* name : {"a", "b", "c"}) checkpoint.add_class_name(name);
  return checkpoint;
}

Dataset SyntheticExamples() {
  return *MakeSyntheticDataset(Shape({6, 6, 1}), {.examples = 9, .classes = 3});
}

TEST(CollectReportData, MeasuresAndDraws) {
  const Dataset test = SyntheticExamples();
  const Machine machine = {.cpu = "CPU", .memory = int64_t{1} << 30};
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const ReportData report,
      CollectReportData(
          MakeCheckpoint(),
          {.machine = &machine,
           .history = {{.epoch = 1, .seconds = 2, .examples_per_second = 5},
                       {.epoch = 2, .seconds = 4, .examples_per_second = 7},
                       {.epoch = 3, .seconds = 6, .examples_per_second = 900}},
           .test = &test},
          {.mistakes = 4, .samples = 2}));

  EXPECT_EQ(report.title, "small");
  EXPECT_EQ(report.epochs, 3);
  EXPECT_EQ(report.seconds, 6);
  EXPECT_EQ(report.examples_per_second, 7);

  // Three of the nine examples are of the class that is always given.
  ASSERT_TRUE(report.test.has_value());
  EXPECT_EQ(report.test->correct, 3);
  EXPECT_FALSE(report.validation.has_value());
  EXPECT_EQ(report.measured_on, "test");
  ASSERT_TRUE(report.quality.has_value());
  EXPECT_EQ(report.quality->confusion[0], (std::vector<int64_t>{0, 0, 3}));
  ASSERT_EQ(report.mistakes.size(), 4);
  EXPECT_EQ(report.mistakes[0].prediction, test.target_names[2]);
  EXPECT_EQ(report.mistakes[0].image.width, 6);
  for (const ReportMistake& mistake : report.mistakes) {
    ASSERT_TRUE(mistake.grad_cam && mistake.occlusion);
    EXPECT_EQ(mistake.grad_cam->width, 6);
    EXPECT_EQ(mistake.occlusion->height, 6);
  }
  EXPECT_EQ(report.grad_cam_layer, "relu");
  EXPECT_EQ(report.occlusion_side, 1);

  ASSERT_TRUE(report.filters.has_value());
  EXPECT_EQ(report.filters->layer, "conv");
  EXPECT_EQ(report.filters->images.size(), 2);
  ASSERT_EQ(report.activations.size(), 2);
  EXPECT_NE(report.activations[0].label, report.activations[1].label);
  // Of numbers without rows and columns there is nothing to see.
  ASSERT_EQ(report.activations[0].layers.size(), 2);
  EXPECT_EQ(report.activations[0].layers[1].layer, "relu");

  ASSERT_EQ(report.layers.size(), 4);
  EXPECT_EQ(report.layers[0].parameters, 20);
  EXPECT_EQ(report.layers[0].output, "4 x 4 x 2");
  EXPECT_EQ(report.layers[2].kernel, "");
  EXPECT_THAT(report.network_svg, HasSubstr("<svg"));
  EXPECT_EQ(report.machine[0],
            std::make_pair(std::string("CPU"), std::string("CPU")));
}

// Whoever draws which: the pictures do not depend on the threads.
TEST(CollectReportData, ExplainsMistakesTheSameOnAnyThreads) {
  CheckpointProto checkpoint = MakeCheckpoint();
  const Graph graph = *BuildGraph(checkpoint.model());
  Parameters parameters = *Parameters::Create(graph);
  for (int i = 0; i < 54; ++i) {
    // Of both layers, without order.
    parameters.view(i < 18 ? 0 : 2)[i < 18 ? i : i - 18] =
        static_cast<float>(i * 7 % 11 - 5) / 10;
  }
  CopyParameters(parameters, checkpoint);
  const Dataset test = SyntheticExamples();
  std::vector<std::string> first;
  for (const int threads : {1, 2, 3}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const ReportData report,
        CollectReportData(checkpoint, {.test = &test}, {.threads = threads}));
    std::vector<std::string> pictures;
    for (const ReportMistake& mistake : report.mistakes) {
      pictures.push_back(mistake.grad_cam->png);
      pictures.push_back(mistake.occlusion->png);
    }
    ASSERT_GT(pictures.size(), 2);
    EXPECT_NE(pictures[1], pictures[3]);
    if (first.empty()) first = pictures;
    EXPECT_EQ(pictures, first);
  }
}

TEST(CollectReportData, IsTitledByItsModel) {
  CheckpointProto checkpoint = MakeCheckpoint();
  const auto title = [&](const std::string& default_title) {
    return CollectReportData(checkpoint, {.default_title = default_title})
        ->title;
  };
  EXPECT_EQ(title("file"), "small");
  checkpoint.mutable_model()->clear_name();
  EXPECT_EQ(title("file"), "file");
  EXPECT_EQ(title(""), "Model");
}

TEST(CollectReportData, WithoutTestExamplesTakesTheValidationExamples) {
  const Dataset validation = SyntheticExamples();
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const ReportData report,
      CollectReportData(MakeCheckpoint(), {.validation = &validation}));
  EXPECT_EQ(report.measured_on, "validation");
  EXPECT_FALSE(report.test.has_value());
  EXPECT_EQ(report.validation->correct, 3);
  EXPECT_TRUE(report.quality.has_value());
}

// By scores of 0, 0 and 1, the hinge loss of the first two classes is 1 + 1,
// that of the last one 0.
TEST(CollectReportData, TheLossIsTheRuns) {
  const Dataset test = SyntheticExamples();
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const ReportData report,
      CollectReportData(MakeCheckpoint(),
                        {.test = &test, .loss = {.kind = HingeSpec()}}));
  EXPECT_FLOAT_EQ(report.test->loss(), 4.0 / 3);
}

// A model of this text, without training.
CheckpointProto Untrained(const std::string& text) {
  CheckpointProto checkpoint;
  *checkpoint.mutable_model() = ParseModelText(text, "test.textproto")->model;
  const Graph graph = *BuildGraph(checkpoint.model());
  CopyParameters(*Parameters::Create(graph), checkpoint);
  return checkpoint;
}

// All outputs are 0.
TEST(CollectReportData, OfValues) {
  ExampleArrays arrays = {.inputs = Tensor({5000, 2}),
                          .targets = Tensor({5000, 2}),
                          .kind = TargetKind::kValues};
  for (int i = 0; i < 5000; ++i) {
    arrays.targets.data()[2 * i] = -0.001F * i;
    arrays.targets.data()[2 * i + 1] = 7;
  }
  const Dataset test = *MakeDataset(std::move(arrays), {"slope", "level"});
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const ReportData report,
      CollectReportData(Untrained("input { name: 'row' shape: [2] } layer { "
                                  "name: 'fc' linear { output_features: 2 } }"),
                        {.test = &test}));
  EXPECT_EQ(report.examples_name, "examples");
  ASSERT_TRUE(report.values.has_value());
  EXPECT_EQ(report.values->values[1].errors.mean_absolute_error(), 7);
  EXPECT_EQ(report.test->values.numbers, 10000);
  ASSERT_EQ(report.scatters.size(), 2);
  // Every third of the examples, of which there are too many to show.
  ASSERT_EQ(report.scatters[0].points.size(), 1667);
  EXPECT_EQ(report.scatters[0].points[1].first, -0.003F);
  EXPECT_EQ(report.scatters[0].name, "slope");
  EXPECT_NEAR(report.scatters[0].residual_min, 0, 1e-9);
  EXPECT_NEAR(report.scatters[0].residuals[0], 5000 / 30, 1);
  // All equal: in one bin.
  EXPECT_EQ(report.scatters[1].residuals[15], 5000);
  EXPECT_THAT(report.panels, IsEmpty());
  EXPECT_FALSE(report.quality.has_value());
}

TEST(CollectReportData, OfLabels) {
  ExampleArrays arrays = {.inputs = Tensor({3, 2}),
                          .targets = Tensor({3, 2}, ElementType::kUint8),
                          .kind = TargetKind::kLabels};
  arrays.targets.data<uint8_t>()[3] = 1;
  const Dataset validation = *MakeDataset(std::move(arrays), {"a", "b"});
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const ReportData report,
      CollectReportData(Untrained("input { name: 'row' shape: [2] } layer { "
                                  "name: 'fc' linear { output_features: 2 } }"),
                        {.validation = &validation}));
  ASSERT_TRUE(report.labels.has_value());
  EXPECT_EQ(report.labels->metrics.exact, 2);
  EXPECT_EQ(report.labels->labels[1].support(), 1);
  EXPECT_EQ(report.validation->exact, 2);
}

TEST(CollectReportData, OfMaps) {
  ExampleArrays arrays = {.inputs = Tensor({7, 4, 5, 1}, ElementType::kUint8),
                          .targets = Tensor({7, 4, 5}, ElementType::kUint8)};
  arrays.targets.data<uint8_t>()[3] = 1;
  const Dataset test = *MakeDataset(std::move(arrays), {"ground", "disk"});
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const ReportData report,
      CollectReportData(
          Untrained("input { name: 'image' shape: [4, 5, 1] } layer { name: "
                    "'conv' conv2d { output_channels: 2 kernel: 1 } }"),
          {.test = &test}));
  ASSERT_TRUE(report.positions.has_value());
  EXPECT_EQ(report.positions->correct, 139);
  EXPECT_EQ(report.test->correct, 139);
  ASSERT_EQ(report.panels.size(), 6);
  EXPECT_EQ(report.panels[5].title, "test example 5");
  EXPECT_TRUE(report.panels[0].input.has_value());
  EXPECT_EQ(report.panels[0].target.width, 5);
  EXPECT_NE(report.panels[0].target.png, report.panels[0].output.png);
  EXPECT_EQ(report.panels[1].target.png, report.panels[1].output.png);
  ASSERT_FALSE(report.activations.empty());
  EXPECT_EQ(report.activations[0].label, "test example 0");
}

TEST(CollectReportData, OfImages) {
  ExampleArrays arrays = {.inputs = Tensor({2, 8, 8, 1}, ElementType::kUint8),
                          .targets = Tensor({2, 8, 8, 1}),
                          .kind = TargetKind::kValues};
  arrays.targets.data()[64] = 1;
  const Dataset test = *MakeDataset(std::move(arrays), {});
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const ReportData report,
      CollectReportData(
          Untrained("input { name: 'image' shape: [8, 8, 1] } layer { name: "
                    "'conv' conv2d { output_channels: 1 kernel: 1 } }"),
          {.test = &test}));
  EXPECT_EQ(report.examples_name, "images");
  // All pixels together.
  ASSERT_EQ(report.scatters.size(), 1);
  EXPECT_EQ(report.scatters[0].points.size(), 128);
  ASSERT_EQ(report.panels.size(), 2);
  EXPECT_NE(report.panels[1].target.png, report.panels[1].output.png);
}

// As images of 16 bits per sample are.
TEST(CollectReportData, OfImagesOfNumbersExplainsMistakes) {
  ExampleArrays arrays = {.inputs = Tensor({2, 6, 6, 1}),
                          .targets = Tensor({2}, ElementType::kUint8)};
  for (int i = 0; i < 72; ++i) {
    arrays.inputs.data()[i] = static_cast<float>(i % 7) / 65535;
  }
  const Dataset test = *MakeDataset(std::move(arrays), {"a", "b", "c"});
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const ReportData report,
      CollectReportData(MakeCheckpoint(), {.test = &test}));
  // The network answers with class 2.
  ASSERT_EQ(report.mistakes.size(), 2);
  for (const ReportMistake& mistake : report.mistakes) {
    EXPECT_EQ(mistake.image.width, 6);
    EXPECT_TRUE(mistake.grad_cam.has_value());
    EXPECT_TRUE(mistake.occlusion.has_value());
  }
  EXPECT_FALSE(report.activations.empty());
  EXPECT_TRUE(report.filters.has_value());
}

TEST(CollectReportData, WithoutExamplesDescribesTheNetwork) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ReportData report,
                               CollectReportData(MakeCheckpoint(), {}));
  EXPECT_FALSE(report.quality.has_value());
  EXPECT_THAT(report.mistakes, IsEmpty());
  EXPECT_THAT(report.machine, IsEmpty());
  EXPECT_EQ(report.layers.size(), 4);
}

TEST(CollectReportData, RejectsDataOfAnotherShape) {
  const Dataset test =
      *MakeSyntheticDataset(Shape({5, 6, 1}), {.examples = 9, .classes = 3});
  EXPECT_EQ(
      CollectReportData(MakeCheckpoint(), {.test = &test}).status().code(),
      absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace lenslet
