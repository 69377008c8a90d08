#include "lenslet/models/model_text.h"

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/models/model.pb.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

constexpr char kText[] = R"(# A comment.
name: "small"
input { name: "image" shape: [4, 6, 1] }
layer {
  name: "conv"
  conv2d { output_channels: 2 kernel: 3 padding_before: 1 bias: false }
}
layer { name: "relu" input: "conv" relu {} }
)";

TEST(ModelTextTest, ReadsAModel) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text,
                               ParseModelText(kText, "small.textproto"));
  EXPECT_EQ(text.locations.file_name, "small.textproto");
  EXPECT_EQ(text.model.name(), "small");
  ASSERT_EQ(text.model.input_size(), 1);
  EXPECT_THAT(text.model.input(0).shape(), ::testing::ElementsAre(4, 6, 1));
  ASSERT_EQ(text.model.layer_size(), 2);
  EXPECT_EQ(text.model.layer(0).conv2d().output_channels(), 2);
  EXPECT_FALSE(text.model.layer(0).conv2d().bias());
  EXPECT_FALSE(text.model.layer(0).conv2d().has_input_channels());
  EXPECT_EQ(text.model.layer(1).input(0), "conv");
  EXPECT_TRUE(text.model.layer(1).has_relu());
}

TEST(ModelTextTest, WritesAModel) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text, ParseModelText(kText, ""));
  EXPECT_EQ(ProtoToText(text.model), R"(name: "small"
input {
  name: "image"
  shape: [4, 6, 1]
}
layer {
  name: "conv"
  conv2d {
    kernel: [3]
    padding_before: [1]
    output_channels: 2
    bias: false
  }
}
layer {
  name: "relu"
  input: "conv"
  relu {
  }
}
)");
}

TEST(ModelTextTest, ReadsWhatItWrites) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text, ParseModelText(kText, ""));
  const std::string written = ProtoToText(text.model);
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText again,
                               ParseModelText(written, ""));
  EXPECT_EQ(again.model.SerializeAsString(), text.model.SerializeAsString());
  EXPECT_EQ(ProtoToText(again.model), written);
}

TEST(ModelTextTest, WritesBytesThatAreNotText) {
  ModelProto model;
  model.set_name("\x01\"\xff\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText again,
                               ParseModelText(ProtoToText(model), ""));
  EXPECT_EQ(again.model.name(), model.name());
}

TEST(ModelTextTest, KnowsWhereAFieldIs) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text,
                               ParseModelText(kText, "small.textproto"));
  const FieldStep layer0 = {ModelProto::kLayerFieldNumber, 0};
  const FieldStep conv = {.number = LayerProto::kConv2DFieldNumber};
  EXPECT_EQ(PlaceOf(text.model, text.locations, {layer0}),
            "small.textproto:4:1");
  EXPECT_EQ(PlaceOf(text.model, text.locations,
                    {layer0, {.number = LayerProto::kNameFieldNumber}}),
            "small.textproto:5:3");
  EXPECT_EQ(PlaceOf(text.model, text.locations, {layer0, conv}),
            "small.textproto:6:3");
  EXPECT_EQ(PlaceOf(text.model, text.locations,
                    {layer0, conv, {ConvProto::kKernelFieldNumber, 0}}),
            "small.textproto:6:31");
  EXPECT_EQ(PlaceOf(text.model, text.locations,
                    {{ModelProto::kLayerFieldNumber, 1},
                     {LayerProto::kInputFieldNumber, 0}}),
            "small.textproto:8:22");
  // A list in brackets.
  EXPECT_EQ(PlaceOf(text.model, text.locations,
                    {{ModelProto::kInputFieldNumber, 0},
                     {InputProto::kShapeFieldNumber, 2}}),
            "small.textproto:3:23");
}

TEST(ModelTextTest, AFieldThatIsNotThereIsWhereItWouldBe) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text,
                               ParseModelText(kText, "small.textproto"));
  const FieldStep layer0 = {ModelProto::kLayerFieldNumber, 0};
  const FieldStep conv = {.number = LayerProto::kConv2DFieldNumber};
  const FieldStep linear = {.number = LayerProto::kLinearFieldNumber};
  EXPECT_EQ(PlaceOf(text.model, text.locations,
                    {layer0, conv, {ConvProto::kStrideFieldNumber, 0}}),
            "small.textproto:6:3");
  EXPECT_EQ(
      PlaceOf(text.model, text.locations,
              {layer0, linear, {.number = LinearProto::kBiasFieldNumber}}),
      "small.textproto:4:1");
  EXPECT_EQ(
      PlaceOf(text.model, text.locations, {{ModelProto::kLayerFieldNumber, 2}}),
      "small.textproto");
  EXPECT_EQ(PlaceOf(text.model, text.locations, {}), "small.textproto");
  EXPECT_EQ(
      PlaceOf(text.model, TextLocations{.file_name = "by_hand"}, {layer0}),
      "by_hand");
}

TEST(ModelTextTest, FindsLayersInAList) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const ModelText text,
      ParseModelText("layer: [\n{ name: \"a\" },\n{ name: \"b\" }]", "list"));
  const FieldStep name = {.number = LayerProto::kNameFieldNumber};
  EXPECT_EQ(
      PlaceOf(text.model, text.locations, {{ModelProto::kLayerFieldNumber, 1}}),
      "list:1:1");
  EXPECT_EQ(PlaceOf(text.model, text.locations,
                    {{ModelProto::kLayerFieldNumber, 1}, name}),
            "list:3:3");
}

struct Broken {
  std::string name;
  std::string text;
  std::string message;
};

void PrintTo(const Broken& broken, std::ostream* os) { *os << broken.name; }

class BrokenTextTest : public ::testing::TestWithParam<Broken> {};

INSTANTIATE_TEST_SUITE_P(
    Texts, BrokenTextTest,
    ::testing::ValuesIn(std::vector<Broken>{
        {"UnknownLayerType", "layer {\n  conv2 { kernel: 5 }\n}",
         "2:3: layer has no field or kind \"conv2\"; did "
         "you mean \"conv2d\"?"},
        {"WrongCase", "layer { Conv2D {} }",
         "1:9: layer has no field or kind \"Conv2D\"; did "
         "you mean \"conv2d\"?"},
        {"UnknownValue", "layer { pad {\nmode: REFLEKT } }",
         "2:7: there is no mode \"REFLEKT\"; did you mean \"REFLECT\"?"},
        {"NothingLikeIt", "layer { sigmoid { steepness: 1 } }",
         "1:19: sigmoid has no field \"steepness\"; it has no fields"},
        {"UnknownField", "layer {\n  conv2d { kernl: 5 }\n}",
         "2:12: conv2d has no field \"kernl\"; did you mean "
         "\"kernel\"?"},
        {"UnknownFieldOnTop", "model: 1",
         "1:1: models have no field \"model\"; recipes have it, "
         "models do not"},
        {"UnknownFieldBeforeAComment", "nane  # nane\n : 1",
         "1:1: models have no field \"nane\"; did you mean "
         "\"name\"?"},
        {"UnknownFieldAtTheEnd", "name: \"a\"\n\nlayers",
         "3:1: models have no field \"layers\"; did you mean "
         "\"layer\"?"},
        {"UnknownFieldAfterATab", "\tlayr {}",
         "1:9: models have no field \"layr\"; did you mean "
         "\"layer\"?"},
        {"TwoTypes", "layer { conv2d {} relu {} }",
         "1:19: this layer has \"conv2d\" and \"relu\"; expected one kind"},
        {"TwoNames", "layer { name: 'a' name: 'b' }",
         "1:19: the field \"name\" is given twice; expected it once"},
        {"TextForANumber", "layer { conv2d { kernel: \"5\" } }",
         "1:26: kernel is \"5\"; expected 5 without quotes"},
        {"NumberForAText", "layer {\n  name: 5\n}",
         "2:9: name is 5; expected text in quotes"},
        {"Fraction", "layer { conv2d { kernel: 2.5 } }",
         "1:26: kernel is 2.5; expected a whole number"},
        {"NumberForABlock", "layer: 5",
         "1:8: layer is 5; expected a block: layer { ... }"},
        {"BlockForANumber", "layer { conv2d { kernel { } } }",
         "1:25: expected \":\" after kernel, got \"{\"; write kernel: 1"},
        {"NotABoolean", "layer { conv2d { bias: maybe } }",
         "1:24: bias is maybe; expected true or false"},
        {"MoreThan64Bits", "layer { conv2d { kernel: 9223372036854775808 } }",
         "1:26: kernel is 9223372036854775808; expected a whole number in "
         "[-9223372036854775808, 9223372036854775807]"},
        {"LessThan64Bits",
         "layer { conv2d { kernel: -99999999999999999999999999 } }",
         "1:26: kernel is -99999999999999999999999999; expected a whole number "
         "in [-9223372036854775808, 9223372036854775807]"},
        {"StringWithoutEnd", "name: \"a\nlayer {}",
         "1:7: the quotation mark is not closed on its line"},
        {"StringUpToTheEnd", "name: \"a",
         "1:7: the quotation mark is not closed on its line"},
        {"UnknownEscape", "name: \"a\\qb\"",
         "1:7: the text in quotes has an unknown escape; write \\\\ for a "
         "backslash"},
        {"BlockWithoutEnd", "layer {\n  name: \"a\"\n",
         "3:1: the block \"layer\" of line 1 has no end; expected a field or "
         "\"}\""},
        {"BlockWithoutBegin", "layer",
         "1:6: layer has no value; expected a block: layer { ... }"},
        {"EndOfNoBlock", "name: \"a\" }",
         "1:11: \"}\" closes nothing: no block is open"},
        {"ListWithoutEnd", "input { shape: [28, 28",
         "1:23: the list \"shape\" of line 1 has no end; expected \",\" or "
         "\"]\""},
        {"Extension", "[foo.bar] { }",
         "1:1: expected the name of a field, got \"[\""},
        {"FieldNumber", "1: \"a\"",
         "1:1: expected the name of a field, got \"1\""},
        {"Binary",
         std::string("\x7f"
                     "ELF\x02\x01\x01\0\0\0\0",
                     11),
         "1:5: byte 0x02 is not text; expected UTF-8"},
        {"NulByte", std::string("name: \"a\0b\"", 11),
         "1:9: byte 0x00 is not text; expected UTF-8"},
        {"Gzip", "\x1f\x8b\x08 compressed",
         "1:1: byte 0x1f is not text; expected UTF-8"},
        {"NotAscii", "n\xc3\xa4me: \"a\"",
         "1:2: the character \xc3\xa4 (U+00E4) is outside of quotes"},
        {"Empty", "",
         "1:1: there is no model; expected input { ... } and layer { ... }, "
         "got nothing but white space and comments"},
        {"OnlyAComment", "# name: \"a\"\n \t\n",
         "1:1: there is no model; expected input { ... } and layer { ... }, "
         "got nothing but white space and comments"},
    }),
    [](const auto& info) { return info.param.name; });

TEST_P(BrokenTextTest, SaysWhereAndWhy) {
  const absl::StatusOr<ModelText> text =
      ParseModelText(GetParam().text, "dir/model.textproto");
  EXPECT_EQ(text.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(text.status().message(),
            absl::StrCat("dir/model.textproto:", GetParam().message));
}

std::string Repeated(absl::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) absl::StrAppend(&result, text);
  return result;
}

TEST(ModelTextTest, RejectsDeepNesting) {
  EXPECT_THAT(ParseModelText(Repeated("layer { ", 500'000), "deep"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("deep:1:9: layer has no field or kind "
                                 "\"layer\"")));
  EXPECT_THAT(
      ParseModelText("input { shape: " + Repeated("[", 1'000'000), "deep"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("deep:1:17: expected a whole number, got \"[\"")));
}

TEST(ModelTextTest, MessagesAboutLongTextsAreShort) {
  for (const std::string& text :
       {Repeated("layer", 200'000), "name: " + Repeated("9", 1'000'000),
        "layer { " + Repeated("conv", 500'000) + "{} }"}) {
    const absl::Status status = ParseModelText(text, "long").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_LT(status.message().size(), 1100);
  }
}

TEST(ModelTextTest, RejectsATextThatIsTooLong) {
  const std::string comment(kMaxProtoTextBytes - 9, '#');
  LENSLET_EXPECT_OK(ParseModelText("name: 'a'" + comment, "long"));
  EXPECT_THAT(ParseModelText("name: 'a' " + comment, "long"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "long: the model has 4194305 bytes of text; expected at "
                       "most 4194304"));
}

}  // namespace
}  // namespace lenslet
