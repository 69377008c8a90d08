#include "lenslet/inspect/contact_sheet.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/image_file.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

constexpr int64_t kLongerSide = 640;
constexpr int64_t kMaxZoom = 64;
// What a sheet's width by its height would be, if one could choose freely.
constexpr double kAspect = 1.6;
// More than any difference between good sheets.
constexpr double kFullSheet = 10;

// All lengths are in pixels but those of a picture, which are in numbers.
struct Grid {
  int64_t count, height, width;  // The pictures.
  int64_t columns, rows;
  int64_t zoom, gap;

  int64_t Left(int64_t column) const {
    return gap + column * (width * zoom + gap);
  }
  int64_t Top(int64_t row) const { return gap + row * (height * zoom + gap); }
  int64_t sheet_width() const { return Left(columns); }
  int64_t sheet_height() const { return Top(rows); }
};

int64_t RowsFor(int64_t count, int64_t columns) {
  return (count + columns - 1) / columns;
}

int64_t ChooseColumns(int64_t count, int64_t height, int64_t width) {
  int64_t best = 1;
  double best_cost = std::numeric_limits<double>::infinity();
  for (int64_t columns = 1; columns <= count; ++columns) {
    const double aspect = static_cast<double>(columns * width) /
                          (RowsFor(count, columns) * height);
    // A sheet that is too high is as far off as one that is too wide.
    double cost = std::abs(std::log(aspect / kAspect));
    if (count % columns == 0 && aspect >= 1 && aspect <= 3) cost -= kFullSheet;
    if (cost < best_cost) {
      best = columns;
      best_cost = cost;
    }
  }
  return best;
}

int64_t ChooseZoom(const Grid& grid) {
  const int64_t longer =
      std::max(grid.columns * grid.width, grid.rows * grid.height);
  const int64_t gaps = (std::max(grid.columns, grid.rows) + 1) * grid.gap;
  return std::clamp<int64_t>((kLongerSide - gaps) / longer, 1, kMaxZoom);
}

absl::Status CheckOption(absl::string_view name, int64_t value) {
  if (value >= 0 && value <= kMaxImagePixels) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(name, " is ", value,
                                                 "; expected a number in [0, ",
                                                 kMaxImagePixels, "]"));
}

absl::StatusOr<Grid> MakeGrid(const Shape& maps,
                              const ContactSheetOptions& options) {
  if ((maps.rank() != 3 && (maps.rank() != 4 || maps.dim(3) != 3)) ||
      maps.elements() == 0) {
    return BadValue(
        "the pictures' shape", maps.ToString(),
        "[n, height, width] or [n, height, width, 3], with numbers");
  }
  LENSLET_RETURN_IF_ERROR(CheckOption("columns", options.columns));
  LENSLET_RETURN_IF_ERROR(CheckOption("zoom", options.zoom));
  LENSLET_RETURN_IF_ERROR(CheckOption("gap", options.gap));
  Grid grid = {.count = maps.dim(0),
               .height = maps.dim(1),
               .width = maps.dim(2),
               .columns = options.columns,
               .rows = 0,
               .zoom = options.zoom,
               .gap = options.gap};
  // Larger pictures overflow what follows.
  const bool fits = maps.elements() <= 3 * kMaxImagePixels;
  if (fits) {
    if (grid.columns == 0) {
      grid.columns = ChooseColumns(grid.count, grid.height, grid.width);
    }
    grid.columns = std::min(grid.columns, grid.count);
    grid.rows = RowsFor(grid.count, grid.columns);
    if (grid.zoom == 0) grid.zoom = ChooseZoom(grid);
  }
  if (!fits || grid.sheet_height() > kMaxImagePixels / grid.sheet_width()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a sheet of ", grid.count, " pictures of ", grid.height,
                     " x ", grid.width, " numbers has more than ",
                     kMaxImagePixels, " pixels, the maximum"));
  }
  return grid;
}

}  // namespace

absl::StatusOr<Tensor> ContactSheet(View<const float> maps,
                                    const ContactSheetOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const Grid grid, MakeGrid(maps.shape(), options));
  LENSLET_ASSIGN_OR_RETURN(
      Tensor sheet,
      Tensor::Create(ElementType::kUint8,
                     {grid.sheet_height(), grid.sheet_width(), 3}));
  uint8_t* const pixels = sheet.data<uint8_t>();
  uint8_t* pixel = pixels;
  for (int64_t i = 0; i < grid.sheet_height() * grid.sheet_width(); ++i) {
    pixel = std::copy_n(options.background.data(), 3, pixel);
  }
  const Shape shape = maps.shape().rank() == 3
                          ? Shape({grid.height, grid.width})
                          : Shape({grid.height, grid.width, 3});
  const ValueRange range_of_all =
      options.range.value_or(FiniteRange(maps.span()));
  const bool scale_each = options.scale_each && !options.range.has_value();
  for (int64_t i = 0; i < grid.count; ++i) {
    const View<const float> map = maps.Slice(i, i + 1).Reshape(shape);
    const Tensor picture =
        ColorImage(map, options.colors,
                   scale_each ? FiniteRange(map.span()) : range_of_all);
    const int64_t top = grid.Top(i / grid.columns);
    const int64_t left = grid.Left(i % grid.columns);
    for (int64_t y = 0; y < grid.height * grid.zoom; ++y) {
      const uint8_t* row =
          picture.data<uint8_t>() + y / grid.zoom * grid.width * 3;
      pixel = pixels + ((top + y) * grid.sheet_width() + left) * 3;
      for (int64_t x = 0; x < grid.width * grid.zoom; ++x) {
        pixel = std::copy_n(row + x / grid.zoom * 3, 3, pixel);
      }
    }
  }
  return sheet;
}

}  // namespace lenslet
