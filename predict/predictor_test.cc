#include "lenslet/predict/predictor.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"
#include "lenslet/predict/checkpoint.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

// Scores are the image's two pixels, in [0, 1], and a constant 0.5.
CheckpointProto MakeCheckpoint() {
  CheckpointProto checkpoint;
  *checkpoint.mutable_model() = ParseModelText(R"pb(
                                                 input {
                                                   name: "image"
                                                   shape: [ 1, 2, 1 ]
                                                 }
                                                 layer {
                                                   name: "flatten"
                                                   flatten {}
                                                 }
                                                 layer {
                                                   name: "linear"
                                                   linear { output_features: 3 }
                                                 }
                                               )pb",
                                               "test.textproto")
                                    ->model;
  const Graph graph = *BuildGraph(checkpoint.model());
  Parameters parameters = *Parameters::Create(graph);
  parameters.view(0).at({0, 0}) = 1;
  parameters.view(0).at({1, 1}) = 1;
  parameters.view(1)[2] = 0.5;
  CopyParameters(parameters, checkpoint);
  for (const char* name : {"left", "right", "neither"}) {
    checkpoint.add_class_name(name);
  }
  return checkpoint;
}

TEST(PredictorTest, GivesTheBestClassesFirst) {
  for (Backend backend : kBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        auto predictor,
        Predictor::Create(MakeCheckpoint(), {.backend = backend}));
    EXPECT_EQ(predictor->image_shape(), Shape({1, 2, 1}));
    LENSLET_ASSERT_OK_AND_ASSIGN(
        auto answer,
        predictor->Classify(Tensor::Of<uint8_t>({1, 2, 1}, {0, 255}), 2));
    ASSERT_EQ(answer.size(), 2);
    EXPECT_EQ(answer[0].class_name, "right");
    EXPECT_EQ(answer[0].class_index, 1);
    EXPECT_EQ(answer[1].class_name, "neither");
    // Scores have a few roundings of numbers up to 1.
    const double sum = 1 + std::exp(1) + std::exp(0.5);
    EXPECT_NEAR(answer[0].probability, std::exp(1) / sum, 1e-6);
    EXPECT_NEAR(answer[1].probability, std::exp(0.5) / sum, 1e-6);
    LENSLET_ASSERT_OK_AND_ASSIGN(
        answer, predictor->Classify(Tensor::Of<uint8_t>({1, 2, 1}, {255, 0}),
                                    /*count=*/10));
    ASSERT_EQ(answer.size(), 3);
    EXPECT_EQ(answer[0].class_name, "left");
  }
}

// Scores are the pixels, as the network sees them.
TEST(PredictorTest, NormalizesAsInTraining) {
  CheckpointProto checkpoint = MakeCheckpoint();
  checkpoint.mutable_normalization()->add_mean(0.5f);
  checkpoint.mutable_normalization()->add_deviation(0.25f);
  for (Backend backend : kBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        auto predictor, Predictor::Create(checkpoint, {.backend = backend}));
    LENSLET_ASSERT_OK_AND_ASSIGN(
        auto answer,
        predictor->Classify(Tensor::Of<uint8_t>({1, 2, 1}, {0, 255}), 3));
    // (0 - 0.5) / 0.25 = -2, and 2; a few roundings.
    const double sum = std::exp(2) + std::exp(-2) + std::exp(0.5);
    EXPECT_EQ(answer[0].class_name, "right");
    EXPECT_NEAR(answer[0].probability, std::exp(2) / sum, 1e-6);
    EXPECT_EQ(answer[2].class_name, "left");
    EXPECT_NEAR(answer[2].probability, std::exp(-2) / sum, 1e-6);
    // Floats are what bytes are, divided by 255.
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const auto same, predictor->Classify(Tensor::Of({1, 2, 1}, {0, 1}), 3));
    EXPECT_EQ(same[0].probability, answer[0].probability);
    EXPECT_EQ(same[2].class_name, "left");
  }
}

TEST(PredictorTest, RejectsANormalizationThatDoesNotFit) {
  CheckpointProto checkpoint = MakeCheckpoint();
  checkpoint.mutable_normalization()->add_mean(0.5f);
  EXPECT_THAT(Predictor::Create(checkpoint).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("normalization.deviation has 0 numbers")));
}

// More images than go through at once, and a part of a block at the end.
TEST(PredictorTest, TakesSeveralImages) {
  std::vector<Tensor> images;
  for (int i = 0; i < 7; ++i) {
    const uint8_t left = i % 3 == 0 ? 255 : 0;
    images.push_back(Tensor::Of<uint8_t>(
        {1, 2, 1}, {left, static_cast<uint8_t>(255 - left)}));
  }
  for (Backend backend : kBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        auto predictor,
        Predictor::Create(MakeCheckpoint(), {.images = 3, .backend = backend}));
    LENSLET_ASSERT_OK_AND_ASSIGN(const auto answers,
                                 predictor->Classify(images, 1));
    ASSERT_EQ(answers.size(), 7);
    for (int i = 0; i < 7; ++i) {
      EXPECT_EQ(answers[i][0].class_name, i % 3 == 0 ? "left" : "right");
    }
  }
  images.push_back(Tensor({1, 1, 1}));
  EXPECT_THAT((*Predictor::Create(MakeCheckpoint()))->Classify(images, 1),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("image 7: the image is float32")));
}

// By hand: the mean 0.5 and the deviation 0.5 (variance 0.24 and epsilon 0.01)
// turn each pixel from 0 or 1 into -1 or 1.
TEST(PredictorTest, NormalizesByRunningAverages) {
  CheckpointProto checkpoint = MakeCheckpoint();
  LayerProto& norm = *checkpoint.mutable_model()->add_layer();
  norm.set_name("norm");
  norm.mutable_batch_norm()->set_epsilon(0.01);
  const Graph graph = *BuildGraph(checkpoint.model());
  Parameters parameters = *Parameters::Create(graph);
  parameters.view(0).at({0, 0}) = 1;
  parameters.view(0).at({1, 1}) = 1;
  for (int i = 0; i < 3; ++i) {
    parameters.view(2)[i] = 1;  // Scale.
    parameters.view(4)[i] = 0.5;
    parameters.view(5)[i] = 0.24;
  }
  parameters.view(3)[2] = 1;  // The third score: (0 - 0.5) / 0.5 + 1 = 0.
  CopyParameters(parameters, checkpoint);
  for (const Backend backend : kBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        auto predictor, Predictor::Create(checkpoint, {.backend = backend}));
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const auto answer,
        predictor->Classify(Tensor::Of<uint8_t>({1, 2, 1}, {0, 255}), 3));
    // Scores have a few roundings of numbers up to 1.
    const double sum = std::exp(1) + 1 + std::exp(-1);
    EXPECT_EQ(answer[0].class_name, "right");
    EXPECT_NEAR(answer[0].probability, std::exp(1) / sum, 1e-6);
    EXPECT_EQ(answer[1].class_name, "neither");
    EXPECT_NEAR(answer[1].probability, 1 / sum, 1e-6);
    EXPECT_EQ(answer[2].class_name, "left");
    EXPECT_NEAR(answer[2].probability, std::exp(-1) / sum, 1e-6);
  }
}

// Few channels, which lanes are faster for.
CheckpointProto MakeConvCheckpoint() {
  CheckpointProto checkpoint;
  *checkpoint.mutable_model() =
      ParseModelText(R"pb(
                       input {
                         name: "image"
                         shape: [ 28, 28, 1 ]
                       }
                       layer {
                         name: "conv"
                         conv2d { output_channels: 6 kernel: 5 }
                       }
                       layer {
                         name: "flatten"
                         flatten {}
                       }
                       layer {
                         name: "linear"
                         linear { output_features: 3 }
                       }
                     )pb",
                     "test.textproto")
          ->model;
  CopyParameters(*Parameters::Create(*BuildGraph(checkpoint.model())),
                 checkpoint);
  for (const char* name : {"left", "right", "neither"}) {
    checkpoint.add_class_name(name);
  }
  return checkpoint;
}

TEST(PredictorTest, SaysWhichBackendItChose) {
  const auto chosen = [](const PredictorOptions& options) {
    return (*Predictor::Create(MakeConvCheckpoint(), options))->BackendNames();
  };
  EXPECT_EQ(chosen({.images = 64}), "lanes");
  EXPECT_EQ(chosen({.images = 1}), "direct");
  EXPECT_EQ(chosen({.images = 64, .backend = Backend::kReference}),
            "reference");
  EXPECT_THAT(Predictor::Create(MakeCheckpoint(), {.images = 0}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("images is 0; expected at least 1")));
}

TEST(PredictorTest, RejectsImagesOfAnotherShape) {
  auto predictor = *Predictor::Create(MakeCheckpoint());
  EXPECT_THAT(predictor->Classify(Tensor({2, 2, 1}, ElementType::kUint8), 1),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("the image is uint8 [2, 2, 1]; expected "
                                 "[1, 2, 1]")));
  EXPECT_THAT(predictor->Classify(Tensor({1, 1, 1}), 1),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("the image is float32 [1, 1, 1]")));
}

TEST(PredictorTest, RejectsACheckpointThatIsNoClassifier) {
  CheckpointProto checkpoint = MakeCheckpoint();
  checkpoint.add_class_name("one too many");
  EXPECT_THAT(
      Predictor::Create(checkpoint),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("has shape [3]; expected [4], a score for each "
                         "class")));
  EXPECT_THAT(Predictor::Create(CheckpointProto()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("has parameters without their model")));
}

}  // namespace
}  // namespace lenslet
