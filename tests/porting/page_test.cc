// docs/porting.md as a whole: the tests that it names, the names of layers, and
// its code.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/lenslet.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/models/model_text.h"
#include "lenslet/tests/porting/porting.h"
#include "lenslet/train/recipe/recipe_specs.h"

namespace lenslet {
namespace {

using ::testing::ContainerEq;
using ::testing::IsEmpty;

constexpr char kSuite[] = "PortingPageTest";

// What is between backticks in a line.
std::vector<std::string> CodeIn(absl::string_view line) {
  const std::vector<std::string> parts = absl::StrSplit(line, '`');
  std::vector<std::string> code;
  for (size_t i = 1; i < parts.size(); i += 2) code.push_back(parts[i]);
  return code;
}

// The last cell of a row; "" if the line is not in a table.
std::string LastCell(absl::string_view line) {
  if (!absl::StartsWith(line, "| ")) return "";
  const std::vector<std::string> cells = absl::StrSplit(line, '|');
  return cells[cells.size() - 2];
}

// Returns the names in the columns "test" of the page's tables.
std::vector<std::string> NamedTests() {
  std::vector<std::string> names;
  bool in_table = false;
  for (const absl::string_view line : absl::StrSplit(Page(), '\n')) {
    const std::string cell = LastCell(line);
    if (cell == " test ") in_table = true;
    if (cell.empty()) in_table = false;
    if (!in_table) continue;
    for (const std::string& name : CodeIn(cell)) names.push_back(name);
  }
  return names;
}

TEST(PortingPageTest, NamesEachTestOnce) {
  std::vector<std::string> tests;
  const ::testing::UnitTest& all = *::testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const ::testing::TestSuite& suite = *all.GetTestSuite(i);
    ASSERT_TRUE(absl::StartsWith(suite.name(), "Porting")) << suite.name();
    if (absl::string_view(suite.name()) == kSuite) continue;
    for (int j = 0; j < suite.total_test_count(); ++j) {
      tests.push_back(suite.GetTestInfo(j)->name());
    }
  }
  std::sort(tests.begin(), tests.end());
  std::vector<std::string> named = NamedTests();
  std::sort(named.begin(), named.end());
  EXPECT_THAT(named, ContainerEq(tests));
  EXPECT_GT(tests.size(), 60);
}

// Every row of a table with the column "test" names one.
TEST(PortingPageTest, EachStatementHasATest) {
  bool in_table = false;
  int rows = 0;
  for (const absl::string_view line : absl::StrSplit(Page(), '\n')) {
    const std::string cell = LastCell(line);
    if (cell == " test ") {
      in_table = true;
      continue;
    }
    if (cell.empty()) in_table = false;
    if (!in_table || cell == " --- ") continue;
    ++rows;
    EXPECT_FALSE(CodeIn(cell).empty()) << line;
  }
  EXPECT_GT(rows, 50);
}

class NoErrors : public google::protobuf::io::ErrorCollector {
  void AddError(int /*line*/, int /*column*/,
                const std::string& /*message*/) override {}
};

// Whether this is the text of a Message.
template <typename Message>
bool Parses(const std::string& text) {
  Message message;
  NoErrors errors;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  return parser.ParseFromString(text, &message);
}

// Code with braces, other than C++, is text of a recipe or a layer.
TEST(PortingPageTest, CodeIsValid) {
  int recipes = 0;
  int kinds = 0;
  for (const std::string& code : CodeIn(Page())) {
    if (!absl::StrContains(code, '{') || absl::StrContains(code, '(')) continue;
    if (Parses<RecipeProto>(code)) {
      ++recipes;
    } else if (Parses<LayerProto>(code)) {
      ++kinds;
    } else {
      ADD_FAILURE() << "neither a recipe's fields nor a layer's: " << code;
    }
  }
  EXPECT_GT(recipes, 20);
  EXPECT_GT(kinds, 25);
}

// A layer as the page has it in C++ and in model files.
struct NamedLayer {
  std::string model;
  std::string cpp;
  Layer layer;
  int inputs = 1;
};

// The text of an expression, and its value.
#define LENSLET_CODE(...) #__VA_ARGS__, __VA_ARGS__

std::vector<NamedLayer> NamedLayers() {
  using namespace layers;  // NOLINT: the page's code.
  return {
      {"conv2d { output_channels: 8 kernel: 3 stride: 2 dilation: 1 padding: 1 "
       "groups: 2 bias: false }",
       LENSLET_CODE(Conv2d(8, 3,
                           {.stride = 2,
                            .padding = 1,
                            .dilation = 1,
                            .groups = 2,
                            .bias = false}))},
      {"conv_transpose2d { output_channels: 8 kernel: 3 stride: 2 padding: 1 "
       "output_padding: 1 }",
       LENSLET_CODE(ConvTranspose2d(
           8, 3, {.stride = 2, .padding = 1, .output_padding = 1}))},
      {"max_pool2d { kernel: 3 stride: 2 padding: 1 ceil: true }",
       LENSLET_CODE(MaxPool2d(3, {.stride = 2, .padding = 1, .ceil = true}))},
      {"avg_pool2d { kernel: 3 padding: 1 count_padding: false }",
       LENSLET_CODE(AvgPool2d(3, {.padding = 1, .count_padding = false}))},
      {"min_pool2d { kernel: 2 }", LENSLET_CODE(MinPool2d(2))},
      {"softmax_pool2d { kernel: 2 }",
       LENSLET_CODE(SoftmaxPool2d({.window = {.kernel = {2, 2}}}))},
      {"adaptive_max_pool { output: [2, 2] }",
       LENSLET_CODE(AdaptiveMaxPool({2, 2}))},
      {"adaptive_avg_pool { output: [2, 2] }",
       LENSLET_CODE(AdaptiveAvgPool({2, 2}))},
      {"global_max_pool {}", LENSLET_CODE(GlobalMaxPool())},
      {"global_avg_pool {}", LENSLET_CODE(GlobalAvgPool())},
      {"linear { output_features: 10 bias: false }",
       LENSLET_CODE(Linear(10, false))},
      {"sigmoid {}", LENSLET_CODE(Sigmoid())},
      {"tanh {}", LENSLET_CODE(Tanh())},
      {"relu {}", LENSLET_CODE(Relu())},
      {"leaky_relu { slope: 0.3 }", LENSLET_CODE(LeakyRelu(0.3f))},
      {"elu { alpha: 2 }", LENSLET_CODE(Elu(2))},
      {"gelu {}", LENSLET_CODE(Gelu())},
      {"silu {}", LENSLET_CODE(Silu())},
      {"softplus {}", LENSLET_CODE(Softplus())},
      {"clip {}", LENSLET_CODE(Clip())},
      {"clip { min: -1 max: 1 }", LENSLET_CODE(Clip(-1, 1))},
      {"hard_sigmoid {}", LENSLET_CODE(HardSigmoid())},
      {"hard_swish {}", LENSLET_CODE(HardSwish())},
      {"dropout { rate: 0.5 }", LENSLET_CODE(Dropout(0.5))},
      {"batch_norm { epsilon: 0.001 momentum: 0.01 }",
       LENSLET_CODE(BatchNorm({.epsilon = 1e-3, .momentum = 0.01}))},
      {"layer_norm { epsilon: 0.001 }",
       LENSLET_CODE(LayerNorm({.epsilon = 1e-3}))},
      {"lrn { size: 5 }", LENSLET_CODE(Lrn({.size = 5}))},
      {"flatten {}", LENSLET_CODE(Flatten())},
      {"reshape { shape: [16, -1] }", LENSLET_CODE(Reshape({16, -1}))},
      {"pad { padding: 1 }", LENSLET_CODE(Pad({.padding = {1, 1}}))},
      {"resize { scale: 2 }", LENSLET_CODE(Resize({.scale = {2}}))},
      {"add {}", LENSLET_CODE(Add()), 2},
      {"mul {}", LENSLET_CODE(Mul()), 2},
      {"concat {}", LENSLET_CODE(Concat()), 2},
  };
}

#undef LENSLET_CODE

// Without white space, by which the formatter and the page differ.
std::string Squeezed(std::string code) {
  code.erase(std::remove_if(code.begin(), code.end(),
                            [](char c) { return c == ' ' || c == '\n'; }),
             code.end());
  return code;
}

// The lines of the page with this text of a model file, and their C++.
TEST(PortingPageTest, LayersInCppAreThoseOfModelFiles) {
  std::map<std::string, std::string> cpp_of;
  for (const absl::string_view line : absl::StrSplit(Page(), '\n')) {
    const std::vector<std::string> code = CodeIn(line);
    if (!absl::StartsWith(line, "| ") || code.size() < 2) continue;
    cpp_of.emplace(code[code.size() - 2], code.back());
  }
  for (const NamedLayer& named : NamedLayers()) {
    const auto cpp = cpp_of.find(named.model);
    ASSERT_NE(cpp, cpp_of.end()) << named.model;
    EXPECT_EQ(Squeezed(cpp->second), Squeezed(named.cpp));

    NetworkBuilder builder;
    const auto image = builder.Input({8, 8, 4}, "image");
    builder.Add(named.layer,
                std::vector<NetworkBuilder::Value>(named.inputs, image),
                "layer");
    LENSLET_ASSERT_OK_AND_ASSIGN(const Network in_cpp, builder.Build());
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const ModelText text,
        ParseModelText(
            absl::StrCat("input { name: 'image' shape: [8, 8, 4] } layer { "
                         "name: 'layer' ",
                         named.inputs == 2 ? "input: ['image', 'image'] " : "",
                         named.model, " }"),
            "docs/porting.md"));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Network in_file,
                                 Network::FromModel(text.model));
    EXPECT_EQ(in_cpp.Model().value().layer(0).DebugString(),
              in_file.Model().value().layer(0).DebugString());
  }
}

// conv2d stands for conv1d and conv3d, too.
std::string FamilyOf(std::string kind) {
  if (absl::EndsWith(kind, "1d") || absl::EndsWith(kind, "3d")) {
    kind[kind.size() - 2] = '2';
  }
  return kind;
}

TEST(PortingPageTest, HasAllLayers) {
  std::set<std::string> kinds;
  const google::protobuf::OneofDescriptor* oneof =
      LayerProto::descriptor()->FindOneofByName("kind");
  for (int i = 0; i < oneof->field_count(); ++i) {
    kinds.insert(FamilyOf(oneof->field(i)->name()));
  }
  std::set<std::string> named;
  for (const NamedLayer& layer : NamedLayers()) {
    named.insert(layer.model.substr(0, layer.model.find(' ')));
  }
  EXPECT_THAT(named, ContainerEq(kinds));
}

// The values of recipe.proto's enumerations are the enumerators of C++, and the
// page has them all.
TEST(PortingPageTest, HasAllOptimizersInitializersSchedulesAndLosses) {
  std::vector<std::string> missing;
  const auto want = [&](const std::string& text) {
    if (!absl::StrContains(Page(), text)) missing.push_back(text);
  };
  const auto want_values = [&](const google::protobuf::EnumDescriptor* values) {
    for (int i = 0; i < values->value_count(); ++i) {
      want(absl::StrCat("kind: ", values->value(i)->name()));
    }
  };
  const auto want_kinds = [&](const google::protobuf::Descriptor* message) {
    const google::protobuf::OneofDescriptor* kinds =
        message->FindOneofByName("kind");
    for (int i = 0; i < kinds->field_count(); ++i) {
      want(absl::StrCat(kinds->field(i)->name(), " {"));
    }
  };
  want_values(OptimizerProto::Kind_descriptor());
  want_values(InitializerProto::Kind_descriptor());
  want_kinds(ScheduleProto::descriptor());
  want_kinds(LossProto::descriptor());
  EXPECT_THAT(missing, IsEmpty());
  EXPECT_EQ(
      OptimizerOnPage("optimizer { kind: ADAMW weight_decay: 0.01 }").kind,
      OptimizerKind::kAdamW);
  EXPECT_EQ(OptimizerOnPage("optimizer { kind: RMSPROP rms_decay: 0.99 }").kind,
            OptimizerKind::kRmsprop);
}

// Adds the names of a message's fields and enumerators, and those of its
// fields' messages.
void AddNames(const google::protobuf::Descriptor* message,
              std::set<std::string>& names) {
  for (int i = 0; i < message->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = message->field(i);
    names.insert(absl::AsciiStrToLower(field->name()));
    if (field->message_type() != nullptr) {
      AddNames(field->message_type(), names);
    }
    const google::protobuf::EnumDescriptor* values = field->enum_type();
    for (int j = 0; values != nullptr && j < values->value_count(); ++j) {
      names.insert(absl::AsciiStrToLower(values->value(j)->name()));
    }
  }
}

TEST(PortingPageTest, WhatHasNoEquivalentHasNone) {
  std::set<std::string> names;
  AddNames(RecipeProto::descriptor(), names);
  AddNames(ModelProto::descriptor(), names);
  ASSERT_TRUE(names.contains("momentum") && names.contains("replicate"));
  const size_t section = Page().find("\n## No equivalent\n");
  ASSERT_NE(section, std::string::npos);
  const std::vector<std::string> missing = CodeIn(Page().substr(section));
  for (const std::string& code : missing) {
    const std::string name =
        absl::AsciiStrToLower(code.substr(0, code.find_first_of("=")));
    EXPECT_FALSE(names.contains(name) && name != "mode") << code;
  }
  EXPECT_GT(missing.size(), 20);
}

}  // namespace
}  // namespace lenslet
