// Finds out what data is at a path, so that a recipe can be written for it.

#ifndef LENSLET_DATA_SURVEY_H_
#define LENSLET_DATA_SURVEY_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Of sizes in pixels, or of values of pixels.
struct SurveyedRange {
  int64_t min = 0;
  int64_t median = 0;
  int64_t max = 0;
};

// What is at a path.
struct DataSurvey {
  // "folder of images", "CSV file", "CSV file of a table", "images with a CSV
  // file", "MNIST's four files", "EMNIST's files", "CIFAR-10's binary files",
  // "CIFAR-100's binary files" or "NumPy's arrays".
  std::string kind;
  // The source. Its paths start with the surveyed path. Complete but for the
  // shape that image folders need.
  DataProto data = {};
  // What the targets are. If not classes, `class_names` are the names of the
  // labels or values, and the counts below have one number, that of all
  // examples.
  TargetKind target = TargetKind::kClasses;
  std::vector<std::string> class_names = {};
  // The number of examples of each class. Images that were found to be
  // unreadable do not count.
  std::vector<int64_t> train_counts = {};
  // Empty if there are no test examples.
  std::vector<int64_t> test_counts = {};

  // The shape of each example: [height, width, channels]; or [features] for
  // rows of a CSV file that are no square images. For image folders, the shape
  // of the image if all images have the same, otherwise [median height, median
  // width, channels]. Channels are 3 if some decoded image has colors.
  Shape shape = {1};
  ElementType type = ElementType::kUint8;
  SurveyedRange height = {};
  SurveyedRange width = {};

  // For image folders.
  // The number of training images by format, such as "PNG", of those whose
  // headers were read.
  std::map<std::string, int64_t> formats = {};
  // How many of these have more than 8 bits per sample. If any, `type` is
  // float32, as training reads all of them.
  int64_t long_samples = 0;
  // How many files there are, how many headers were read, and how many of these
  // images were decoded.
  int64_t files = 0;
  int64_t headers = 0;
  int64_t decoded = 0;
  // How many files could not be read, and the first errors, which name them. If
  // any, or if not all images were decoded, the source skips such files.
  int64_t unreadable = 0;
  std::vector<std::string> errors = {};

  // For a table: "column 5 (\"price\")", its target.
  std::string target_column = {};

  // For a CSV file: "labels in column 1 of 785, after a header; ...".
  std::vector<std::string> notes = {};
  // What a person should know before training.
  std::vector<std::string> warnings = {};

  int64_t train_examples() const;
  int64_t test_examples() const;
};

// The limits of a survey of image folders: headers that are read, and images
// and pixels that are decoded, of the training images; the test images have
// limits of the same size or less. The files are spread evenly over the classes
// and over each class. The names of all files are listed.
inline constexpr int64_t kMaxSurveyedHeaders = 4096;
inline constexpr int64_t kMaxSurveyedImages = 256;
inline constexpr int64_t kMaxSurveyedPixels = int64_t{1} << 26;

// Surveys
//   - a folder with one folder of images per class;
//   - a folder with a folder train or training of these, and perhaps test or
//     testing; without a test folder, val, valid or validation is used for it;
//   - a folder with MNIST's four files (data/mnist.h) or CIFAR-10's
//     (data/cifar.h), which are loaded;
//   - a CSV file, which is loaded in the form that GuessCsvForm() finds if that
//     looks like pixels; or else as a table in the form that GuessTableForm()
//     finds, perhaps one that names images;
//   - NumPy's arrays, in an .npz file or a folder of .npy files.
// `target` names the column of a CSV file, or the array, to learn; by default,
// the one that looks like it.
//
// Errors, which say what was expected and what was found: InvalidArgument for
// anything else, a class without images, fewer than two classes or more than
// kMaxClasses, names that are not UTF-8, if no image can be read, or for a
// `target` of other data; NotFound for an array `target` that is not there;
// errors of ListImageClasses(), LoadMnist(), LoadCifar10(), GuessCsvForm(),
// GuessTableForm(), LoadCsv() and LoadCsvTable(); system errors.
absl::StatusOr<DataSurvey> SurveyData(const std::string& path,
                                      const std::string& target = "");

}  // namespace lenslet

#endif  // LENSLET_DATA_SURVEY_H_
