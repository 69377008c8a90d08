// Changes to the bytes of an image, for data augmentation. Pixels from outside
// the image are 0. `in` and `out` are whole images of the given format. They
// must not overlap.

#ifndef LENSLET_DATA_CHANGE_IMAGE_H_
#define LENSLET_DATA_CHANGE_IMAGE_H_

#include <algorithm>
#include <cstdint>
#include <vector>

namespace lenslet {

// All fields are at least 1.
struct ImageFormat {
  int64_t height = 1;
  int64_t width = 1;
  int64_t channels = 1;

  int64_t bytes() const { return height * width * channels; }
};

// Rotates an image counterclockwise around its center, with bilinear
// interpolation. Source positions are rounded to 1/256 of a pixel, and results
// to the nearest byte. The same on every machine.
class ImageRotation {
 public:
  explicit ImageRotation(const ImageFormat& format);

  // `degrees` in [-360, 360].
  void Rotate(const uint8_t* in, double degrees, uint8_t* out);

 private:
  ImageFormat format_;
  // The image, padded with zeros: one pixel above and to the left, two below
  // and to the right.
  std::vector<uint8_t> padded_;
};

// Rotates a map with a class at each pixel in the same way: each pixel has the
// class of the nearest source. `outside` is the class of what comes from
// outside the map.
void RotateMap(const ImageFormat& format, const int32_t* in, double degrees,
               int32_t outside, int32_t* out);

// Rotates an image of numbers in the same way, without rounding them to bytes.
void RotateNumbers(const ImageFormat& format, const float* in, double degrees,
                   float* out);

// Moves an image `rows` down and `columns` to the right, then mirrors it left
// to right if `mirrored`. The shifts may be negative; their magnitudes must be
// less than the height and the width.
void MoveImage(const ImageFormat& format, const uint8_t* in, int64_t rows,
               int64_t columns, bool mirrored, uint8_t* out);

// Does the same to a map or an image of numbers. T is int32_t or float.
template <typename T>
void MoveMap(const ImageFormat& format, const T* in, int64_t rows,
             int64_t columns, bool mirrored, T outside, T* out) {
  const auto [height, width, channels] = format;
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x, out += channels) {
      const int64_t from_y = y - rows;
      const int64_t from_x = (mirrored ? width - 1 - x : x) - columns;
      const bool is_inside =
          from_y >= 0 && from_y < height && from_x >= 0 && from_x < width;
      const T* from = in + (from_y * width + from_x) * channels;
      for (int64_t c = 0; c < channels; ++c) {
        out[c] = is_inside ? from[c] : outside;
      }
    }
  }
}

// Reverses the order of the rows, in place. T is uint8_t, int32_t or float.
template <typename T>
void TurnUpsideDown(const ImageFormat& format, T* image) {
  const int64_t row = format.width * format.channels;
  for (int64_t y = 0; y < format.height / 2; ++y) {
    std::swap_ranges(image + y * row, image + (y + 1) * row,
                     image + (format.height - 1 - y) * row);
  }
}

// Sets the square of `side` x `side` pixels around a pixel to zero, clipped to
// the image: rows [row - side / 2, row - side / 2 + side), and columns
// likewise. T is uint8_t or float.
template <typename T>
void EraseSquare(const ImageFormat& format, int64_t row, int64_t column,
                 int64_t side, T* image) {
  const int64_t top = std::max<int64_t>(row - side / 2, 0);
  const int64_t bottom = std::min(row - side / 2 + side, format.height);
  const int64_t left = std::max<int64_t>(column - side / 2, 0);
  const int64_t right = std::min(column - side / 2 + side, format.width);
  for (int64_t y = top; y < bottom; ++y) {
    std::fill_n(image + (y * format.width + left) * format.channels,
                (right - left) * format.channels, T{0});
  }
}

}  // namespace lenslet

#endif  // LENSLET_DATA_CHANGE_IMAGE_H_
