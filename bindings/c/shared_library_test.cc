// The shared library: what it exports and needs, and that it computes what the
// program computes.

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/tests/run_program.h"
#include "lenslet_c.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using ::testing::AnyOf;
using ::testing::Each;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAreArray;
using Json = nlohmann::json;

constexpr char kLibrary[] = "bindings/c/liblenslet.so.1";
constexpr char kCheckpoint[] = "examples/deploy/lenet.ckpt";
constexpr int64_t kPixels = 28 * 28;
constexpr int64_t kClasses = 10;

// The lines that a shell command prints.
std::vector<std::string> LinesOf(const std::string& command) {
  FILE* const pipe = popen(command.c_str(), "r");
  std::string text;
  char buffer[4096];
  while (const size_t size = fread(buffer, 1, sizeof(buffer), pipe)) {
    text.append(buffer, size);
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  return absl::StrSplit(text, '\n', absl::SkipEmpty());
}

std::vector<uint8_t> Image(int seed) {
  std::vector<uint8_t> image(kPixels);
  uint32_t state = seed;
  for (uint8_t& pixel : image) {
    state = state * 1664525u + 1013904223u;
    pixel = static_cast<uint8_t>(state >> 24);
  }
  return image;
}

TEST(SharedLibraryTest, ExportsTheFunctionsOfTheHeaderOnly) {
  std::vector<std::string> exported;
  for (const std::string& line :
       LinesOf(absl::StrCat("nm -D --defined-only --extern-only ", kLibrary))) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    EXPECT_EQ(words[1], "T") << line;
    exported.push_back(words[2]);
  }
  // Declarations start lines, and their names end in a parenthesis.
  const std::vector<std::string> declared = LinesOf(
      "grep -E '^[a-z]' bindings/c/lenslet_c.h | grep -v typedef | "
      "grep -oE 'lenslet_[a-z_]+\\(' | tr -d '('");
  EXPECT_THAT(exported, UnorderedElementsAreArray(declared));
}

TEST(SharedLibraryTest, NeedsNoLibrariesButTheCompilers) {
  const std::vector<std::string> needed = LinesOf(absl::StrCat(
      "readelf -d ", kLibrary, " | sed -n 's/.*NEEDED.*\\[\\(.*\\)\\]/\\1/p'"));
  EXPECT_THAT(needed, Not(::testing::IsEmpty()));
  EXPECT_THAT(needed,
              Each(AnyOf(StartsWith("libc.so"), StartsWith("libm.so"),
                         StartsWith("libstdc++.so"), StartsWith("libgcc_s.so"),
                         StartsWith("ld-linux"))));
  EXPECT_THAT(
      LinesOf(absl::StrCat("readelf -d ", kLibrary,
                           " | sed -n 's/.*SONAME.*\\[\\(.*\\)\\]/\\1/p'")),
      ::testing::ElementsAre(
          absl::StrCat("liblenslet.so.", LENSLET_ABI_VERSION)));
}

// Sanitizers add their checks. Other CPUs' instructions have other sizes.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
TEST(SharedLibraryTest, HasAtMostTwoMegabytes) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string library,
                               ReadFile("bindings/c/stripped/liblenslet.so.1"));
  EXPECT_LE(library.size(), 2000000);
}
#endif

TEST(SharedLibraryTest, ComputesTheProbabilitiesOfLensletPredict) {
  const std::string folder = EmptyTempFolder("lenslet_c_predict");
  lenslet_network* network = nullptr;
  ASSERT_EQ(lenslet_load_file(kCheckpoint, &network), LENSLET_OK)
      << lenslet_last_error();
  for (int seed = 1; seed <= 5; ++seed) {
    const std::vector<uint8_t> image = Image(seed);
    const std::string path = absl::StrCat(folder, "/", seed, ".pgm");
    std::string pgm = "P5 28 28 255\n";
    pgm.append(image.begin(), image.end());
    ASSERT_TRUE(WriteFileAtomically(path, pgm).ok());
    const ProgramResult result =
        RunLenslet("predict", {kCheckpoint, path, "--json"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    float scores[kClasses];
    ASSERT_EQ(
        lenslet_predict_bytes(network, image.data(), kPixels, scores, kClasses),
        LENSLET_OK);
    ASSERT_EQ(lenslet_probabilities(network, scores, kClasses, scores),
              LENSLET_OK);
    const Json json = Json::parse(result.out);
    ASSERT_EQ(json["top"].size(), 3);
    for (const Json& top : json["top"]) {
      const int64_t i = top["class_index"];
      EXPECT_EQ(top["probability"].get<double>(), scores[i]);
      EXPECT_EQ(top["class"], lenslet_output_name(network, i));
    }
  }
  lenslet_free(network);
}

// Each with its network: the same bits, and the errors of each thread.
TEST(SharedLibraryTest, RunsInTwoThreads) {
  lenslet_network* network = nullptr;
  ASSERT_EQ(lenslet_load_file(kCheckpoint, &network), LENSLET_OK);
  std::vector<float> scores[2] = {std::vector<float>(kClasses),
                                  std::vector<float>(kClasses)};
  std::string errors[2];
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] {
      lenslet_network* copy = nullptr;
      if (lenslet_copy(network, &copy) != LENSLET_OK) return;
      const std::vector<uint8_t> image = Image(7);
      for (int repeat = 0; repeat < 200; ++repeat) {
        lenslet_predict_bytes(copy, image.data(), kPixels, scores[i].data(),
                              kClasses);
      }
      lenslet_set_block(copy, -i);
      errors[i] = lenslet_last_error();
      lenslet_free(copy);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(scores[0], scores[1]);
  EXPECT_NE(scores[0], std::vector<float>(kClasses));
  EXPECT_EQ(errors[0], "examples is 0; expected 1 to 1000000");
  EXPECT_EQ(errors[1], "examples is -1; expected 1 to 1000000");
  EXPECT_STREQ(lenslet_last_error(), "");
  lenslet_free(network);
}

}  // namespace
}  // namespace lenslet
