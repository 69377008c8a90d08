// Models that somebody wrote to break the reader. Each must end in a graph or
// an error, soon.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/graph.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/lenet.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/models/model_text.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<Graph> BuildHostile(absl::string_view text) {
  LENSLET_ASSIGN_OR_RETURN(const ModelText model,
                           ParseModelText(text, "hostile"));
  return BuildGraph(model);
}

ModelProto ModelOfLayers(int layers) {
  ModelProto model;
  InputProto* input = model.add_input();
  input->set_name("image");
  for (int64_t size : {28, 28, 1}) input->add_shape(size);
  for (int i = 0; i < layers; ++i) {
    LayerProto* layer = model.add_layer();
    layer->set_name(absl::StrCat("a", i));
    layer->mutable_relu();
  }
  return model;
}

TEST(HostileModelTest, ThousandsOfLayersAreFine) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph,
                               BuildHostile(ProtoToText(ModelOfLayers(9'999))));
  EXPECT_EQ(graph.nodes().size(), 9'999);
}

TEST(HostileModelTest, RejectsMoreLayersThanThat) {
  EXPECT_THAT(BuildHostile(ProtoToText(ModelOfLayers(10'000))),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "hostile: the model has 1 input and 10000 layers; "
                       "expected at most 10000 together"));
}

TEST(HostileModelTest, FindsACircleOfThousandsOfLayers) {
  ModelProto model = ModelOfLayers(9'999);
  model.mutable_layer(0)->add_input("a9998");
  const absl::Status status = BuildGraph(model).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("layer \"a0\": layers form a cycle: "
                                         "a0 <- a9998 <- a9997")));
  EXPECT_LE(status.message().size(), 1000);
}

TEST(HostileModelTest, SearchesThousandsOfLongNamesForATypo) {
  ModelProto model = ModelOfLayers(9'999);
  for (int i = 0; i < model.layer_size(); ++i) {
    const std::string number = absl::StrCat(i);
    model.mutable_layer(i)->set_name(number +
                                     std::string(128 - number.size(), 'a'));
  }
  const std::string typo(128, 'a');
  model.mutable_layer(5'000)->add_input(typo);
  EXPECT_THAT(BuildGraph(model),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("there is no layer or input \"" + typo +
                                 "\"; did you mean \"0aaaa")));
}

TEST(HostileModelTest, RejectsALayerOfAMillionInputs) {
  ModelProto model = ModelOfLayers(1);
  for (int i = 0; i < 1'000'000; ++i)
    model.mutable_layer(0)->add_input("image");
  EXPECT_THAT(BuildGraph(model), StatusIs(absl::StatusCode::kInvalidArgument,
                                          HasSubstr("1000000")));
}

TEST(HostileModelTest, RejectsAMillionNumbers) {
  ModelProto model = ModelOfLayers(1);
  model.mutable_layer(0)->mutable_conv2d()->set_output_channels(1);
  for (int i = 0; i < 1'000'000; ++i) {
    model.mutable_layer(0)->mutable_conv2d()->add_kernel(1);
  }
  EXPECT_THAT(BuildGraph(model),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("kernel has 1000000 numbers")));
  for (int i = 0; i < 1'000'000; ++i) model.mutable_input(0)->add_shape(1);
  EXPECT_THAT(BuildGraph(model),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("shape has 1000003 sizes")));
}

TEST(HostileModelTest, RejectsNamesOfMegabytes) {
  for (const std::string& name :
       {std::string(1'000'000, 'a'), std::string(1'000'000, '\x1b')}) {
    ModelProto layer_name = ModelOfLayers(2);
    layer_name.mutable_layer(1)->set_name(name);
    ModelProto input_name = ModelOfLayers(2);
    input_name.mutable_input(0)->set_name(name);
    ModelProto layer_input = ModelOfLayers(2);
    layer_input.mutable_layer(1)->add_input(name);
    ModelProto model_name = ModelOfLayers(2);
    model_name.set_name(name);
    for (const ModelProto& model :
         {layer_name, input_name, layer_input, model_name}) {
      const absl::Status status = BuildGraph(model).status();
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                                   HasSubstr("1000000")));
      EXPECT_LE(status.message().size(), 1000);
    }
  }
}

TEST(HostileModelTest, AnEmptyModelIsAnError) {
  EXPECT_THAT(
      BuildGraph(ModelProto()),
      StatusIs(absl::StatusCode::kInvalidArgument, "the model has no input"));
}

// A graph is a description: it may be larger than the machine.
TEST(HostileModelTest, AHugeModelIsAGraph) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Graph graph,
      BuildHostile("input { name: 'x' shape: 2147483647 }"
                   "layer { name: 'y' linear { output_features: 1000000 } }"));
  EXPECT_EQ(graph.parameter_count(), 2147483648 * 1000000);
}

TEST(HostileModelTest, RejectsATotalThatCannotBeCounted) {
  std::string text = "input { name: 'x' shape: 500000000 }";
  for (int i = 0; i < 20; ++i) {
    absl::StrAppend(&text, "layer { name: 'y", i,
                    "' linear { output_features: 500000000 } }");
  }
  EXPECT_THAT(BuildHostile(text),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("more multiply-adds or bytes than 64 bits can "
                                 "count")));
  for (int i = 20; i < 100; ++i) {
    absl::StrAppend(&text, "layer { name: 'y", i, "' linear { output_features:",
                    " 500000000 bias: false } }");
  }
  EXPECT_THAT(BuildHostile(text),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("more parameters than 64 bits can count")));
}

// Numbers at the edges of their types, in every field and beside each other.
TEST(HostileModelTest, ExtremeNumbersEndInAGraphOrAnError) {
  const std::vector<std::string> extremes = {"-9223372036854775808",
                                             "-1",
                                             "0",
                                             "1",
                                             "2147483647",
                                             "2147483648",
                                             "4611686018427387904",
                                             "9223372036854775807"};
  const std::vector<std::string> fields = {"kernel",         "stride",
                                           "dilation",       "padding",
                                           "padding_before", "padding_after"};
  int graphs = 0;
  int errors = 0;
  const auto build = [&](absl::string_view shape, absl::string_view layer) {
    const absl::StatusOr<Graph> graph =
        BuildHostile(absl::StrCat("input { name: 'x' shape: [", shape,
                                  "] } layer { name: 'y' ", layer, " }"));
    ++(graph.ok() ? graphs : errors);
  };
  for (const std::string& a : extremes) {
    for (const std::string& b : extremes) {
      const std::string shape = absl::StrCat(a, ", ", b, ", 3");
      build(absl::StrCat(a, ", ", b), "relu {}");
      build(absl::StrCat(a, ", ", b), "flatten {}");
      build("5, 5, 3", absl::StrCat("reshape { shape: [", a, ", ", b, "] }"));
      build(absl::StrCat(a, ", ", b), "input: ['x', 'x', 'x'] add {}");
      build(absl::StrCat(a, ", ", b), "input: ['x', 'x', 'x'] concat {}");
      build(absl::StrCat("5, ", a),
            absl::StrCat("input: ['x', 'x'] concat { axis: ", b, " }"));
      build(absl::StrCat(a, ", ", b),
            absl::StrCat("linear { output_features: ", b, "}"));
      build(absl::StrCat("5, 5, ", a),
            absl::StrCat("conv2d { kernel: 2 output_channels: ", b, " }"));
      build("5, 7, 3",
            absl::StrCat("adaptive_avg_pool { output: [", a, ", ", b, "] }"));
      build(shape, "adaptive_max_pool { output: 3 }");
      build(shape, "global_max_pool {}");
      for (const std::string& field : fields) {
        for (const std::string& other : fields) {
          const std::string window = absl::StrCat(
              field == "kernel" || other == "kernel" ? "" : "kernel: 2 ", field,
              ": ", a, " ", other == field ? "" : absl::StrCat(other, ": ", b));
          for (const absl::string_view image : {"5, 5, 3", shape.c_str()}) {
            build(image, absl::StrCat("max_pool2d {", window, "}"));
            build(image, absl::StrCat("avg_pool2d { ceil: true ", window, "}"));
            build(image,
                  absl::StrCat("conv2d { output_channels: 2 ", window, "}"));
          }
        }
      }
    }
  }
  // Both happen, so that the texts are not all wrong for one silly reason.
  EXPECT_GT(graphs, 200);
  EXPECT_GT(errors, 200);
}

TEST(HostileModelTest, MutatedModelsEndInAGraphOrAnError) {
  const std::string source(LenetText());
  Random random(1);
  int parsed = 0;
  int graphs = 0;
  for (int round = 0; round < 4'000; ++round) {
    std::string text = source;
    for (int64_t edits = 1 + random.Below(4); edits > 0; --edits) {
      const int64_t at = random.Below(text.size());
      const int64_t length =
          std::min<int64_t>(1 + random.Below(20), text.size() - at);
      switch (random.Below(4)) {
        case 0:
          text[at] = static_cast<char>(text[at] ^ (1 << random.Below(8)));
          break;
        case 1:
          text.erase(at, length);
          break;
        case 2:
          text.insert(at, text.substr(at, length));
          break;
        default:
          text.insert(at, source.substr(random.Below(source.size()), length));
          break;
      }
    }
    const absl::StatusOr<ModelText> model = ParseModelText(text, "mutant");
    if (!model.ok()) {
      EXPECT_THAT(std::string(model.status().message()),
                  ::testing::MatchesRegex("mutant:[0-9]+:[0-9]+: [ -~]+"));
      continue;
    }
    ++parsed;
    const absl::StatusOr<Graph> graph = BuildGraph(*model);
    if (!graph.ok()) {
      EXPECT_THAT(std::string(graph.status().message()),
                  ::testing::MatchesRegex("mutant(:[0-9]+:[0-9]+)?: [ -~]+"));
      continue;
    }
    ++graphs;
    EXPECT_TRUE(BuildGraph(model->model).ok());
  }
  EXPECT_GT(parsed, 400);
  EXPECT_GT(parsed - graphs, 40);
  EXPECT_GT(graphs, 200);
}

}  // namespace
}  // namespace lenslet
