// Convolution in one dimension: tells sounds apart by their spectrograms. The
// sounds are made here: tones that stay, rise or fall, and noise.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "lenslet/base/random.h"
#include "lenslet/lenslet.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {
namespace {

constexpr double kPi = 3.14159265358979323846;

// A sound is cut into frames; a frame's spectrum has half as many frequencies
// as the frame has samples.
constexpr int64_t kFrames = 20;
constexpr int64_t kFrameSamples = 64;
constexpr int64_t kFrequencies = kFrameSamples / 2;
constexpr int64_t kSamples = kFrames * kFrameSamples;

enum Kind { kTone, kRising, kFalling, kNoise };
constexpr std::array<const char*, 4> kNames = {"tone", "rising", "falling",
                                               "noise"};

// Samples in about [-1, 1]. Pitches are in cycles in a frame.
std::vector<double> MakeSound(Kind kind, Random& random) {
  const double low = 2 + 12 * random.Uniform();
  const double high = low + 4 + 10 * random.Uniform();
  const double from = kind == kRising ? low : high;
  const double to = kind == kFalling ? low : kind == kRising ? high : from;
  const double loudness = 0.5 + 0.5 * random.Uniform();
  std::vector<double> sound(kSamples);
  double phase = 2 * kPi * random.Uniform();
  for (int64_t i = 0; i < kSamples; ++i) {
    const double pitch = from + (to - from) * i / kSamples;
    phase += 2 * kPi * pitch / kFrameSamples;
    const double tone = kind == kNoise ? 0 : loudness * std::sin(phase);
    const double noise = (kind == kNoise ? loudness : 0.2) * random.Normal();
    sound[i] = tone + noise;
  }
  return sound;
}

// How loud each frequency is in a frame: the magnitudes of its discrete Fourier
// transform, straight from the definition.
class Fourier {
 public:
  Fourier() {
    for (int64_t i = 0; i < kFrameSamples; ++i) {
      cos_[i] = std::cos(2 * kPi * i / kFrameSamples);
      sin_[i] = std::sin(2 * kPi * i / kFrameSamples);
    }
  }

  // Writes kFrequencies numbers.
  void WriteSpectrum(absl::Span<const double> frame, uint8_t* out) const {
    for (int64_t frequency = 0; frequency < kFrequencies; ++frequency) {
      double real = 0;
      double imaginary = 0;
      for (int64_t i = 0; i < kFrameSamples; ++i) {
        // A window that fades the frame in and out keeps a tone from smearing
        // over all frequencies.
        const double faded = (0.5 - 0.5 * cos_[i]) * frame[i];
        const int64_t turn = frequency * i % kFrameSamples;
        real += faded * cos_[turn];
        imaginary -= faded * sin_[turn];
      }
      const double magnitude =
          std::hypot(real, imaginary) / (kFrameSamples / 4);
      out[frequency] = static_cast<uint8_t>(std::min(255.0, 255 * magnitude));
    }
  }

 private:
  std::array<double, kFrameSamples> cos_;
  std::array<double, kFrameSamples> sin_;
};

// Spectrograms: [sounds, frames, frequencies]. A sound is a row of frames, each
// with a channel for each frequency.
Dataset MakeSounds(int64_t size, uint64_t seed) {
  Random random(seed);
  const Fourier fourier;
  ExampleArrays sounds = {
      .inputs = Tensor({size, kFrames, kFrequencies}, ElementType::kUint8),
      .targets = Tensor({size}, ElementType::kUint8)};
  uint8_t* out = sounds.inputs.data<uint8_t>();
  for (int64_t n = 0; n < size; ++n) {
    const int64_t kind = n % static_cast<int64_t>(kNames.size());
    sounds.targets.data<uint8_t>()[n] = static_cast<uint8_t>(kind);
    const std::vector<double> sound =
        MakeSound(static_cast<Kind>(kind), random);
    for (int64_t frame = 0; frame < kFrames; ++frame) {
      fourier.WriteSpectrum(absl::MakeConstSpan(sound).subspan(
                                frame * kFrameSamples, kFrameSamples),
                            out);
      out += kFrequencies;
    }
  }
  return MakeDataset(std::move(sounds), {kNames.begin(), kNames.end()}).value();
}

// Time goes to the right, the pitch up, two frequencies in a line.
void Draw(const Dataset& dataset, int64_t n) {
  const Tensor image = dataset.Example(n).value();
  const View<const uint8_t> loudnesses = image.view<uint8_t>();
  std::cout << dataset.target_names[dataset.Classes({n}).value()[0]] << "\n";
  for (int64_t frequency = kFrequencies - 2; frequency >= 0; frequency -= 2) {
    std::string line;
    for (int64_t frame = 0; frame < kFrames; ++frame) {
      const int loudness = std::max(loudnesses.at({frame, frequency}),
                                    loudnesses.at({frame, frequency + 1}));
      line += loudness > 120 ? "##" : loudness > 60 ? "::" : "  ";
    }
    std::cout << "|" << line << "|\n";
  }
}

// A filter over `kernel` frames at a time; the largest answer in the whole
// sound, wherever it is; and a score for each kind of sound.
Network MakeNetwork(int64_t kernel) {
  using namespace layers;  // NOLINT: a list of layers.
  return Network::Sequential(
             {kFrames, kFrequencies},
             {Conv1d(16, kernel), Relu(), MaxPool1d(kFrames - kernel + 1),
              Flatten(), Linear(4)})
      .value();
}

void Main() {
  const Dataset train = MakeSounds(2000, /*seed=*/1);
  const Dataset test = MakeSounds(1000, /*seed=*/2);
  for (int64_t n = 0; n < 4; ++n) Draw(test, n);

  // A filter that sees one frame can tell noise from tones. Whether a tone
  // rises or falls, it cannot know: it has to see two.
  std::cout << "\n";
  for (int kernel : {1, 2, 3}) {
    Network network = MakeNetwork(kernel);
    Train(network, train, {.epochs = 20, .batch_size = 16}).value();
    std::printf(
        "kernel over %d frame%s test accuracy %.2f\n", kernel,
        kernel == 1 ? ": " : "s:", Evaluate(network, test).value().accuracy);
  }
}

}  // namespace
}  // namespace lenslet

int main() { lenslet::Main(); }
