// A program that takes its input row by row, so that not all of it need be in
// memory.
//
// The first steps run by rows: each computes a row of its output as soon as the
// rows that this reads are there, and the rows of its input that no later row
// reads make room. The steps after them read whole arrays, as in any program.
// The arithmetic is the same, and so are the bits.

#ifndef LENSLET_CODEGEN_ROW_PROGRAM_H_
#define LENSLET_CODEGEN_ROW_PROGRAM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/codegen/program.h"

namespace lenslet {

// The last rows of an array: row h starts `h % kept * pitch` floats after the
// first.
struct RowBuffer {
  int64_t rows = 0;    // Of the array.
  int64_t floats = 0;  // In a row.
  int64_t kept = 0;    // Rows in memory.
  int64_t pitch = 0;

  // "+ h % 5 * 32", for an expression of a row.
  std::string Place(const std::string& row) const;
};

struct RowProgram {
  // Its arena and offsets are those of running by rows, so only C code runs it.
  Program program;
  // How many of the first steps run by rows.
  int row_steps = 0;
  // The input of each of these steps, then the array that the last one writes:
  // all rows are kept of that, which is the program's input if there are none.
  std::vector<RowBuffer> buffers;
};

// Convolutions, poolings and functions of each number run by rows, from the
// input up to the first layer that is another, or whose input two layers read.
// A row of an input [height, width, channels] is [width, channels], and of
// [length, channels] it is [channels]. Errors: InvalidArgument for inputs of
// other shapes.
absl::StatusOr<RowProgram> MakeRowProgram(Program program);

}  // namespace lenslet

#endif  // LENSLET_CODEGEN_ROW_PROGRAM_H_
