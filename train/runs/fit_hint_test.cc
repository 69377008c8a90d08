#include "lenslet/train/runs/fit_hint.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lenslet/data/arrays.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

Dataset Labeled(const std::vector<int32_t>& labels) {
  const auto size = static_cast<int64_t>(labels.size());
  std::vector<std::string> names;
  const int32_t largest = *std::max_element(labels.begin(), labels.end());
  for (int i = 0; i <= largest; ++i) names.push_back(absl::StrCat(i));
  return *MakeDataset(
      {.inputs = Tensor({size, 2}), .targets = *ClassTensor(labels, {size})},
      std::move(names));
}

DataProto Csv(int64_t label_column) {
  DataProto source;
  source.mutable_csv()->set_label_column(label_column);
  return source;
}

TEST(FitHintTest, LabelsMayCountFrom1) {
  EXPECT_EQ(FitHint(Csv(0), Shape({2}), Labeled({1, 2, 1})),
            "; no example has label 0; if labels count from 1, subtract 1 "
            "from them");
  DataProto idx;
  idx.mutable_idx();
  EXPECT_EQ(FitHint(idx, Shape({2}), Labeled({1, 2, 1})),
            "; no example has label 0; if labels count from 1, set "
            "data.idx.first_label: 1");
}

TEST(FitHintTest, LabelsMayHaveGaps) {
  EXPECT_EQ(FitHint(Csv(3), Shape({2}), Labeled({3, 7, 7})),
            "; only 2 of these 8 classes have examples: number the labels "
            "from 0 without gaps");
  EXPECT_EQ(FitHint(Csv(3), Shape({3}), Labeled({3, 7, 7})), "");
  DataProto idx;
  idx.mutable_idx();
  EXPECT_EQ(FitHint(idx, Shape({3}), Labeled({0, 1, 9})),
            "; only 3 of these 10 classes have examples: name the classes in "
            "data.idx.class_names");
}

TEST(FitHintTest, AnotherColumnMayHaveTheLabels) {
  EXPECT_EQ(FitHint(Csv(0), Shape({2}), Labeled({0, 230, 17})),
            "; column 1 is taken for the label; if another has it, name it in "
            "data.csv.label_column, -1 for the last");
  EXPECT_EQ(FitHint(Csv(-1), Shape({2}), Labeled({0, 230, 17})), "");
}

TEST(FitHintTest, WholeValuesMayBeClasses) {
  DataProto npy;
  npy.mutable_npy();
  const auto values = [](float last) {
    Tensor targets({2, 1});
    targets.data()[1] = last;
    return *MakeDataset({.inputs = Tensor({2, 2}),
                         .targets = std::move(targets),
                         .kind = TargetKind::kValues},
                        {});
  };
  EXPECT_EQ(FitHint(npy, Shape({2}), values(1)),
            "; they are whole numbers stored as floats; if they are classes, "
            "save y.astype(\"int64\")");
  EXPECT_EQ(FitHint(npy, Shape({2}), values(1.5f)), "");
}

}  // namespace
}  // namespace lenslet
