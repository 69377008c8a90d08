#include "lenslet/data/named_classes.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

Dataset OfClasses(const std::vector<int32_t>& classes,
                  const std::vector<std::string>& names) {
  const auto size = static_cast<int64_t>(classes.size());
  return MakeDataset({.inputs = Tensor({size, 1}, ElementType::kUint8),
                      .targets = ClassTensor(classes, {size}).value()},
                     names)
      .value();
}

TEST(NamedClassesTest, ExamplesHaveTheClassOfTheSameName) {
  const Dataset data = OfClasses({0, 1, 2, 2}, {"-1", "0", "5"});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset named,
                               WithClassesByName(data, {"5", "-1", "7", "0"}));
  EXPECT_THAT(named.target_names, ElementsAre("5", "-1", "7", "0"));
  EXPECT_THAT(*named.Classes(), ElementsAre(1, 3, 0, 0));
  EXPECT_THAT(named.example_shape(), Shape({1}));
}

// Such as class "0" of labels 1 and 2.
TEST(NamedClassesTest, ClassesWithoutExamplesMayBeMissing) {
  const Dataset data = OfClasses({1, 2}, {"0", "1", "2"});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset named,
                               WithClassesByName(data, {"1", "2"}));
  EXPECT_THAT(*named.Classes(), ElementsAre(0, 1));
  EXPECT_THAT(WithClassesByName(data, {"0", "1"}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "class \"2\" of the data set is none of the model's: "
                       "\"0\", \"1\""));
}

}  // namespace
}  // namespace lenslet
