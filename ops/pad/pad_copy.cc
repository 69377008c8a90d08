#include "lenslet/ops/pad/pad_copy.h"

#include <algorithm>

namespace lenslet {
namespace {

void AddFloats(int64_t count, const float* from, float* to) {
  for (int64_t i = 0; i < count; ++i) to[i] += from[i];
}

}  // namespace

int64_t PadCopy::SourceRow(int64_t d, int64_t h) const {
  const int64_t id = SourceOf(g_.mode, d - g_.padding.before[0], g_.input[0]);
  const int64_t ih = SourceOf(g_.mode, h - g_.padding.before[1], g_.input[1]);
  if (id < 0 || ih < 0) return -1;
  return (id * g_.input[1] + ih) * g_.input[2] * position_;
}

bool PadCopy::IsOwnRow(int64_t d, int64_t h) const {
  const int64_t id = d - g_.padding.before[0];
  const int64_t ih = h - g_.padding.before[1];
  return id >= 0 && id < g_.input[0] && ih >= 0 && ih < g_.input[1];
}

void PadCopy::PadRow(const float* x, float* y) const {
  const int64_t own = g_.input[2];
  const int64_t before = g_.padding.before[2];
  const auto pad = [&](int64_t begin, int64_t end) {
    float* to = y + (before + begin) * position_;
    if (g_.mode == PaddingMode::kZero) {
      std::fill_n(to, (end - begin) * position_, 0.0f);
      return;
    }
    for (int64_t i = begin; i < end; ++i) {
      to =
          std::copy_n(x + SourceOf(g_.mode, i, own) * position_, position_, to);
    }
  };
  pad(-before, 0);
  std::copy_n(x, own * position_, y + before * position_);
  pad(own, own + g_.padding.after[2]);
}

void PadCopy::Forward(int64_t count, const float* x, float* y) const {
  const int64_t row = g_.output[2] * position_;
  for (int64_t n = 0; n < count; ++n) {
    for (int64_t d = 0; d < g_.output[0]; ++d) {
      for (int64_t h = 0; h < g_.output[1]; ++h) {
        if (const int64_t source = SourceRow(d, h); source >= 0) {
          PadRow(x + source, y);
        } else {
          std::fill_n(y, row, 0.0f);
        }
        y += row;
      }
    }
    x += input_floats();
  }
}

void PadCopy::AddRow(const float* dy, bool with_own, float* dx) const {
  const int64_t own = g_.input[2];
  const int64_t before = g_.padding.before[2];
  const auto add = [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t source = SourceOf(g_.mode, i, own);
      AddFloats(position_, dy + (before + i) * position_,
                dx + source * position_);
    }
  };
  add(-before, 0);
  if (with_own) AddFloats(own * position_, dy + before * position_, dx);
  add(own, own + g_.padding.after[2]);
}

void PadCopy::Backward(int64_t count, const float* dy, float* dx) const {
  const int64_t row = g_.output[2] * position_;
  const auto for_each_row = [&](auto body) {
    for (int64_t d = 0; d < g_.output[0]; ++d) {
      for (int64_t h = 0; h < g_.output[1]; ++h) {
        body(IsOwnRow(d, h), SourceRow(d, h),
             dy + (d * g_.output[1] + h) * row);
      }
    }
  };
  for (int64_t n = 0; n < count; ++n) {
    for_each_row([&](bool is_own, int64_t source, const float* dy_row) {
      if (!is_own) return;
      std::copy_n(dy_row + g_.padding.before[2] * position_,
                  g_.input[2] * position_, dx + source);
    });
    if (g_.mode != PaddingMode::kZero) {
      for_each_row([&](bool is_own, int64_t source, const float* dy_row) {
        AddRow(dy_row, /*with_own=*/!is_own, dx + source);
      });
    }
    dy += output_floats();
    dx += input_floats();
  }
}

}  // namespace lenslet
