#include "lenslet/data/mask_pairs.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "lenslet/base/file.h"
#include "lenslet/base/natural_less.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/image_folder.h"

namespace lenslet {
namespace {

absl::string_view Stem(absl::string_view name) {
  return name.substr(0, name.rfind('.'));
}

// The PNG files in a folder, by their names without the ending.
absl::StatusOr<std::map<std::string, std::string>> ListMasks(
    const std::string& folder) {
  LENSLET_ASSIGN_OR_RETURN(const FolderContents contents, ListFolder(folder));
  std::map<std::string, std::string> masks;
  for (const std::string& name : contents.images) {
    if (!absl::EndsWithIgnoreCase(name, ".png")) continue;
    const auto [place, is_new] = masks.emplace(Stem(name), name);
    if (!is_new) {
      return absl::InvalidArgumentError(
          absl::StrCat(folder, ": has ", place->second, " and ", name,
                       "; expected one mask for each name without the ending"));
    }
  }
  return masks;
}

absl::Status MissingMasks(const std::string& images, const std::string& masks,
                          size_t count, std::vector<std::string> missing) {
  std::sort(missing.begin(), missing.end(), NaturalLess);
  const std::string first = absl::StrCat(Stem(missing[0]), ".png");
  return absl::InvalidArgumentError(absl::StrCat(
      images, ": ", WithCommas(missing.size()), " of ",
      CountText(count, "image"), " have no mask: ", NameList(missing),
      "; expected ", PathIn(masks, first)));
}

std::string SizeText(const ImageHeader& header) {
  return absl::StrCat(header.shape.dim(1), " x ", header.shape.dim(0));
}

// Compares the sizes, and notes images that are turned but not their masks.
absl::Status CheckSizes(const std::string& images, const std::string& masks,
                        MaskPairs& found) {
  const auto count = static_cast<int64_t>(found.pairs.size());
  int64_t others = 0, turned = 0;
  std::string first;
  for (const MaskedImage& pair : found.pairs) {
    const absl::StatusOr<ImageHeader> image = ReadImageHeader(pair.image);
    const absl::StatusOr<ImageHeader> mask = ReadImageHeader(pair.mask);
    if (!image.ok() || !mask.ok()) continue;
    const bool is_turned = image->orientation != 1 && mask->orientation == 1;
    turned += is_turned;
    if (image->shape.dim(0) == mask->shape.dim(0) &&
        image->shape.dim(1) == mask->shape.dim(1)) {
      continue;
    }
    if (++others > 1) continue;
    first = absl::StrCat(pair.mask, " has ", SizeText(*mask), " pixels, and ",
                         pair.image, " ", SizeText(*image));
    if (is_turned) {
      absl::StrAppend(&first, ", turned upright by its EXIF orientation, ",
                      image->orientation, "; expected masks of upright images");
    }
  }
  if (others > 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        masks, ": ", WithCommas(others), " of ", CountText(count, "mask"),
        " have another size than their images: ", first));
  }
  if (turned > 0) {
    found.notes.push_back(absl::StrCat(
        images, ": ", WithCommas(turned), " of ", CountText(count, "image"),
        turned == 1 ? " is" : " are",
        " turned upright by the EXIF orientation, but not the masks: those in ",
        masks, " must be of upright images"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<MaskPairs> PairWithMasks(const std::string& images,
                                        const std::string& masks) {
  LENSLET_ASSIGN_OR_RETURN(const FolderContents contents, ListFolder(images));
  const std::string heic = HeicHint(images, contents);
  if (contents.images.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        images, ": has no images; expected ", kImageFormats, " files", heic));
  }
  LENSLET_ASSIGN_OR_RETURN(auto names, ListMasks(masks));
  MaskPairs found;
  if (!heic.empty()) {
    found.notes.push_back(
        absl::StrCat(images, ": ", absl::StripPrefix(heic, "; ")));
  }
  std::map<absl::string_view, absl::string_view> seen;
  std::vector<std::string> missing;
  for (const std::string& name : contents.images) {
    const auto [place, is_new] = seen.emplace(Stem(name), name);
    if (!is_new) {
      return absl::InvalidArgumentError(
          absl::StrCat(images, ": has ", place->second, " and ", name,
                       ", which would share a mask"));
    }
    const auto mask = names.find(std::string(Stem(name)));
    if (mask == names.end()) {
      missing.push_back(name);
      continue;
    }
    found.pairs.push_back(
        {.image = PathIn(images, name), .mask = PathIn(masks, mask->second)});
    names.erase(mask);
  }
  if (!missing.empty()) {
    return MissingMasks(images, masks, contents.images.size(),
                        std::move(missing));
  }
  for (const auto& [stem, name] : names) found.unused_masks.push_back(name);
  std::sort(found.unused_masks.begin(), found.unused_masks.end(), NaturalLess);
  LENSLET_RETURN_IF_ERROR(CheckSizes(images, masks, found));
  return found;
}

}  // namespace lenslet
