#include "lenslet/codegen/write_c.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/codegen/evaluate.h"
#include "lenslet/codegen/program.h"
#include "lenslet/codegen/row_program.h"
#include "lenslet/layers/layers.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"
#include "lenslet/predict/predictor.h"

namespace lenslet {
namespace {

// A network with parameters that differ.
TrainedNetwork NetworkOf(const std::string& text) {
  absl::StatusOr<ModelText> model = ParseModelText(text, "test");
  EXPECT_TRUE(model.ok()) << model.status();
  absl::StatusOr<Graph> graph = BuildGraph(*model);
  EXPECT_TRUE(graph.ok()) << graph.status();
  absl::StatusOr<Parameters> parameters = Parameters::Create(*graph);
  EXPECT_TRUE(parameters.ok()) << parameters.status();
  for (int i = 0; i < parameters->size(); ++i) {
    float value = 0.25f;
    for (float& number : parameters->view(i).span()) {
      number = value = value * -0.9f + 0.1f;
      if (parameters->info(i).info.role == ParameterRole::kRunningVariance) {
        number += 1;
      }
    }
  }
  TrainedNetwork network{
      .checkpoint = {}, .graph = *graph, .parameters = *std::move(parameters)};
  *network.checkpoint.mutable_model() = model->model;
  return network;
}

Program ProgramOf(const std::string& text) {
  absl::StatusOr<Program> program = MakeProgram(NetworkOf(text));
  EXPECT_TRUE(program.ok()) << program.status();
  return *std::move(program);
}

constexpr char kSmall[] = R"(
    name: "Small"
    input { name: "image" shape: [6, 6, 2] }
    layer { name: "conv" conv2d { output_channels: 3 kernel: 3 padding: 1 } }
    layer { name: "norm" batch_norm {} }
    layer { name: "relu" relu {} }
    layer { name: "pool" max_pool2d { kernel: 2 } }
    layer { name: "flatten" flatten {} }
    layer { name: "classes" linear { output_features: 5 } })";

TEST(MakeProgramTest, JoinsFunctionsAndPoolingsToTheLayerBefore) {
  const Program program = ProgramOf(kSmall);
  ASSERT_EQ(program.steps.size(), 2);
  EXPECT_EQ(program.steps[0].layer, "conv");
  EXPECT_EQ(program.steps[0].functions.size(), 2);
  EXPECT_TRUE(program.steps[0].pool.has_value());
  EXPECT_EQ(program.steps[1].layer, "classes");
}

TEST(MakeProgramTest, KeepsWhatTwoLayersRead) {
  const Program program = ProgramOf(R"(
      input { name: "x" shape: [4] }
      layer { name: "a" linear { output_features: 4 } }
      layer { name: "relu" input: "a" relu {} }
      layer { name: "sum" input: "a" input: "relu" add {} })");
  ASSERT_EQ(program.steps.size(), 3);
  EXPECT_TRUE(program.steps[0].functions.empty());
}

TEST(MakeProgramTest, ArraysInUseDoNotOverlap) {
  const Program program = ProgramOf(kSmall);
  for (const Step& step : program.steps) {
    const ProgramValue& y = program.values[step.output];
    for (const int input : step.inputs) {
      const ProgramValue& x = program.values[input];
      EXPECT_TRUE(x.offset + x.shape.elements() <= y.offset ||
                  y.offset + y.shape.elements() <= x.offset);
    }
    EXPECT_LE(y.offset + y.shape.elements(), program.arena);
  }
}

TEST(MakeProgramTest, RefusesParametersThatAreNotFinite) {
  TrainedNetwork network = NetworkOf(kSmall);
  network.parameters.view(0).span()[0] = 1.0f / 0.0f;
  const absl::Status status = MakeProgram(network).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StrContains(status.message(), "inf")) << status;
}

TEST(EvaluateTest, AgreesWithTheReferenceBackend) {
  const TrainedNetwork network = NetworkOf(kSmall);
  const Program program = ProgramOf(kSmall);
  // More than a block, and not a whole number of blocks.
  constexpr int kImages = 19;
  std::vector<uint8_t> images(kImages * 72);
  for (size_t i = 0; i < images.size(); ++i) images[i] = i * i % 251;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<Predictor> predictor,
      Predictor::Create(network.graph, network.parameters,
                        {.kind = TargetKind::kValues}, {},
                        {.images = kImages, .backend = Backend::kReference}));
  std::vector<float> expected(kImages * 5);
  LENSLET_ASSERT_OK(predictor->Predict(absl::Span<const uint8_t>(images),
                                       absl::MakeSpan(expected)));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::vector<float> scores,
      Evaluate(program, absl::Span<const uint8_t>(images)));
  ASSERT_EQ(scores.size(), expected.size());
  for (size_t i = 0; i < scores.size(); ++i) {
    EXPECT_NEAR(scores[i], expected[i], 1e-6);
  }
}

TEST(EvaluateTest, AnExampleHasTheSameScoresInEachBlock) {
  const Program program = ProgramOf(kSmall);
  std::vector<uint8_t> images(20 * 72);
  for (size_t i = 0; i < images.size(); ++i) images[i] = i % 72 * 3;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::vector<float> scores,
      Evaluate(program, absl::Span<const uint8_t>(images)));
  for (size_t i = 5; i < scores.size(); ++i) {
    EXPECT_EQ(scores[i], scores[i % 5]);
  }
}

TEST(EvaluateTest, RefusesAPartOfAnExample) {
  const std::vector<uint8_t> images(100);
  EXPECT_EQ(Evaluate(ProgramOf(kSmall), absl::Span<const uint8_t>(images))
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(WriteCTest, WritesTheSameBytesAgain) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const CFiles a,
                               WriteC(ProgramOf(kSmall), {}, "net"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const CFiles b,
                               WriteC(ProgramOf(kSmall), {}, "net"));
  EXPECT_EQ(a.header, b.header);
  EXPECT_EQ(a.source, b.source);
  EXPECT_TRUE(absl::StrContains(a.header, "#define NET_INPUTS 72\n"));
  EXPECT_TRUE(absl::StrContains(a.header, "#define NET_OUTPUTS 5\n"));
  EXPECT_TRUE(absl::StrContains(a.header, kGeneratedBy));
  EXPECT_TRUE(a.weights.empty());
}

TEST(WriteCTest, WritesWeightsApart) {
  const Program program = ProgramOf(kSmall);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const CFiles files, WriteC(program, {}, "net", {.weights_apart = true}));
  EXPECT_EQ(files.weights.size(), program.weights.size() * sizeof(float));
  EXPECT_TRUE(absl::StrContains(files.source,
                                absl::StrCat("extern const float net_weights[",
                                             program.weights.size(), "];")));
  EXPECT_TRUE(absl::StrContains(
      files.header,
      absl::StrCat("#define NET_WEIGHTS ", program.weights.size(), "\n")));
}

TEST(WriteCTest, TakesAnInputRowByRow) {
  const Program program = ProgramOf(kSmall);
  LENSLET_ASSERT_OK_AND_ASSIGN(const CFiles whole, WriteC(program, {}, "net"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const CFiles files,
                               WriteC(program, {}, "net", {.rows = true}));
  // Three of six rows.
  EXPECT_LT(files.arena, whole.arena);
  EXPECT_EQ(files.row_steps, 1);
  EXPECT_TRUE(absl::StrContains(files.header, "#define NET_ROWS 6\n"));
  EXPECT_TRUE(absl::StrContains(files.header, "#define NET_ROW 12\n"));
  EXPECT_TRUE(absl::StrContains(files.header, "const float* net_push_row("));
  EXPECT_FALSE(absl::StrContains(whole.header, "net_push_row("));
}

TEST(MakeRowProgramTest, BuffersInUseDoNotOverlap) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const RowProgram by_rows,
                               MakeRowProgram(ProgramOf(R"(
      input { name: "x" shape: [12, 10, 3] }
      layer { name: "a" conv2d { output_channels: 5 kernel: 3 padding: 1 } }
      layer { name: "pool" max_pool2d { kernel: 2 } }
      layer { name: "norm" batch_norm {} }
      layer { name: "b" conv2d { output_channels: 4 kernel: 3 } }
      layer { name: "relu" relu {} }
      layer { name: "flatten" flatten {} }
      layer { name: "classes" linear { output_features: 5 } })")));
  // The convolution and its pooling, the normalization, the convolution.
  ASSERT_EQ(by_rows.row_steps, 3);
  EXPECT_EQ(by_rows.buffers[0].kept, 3);
  EXPECT_EQ(by_rows.buffers[1].kept, 1);
  EXPECT_EQ(by_rows.buffers[2].kept, 3);
  EXPECT_EQ(by_rows.buffers[3].kept, 4);
  EXPECT_EQ(by_rows.buffers[3].rows, 4);
  const Program& program = by_rows.program;
  struct Used {
    int64_t begin;
    int64_t end;
  };
  std::vector<Used> used;
  for (int i = 0; i < 4; ++i) {
    const int value = i == 0 ? 0 : program.steps[i - 1].output;
    const RowBuffer& rows = by_rows.buffers[i];
    const int64_t begin = program.values[value].offset;
    used.push_back({begin, begin + rows.kept * rows.pitch});
  }
  used.push_back({program.steps[0].band, program.steps[0].band + 2 * 10 * 5});
  for (size_t i = 0; i < used.size(); ++i) {
    EXPECT_LE(used[i].end, program.arena);
    for (size_t j = 0; j < i; ++j) {
      EXPECT_TRUE(used[i].end <= used[j].begin || used[j].end <= used[i].begin)
          << i << " and " << j;
    }
  }
}

TEST(WriteCTest, RefusesRowsOfAnInputWithoutThem) {
  const absl::Status status = WriteC(ProgramOf(R"(
      input { name: "x" shape: [4] }
      layer { name: "a" linear { output_features: 4 } })"),
                                     {}, "net", {.rows = true})
                                  .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StrContains(status.message(), "the input is [4]"))
      << status;
}

TEST(WriteCTest, HidesTheScores) {
  Program program = ProgramOf(kSmall);
  program.classes = true;
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const CFiles files, WriteC(program, {}, "net", {.class_only = true}));
  EXPECT_FALSE(absl::StrContains(files.header, "net_scores"));
  EXPECT_TRUE(
      absl::StrContains(files.source, "static const float* net_scores"));
  EXPECT_TRUE(absl::StrContains(files.header, "int net_class("));
  program.classes = false;
  EXPECT_EQ(WriteC(program, {}, "net", {.class_only = true}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(WriteCTest, NamesAndTextsCannotLeaveTheirPlace) {
  Program program = ProgramOf(kSmall);
  program.name = "*/ int evil; /* \n";
  program.class_names = {"a\"b", "\\", "\n", "c", "?\?/"};
  LENSLET_ASSERT_OK_AND_ASSIGN(const CFiles files, WriteC(program, {}, "net"));
  EXPECT_FALSE(absl::StrContains(files.source, "*/ int evil"));
  EXPECT_TRUE(absl::StrContains(files.source, R"("a\"b")"));
  EXPECT_TRUE(absl::StrContains(files.source, R"("\?\?/")"));
}

TEST(WriteCTest, LayersDoNotTakeTheNamesOfFunctions) {
  Program program = ProgramOf(kSmall);
  program.steps[0].layer = "scores";
  LENSLET_ASSERT_OK_AND_ASSIGN(const CFiles files,
                               WriteC(program, {}, "layer"));
  EXPECT_TRUE(absl::StrContains(files.source, "static void layer_scores_2("));
}

TEST(WriteCTest, RefusesNamesThatAreNotIdentifiers) {
  for (const char* name : {"", "2net", "net-1", "net c", "n\xc3\xa9t", "a.b",
                           "stdint", "string"}) {
    EXPECT_EQ(WriteC(ProgramOf(kSmall), {}, name).status().code(),
              absl::StatusCode::kInvalidArgument)
        << name;
  }
}

}  // namespace
}  // namespace lenslet
