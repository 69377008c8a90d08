#include "lenslet/base/field_names.h"

#include <string>

#include "gtest/gtest.h"
#include "lenslet/base/field_rules_test.pb.h"

namespace lenslet {
namespace {

TEST(FieldNamesTest, SuggestsWhatOtherLibrariesCallDifferently) {
  const google::protobuf::Descriptor& type = *RuledProto::descriptor();
  EXPECT_EQ(SuggestField("colour_name", type), "; did you mean \"color\"?");
  EXPECT_EQ(SuggestField("ColourName", type), "; did you mean \"color\"?");
  EXPECT_EQ(SuggestField("colorr", type), "; did you mean \"color\"?");
}

TEST(FieldNamesTest, SaysWhatIsKnownOfANameThatIsNoField) {
  const google::protobuf::Descriptor& type = *RuledProto::descriptor();
  EXPECT_EQ(SuggestField("weight", type), "; the size implies the weight");
  EXPECT_EQ(SuggestField("mass", type), "; the size implies the weight");
}

TEST(FieldNamesTest, ListsTheFieldsForOtherNames) {
  EXPECT_EQ(SuggestField("something", *RuledPartProto::descriptor()),
            "; expected one of: size, limit");
  EXPECT_EQ(
      SuggestField(std::string(1000000, 'x'), *RuledPartProto::descriptor()),
      "; expected one of: size, limit");
  EXPECT_EQ(SuggestField("a", *RuledEmptyProto::descriptor()),
            "; it has no fields");
}

TEST(FieldNamesTest, KnowsTextsThatStandForNumbers) {
  const google::protobuf::FieldDescriptor& count =
      *RuledProto::descriptor()->FindFieldByName("count");
  EXPECT_EQ(HintAboutValue("\"Many\"", count), "1000, for example");
  EXPECT_EQ(HintAboutValue("few", count), "");
}

}  // namespace
}  // namespace lenslet
