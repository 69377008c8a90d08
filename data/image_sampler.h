// Reads some images of a data set, to learn their sizes, formats and colors.

#ifndef LENSLET_DATA_IMAGE_SAMPLER_H_
#define LENSLET_DATA_IMAGE_SAMPLER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/image_folder.h"
#include "lenslet/data/survey.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Fills a survey.
class ImageSampler {
 public:
  // Does not own the survey.
  explicit ImageSampler(DataSurvey& survey) : survey_(survey) {}

  // Reads images of the training examples if `is_train`, whose sizes and
  // formats count, or else of the test examples. Returns the number of images
  // of each class without those that cannot be read.
  std::vector<int64_t> Sample(absl::Span<const ImageClass> classes,
                              bool is_train);

  // Sets what the headers say. Errors: InvalidArgument, naming `path`, if no
  // training image can be read.
  absl::Status Finish(const std::string& path);

  // SKIP, unless the pixels of all images were read and are right: with STOP,
  // one broken file that was not looked at would end the training.
  OnUnreadable on_unreadable() const {
    return survey_.unreadable > 0 || survey_.decoded < survey_.files ? SKIP
                                                                     : STOP;
  }

 private:
  void AddError(const absl::Status& status);
  void AddHeader(const ImageHeader& header);
  absl::Status Decode(const std::string& file, const Shape& shape);

  DataSurvey& survey_;
  std::vector<int64_t> heights_, widths_;
  int64_t pixels_ = 0;
  bool has_color_ = false;
};

}  // namespace lenslet

#endif  // LENSLET_DATA_IMAGE_SAMPLER_H_
