#include "lenslet/ops/xnnpack_limits.h"

#include <algorithm>
#include <initializer_list>
#include <limits>

#include "absl/strings/str_cat.h"
#include "lenslet/base/memory.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

// At least as many positions as a kernel computes at once: XNNPACK rounds up to
// a multiple of that.
constexpr int64_t kMostRows = 16;
// Likewise input and output channels.
constexpr int64_t kMostInputs = 16;
constexpr int64_t kMostOutputs = 64;

// 256 KiB of floats, of the 8 MiB that a thread's stack commonly has.
constexpr int64_t kMostStackChannels = int64_t{1} << 16;

int64_t Product(std::initializer_list<int64_t> factors) {
  int64_t product = 1;
  for (const int64_t factor : factors) {
    if (__builtin_mul_overflow(product, factor, &product)) {
      return std::numeric_limits<int64_t>::max();
    }
  }
  return product;
}

int64_t Sum(int64_t a, int64_t b) {
  return a > std::numeric_limits<int64_t>::max() - b
             ? std::numeric_limits<int64_t>::max()
             : a + b;
}

int64_t RoundUp(int64_t n, int64_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

int64_t Taps(const Window& w) { return Product({w.kernel[1], w.kernel[2]}); }

absl::Status CheckPointers(absl::string_view what, int64_t pointers) {
  return CheckMemory(Product({pointers, sizeof(void*)}), what);
}

// Whether XNNPACK cuts a deconvolution into a convolution for each offset of
// the stride.
bool IsCutByStride(const Window& w) {
  bool strided = false;
  for (int axis = 1; axis < 3; ++axis) {
    if (w.dilation[axis] > 1 || w.stride[axis] > w.kernel[axis]) return false;
    strided |= w.stride[axis] > 1;
  }
  return strided;
}

}  // namespace

absl::Status CheckXnnWindow(absl::string_view what, const Window& w,
                            const Axes& input, const Axes& output) {
  if (input[0] != 1 || output[0] != 1 || w.kernel[0] != 1 ||
      w.padding.before[0] != 0 || w.padding.after[0] != 0) {
    return absl::UnimplementedError(absl::StrCat(
        "XNNPACK has no ", what, " over three spatial dimensions"));
  }
  if (Taps(w) > std::numeric_limits<int32_t>::max()) {
    return absl::UnimplementedError(
        absl::StrCat("XNNPACK has no ", what, " with a kernel of ",
                     w.kernel.ToString(), ": it counts taps in 31 bits"));
  }
  return absl::OkStatus();
}

absl::Status CheckXnnConvolution(const Window& w, const Axes& output,
                                 bool depthwise) {
  const int64_t taps = Taps(w);
  int64_t pointers = Product({RoundUp(output[1] * output[2], kMostRows), taps});
  if (depthwise && taps > 1) {
    // Here columns between windows have pointers, too.
    const int64_t row =
        Sum(taps, Product({output[2] - 1, w.stride[2], w.kernel[1]}));
    pointers = std::max(pointers, Product({output[1], row}));
  }
  return CheckPointers("a convolution", pointers);
}

absl::Status CheckXnnDeconvolution(const Window& w, const Axes& output,
                                   int64_t group_input_channels,
                                   int64_t group_output_channels) {
  const int64_t taps = Taps(w);
  const int64_t filter_bytes =
      Product({taps, group_input_channels + kMostInputs, sizeof(float)});
  if (Product({filter_bytes, group_output_channels + kMostOutputs}) >
      std::numeric_limits<uint32_t>::max()) {
    return absl::UnimplementedError(absl::StrCat(
        "XNNPACK has no deconvolution from ", group_input_channels, " to ",
        group_output_channels, " channels with a kernel of ",
        w.kernel.ToString(), ": it counts the filters' bytes in 32 bits"));
  }
  int64_t pointers = Product({taps, RoundUp(output[1] * output[2], kMostRows)});
  if (IsCutByStride(w)) {
    for (int axis = 1; axis < 3; ++axis) {
      if (output[axis] < w.stride[axis]) {
        return absl::UnimplementedError(absl::StrCat(
            "XNNPACK has no deconvolution with stride ", w.stride.ToString(),
            " to an image of ", output.ToString(),
            ": it needs a stride of positions along each axis"));
      }
    }
    const int64_t columns =
        RoundUp((output[2] + w.stride[2] - 1) / w.stride[2], kMostRows);
    pointers = Product({taps, output[1], w.stride[2], columns});
  }
  return CheckPointers("a deconvolution", pointers);
}

absl::Status CheckXnnPool(const Window& w, const Axes& output) {
  return CheckPointers(
      "a pooling",
      Product({RoundUp(output[1] * output[2], kMostRows), Taps(w)}));
}

absl::Status CheckXnnAverage(int64_t channels) {
  if (channels > kMostStackChannels) {
    return absl::UnimplementedError(absl::StrCat(
        "XNNPACK has no average of ", channels,
        " channels: it takes their memory from the stack; expected at most ",
        kMostStackChannels));
  }
  return absl::OkStatus();
}

}  // namespace lenslet
