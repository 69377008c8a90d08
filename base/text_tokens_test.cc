#include "lenslet/base/text_tokens.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"

namespace lenslet {
namespace {

using ::google::protobuf::io::Tokenizer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Kinds and texts.
using Tokens = std::vector<std::pair<TextToken::Kind, std::string>>;

Tokens Ours(absl::string_view text, bool& valid) {
  Tokens tokens;
  valid = true;
  for (TextToken token = NextToken(text, 0);
       token.kind != TextToken::Kind::kEnd;
       token = NextToken(text, token.end)) {
    tokens.emplace_back(token.kind, std::string(text.substr(
                                        token.begin, token.end - token.begin)));
    if (!token.valid) valid = false;
  }
  return tokens;
}

class Listener : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int, int, const std::string&) override { valid = false; }
  bool valid = true;
};

// As TextFormat sets its tokenizer up.
Tokens OfProtobuf(absl::string_view text, bool& valid) {
  google::protobuf::io::ArrayInputStream stream(text.data(),
                                                static_cast<int>(text.size()));
  Listener listener;
  Tokenizer tokenizer(&stream, &listener);
  tokenizer.set_comment_style(Tokenizer::SH_COMMENT_STYLE);
  tokenizer.set_allow_f_after_float(true);
  tokenizer.set_require_space_after_number(false);
  Tokens tokens;
  while (tokenizer.Next()) {
    const Tokenizer::TokenType type = tokenizer.current().type;
    tokens.emplace_back(
        type == Tokenizer::TYPE_IDENTIFIER ? TextToken::Kind::kName
        : type == Tokenizer::TYPE_INTEGER  ? TextToken::Kind::kInteger
        : type == Tokenizer::TYPE_FLOAT    ? TextToken::Kind::kFloat
        : type == Tokenizer::TYPE_STRING   ? TextToken::Kind::kString
                                           : TextToken::Kind::kSymbol,
        tokenizer.current().text);
  }
  valid = listener.valid;
  return tokens;
}

TEST(TextTokensTest, AreThoseOfProtobuf) {
  const std::vector<std::string> parts = {
      "a",  "_b1", " ",    "0",  "7",   "9",  "x",  ".",    "e", "-",  "f",
      "\"", "'",   "\n",   "\\", "#",   "{",  "1",  "u",    "U", "0x", "08",
      "n",  "\t",  "\xc3", ":",  "1.5", "1e", "x1", "\\\"", "[", "+",  "\r"};
  Random random(7);
  int wrong = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (int64_t i = random.Below(12); i >= 0; --i) {
      text += parts[random.Below(parts.size())];
    }
    bool is_ours_valid = false;
    bool is_theirs_valid = false;
    const Tokens ours = Ours(text, is_ours_valid);
    const Tokens theirs = OfProtobuf(text, is_theirs_valid);
    EXPECT_EQ(is_ours_valid, is_theirs_valid) << text;
    if (is_theirs_valid) {
      EXPECT_EQ(ours, theirs) << text;
    } else {
      ++wrong;
    }
  }
  EXPECT_GT(wrong, 2'000);
  EXPECT_LT(wrong, 18'000);
}

TEST(TextTokensTest, ControlCharactersAreOneToken) {
  bool valid = true;
  EXPECT_THAT(Ours("\x01\x02 a", valid),
              ElementsAre(std::pair(TextToken::Kind::kSymbol, "\x01\x02"),
                          std::pair(TextToken::Kind::kName, "a")));
  EXPECT_FALSE(valid);
  EXPECT_THAT(Ours(" # all\n\t", valid), IsEmpty());
}

TEST(TextTokensTest, StringsThatDoNotEndOnTheirLineAreOpen) {
  for (const absl::string_view text : {"\"a", "'", "\"a'", "\"a\n\"", "'\\'"}) {
    EXPECT_TRUE(NextToken(text, 0).open) << text;
  }
  for (const absl::string_view text : {"\"a\"", "''", "'\\''", "a", ""}) {
    EXPECT_FALSE(NextToken(text, 0).open) << text;
  }
}

}  // namespace
}  // namespace lenslet
