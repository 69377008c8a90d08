// The changes to an image's bytes that data augmentation is made of. What comes
// in from outside is 0. `in` and `out` are whole images of the format, and do
// not overlap.

#ifndef LENSLET_DATA_CHANGE_IMAGE_H_
#define LENSLET_DATA_CHANGE_IMAGE_H_

#include <cstdint>
#include <vector>

namespace lenslet {

// All at least 1.
struct ImageFormat {
  int64_t height = 1;
  int64_t width = 1;
  int64_t channels = 1;

  int64_t bytes() const { return height * width * channels; }
};

// Turns an image around its middle, counterclockwise, by bilinear
// interpolation: a pixel's place is rounded to 1/256 of a pixel's side, and
// what is found there to the nearest byte. The same on every machine.
class ImageRotation {
 public:
  explicit ImageRotation(const ImageFormat& format);

  // `degrees` in [-360, 360].
  void Rotate(const uint8_t* in, double degrees, uint8_t* out);

 private:
  ImageFormat format_;
  // The image with a pixel of 0 above and to the left and two below and to the
  // right.
  std::vector<uint8_t> padded_;
};

// Moves an image `rows` down and `columns` to the right, each less than its
// size to either side, and then mirrors it, left to right, if `mirrored`.
void MoveImage(const ImageFormat& format, const uint8_t* in, int64_t rows,
               int64_t columns, bool mirrored, uint8_t* out);

// Makes the square of `side` * `side` pixels around a pixel zero, as far as it
// is in the image: rows [row - side / 2, row - side / 2 + side), and columns
// alike.
void EraseSquare(const ImageFormat& format, int64_t row, int64_t column,
                 int64_t side, uint8_t* image);

}  // namespace lenslet

#endif  // LENSLET_DATA_CHANGE_IMAGE_H_
