// The files are read by a reader of the test's own, down to their bits: it
// shares no code with the writer, neither for CRCs nor for protocol buffers.

#include "lenslet/train/runs/event_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/train/runs/history.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

// Division of the bits, lowest first, by Castagnoli's polynomial.
uint32_t BitwiseCrc(absl::string_view data) {
  uint32_t remainder = ~uint32_t{0};
  for (const char byte : data) {
    for (int bit = 0; bit < 8; ++bit) {
      const bool in = (byte >> bit) & 1;
      const bool out = remainder & 1;
      remainder >>= 1;
      if (in != out) {
        // x^32 + x^28 + x^27 + x^26 + x^25 + x^23 + x^22 + x^20 + x^19 + x^18
        // + x^14 + x^13 + x^11 + x^10 + x^9 + x^8 + x^6 + 1
        for (const int power :
             {28, 27, 26, 25, 23, 22, 20, 19, 18, 14, 13, 11, 10, 9, 8, 6, 0}) {
          remainder ^= uint32_t{1} << (31 - power);
        }
      }
    }
  }
  return ~remainder;
}

uint32_t Masked(uint32_t crc) {
  // Turned to the right by 15 bits.
  const uint64_t twice = (uint64_t{crc} << 32) | crc;
  return static_cast<uint32_t>(twice >> 15) + 0xa282ead8;
}

TEST(BitwiseCrcTest, HasThePublishedValue) {
  EXPECT_EQ(BitwiseCrc("123456789"), 0xe3069283);
  EXPECT_EQ(BitwiseCrc(std::string(32, '\0')), 0x8a9136aa);
  // In a file that TensorFlow wrote, says TensorBoard's own test.
  EXPECT_EQ(Masked(BitwiseCrc("\x1a\x11"
                              "CRC test, one two")),
            0x5794d08a);
}

template <typename T>
T TakeBits(absl::string_view& bytes) {
  T value = {};
  EXPECT_GE(bytes.size(), sizeof(T));
  if (bytes.size() < sizeof(T)) return value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  bytes.remove_prefix(sizeof(T));
  return value;
}

uint64_t TakeVarint(absl::string_view& bytes) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const uint8_t byte = TakeBits<uint8_t>(bytes);
    value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
  ADD_FAILURE() << "a number without end";
  return value;
}

absl::string_view TakeBytes(absl::string_view& bytes) {
  const uint64_t size = TakeVarint(bytes);
  EXPECT_LE(size, bytes.size());
  const absl::string_view taken = bytes.substr(0, size);
  bytes.remove_prefix(taken.size());
  return taken;
}

// A field's tag is its number and how it is written.
constexpr int Varint(int field) { return field << 3; }
constexpr int Bits64(int field) { return field << 3 | 1; }
constexpr int Bytes(int field) { return field << 3 | 2; }
constexpr int Bits32(int field) { return field << 3 | 5; }

struct Event {
  double wall_time = 0;
  int64_t step = 0;
  std::string file_version;
  std::map<std::string, float> scalars;
  int session_status = 0;
};

void ReadScalar(absl::string_view bytes, Event& event) {
  std::string tag;
  float value = 0;
  while (!bytes.empty()) {
    switch (const uint64_t field = TakeVarint(bytes)) {
      case Bytes(1):
        tag = std::string(TakeBytes(bytes));
        break;
      case Bits32(2):
        value = TakeBits<float>(bytes);
        break;
      default:
        FAIL() << "a scalar's field " << field;
    }
  }
  EXPECT_TRUE(event.scalars.emplace(tag, value).second) << tag;
}

Event ReadEvent(absl::string_view bytes) {
  Event event;
  while (!bytes.empty()) {
    switch (const uint64_t field = TakeVarint(bytes)) {
      case Bits64(1):
        event.wall_time = TakeBits<double>(bytes);
        break;
      case Varint(2):
        event.step = TakeVarint(bytes);
        break;
      case Bytes(3):
        event.file_version = std::string(TakeBytes(bytes));
        break;
      case Bytes(5): {
        absl::string_view summary = TakeBytes(bytes);
        while (!summary.empty()) {
          EXPECT_EQ(TakeVarint(summary), Bytes(1));
          ReadScalar(TakeBytes(summary), event);
        }
        break;
      }
      case Bytes(7): {
        absl::string_view session = TakeBytes(bytes);
        EXPECT_EQ(TakeVarint(session), Varint(1));
        event.session_status = TakeVarint(session);
        EXPECT_EQ(session, "");
        break;
      }
      default:
        ADD_FAILURE() << "an event's field " << field;
        return event;
    }
  }
  return event;
}

std::vector<Event> ReadEvents(const std::string& path) {
  const std::string contents = *ReadFile(path);
  absl::string_view bytes = contents;
  std::vector<Event> events;
  while (!bytes.empty() && !::testing::Test::HasFailure()) {
    const absl::string_view start = bytes;
    const uint64_t size = TakeBits<uint64_t>(bytes);
    EXPECT_EQ(TakeBits<uint32_t>(bytes),
              Masked(BitwiseCrc(start.substr(0, 8))));
    EXPECT_LE(size, bytes.size());
    const absl::string_view data = bytes.substr(0, size);
    bytes.remove_prefix(data.size());
    EXPECT_EQ(TakeBits<uint32_t>(bytes), Masked(BitwiseCrc(data)));
    events.push_back(ReadEvent(data));
  }
  return events;
}

std::vector<std::string> FileNames(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    names.push_back(file.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(EventFileTest, HoldsWhatWasMeasured) {
  const std::string folder = EmptyTempFolder("event_file_test");
  const double before = std::time(nullptr);
  LENSLET_ASSERT_OK_AND_ASSIGN(EventFileWriter writer,
                               EventFileWriter::Create(folder, -1));
  LENSLET_ASSERT_OK(writer.Append({.step = 1,
                                   .epoch = 0.5,
                                   .learning_rate = 0.25,
                                   .train_loss = 2.3,
                                   .examples_per_second = 100000}));
  LENSLET_ASSERT_OK(writer.Append({.step = int64_t{1} << 40,
                                   .epoch = 1,
                                   .learning_rate = 0,
                                   .train_loss = NAN,
                                   .train_accuracy = 0.75,
                                   .validation_loss = 1.5,
                                   .validation_accuracy = 0,
                                   .test_loss = 1e300,
                                   .test_accuracy = 1,
                                   .examples_per_second = 200000,
                                   .end_of_epoch = true}));
  LENSLET_ASSERT_OK(writer.Sync());
  // Before the writer is gone.
  const std::vector<Event> events = ReadEvents(writer.path());
  const double after = std::time(nullptr) + 1.0;

  ASSERT_EQ(events.size(), 3u);
  for (const Event& event : events) {
    EXPECT_GE(event.wall_time, before);
    EXPECT_LE(event.wall_time, after);
    EXPECT_EQ(event.session_status, 0);
  }
  EXPECT_EQ(events[0].file_version, "brain.Event:2");
  EXPECT_EQ(events[0].step, 0);
  EXPECT_TRUE(events[0].scalars.empty());

  EXPECT_EQ(events[1].file_version, "");
  EXPECT_EQ(events[1].step, 1);
  EXPECT_THAT(events[1].scalars,
              UnorderedElementsAre(Pair("train/loss", 2.3f),
                                   Pair("learning_rate", 0.25f),
                                   Pair("examples_per_second", 100000.0f)));

  EXPECT_EQ(events[2].step, int64_t{1} << 40);
  EXPECT_THAT(
      events[2].scalars,
      UnorderedElementsAre(
          Pair("train/loss", ::testing::IsNan()), Pair("train/accuracy", 0.75f),
          Pair("validation/loss", 1.5f), Pair("validation/accuracy", 0.0f),
          Pair("test/loss", std::numeric_limits<float>::infinity()),
          Pair("test/accuracy", 1.0f), Pair("learning_rate", 0.0f),
          Pair("examples_per_second", 200000.0f)));
}

TEST(EventFileTest, HoldsTheMetricsOfEachKindOfTargets) {
  const std::string folder = EmptyTempFolder("event_file_test");
  LENSLET_ASSERT_OK_AND_ASSIGN(EventFileWriter writer,
                               EventFileWriter::Create(folder, -1));
  MetricsRecord record = {.step = 1, .learning_rate = 0.5};
  record.train_mean_absolute_error = 12.5;
  record.validation_f1 = 0.75;
  record.test_exact_match = 0.25;
  LENSLET_ASSERT_OK(writer.Append(record));
  LENSLET_ASSERT_OK(writer.Sync());
  const std::vector<Event> events = ReadEvents(writer.path());
  ASSERT_EQ(events.size(), 2u);
  const std::map<std::string, float>& scalars = events[1].scalars;
  EXPECT_EQ(scalars.at("train/mean_absolute_error"), 12.5F);
  EXPECT_EQ(scalars.at("validation/f1"), 0.75F);
  EXPECT_EQ(scalars.at("test/exact_match"), 0.25F);
  EXPECT_EQ(scalars.count("test/accuracy"), 0);
}

TEST(EventFileTest, StartsAFileForEachSession) {
  const std::string folder = EmptyTempFolder("event_file_test");
  // The names of sessions in one second are in order, too.
  std::vector<std::string> paths;
  for (const int64_t resume_step : {-1, 470, -1}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(EventFileWriter writer,
                                 EventFileWriter::Create(folder, resume_step));
    paths.push_back(writer.path());
  }
  const std::vector<std::string> names = FileNames(folder);
  ASSERT_THAT(names, ElementsAre(StartsWith("events.out.tfevents."),
                                 StartsWith("events.out.tfevents."),
                                 StartsWith("events.out.tfevents.")));
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(paths[i], absl::StrCat(folder, "/", names[i]));
  }
  EXPECT_EQ(ReadEvents(paths[0]).size(), 1u);

  // TensorBoard forgets steps from that of the start on.
  const std::vector<Event> resumed = ReadEvents(paths[1]);
  ASSERT_EQ(resumed.size(), 2u);
  EXPECT_EQ(resumed[0].file_version, "brain.Event:2");
  EXPECT_EQ(resumed[1].session_status, 1);
  EXPECT_EQ(resumed[1].step, 471);

  const std::vector<Event> anew = ReadEvents(paths[2]);
  ASSERT_EQ(anew.size(), 2u);
  EXPECT_EQ(anew[1].session_status, 1);
  EXPECT_EQ(anew[1].step, 0);
}

// A clock that was wrong does not put the files in the wrong order.
TEST(EventFileTest, ComesAfterAFileOfTheFuture) {
  const std::string folder = EmptyTempFolder("event_file_test");
  LENSLET_ASSERT_OK(
      WriteFileAtomically(folder + "/events.out.tfevents.8000000000.host", ""));
  LENSLET_ASSERT_OK(
      WriteFileAtomically(folder + "/events.out.tfevents.mine", ""));
  LENSLET_ASSERT_OK_AND_ASSIGN(EventFileWriter writer,
                               EventFileWriter::Create(folder, 7));
  EXPECT_THAT(writer.path(), HasSubstr("/events.out.tfevents.8000000001."));
}

TEST(EventFileTest, EachSessionHasAFileAfterTheLastNumberOfTenDigits) {
  const std::string folder = EmptyTempFolder("event_file_test");
  LENSLET_ASSERT_OK(
      WriteFileAtomically(folder + "/events.out.tfevents.9999999999.host", ""));
  for (const char* seconds : {"10000000000", "10000000001", "10000000002"}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(EventFileWriter writer,
                                 EventFileWriter::Create(folder, 7));
    EXPECT_THAT(writer.path(),
                HasSubstr(absl::StrCat("/events.out.tfevents.", seconds, ".")));
  }
}

TEST(EventFileTest, NamesTheFolderThatIsNotThere) {
  const std::string folder = EmptyTempFolder("event_file_test") + "/none";
  EXPECT_THAT(EventFileWriter::Create(folder, -1).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(folder)));
}

}  // namespace
}  // namespace lenslet
