// Convolution over a sentence: tells praise from complaint in sentences that
// are made here, where what counts is whether a "not" stands before the right
// word.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/check.h"
#include "lenslet/base/random.h"
#include "lenslet/lenslet.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr int64_t kLength = 13;      // Words of the longest sentence.
constexpr int64_t kVectorSize = 24;  // Numbers that stand for a word.

constexpr std::array<absl::string_view, 4> kNouns = {"film", "plot", "music",
                                                     "end"};
constexpr std::array<absl::string_view, 4> kPraise = {"good", "great", "funny",
                                                      "lovely"};
constexpr std::array<absl::string_view, 4> kBlame = {"bad", "dull", "awful",
                                                     "boring"};
constexpr std::array<absl::string_view, 4> kNeutral = {"long", "short", "new",
                                                       "loud"};
constexpr std::array<absl::string_view, 6> kOthers = {"the",  "was", "not",
                                                      "very", "and", "but"};

using Words = std::vector<absl::string_view>;

struct Sentence {
  Words words;
  bool praise;
};

absl::string_view OneOf(absl::Span<const absl::string_view> words,
                        Random& random) {
  return words[random.Below(static_cast<int64_t>(words.size()))];
}

bool Chance(Random& random) { return random.Below(2) == 1; }

// Adds "the NOUN was [not] [very] ADJECTIVE"; returns whether there is a "not".
bool AddClause(absl::string_view adjective, Random& random, Words& words) {
  words.insert(words.end(), {"the", OneOf(kNouns, random), "was"});
  const bool negated = Chance(random);
  if (negated) words.push_back("not");
  if (Chance(random)) words.push_back("very");
  words.push_back(adjective);
  return negated;
}

// Two clauses, one of which has an opinion. The other may have a "not" too,
// which changes nothing: to know that there is one is not enough.
Sentence MakeSentence(Random& random) {
  Sentence sentence;
  const bool positive_word = Chance(random);
  const absl::string_view opinion =
      OneOf(positive_word ? kPraise : kBlame, random);
  const bool opinion_first = Chance(random);
  bool negated = false;
  for (bool is_opinion : {opinion_first, !opinion_first}) {
    if (!sentence.words.empty()) {
      sentence.words.push_back(Chance(random) ? "and" : "but");
    }
    const absl::string_view adjective =
        is_opinion ? opinion : OneOf(kNeutral, random);
    const bool has_not = AddClause(adjective, random, sentence.words);
    if (is_opinion) negated = has_not;
  }
  sentence.praise = positive_word != negated;
  return sentence;
}

// A vector of random numbers for each word of the language. Networks for real
// sentences learn these too.
class Vocabulary {
 public:
  Vocabulary() {
    for (absl::Span<const absl::string_view> words :
         {absl::MakeConstSpan(kNouns), absl::MakeConstSpan(kPraise),
          absl::MakeConstSpan(kBlame), absl::MakeConstSpan(kNeutral),
          absl::MakeConstSpan(kOthers)}) {
      words_.insert(words_.end(), words.begin(), words.end());
    }
    Random random(/*seed=*/0);
    for (size_t i = 0; i < words_.size() * kVectorSize; ++i) {
      numbers_.push_back(static_cast<uint8_t>(random.Below(256)));
    }
  }

  absl::Span<const uint8_t> VectorOf(absl::string_view word) const {
    const auto found = std::find(words_.begin(), words_.end(), word);
    LENSLET_CHECK(found != words_.end());
    return absl::MakeConstSpan(numbers_).subspan(
        (found - words_.begin()) * kVectorSize, kVectorSize);
  }

 private:
  Words words_;
  std::vector<uint8_t> numbers_;
};

// A sentence is [words, numbers of a word], with zeros behind its end.
Dataset MakeReviews(absl::Span<const Sentence> sentences) {
  const Vocabulary vocabulary;
  const int64_t size = static_cast<int64_t>(sentences.size());
  ExampleArrays reviews = {
      .inputs = Tensor({size, kLength, kVectorSize}, ElementType::kUint8),
      .targets = Tensor({size}, ElementType::kUint8)};
  for (int64_t n = 0; n < size; ++n) {
    uint8_t* out = reviews.inputs.data<uint8_t>() + n * kLength * kVectorSize;
    for (absl::string_view word : sentences[n].words) {
      const absl::Span<const uint8_t> vector = vocabulary.VectorOf(word);
      out = std::copy(vector.begin(), vector.end(), out);
    }
    reviews.targets.data<uint8_t>()[n] = sentences[n].praise;
  }
  return MakeDataset(std::move(reviews), {"complaint", "praise"}).value();
}

// For each width, a convolution looks at that many words at a time. Only the
// largest response in the whole sentence is kept. A linear layer then decides
// from the responses of all widths.
Network MakeNetwork(absl::Span<const int> widths) {
  NetworkBuilder builder;
  const auto words = builder.Input({kLength, kVectorSize});
  std::vector<NetworkBuilder::Value> largest;
  for (int width : widths) {
    const auto conv = builder.Add(layers::Conv1d(16, width), words);
    const auto relu = builder.Add(layers::Relu(), conv);
    largest.push_back(builder.Add(layers::GlobalMaxPool(), relu));
  }
  const auto all =
      largest.size() == 1 ? largest[0] : builder.Add(layers::Concat(), largest);
  const auto flat = builder.Add(layers::Flatten(), all);
  builder.Add(layers::Linear(2), flat);
  return builder.Build().value();
}

std::vector<Sentence> MakeSentences(int64_t size, uint64_t seed) {
  Random random(seed);
  std::vector<Sentence> sentences;
  for (int64_t i = 0; i < size; ++i) sentences.push_back(MakeSentence(random));
  return sentences;
}

void Main() {
  const std::vector<Sentence> train_sentences = MakeSentences(4000, /*seed=*/1);
  const std::vector<Sentence> test_sentences = MakeSentences(1000, /*seed=*/2);
  for (int i = 0; i < 6; ++i) {
    const Sentence& sentence = test_sentences[i];
    std::cout << (sentence.praise ? "praise:    " : "complaint: ")
              << absl::StrJoin(sentence.words, " ") << "\n";
  }
  std::cout << "\n";

  // Filters that see one word know which words there are, but not what "not"
  // belongs to. Two words are enough for "not good", three for "not very good".
  const Dataset train = MakeReviews(train_sentences);
  const Dataset test = MakeReviews(test_sentences);
  const std::vector<std::vector<int>> choices = {{1}, {2}, {3}, {1, 2, 3}};
  for (const std::vector<int>& widths : choices) {
    Network network = MakeNetwork(widths);
    Train(network, train,
          {.epochs = 20, .batch_size = 16, .learning_rate = 0.05})
        .value();
    std::printf("widths %-8s test accuracy %.2f\n",
                absl::StrJoin(widths, ", ").c_str(),
                Evaluate(network, test).value().accuracy);
  }
}

}  // namespace
}  // namespace lenslet

int main() { lenslet::Main(); }
