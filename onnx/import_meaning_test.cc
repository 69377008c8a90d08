#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/onnx/import.h"
#include "lenslet/onnx/import_outputs.h"
#include "lenslet/onnx/model_writer.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;
using ::testing::Pointwise;

TEST(ImportOnnxTest, NormalizationOfTheInput) {
  ModelWriter writer;
  writer.Input("x", {0, 2, 1, 1})
      .Floats("mean", {2, 1, 1}, {0.5f, 0.25f})
      .Floats("deviation", {1, 2, 1, 1}, {2, 4})
      .Node("Sub", {"x", "mean"}, "centered")
      .Node("Div", {"centered", "deviation"}, "normalized")
      .Node("Relu", {"normalized"}, "y")
      .Output("y");
  LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport import,
                               ImportOnnx(writer.Bytes()));
  EXPECT_THAT(import.checkpoint.normalization().mean(),
              ElementsAre(0.5f, 0.25f));
  EXPECT_THAT(import.checkpoint.normalization().deviation(), ElementsAre(2, 4));
  EXPECT_THAT(OutputsFor(writer.Bytes(), {2.5f, 4.25f}), ElementsAre(1, 1));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const OnnxImport bytes,
      ImportOnnx(writer.Bytes(), "", {.takes_bytes = true}));
  EXPECT_THAT(bytes.checkpoint.normalization().deviation(),
              Pointwise(FloatEq(), {2.0f / 255, 4.0f / 255}));
}

// A sigmoid at the end makes labels of a vector. What else a sigmoid bounds are
// values as they are.
TEST(ImportOnnxTest, LastSigmoid) {
  const auto import = [](std::vector<int64_t> shape, const char* after,
                         const char* targets) {
    ModelWriter writer;
    writer.Input("x", std::move(shape))
        .Node("Relu", {"x"}, "scores")
        .Node("Sigmoid", {"scores"}, after == nullptr ? "y" : "probabilities");
    if (after != nullptr) writer.Node(after, {"probabilities"}, "y");
    if (targets != nullptr) writer.Metadata("targets", targets);
    writer.Output("y");
    absl::StatusOr<OnnxImport> result = ImportOnnx(writer.Bytes());
    LENSLET_EXPECT_OK(result);
    return *std::move(result);
  };
  for (const char* after : {(const char*)nullptr, "Identity", "Flatten"}) {
    const OnnxImport labels = import({0, 3}, after, nullptr);
    EXPECT_EQ(labels.activation, OutputActivation::kSigmoid);
    EXPECT_EQ(labels.checkpoint.target_kind(), LABELS);
    EXPECT_EQ(labels.checkpoint.model().layer_size(), 1);
    EXPECT_THAT(labels.notes,
                ElementsAre(HasSubstr("the sigmoid at the end is left out")));
  }
  // Of a map.
  const OnnxImport map = import({0, 1, 2, 2}, nullptr, nullptr);
  EXPECT_EQ(map.activation, OutputActivation::kNone);
  EXPECT_EQ(map.checkpoint.target_kind(), VALUES);
  EXPECT_EQ(map.checkpoint.model().layer_size(), 2);
  EXPECT_EQ(import({0, 1, 2, 2}, nullptr, "labels").activation,
            OutputActivation::kSigmoid);
  const OnnxImport values = import({0, 3}, nullptr, "values");
  EXPECT_EQ(values.activation, OutputActivation::kNone);
  EXPECT_EQ(values.checkpoint.target_kind(), VALUES);
}

TEST(ImportOnnxTest, MapsOfOneChannelAreValues) {
  for (const int64_t channels : {1, 2}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport import,
                                 ImportOnnx(ModelWriter()
                                                .Input("x", {0, channels, 2, 3})
                                                .Node("Relu", {"x"}, "y")
                                                .Output("y")
                                                .Bytes()));
    EXPECT_EQ(import.checkpoint.target_kind(), channels == 1 ? VALUES : CLASSES)
        << channels;
  }
}

TEST(ImportOnnxTest, TargetsByTheOptions) {
  const auto import = [](const char* last, TargetKind targets) {
    return ImportOnnx(ModelWriter()
                          .Input("x", {0, 3})
                          .Node("Relu", {"x"}, "scores")
                          .Node(last, {"scores"}, "y")
                          .Output("y")
                          .Metadata("targets", "labels")
                          .Bytes(),
                      "", {.targets = targets});
  };
  for (const auto& [targets, kind] : {std::pair(TargetKind::kClasses, CLASSES),
                                      {TargetKind::kLabels, LABELS},
                                      {TargetKind::kValues, VALUES}}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport plain,
                                 import("Identity", targets));
    EXPECT_EQ(plain.checkpoint.target_kind(), kind);
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport bounded,
                               import("Sigmoid", TargetKind::kValues));
  EXPECT_EQ(bounded.checkpoint.model().layer_size(), 2);
  EXPECT_THAT(bounded.notes, ElementsAre());
  LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport labels,
                               import("Sigmoid", TargetKind::kLabels));
  EXPECT_EQ(labels.checkpoint.model().layer_size(), 1);
  const auto refused = [](const char* text) {
    return StatusIs(absl::StatusCode::kInvalidArgument, text);
  };
  EXPECT_THAT(import("Sigmoid", TargetKind::kClasses),
              refused("the outputs (--targets) are classes, but the model ends "
                      "in a sigmoid; expected labels, or in --onnx_output the "
                      "value before it"));
  EXPECT_THAT(import("Softmax", TargetKind::kValues),
              refused("the outputs (--targets) are values, but the model ends "
                      "in a softmax; expected classes, or in --onnx_output the "
                      "value before it"));
}

// [batch], as PyTorch's squeeze() leaves it.
TEST(ImportOnnxTest, OutputOfOneNumberWithoutAxes) {
  for (const bool is_label : {false, true}) {
    ModelWriter writer(11);
    writer.Input("x", {0, 2})
        .Floats("w", {2, 1}, {1, 2})
        .Node("Gemm", {"x", "w"}, "number")
        .Node("Squeeze", {"number"}, is_label ? "score" : "y")
        .With("axes", std::vector<int64_t>{1});
    if (is_label) writer.Node("Sigmoid", {"score"}, "y");
    writer.Output("y");
    EXPECT_THAT(OutputsFor(writer.Bytes(), {3, 4}), ElementsAre(11));
    LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport import,
                                 ImportOnnx(writer.Bytes()));
    EXPECT_EQ(import.checkpoint.target_kind(), is_label ? LABELS : VALUES);
  }
}

TEST(ImportOnnxTest, SigmoidThatIsReadIsALayer) {
  ModelWriter writer;
  writer.Input("x", {0, 3})
      .Node("Sigmoid", {"x"}, "gate")
      .Node("Tanh", {"gate"}, "other")
      .Output("gate");
  LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport import,
                               ImportOnnx(writer.Bytes()));
  EXPECT_EQ(import.activation, OutputActivation::kNone);
  EXPECT_EQ(import.checkpoint.target_kind(), VALUES);
}

TEST(ImportOnnxTest, PixelsByTheModelsOwnWords) {
  const auto writer = [](onnx::TensorProto::DataType type) {
    ModelWriter writer;
    writer.Input("x", {0, 1, 1, 2});
    writer.model()
        .mutable_graph()
        ->mutable_input(0)
        ->mutable_type()
        ->mutable_tensor_type()
        ->set_elem_type(type);
    writer.Floats("mean", {}, {127.5f})
        .Floats("255", {}, {255})
        .Node("Cast", {"x"}, "float")
        .With("to", int64_t{onnx::TensorProto::FLOAT});
    return writer;
  };
  const auto import = [](ModelWriter& writer, OnnxImportOptions options = {}) {
    absl::StatusOr<OnnxImport> result =
        ImportOnnx(writer.Output("y").Bytes(), "", options);
    LENSLET_EXPECT_OK(result);
    return *std::move(result);
  };
  // By the type.
  ModelWriter bytes = writer(onnx::TensorProto::UINT8);
  bytes.Node("Relu", {"float"}, "y");
  const OnnxImport by_type = import(bytes);
  EXPECT_EQ(by_type.checkpoint.inputs().type(), TrainedInputsProto::UINT8);
  EXPECT_THAT(by_type.checkpoint.normalization().deviation(),
              ElementsAre(1.0f / 255));
  EXPECT_THAT(by_type.notes, ElementsAre(HasSubstr("its input has whole")));
  // By the first node.
  ModelWriter mean = writer(onnx::TensorProto::FLOAT);
  mean.Node("Sub", {"float", "mean"}, "centered")
      .Node("Relu", {"centered"}, "y");
  const OnnxImport by_mean = import(mean);
  EXPECT_EQ(by_mean.checkpoint.inputs().type(), TrainedInputsProto::UINT8);
  EXPECT_THAT(by_mean.checkpoint.normalization().mean(),
              ElementsAre(127.5f / 255));
  EXPECT_THAT(by_mean.notes, ElementsAre(HasSubstr("it subtracts 127.5")));
  // By a batch normalization, which stays a layer.
  for (const auto& [moments, word] :
       {std::pair(std::pair(127.5f, 1.0f), "it subtracts 127.5"),
        {{0.5f, 3600.0f}, "it divides by 60"},
        {{0.5f, 0.25f}, "pixels divided by 255"}}) {
    ModelWriter norm = writer(onnx::TensorProto::FLOAT);
    norm.Floats("one", {1}, {1})
        .Floats("moved", {1}, {moments.first})
        .Floats("variance", {1}, {moments.second})
        .Node("BatchNormalization",
              {"float", "one", "one", "moved", "variance"}, "y");
    const OnnxImport by_moments = import(norm);
    EXPECT_THAT(by_moments.notes, ElementsAre(HasSubstr(word)));
    EXPECT_EQ(by_moments.checkpoint.has_normalization(),
              moments.first + moments.second > 1);
  }
  ModelWriter divided = writer(onnx::TensorProto::UINT8);
  divided.Node("Div", {"float", "255"}, "scaled").Node("Relu", {"scaled"}, "y");
  const OnnxImport by_divisor = import(divided);
  EXPECT_EQ(by_divisor.checkpoint.inputs().type(), TrainedInputsProto::UINT8);
  EXPECT_FALSE(by_divisor.checkpoint.has_normalization());
  // The flag wins.
  ModelWriter forced = writer(onnx::TensorProto::UINT8);
  forced.Node("Relu", {"float"}, "y");
  EXPECT_FALSE(
      import(forced, {.takes_bytes = false}).checkpoint.has_normalization());
  ModelWriter text = writer(onnx::TensorProto::STRING);
  text.Node("Relu", {"float"}, "y").Output("y");
  EXPECT_EQ(ErrorOf(text.Bytes()),
            "input \"x\" has elements of type string; expected floats, or "
            "whole numbers "
            "such as uint8");
}

// What else reads the input does not read it normalized.
TEST(ImportOnnxTest, SharedInputIsNotNormalized) {
  ModelWriter writer;
  writer.Input("x", {0, 1, 1, 2})
      .Floats("half", {}, {0.5f})
      .Node("Identity", {"x"}, "same")
      .Node("Sub", {"same", "half"}, "centered")
      .Node("Add", {"centered", "x"}, "y")
      .Output("y");
  EXPECT_THAT(OutputsFor(writer.Bytes(), {1, 3}), ElementsAre(1.5f, 5.5f));
}

TEST(ImportOnnxTest, ClassNamesThatDoNotFit) {
  const auto import = [](const std::string& names) {
    ModelWriter writer;
    writer.Input("x", {0, 2})
        .Node("Relu", {"x"}, "y")
        .Output("y")
        .Metadata("class_names", names);
    absl::StatusOr<OnnxImport> result = ImportOnnx(writer.Bytes());
    LENSLET_EXPECT_OK(result);
    return *std::move(result);
  };
  const OnnxImport good = import("cat\ndog");
  EXPECT_THAT(good.checkpoint.class_name(), ElementsAre("cat", "dog"));
  EXPECT_THAT(good.notes, ElementsAre());
  for (const char* text : {"cat\ndog\n", "cat\r\ndog\r\n", "cat\r\ndog"}) {
    EXPECT_THAT(import(text).checkpoint.class_name(),
                ElementsAre("cat", "dog"));
  }
  const OnnxImport three = import("cat\ndog\nbird");
  EXPECT_THAT(three.checkpoint.class_name(), ElementsAre("0", "1"));
  EXPECT_THAT(three.notes,
              ElementsAre("the metadata's class_names are left out: they are 3 "
                          "names; the output [2] needs 2"));
  const OnnxImport bytes = import("cat\n\xff");
  EXPECT_THAT(bytes.checkpoint.class_name(), ElementsAre("0", "1"));
  EXPECT_THAT(bytes.notes, ElementsAre(HasSubstr("not UTF-8")));
}

TEST(ImportOnnxTest, InputMetadataThatDoNotFit) {
  const auto import =
      [](std::vector<std::pair<const char*, const char*>> metadata) {
        ModelWriter writer;
        writer.Input("x", {0, 3, 2, 2}).Node("Relu", {"x"}, "y").Output("y");
        for (const auto& [key, value] : metadata) writer.Metadata(key, value);
        absl::StatusOr<OnnxImport> result =
            ImportOnnx(writer.Bytes(), "", {.takes_bytes = false});
        LENSLET_EXPECT_OK(result);
        return *std::move(result);
      };
  const OnnxImport good = import({{"normalization_mean", "0.5"},
                                  {"normalization_deviation", "1,2,3"},
                                  {"image_fit", "center_crop"},
                                  {"image_background", "1,2,3"},
                                  {"image_crop_margin", "4"}});
  EXPECT_THAT(good.notes, ElementsAre());
  EXPECT_THAT(good.checkpoint.normalization().deviation(),
              ElementsAre(1, 2, 3));
  EXPECT_EQ(good.checkpoint.image_files().fit(), CENTER_CROP);
  for (const auto& [mean, deviation, reason] :
       {std::tuple("", "1", "expected both, of numbers with commas between"),
        {"a", "1", "expected both, of numbers with commas between"},
        {"0.5", "0", "expected a positive number"},
        {"0.5", "1e-45", "1.5 divided by it is not finite"},
        {"1,2", "1", "expected 1 or 3"}}) {
    const OnnxImport bad = import(
        {{"normalization_mean", mean}, {"normalization_deviation", deviation}});
    EXPECT_FALSE(bad.checkpoint.has_normalization());
    EXPECT_THAT(bad.notes,
                ElementsAre(AllOf(HasSubstr(absl::StrCat(
                                      "the metadata's normalization_mean \"",
                                      mean, "\" and normalization_deviation \"",
                                      deviation, "\" are left out: ")),
                                  HasSubstr(reason))));
  }
  EXPECT_THAT(
      import({{"normalization_mean", "1"}}).notes,
      ElementsAre("the metadata's normalization_mean \"1\" is left out: "
                  "expected both, of numbers with commas between"));
  const OnnxImport diagonal = import({{"image_fit", "diagonal"}});
  EXPECT_FALSE(diagonal.checkpoint.has_image_files());
  EXPECT_THAT(diagonal.notes,
              ElementsAre("the metadata's image_fit \"diagonal\" is left out: "
                          "expected stretch, letterbox or center_crop"));
  EXPECT_THAT(import({{"image_crop_margin", "3"}}).notes,
              ElementsAre("the metadata's image_crop_margin \"3\" is left out: "
                          "it needs an image_fit"));
  for (const auto& [key, value] : {std::pair("image_background", "1,2"),
                                   {"image_background", "1,2,256"},
                                   {"image_crop_margin", "-1"},
                                   {"image_crop_margin", "x"},
                                   {"image_crop_margin", "9223372036854775807"},
                                   {"image_crop_margin", "5000"}}) {
    const OnnxImport bad = import({{"image_fit", "letterbox"}, {key, value}});
    // The fit is right.
    const ImageFoldersProto& images = bad.checkpoint.image_files();
    EXPECT_EQ(images.fit(), LETTERBOX) << key << value;
    EXPECT_EQ(images.background_size(), 0);
    EXPECT_FALSE(images.has_crop_margin());
    EXPECT_THAT(
        bad.notes,
        ElementsAre(AllOf(HasSubstr(absl::StrCat("the metadata's ", key, " \"",
                                                 value, "\" is left out: ")),
                          HasSubstr("expected"))));
  }
}

// Words that no import knows are quoted, and so are duplicate keys.
TEST(ImportOnnxTest, MetadataThatAreNotKnown) {
  const auto notes_of =
      [](std::vector<std::pair<std::string, std::string>> metadata) {
        ModelWriter writer;
        writer.Input("x", {0, 3}).Node("Relu", {"x"}, "y").Output("y");
        for (const auto& [key, value] : metadata) writer.Metadata(key, value);
        const absl::StatusOr<OnnxImport> import = ImportOnnx(writer.Bytes());
        LENSLET_EXPECT_OK(import);
        return import.ok() ? import->notes : std::vector<std::string>();
      };
  EXPECT_THAT(
      notes_of({{"targets", "foo"}}),
      ElementsAre("the metadata's targets \"foo\" is left out: expected "
                  "labels, values, or none for classes"));
  EXPECT_THAT(
      notes_of({{"output_activation", "foo"}}),
      ElementsAre("the metadata's output_activation \"foo\" is left out: "
                  "expected sigmoid or softmax"));
  EXPECT_THAT(
      notes_of({{"output_activation", "sigmoid"}}),
      ElementsAre("the metadata's output_activation \"sigmoid\" is left "
                  "out: the model does not end in that"));
  EXPECT_THAT(notes_of({{"input_type", "int3"}}),
              ElementsAre("the metadata's input_type \"int3\" is left out: "
                          "expected uint8 or float32"));
  EXPECT_THAT(notes_of({{"recipe_digest", "ab"}}),
              ElementsAre("the metadata's recipe_digest \"ab\" is left out: "
                          "expected 32 hexadecimal digits"));
  EXPECT_THAT(
      notes_of({{"image_fit", "stretch"}}),
      ElementsAre("the metadata's image_fit \"stretch\" is left out: the "
                  "input [3] is no image"));
  EXPECT_THAT(notes_of({{"targets", "labels"}, {"targets", "values"}}),
              ElementsAre("the metadata have targets more than once; the last "
                          "is used: \"values\""));
  EXPECT_THAT(notes_of({{"note", "a"}, {"note", "b"}}), ElementsAre());
}

TEST(ImportOnnxTest, NormalizationByTheMetadataAndTheFirstNodes) {
  const absl::StatusOr<OnnxImport> import =
      ImportOnnx(ModelWriter()
                     .Input("x", {0, 2})
                     .Floats("mean", {}, {0.5f})
                     .Node("Sub", {"x", "mean"}, "centered")
                     .Node("Relu", {"centered"}, "y")
                     .Output("y")
                     .Metadata("normalization_mean", "3")
                     .Metadata("normalization_deviation", "2")
                     .Bytes());
  LENSLET_ASSERT_OK(import);
  EXPECT_THAT(import->checkpoint.normalization().mean(), ElementsAre(0.5f));
  EXPECT_THAT(import->notes,
              ElementsAre("the metadata's normalization_mean \"3\" and "
                          "normalization_deviation \"2\" are left out: the "
                          "model's first nodes normalize its input"));
}

TEST(ImportOnnxTest, FunctionAtTheEndByTheMetadata) {
  const auto notes_of = [](const char* function, const char* stated) {
    const absl::StatusOr<OnnxImport> import =
        ImportOnnx(ModelWriter()
                       .Input("x", {0, 3})
                       .Node("Relu", {"x"}, "scores")
                       .Node(function, {"scores"}, "y")
                       .Output("y")
                       .Metadata("output_activation", stated)
                       .Bytes());
    LENSLET_EXPECT_OK(import);
    return import.ok() ? import->notes : std::vector<std::string>();
  };
  EXPECT_THAT(notes_of("Softmax", "softmax"), ElementsAre());
  EXPECT_THAT(notes_of("Sigmoid", "sigmoid"), ElementsAre());
  EXPECT_THAT(
      notes_of("Softmax", "sigmoid"),
      ElementsAre(HasSubstr("output_activation \"sigmoid\" is left out"),
                  HasSubstr("the softmax at the end is left out")));
}

// What the metadata call values would be scores before a softmax.
TEST(ImportOnnxTest, TargetsOfTheMetadataThatTheEndContradicts) {
  for (const char* kind : {"labels", "values"}) {
    const absl::StatusOr<OnnxImport> import =
        ImportOnnx(ModelWriter()
                       .Input("x", {0, 3})
                       .Node("Relu", {"x"}, "scores")
                       .Node("Softmax", {"scores"}, "y")
                       .Output("y")
                       .Metadata("targets", kind)
                       .Metadata("output_activation", "softmax")
                       .Bytes());
    LENSLET_ASSERT_OK(import);
    EXPECT_EQ(import->checkpoint.target_kind(), CLASSES);
    EXPECT_THAT(
        import->notes,
        ElementsAre(HasSubstr(absl::StrCat(
            "the metadata's targets \"", kind,
            "\" is left out: the model ends in a softmax; expected classes"))));
  }
}

TEST(ImportOnnxTest, OneOutputIsNoClass) {
  for (const bool is_map : {false, true}) {
    const std::vector<int64_t> shape =
        is_map ? std::vector<int64_t>{0, 1, 2, 3} : std::vector<int64_t>{0, 1};
    ModelWriter writer;
    writer.Input("x", shape)
        .Node(is_map ? "GlobalMaxPool" : "Relu", {"x"}, "r")
        .Node("Add", {"r", "x"}, "y")
        .Output("y");
    const std::string bytes = writer.Bytes();
    EXPECT_EQ(ErrorOf(bytes, "", {.targets = TargetKind::kClasses}),
              absl::StrCat("the outputs (--targets) are classes, but the model "
                           "has one output",
                           is_map ? " at each position" : "",
                           ", which would be the only class; expected labels, "
                           "such as of a sigmoid, or values"));
  }
}

// Along ONNX's last axis, where that is all that one channel has, or where rows
// have their channels last.
TEST(ImportOnnxTest, InputNamesThatDoNotFit) {
  const auto notes_of = [](const std::string& names) {
    const absl::StatusOr<OnnxImport> import =
        ImportOnnx(ModelWriter()
                       .Input("x", {0, 2})
                       .Node("Relu", {"x"}, "y")
                       .Output("y")
                       .Metadata("input_names", names)
                       .Bytes());
    LENSLET_EXPECT_OK(import);
    EXPECT_EQ(import->checkpoint.inputs().name_size(), 0);
    return import->notes;
  };
  EXPECT_THAT(notes_of("a\nb\nc"),
              ElementsAre("the metadata's input_names are left out: they are 3 "
                          "names; the input [2] needs 2"));
  EXPECT_THAT(notes_of("a\na"),
              ElementsAre("the metadata's input_names are left out: \"a\" is "
                          "a duplicate"));
  EXPECT_THAT(notes_of("a\n\\q"),
              ElementsAre(AllOf(HasSubstr("input_names are left out: "),
                                HasSubstr("has wrong escapes"))));
}

}  // namespace
}  // namespace lenslet
