#include "lenslet/predict/checkpoint.h"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/tensor/fill.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

class CheckpointTest : public ::testing::Test {
 protected:
  CheckpointTest()
      : path_(EmptyTempFolder("checkpoint_test") + "/model.ckpt"),
        model_(ParseModelText(R"pb(
                                input {
                                  name: "image"
                                  shape: [ 2, 2, 1 ]
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
                   ->model),
        graph_(*BuildGraph(model_)),
        parameters_(*Parameters::Create(graph_)) {
    for (int i = 0; i < parameters_.size(); ++i) {
      const View<float> view = parameters_.view(i);
      FillIota(i, absl::MakeSpan(view.data(), view.shape().elements()));
    }
    *checkpoint_.mutable_model() = model_;
    checkpoint_.add_class_name("a");
    CopyParameters(parameters_, checkpoint_);
    // Something in every section of the file.
    checkpoint_.set_recipe("a recipe");
    checkpoint_.mutable_normalization()->add_mean(0.5f);
    checkpoint_.set_lenslet_version("1");
    TrainingStateProto& state = *checkpoint_.mutable_state();
    state.set_step(4);
    state.set_updates_done(4);
    state.set_examples(100);
    state.add_optimizer_state()->add_value(1);
    state.mutable_last_parameters()->add_value(2);
    state.mutable_epoch_so_far()->set_correct(3);
    state.mutable_since_record()->set_correct(4);
    state.mutable_plateau()->set_factor(0.5);
    state.mutable_best()->set_step(3);
  }

  const std::string path_;
  const ModelProto model_;
  const Graph graph_;
  Parameters parameters_;
  CheckpointProto checkpoint_;
};

TEST_F(CheckpointTest, OfAFolderTheLatest) {
  const std::string folder = EmptyTempFolder("checkpoint_test_run");
  EXPECT_FALSE(IsCheckpoint(folder));
  EXPECT_THAT(LoadCheckpoint(folder),
              StatusIs(absl::StatusCode::kNotFound,
                       folder + " is a folder without latest.ckpt; expected a "
                                "checkpoint or a run's folder"));
  LENSLET_ASSERT_OK(SaveCheckpoint(folder + "/latest.ckpt", checkpoint_));
  EXPECT_TRUE(IsCheckpoint(folder));
  LENSLET_ASSERT_OK_AND_ASSIGN(const CheckpointProto loaded,
                               LoadCheckpoint(folder));
  EXPECT_EQ(loaded.SerializeAsString(), checkpoint_.SerializeAsString());
}

TEST_F(CheckpointTest, ComesBackAsItWas) {
  LENSLET_ASSERT_OK(SaveCheckpoint(path_, checkpoint_));
  LENSLET_ASSERT_OK_AND_ASSIGN(CheckpointProto loaded, LoadCheckpoint(path_));
  EXPECT_EQ(loaded.SerializeAsString(), checkpoint_.SerializeAsString());
  LENSLET_ASSERT_OK_AND_ASSIGN(Parameters restored,
                               RestoreParameters(graph_, loaded));
  EXPECT_EQ(restored.array(), parameters_.array());
  EXPECT_EQ(loaded.parameter(0).name(), "linear.weight");
}

TEST_F(CheckpointTest, EveryCutAndEveryChangedBitIsNoticed) {
  LENSLET_ASSERT_OK(SaveCheckpoint(path_, checkpoint_));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(path_));
  for (size_t size = 0; size < bytes.size(); ++size) {
    LENSLET_ASSERT_OK(WriteFileAtomically(path_, bytes.substr(0, size)));
    EXPECT_THAT(LoadCheckpoint(path_),
                StatusIs(size < 8 ? absl::StatusCode::kInvalidArgument
                                  : absl::StatusCode::kDataLoss,
                         HasSubstr(size < 8 ? path_ + ": is not a checkpoint"
                                            : path_ + ": is damaged")))
        << "cut to " << size;
    std::string changed = bytes;
    changed[size] ^= 1 << (size % 8);
    LENSLET_ASSERT_OK(WriteFileAtomically(path_, changed));
    EXPECT_FALSE(LoadCheckpoint(path_).ok()) << "changed byte " << size;
  }
  LENSLET_ASSERT_OK(WriteFileAtomically(path_, bytes + "x"));
  EXPECT_THAT(LoadCheckpoint(path_),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("is damaged")));
}

TEST_F(CheckpointTest, AMissingFileIsNamed) {
  EXPECT_THAT(LoadCheckpoint(path_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(path_)));
}

TEST_F(CheckpointTest, SurvivesAFailedWrite) {
  LENSLET_ASSERT_OK(SaveCheckpoint(path_, checkpoint_));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string before, ReadFile(path_));
  checkpoint_.mutable_state()->set_step(5);
  rlimit unlimited;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {.rlim_cur = 50, .rlim_max = unlimited.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const absl::Status status = SaveCheckpoint(path_, checkpoint_);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr(path_));
  EXPECT_EQ(*ReadFile(path_), before);
}

TEST_F(CheckpointTest, CopiesTheParametersThatMatch) {
  LENSLET_ASSERT_OK_AND_ASSIGN(Parameters others, Parameters::Create(graph_));
  EXPECT_THAT(CopyMatchingParameters(checkpoint_, others),
              testing::ElementsAre(true, true));
  EXPECT_EQ(others.array(), parameters_.array());

  LENSLET_ASSERT_OK_AND_ASSIGN(Parameters zeros, Parameters::Create(graph_));
  CheckpointProto changed = checkpoint_;
  changed.mutable_parameter(0)->set_name("conv.weight");
  changed.mutable_parameter(1)->set_shape(0, 4);
  EXPECT_THAT(CopyMatchingParameters(changed, zeros),
              testing::ElementsAre(false, false));
  EXPECT_THAT(zeros.array(), testing::Each(0.0f));
}

TEST_F(CheckpointTest, NamesTheParameterThatDoesNotFit) {
  const auto code = absl::StatusCode::kInvalidArgument;
  CheckpointProto wrong = checkpoint_;
  wrong.mutable_parameter(0)->set_name("linear.wait");
  EXPECT_THAT(RestoreParameters(graph_, wrong),
              StatusIs(code, HasSubstr("parameter \"linear.wait\": the model "
                                       "has \"linear.weight\" in this place")));
  wrong = checkpoint_;
  wrong.mutable_parameter(0)->set_shape(1, 5);
  EXPECT_THAT(RestoreParameters(graph_, wrong),
              StatusIs(code, HasSubstr("parameter \"linear.weight\": shape [3, "
                                       "5]; expected [3, 4]")));
  wrong = checkpoint_;
  wrong.mutable_parameter(0)->set_shape(1, -4);
  EXPECT_THAT(RestoreParameters(graph_, wrong),
              StatusIs(code, HasSubstr("negative size -4")));
  wrong = checkpoint_;
  wrong.mutable_parameter(1)->add_value(1);
  EXPECT_THAT(RestoreParameters(graph_, wrong),
              StatusIs(code, HasSubstr("parameter \"linear.bias\": 4 values "
                                       "for shape [3]")));
  wrong = checkpoint_;
  wrong.mutable_parameter(1)->set_type(static_cast<ElementTypeProto>(7));
  EXPECT_THAT(RestoreParameters(graph_, wrong),
              StatusIs(code, HasSubstr("parameter \"linear.bias\": its element "
                                       "type is 7, which this version does "
                                       "not know")));
  EXPECT_THAT(CopyMatchingParameters(wrong, parameters_),
              testing::ElementsAre(true, false));
  wrong = checkpoint_;
  wrong.mutable_parameter()->RemoveLast();
  EXPECT_THAT(RestoreParameters(graph_, wrong),
              StatusIs(code, HasSubstr("the checkpoint has 1 parameter; "
                                       "expected 2, as the model has")));
}

TEST_F(CheckpointTest, ATrainedNetworkHasAModel) {
  LENSLET_ASSERT_OK(SaveCheckpoint(path_, checkpoint_));
  LENSLET_ASSERT_OK_AND_ASSIGN(const TrainedNetwork network,
                               LoadTrainedNetwork(path_));
  EXPECT_EQ(network.graph.nodes().size(), graph_.nodes().size());
  EXPECT_EQ(network.parameters.size(), parameters_.size());
  CheckpointProto wrong = checkpoint_;
  wrong.mutable_parameter()->RemoveLast();
  LENSLET_ASSERT_OK(SaveCheckpoint(path_, wrong));
  EXPECT_THAT(
      LoadTrainedNetwork(path_),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr(path_ + ": the checkpoint has 1 parameter; ")));
  wrong.clear_model();
  LENSLET_ASSERT_OK(SaveCheckpoint(path_, wrong));
  const auto no_model =
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr(path_ + ": the checkpoint has parameters without"));
  EXPECT_THAT(LoadTrainedNetwork(path_), no_model);
  EXPECT_THAT(LoadCheckpointGraph(path_), no_model);
}

}  // namespace
}  // namespace lenslet
