#include "lenslet/train/runs/sweep.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/train/recipe/recipe.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

TEST(SweepTest, AxesAreReadWithCommasOrBars) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const SweepAxis rates,
                               ParseSweepAxis("learning_rate=0.1, 0.9"));
  EXPECT_EQ(rates.field, "learning_rate");
  EXPECT_THAT(rates.values, ElementsAre("0.1", "0.9"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const SweepAxis kernels,
                               ParseSweepAxis("layer.conv1.kernel=3,5|[5, 3]"));
  EXPECT_THAT(kernels.values, ElementsAre("3,5", "[5, 3]"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const SweepAxis one,
                               ParseSweepAxis("loss.class_weight=1,2|"));
  EXPECT_THAT(one.values, ElementsAre("1,2"));
}

TEST(SweepTest, AxesThatAreNoneAreErrors) {
  const auto expect_error = [](const char* text, const char* part) {
    EXPECT_THAT(ParseSweepAxis(text).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(part)))
        << text;
  };
  expect_error("epochs", "expected FIELD=VALUE,VALUE");
  expect_error("epochs=", "a value is empty");
  expect_error("epochs=1,,2", "a value is empty");
  expect_error("epochs=1,2,", "a value is empty");
  expect_error("epochs=|", "a value is empty");
  expect_error("epochs=1,2,1", "the value 1 is a duplicate");
}

TEST(SweepTest, MakesAllCombinationsWithAllSeeds) {
  RecipeProto recipe;
  recipe.set_seed(5);
  std::vector<std::string> problems;
  const Sweep sweep =
      MakeSweep(recipe,
                {{.field = "model", .values = {"a", "b"}},
                 {.field = "layer.conv.kernel", .values = {"3", "5"}}},
                {.seeds = 2}, problems);
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_THAT(sweep.points,
              ElementsAre(ElementsAre("a", "3"), ElementsAre("a", "5"),
                          ElementsAre("b", "3"), ElementsAre("b", "5")));
  ASSERT_THAT(sweep.runs, SizeIs(8));
  EXPECT_EQ(sweep.runs[0].name, "model=a,layer.conv.kernel=3");
  EXPECT_EQ(sweep.runs[1].name, "model=a,layer.conv.kernel=3,seed=6");
  EXPECT_EQ(sweep.runs[6].name, "model=b,layer.conv.kernel=5");
  EXPECT_EQ(sweep.runs[7].point, 3u);
  EXPECT_EQ(sweep.runs[7].recipe.seed(), 6u);
  EXPECT_EQ(sweep.runs[7].recipe.model(), "b");
  EXPECT_EQ(sweep.runs[7].recipe.layer_change(0).value(), "5");
}

TEST(SweepTest, WithoutAxesThereAreSeeds) {
  std::vector<std::string> problems;
  const Sweep sweep = MakeSweep(RecipeProto(), {}, {.seeds = 2}, problems);
  EXPECT_THAT(problems, IsEmpty());
  ASSERT_THAT(sweep.runs, SizeIs(2));
  EXPECT_EQ(sweep.runs[0].name, "seed=0");
  EXPECT_EQ(sweep.runs[1].name, "seed=1");
}

TEST(SweepTest, EachSeedHasAllFolds) {
  RecipeProto recipe;
  recipe.set_seed(5);
  std::vector<std::string> problems;
  const Sweep sweep =
      MakeSweep(recipe, {{.field = "learning_rate", .values = {"0.1", "0.2"}}},
                {.seeds = 2, .folds = 3}, problems);
  EXPECT_THAT(problems, IsEmpty());
  ASSERT_THAT(sweep.runs, SizeIs(12));
  EXPECT_EQ(sweep.runs[0].name, "learning_rate=0.1,fold=1of3");
  EXPECT_EQ(sweep.runs[2].recipe.data().fold().number(), 3);
  EXPECT_EQ(sweep.runs[2].recipe.data().fold().of(), 3);
  EXPECT_EQ(sweep.runs[2].recipe.seed(), 5u);
  EXPECT_EQ(sweep.runs[3].name, "learning_rate=0.1,seed=6,fold=1of3");
  EXPECT_EQ(sweep.runs[3].recipe.seed(), 6u);
  EXPECT_EQ(sweep.runs[11].point, 1u);

  const Sweep alone = MakeSweep(recipe, {}, {.folds = 2}, problems);
  EXPECT_THAT(problems, IsEmpty());
  ASSERT_THAT(alone.runs, SizeIs(2));
  EXPECT_EQ(alone.runs[1].name, "fold=2of2");
}

TEST(SweepTest, FoldsAreTheOnlyValidationExamples) {
  std::vector<std::string> problems;
  MakeSweep(RecipeProto(),
            {{.field = "data.validation_fraction", .values = {"0.2", "0.3"}}},
            {.folds = 2}, problems);
  EXPECT_THAT(
      problems,
      ElementsAre("data.validation_fraction cannot be in the grid together "
                  "with folds"));
}

TEST(SweepTest, NamesAreFitForFilesAndDifferent) {
  std::vector<std::string> problems;
  const Sweep sweep =
      MakeSweep(RecipeProto(),
                {{.field = "model",
                  .values = {"/a b", "/a_b", "../x", std::string(1000, 'x')}}},
                {}, problems);
  EXPECT_THAT(problems, IsEmpty());
  ASSERT_THAT(sweep.runs, SizeIs(4));
  EXPECT_THAT(sweep.runs[0].name, MatchesRegex("model=_a_b-[0-9a-f]+"));
  EXPECT_THAT(sweep.runs[1].name, MatchesRegex("model=_a_b-[0-9a-f]+"));
  EXPECT_NE(sweep.runs[0].name, sweep.runs[1].name);
  EXPECT_THAT(sweep.runs[2].name, MatchesRegex("model=\\.\\._x-[0-9a-f]+"));
  EXPECT_LE(sweep.runs[3].name.size(), 200u);
}

TEST(SweepTest, TellsAllThatIsWrong) {
  std::vector<std::string> problems;
  MakeSweep(RecipeProto(),
            {{.field = "modell", .values = {"a", "b"}},
             {.field = "epochs", .values = {"1", "two", "three"}},
             {.field = "seed", .values = {"1"}},
             {.field = "seed", .values = {"2"}}},
            {.seeds = 2}, problems);
  EXPECT_THAT(
      problems,
      ElementsAre(HasSubstr("\"modell=a\": recipes have no field \"modell\"; "
                            "did you mean \"model\"?"),
                  HasSubstr("\"epochs=two\": "), HasSubstr("\"epochs=three\""),
                  "seed cannot be in the grid together with several seeds",
                  "\"seed\" is a duplicate field of the grid",
                  "seed cannot be in the grid together with several seeds"));
  problems.clear();
  std::vector<std::string> values;
  for (int i = 0; i < 101; ++i) values.push_back(std::to_string(i));
  MakeSweep(RecipeProto(),
            {{.field = "epochs", .values = values},
             {.field = "batch_size", .values = values}},
            {}, problems);
  EXPECT_THAT(problems,
              ElementsAre("the grid has 10201 runs; expected at most 10000"));
}

}  // namespace
}  // namespace lenslet
