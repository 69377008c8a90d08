// That LiteFieldRules reads model.proto as reflection does.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/base/lite_field_rules.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/models/load_model.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/models/model_descriptor.h"
#include "lenslet/models/model_text.h"
#include "lenslet/models/zoo.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> TextsOf(const std::vector<FieldProblem>& problems) {
  std::vector<std::string> texts;
  for (const FieldProblem& problem : problems) {
    std::string path;
    for (const FieldStep& step : problem.path) {
      absl::StrAppend(&path, step.number, "[", step.index, "] ");
    }
    texts.push_back(absl::StrCat(path, problem.message));
  }
  return texts;
}

class LiteModelRulesTest : public ::testing::Test {
 protected:
  void ExpectSame(const ModelProto& model) {
    EXPECT_EQ(TextsOf(rules_.Check(model)), TextsOf(CheckFieldRules(model)));
  }

  const LiteFieldRules rules_{ModelDescriptor()};
};

TEST_F(LiteModelRulesTest, AcceptsTheZoo) {
  for (const char* name : {"alexnet_small", "densenet_small", "lenet", "mobile",
                           "modern", "resnet20", "spectrogram"}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text, LoadModel(name));
    EXPECT_THAT(rules_.Check(text.model), IsEmpty()) << name;
  }
}

TEST_F(LiteModelRulesTest, FindsWhatReflectionFinds) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text, ParseModelText(R"(
        input { name: "image" shape: [28, -1, 3000000000] }
        layer { name: "a" conv2d { output_channels: -3 kernel: [0, 3] groups: -1 } }
        layer { name: "b" dropout { rate: 1 } }
        layer { name: "c" elu { alpha: nan } }
        layer { name: "d" leaky_relu { slope: inf } }
        layer { name: "e" conv2d {} }
        layer { name: "f" batch_norm { momentum: 2 epsilon: -1e-5 } }
        layer { name: "g" linear { output_features: 0 } }
        layer { name: "h" lrn { size: -1 beta: -inf } })",
                                                                    "test"));
  EXPECT_GT(rules_.Check(text.model).size(), 8);
  ExpectSame(text.model);
}

TEST_F(LiteModelRulesTest, FindsUnknownValuesOfEnums) {
  ModelProto model;
  model.add_layer()->mutable_conv2d()->set_padding_mode(
      static_cast<PaddingModeProto>(17));
  ExpectSame(model);
}

// protobuf keeps what has the number of a field and another type.
TEST_F(LiteModelRulesTest, ValuesOfOtherTypesAreAbsent) {
  constexpr char kFixed32 = 5;
  std::string channels = {
      static_cast<char>(ConvProto::kOutputChannelsFieldNumber << 3 | kFixed32),
      8, 0, 0, 0};
  ModelProto model;
  ASSERT_TRUE(model.add_layer()->mutable_conv2d()->ParseFromString(channels));
  ExpectSame(model);
  EXPECT_EQ(rules_.Check(model).size(), 1);
}

TEST_F(LiteModelRulesTest, ChecksOnePart) {
  LayerProto layer;
  layer.set_name("drop");
  layer.mutable_dropout()->set_rate(-1);
  EXPECT_THAT(TextsOf(rules_.CheckPart(layer, LayerProto::kDropoutFieldNumber)),
              ElementsAre(absl::StrCat(LayerProto::kDropoutFieldNumber, "[-1] ",
                                       DropoutProto::kRateFieldNumber,
                                       "[-1] rate is -1; expected a number in "
                                       "[0, 1)")));
}

TEST_F(LiteModelRulesTest, ReadsNumbersAndDefaults) {
  ConvProto conv;
  EXPECT_EQ(rules_.IntegerOrDefault(conv, ConvProto::kGroupsFieldNumber), 1);
  conv.set_groups(int64_t{1} << 40);
  EXPECT_EQ(rules_.IntegerOrDefault(conv, ConvProto::kGroupsFieldNumber),
            int64_t{1} << 40);
  BatchNormProto norm;
  EXPECT_EQ(rules_.NumberOrDefault(norm, BatchNormProto::kEpsilonFieldNumber),
            NumberOrDefault(norm, BatchNormProto::kEpsilonFieldNumber));
  norm.set_epsilon(0.25);
  EXPECT_EQ(rules_.NumberOrDefault(norm, BatchNormProto::kEpsilonFieldNumber),
            0.25);
}

}  // namespace
}  // namespace lenslet
