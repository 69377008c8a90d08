#include "lenslet/data/image_masks.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/all_sources.h"
#include "lenslet/data/dataset_digest.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/split.h"
#include "lenslet/data/testing/exif_bytes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class ImageMasksTest : public ::testing::Test {
 protected:
  ImageMasksTest() {
    std::filesystem::create_directories(Path("images"));
    std::filesystem::create_directories(Path("masks"));
  }

  std::string Path(const std::string& name) const {
    return absl::StrCat(folder_, "/", name);
  }

  void Write(const std::string& name, int64_t height, int64_t width,
             const std::vector<int>& pixels) {
    Tensor image({height, width, 1}, ElementType::kUint8);
    std::copy(pixels.begin(), pixels.end(), image.data<uint8_t>());
    LENSLET_ASSERT_OK(WritePngFile(Path(name), image));
  }

  // An image of 2 x 3 with a mask.
  void Add(const std::string& name, const std::vector<int>& mask) {
    Write(absl::StrCat("images/", name, ".png"), 2, 3,
          {10, 20, 30, 40, 50, static_cast<int>(name[0])});
    Write(absl::StrCat("masks/", name, ".png"), 2, 3, mask);
  }

  absl::StatusOr<Dataset> Load(const MaskOptions& options,
                               const Shape& shape = {2, 3, 1},
                               bool stream = false) const {
    ImageMasksOptions all = {.masks = options};
    if (stream) all.read_ahead = ReadAheadOptions{.buffer_bytes = 60};
    return LoadImageMasks(Path("images"), Path("masks"), shape, all);
  }

  void ExpectError(const std::string& text,
                   const MaskOptions& options = {.class_names = {"a", "b"}}) {
    EXPECT_THAT(Load(options),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text)));
  }

  const std::string folder_ = EmptyTempFolder("image_masks_test");
};

std::vector<int32_t> Maps(const Dataset& dataset,
                          const std::vector<int64_t>& indices) {
  ExampleBatch batch;
  LENSLET_EXPECT_OK(batch.ReadInputs(*dataset.examples, indices));
  LENSLET_EXPECT_OK(batch.ReadTargets(*dataset.examples, indices));
  return {batch.classes().begin(), batch.classes().end()};
}

TEST_F(ImageMasksTest, ReadsMapsInTheOrderOfNames) {
  Add("b", {0, 1, 1, 0, 0, 255});
  Add("a", {1, 1, 1, 0, 0, 0});
  // Neither is an image's.
  Write("masks/c.png", 1, 1, {77});
  std::ofstream(Path("images/notes.txt")) << "x";
  const MaskOptions options = {.class_names = {"no", "yes"}, .ignored = 255};
  for (const bool stream : {false, true}) {
    SCOPED_TRACE(stream);
    LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                                 Load(options, {2, 3, 1}, stream));
    EXPECT_EQ(dataset.size(), 2);
    EXPECT_THAT(dataset.target_names, ElementsAre("no", "yes"));
    EXPECT_EQ(dataset.examples->target(), (TargetSpec{.shape = {2, 3}}));
    dataset.examples->WillRead({1, 0});
    EXPECT_THAT(Maps(dataset, {1, 0}),
                ElementsAre(0, 1, 1, 0, 0, kIgnoredClass, 1, 1, 1, 0, 0, 0));
    EXPECT_THAT(Maps(dataset, {0}), ElementsAre(1, 1, 1, 0, 0, 0));
    EXPECT_THAT(dataset.Example(0)->span<uint8_t>(),
                ElementsAre(10, 20, 30, 40, 50, 'a'));
    EXPECT_THAT(*ClassCounts(dataset), ElementsAre(6, 5));
  }
}

TEST_F(ImageMasksTest, NumbersOfClasses) {
  Add("a", {0, 255, 255, 7, 0, 0});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                               Load({.class_names = {"ground", "object"},
                                     .class_numbers = {0, 255},
                                     .ignored = 7}));
  EXPECT_THAT(Maps(dataset, {0}), ElementsAre(0, 1, 1, kIgnoredClass, 0, 0));
}

// The middle of each pixel of 4 x 1 is in columns 0, 1, 1, 2; of 2 x 2, in
// columns 0 and 2 (of 0.75 and 2.25).
TEST_F(ImageMasksTest, FitsByTheNearestPixel) {
  Add("a", {0, 1, 2, 3, 4, 5});
  const MaskOptions options = {.class_names = {"0", "1", "2", "3", "4", "5"}};
  EXPECT_THAT(Maps(*Load(options, {1, 4, 3}), {0}), ElementsAre(3, 4, 4, 5));
  EXPECT_THAT(Maps(*Load(options, {2, 2, 1}, true), {0}),
              ElementsAre(0, 2, 3, 5));
  EXPECT_THAT(Maps(*Load(options, {4, 3, 1}), {0}),
              ElementsAre(0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5));
}

TEST_F(ImageMasksTest, FitsMasksAsTheirImages) {
  Add("a", {0, 1, 2, 3, 4, 5});
  const MaskOptions options = {.class_names = {"0", "1", "2", "3", "4"},
                               .ignored = 5};
  const auto maps = [&](ImageFit fit, const Shape& shape, bool stream) {
    ImageMasksOptions all = {.masks = options,
                             .read = {.decode = {.fit = fit}}};
    if (stream) all.read_ahead = ReadAheadOptions{.buffer_bytes = 60};
    return Maps(*LoadImageMasks(Path("images"), Path("masks"), shape, all),
                {0});
  };
  constexpr int32_t kNone = kIgnoredClass;
  for (const bool stream : {false, true}) {
    EXPECT_THAT(maps(ImageFit::kCenterCrop, {2, 2, 1}, stream),
                ElementsAre(0, 1, 3, 4));
    EXPECT_THAT(maps(ImageFit::kCenterCrop, {1, 3, 1}, stream),
                ElementsAre(0, 1, 2));
    EXPECT_THAT(maps(ImageFit::kLetterbox, {4, 3, 1}, stream),
                ElementsAre(kNone, kNone, kNone, 0, 1, 2, 3, 4, kNone, kNone,
                            kNone, kNone));
  }
  ImageMasksOptions without = {
      .masks = {.class_names = {"0", "1", "2", "3", "4", "5"}},
      .read = {.decode = {.fit = ImageFit::kLetterbox}}};
  EXPECT_THAT(
      LoadImageMasks(Path("images"), Path("masks"), {4, 3, 1}, without)
          .status(),
      StatusIs(
          absl::StatusCode::kInvalidArgument,
          "fit is LETTERBOX, and no number is ignored; expected `ignored`: "
          "the margins of the box are no class"));
}

TEST_F(ImageMasksTest, DigestTellsMasksApart) {
  Add("a", {0, 1, 1, 0, 0, 0});
  const MaskOptions options = {.class_names = {"no", "yes"}};
  for (const bool stream : {false, true}) {
    SCOPED_TRACE(stream);
    Add("a", {0, 1, 1, 0, 0, 0});
    const std::string before = *DigestOf(*Load(options, {2, 3, 1}, stream));
    EXPECT_EQ(*DigestOf(*Load(options, {2, 3, 1}, stream)), before);
    EXPECT_NE(*DigestOf(*Load({.class_names = {"no"}, .ignored = 1}, {2, 3, 1},
                              stream)),
              before);
    Add("a", {0, 1, 1, 0, 0, 1});
    EXPECT_NE(*DigestOf(*Load(options, {2, 3, 1}, stream)), before);
  }
}

TEST_F(ImageMasksTest, MissingMasks) {
  ExpectError("images: has no images; expected PNG, JPEG");
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    Add(name, {0, 0, 0, 0, 0, 0});
  }
  std::filesystem::remove(Path("masks/b.png"));
  ExpectError(
      absl::StrCat("images: 1 of 5 images have no mask: b.png; "
                   "expected ",
                   Path("masks/b.png")));
  for (const char* name : {"c", "d", "e"}) {
    std::filesystem::remove(absl::StrCat(Path("masks/"), name, ".png"));
  }
  ExpectError(
      absl::StrCat("images: 4 of 5 images have no mask: b.png, c.png, "
                   "d.png, e.png; expected ",
                   Path("masks/b.png")));
  std::filesystem::copy(Path("images/a.png"), Path("images/a.jpg"));
  ExpectError("images: has a.jpg and a.png, which would share a mask");
  std::filesystem::remove(Path("images/a.jpg"));
  std::filesystem::copy(Path("masks/a.png"), Path("masks/a.PNG"));
  ExpectError("masks: has a.PNG and a.png; expected one mask for each name");
  EXPECT_THAT(LoadImageMasks(Path("none"), Path("masks"), {2, 3, 1},
                             {.masks = {.class_names = {"a"}}}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none")));
  EXPECT_THAT(LoadImageMasks(Path("images"), Path("none"), {2, 3, 1},
                             {.masks = {.class_names = {"a"}}}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none")));
}

TEST_F(ImageMasksTest, SizesThatDiffer) {
  for (const char* name : {"a", "b", "c"}) Add(name, {0, 0, 0, 0, 0, 0});
  Write("masks/b.png", 2, 2, {0, 0, 0, 0});
  Write("masks/c.png", 3, 3, {0, 0, 0, 0, 0, 0, 0, 0, 0});
  ExpectError(
      absl::StrCat("masks: 2 of 3 masks have another size than their images: ",
                   Path("masks/b.png"), " has 2 x 2 pixels, and ",
                   Path("images/b.png"), " 3 x 2"));
}

TEST_F(ImageMasksTest, NumbersOfNoClass) {
  Add("a", {0, 0, 0, 0, 0, 0});
  Add("b", {0, 0, 0, 0, 255, 9});
  Add("c", {0, 2, 0, 0, 255, 1});
  ExpectError(absl::StrCat(
      Path("masks/b.png"),
      ": the pixel in row 1, column 1 is 255; expected a number in [0, 1]; "
      "`ignored` says which number does not count; so it is in 2 of 3 masks "
      "in ",
      Path("masks")));
  ExpectError(
      "row 1, column 2 is 9; expected a number in [0, 1], or 255 for "
      "pixels that are ignored; so it is in 2 of 3 masks",
      {.class_names = {"a", "b"}, .ignored = 255});
  ExpectError("row 1, column 1 is 255; expected one of 0, 9",
              {.class_names = {"a", "b"}, .class_numbers = {0, 9}});
  // What the numbers are, and which field may be missing.
  ExpectError(
      absl::StrCat("so it is in 3 of 3 masks in ", Path("masks"),
                   ", whose numbers are 0, 1, 2, 9, 255; class_numbers: [0, 1, "
                   "2, 9, 255] gives them the classes of class_names in this "
                   "order"),
      {.class_names = {"a", "b", "c", "d", "e"},
       .class_numbers = {1, 2, 3, 4, 5}});
  ExpectError("whose numbers are 0, 1, 2, 9, 255; class_numbers: [0, 1, 2, 9]",
              {.class_names = {"a", "b", "c", "d"}, .ignored = 255});
  // Files that stay where they are are looked at, too.
  EXPECT_THAT(
      Load({.class_names = {"a"}}, {2, 3, 1}, true),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr(Path("masks/b.png")), HasSubstr(" is 255"),
                     HasSubstr("so it is in 2 of 3 masks"))));
  Write("masks/a.png", 2, 3, {0, 0, 0, 0, 0, 0});
  Tensor colors({2, 3, 3}, ElementType::kUint8);
  colors.data<uint8_t>()[1] = 200;
  LENSLET_ASSERT_OK(WritePngFile(Path("masks/a.png"), colors));
  ExpectError(
      "masks/a.png: has colors: red, green and blue are 0, 200 and 0 in row 0, "
      "column 0; expected a number for each pixel");
}

// Later ones, when they are read.
TEST_F(ImageMasksTest, NumbersOfNoClassInFilesThatStay) {
  for (int i = 100; i < 170; ++i) {
    Add(absl::StrCat(i), {i < 165 ? 0 : 9, 0, 0, 0, 0, 0});
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                               Load({.class_names = {"a"}}, {2, 3, 1}, true));
  ExampleBatch batch;
  dataset.examples->WillRead({0, 65});
  LENSLET_EXPECT_OK(batch.ReadInputs(*dataset.examples, {0}));
  EXPECT_THAT(
      batch.ReadInputs(*dataset.examples, {65}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr(Path("masks/165.png")), HasSubstr(" is 9"),
                     HasSubstr("so it is in 5 of 70 masks"))));
}

TEST_F(ImageMasksTest, BrokenImagesAndMasksAreListedOrSkipped) {
  for (const char* name : {"1", "2", "3", "10", "11"}) {
    Add(name, {0, 1, 0, 0, 0, 0});
  }
  std::ofstream(Path("images/2.png")) << "broken";
  std::ofstream(Path("masks/2.png")) << "broken";
  std::ofstream(Path("masks/10.png")) << "";
  // A header, and no pixels.
  std::filesystem::resize_file(Path("masks/11.png"), 40);
  const MaskOptions options = {.class_names = {"no", "yes"}};
  const auto expect_all = [&](const std::string& message) {
    EXPECT_THAT(message, StartsWith("3 of 5 images or their masks cannot be "
                                    "read; expected whole files, or "
                                    "on_unreadable: SKIP: " +
                                    Path("images/2.png") + ": is not a PNG"));
    EXPECT_THAT(message, HasSubstr("; " + Path("masks/2.png")));
  };
  expect_all(std::string(Load(options).status().message()));
  // Which of the two files cannot be read does not matter.
  for (const int64_t index : {1, 2, 3}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                                 Load(options, {2, 3, 1}, true));
    ExampleBatch batch;
    expect_all(
        std::string(batch.ReadInputs(*dataset.examples, {index}).message()));
  }
  for (const bool stream : {false, true}) {
    ImagesSeen seen;
    ImageMasksOptions all = {
        .masks = options, .read = {.skip_unreadable = true}, .seen = &seen};
    if (stream) all.read_ahead = ReadAheadOptions{.buffer_bytes = 60};
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Dataset dataset,
        LoadImageMasks(Path("images"), Path("masks"), {2, 3, 1}, all));
    EXPECT_EQ(dataset.size(), 2);
    EXPECT_THAT(Maps(dataset, {1}), ElementsAre(0, 1, 0, 0, 0, 0));
    EXPECT_EQ(dataset.Example(1)->span<uint8_t>()[5], '3');
    EXPECT_EQ(seen.left_out, 3);
    EXPECT_THAT(UnreadableList(seen.unreadable),
                ElementsAre(StartsWith(Path("images/2.png: is not a PNG")),
                            StartsWith(Path("masks/2.png: is not a PNG")),
                            StartsWith(Path("masks/10.png: is empty")),
                            StartsWith(Path("masks/11.png: truncated PNG"))));
    EXPECT_THAT(seen.Notes(),
                ElementsAre(StartsWith("3 images of 5 or their masks cannot be "
                                       "read and are left out: ")));
    // Masks that are whole, but not of the classes, are no broken files.
    Add("1", {9, 0, 0, 0, 0, 0});
    EXPECT_THAT(
        LoadImageMasks(Path("images"), Path("masks"), {2, 3, 1}, all).status(),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(" is 9")));
    Add("1", {0, 1, 0, 0, 0, 0});
  }
}

TEST_F(ImageMasksTest, MasksWithoutImagesAreNamed) {
  for (const char* name : {"a", "b"}) Add(name, {0, 0, 0, 0, 0, 0});
  for (const char* name : {"2", "10", "c"}) {
    Write(absl::StrCat("masks/", name, ".png"), 2, 3, {0, 0, 0, 0, 0, 0});
  }
  DataProto data;
  ImageMasksProto& masks = *data.mutable_image_masks();
  masks.set_train_images("images");
  masks.set_train_masks("masks");
  for (const int64_t size : {2, 3, 1}) masks.add_shape(size);
  masks.add_class_names("ground");
  const auto warnings = [&] {
    const absl::StatusOr<LoadedData> loaded =
        LoadData(data, AllDataSources(), {.folder = folder_});
    LENSLET_EXPECT_OK(loaded.status());
    return loaded.ok() ? loaded->warnings : std::vector<std::string>();
  };
  EXPECT_THAT(warnings(),
              ElementsAre(Path("masks") + ": 3 masks have no image and are "
                                          "left out: 2.png, 10.png, c.png"));
  // A folder of masks may be that of the test images, too.
  std::filesystem::create_directory(Path("test"));
  for (const char* name : {"2", "10"}) {
    Write(absl::StrCat("test/", name, ".png"), 2, 3, {0, 0, 0, 0, 0, 1});
  }
  masks.set_test_images("test");
  EXPECT_THAT(warnings(),
              ElementsAre(Path("masks") +
                          ": 1 mask has no image and is left out: c.png"));
}

// Stored 2 x 3 and upright 3 x 2.
TEST_F(ImageMasksTest, ImagesAreTurnedAndMasksAreNot) {
  Add("a", {0, 0, 0, 0, 0, 0});
  Add("b", {0, 0, 0, 0, 0, 0});
  const auto turn = [&](const std::string& name, int orientation) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const std::string png, ReadFile(Path(name)));
    LENSLET_ASSERT_OK(WriteFileAtomically(
        Path(name), PngWithExif(png, ExifBytes(orientation))));
  };
  turn("images/b.png", 6);
  ExpectError(absl::StrCat(
      "masks: 1 of 2 masks have another size than their images: ",
      Path("masks/b.png"), " has 3 x 2 pixels, and ", Path("images/b.png"),
      " 2 x 3, turned upright by its EXIF orientation, 6; expected masks of "
      "upright images"));
  // Of the same size, nobody else would notice.
  Add("b", {0, 0, 0, 0, 0, 0});
  turn("images/b.png", 3);
  std::vector<std::string> notes;
  const ImageMasksOptions options = {.masks = {.class_names = {"ground"}},
                                     .notes = &notes};
  const auto load = [&] {
    notes.clear();
    return LoadImageMasks(Path("images"), Path("masks"), {2, 3, 1}, options)
        .status();
  };
  LENSLET_ASSERT_OK(load());
  EXPECT_THAT(
      notes,
      ElementsAre(absl::StrCat(
          Path("images"),
          ": 1 of 2 images is turned upright by the EXIF orientation, but not "
          "the masks: those in ",
          Path("masks"), " must be of upright images")));
  turn("masks/b.png", 3);
  LENSLET_ASSERT_OK(load());
  EXPECT_THAT(notes, IsEmpty());
}

TEST_F(ImageMasksTest, ImagesOfTelephonesAreNamed) {
  const std::string heic = std::string("\0\0\0\x18", 4) + "ftypheic";
  std::ofstream(Path("images/b.heic")) << heic;
  ExpectError(
      "images: has no images; expected PNG, JPEG, BMP, GIF, TIFF, WebP, PGM or "
      "PPM files; 1 file is HEIC or AVIF, which is not read: convert to JPEG, "
      "for example with heif-convert");
  Add("a", {0, 0, 0, 0, 0, 0});
  std::vector<std::string> notes;
  LENSLET_ASSERT_OK(
      LoadImageMasks(Path("images"), Path("masks"), {2, 3, 1},
                     {.masks = {.class_names = {"ground"}}, .notes = &notes})
          .status());
  EXPECT_THAT(notes, ElementsAre(StartsWith(Path("images") +
                                            ": 1 file is HEIC or AVIF")));
}

// The class of each pixel is the tens of its byte.
TEST_F(ImageMasksTest, MasksAreCutWhereTheirImagesAre) {
  std::vector<int> classes, pixels;
  for (int i = 0; i < 20; ++i) {
    classes.push_back(i);
    pixels.push_back(10 * i);
  }
  Write("images/a.png", 4, 5, pixels);
  Write("masks/a.png", 4, 5, classes);
  MaskOptions options;
  for (int i = 0; i < 20; ++i) options.class_names.push_back(absl::StrCat(i));
  for (const bool stream : {false, true}) {
    ImageMasksOptions all = {.masks = options,
                             .read = {.decode = {.margin = 1}}};
    if (stream) all.read_ahead = ReadAheadOptions{.buffer_bytes = 200};
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Dataset dataset,
        LoadImageMasks(Path("images"), Path("masks"), {2, 3, 1}, all));
    EXPECT_THAT(Maps(dataset, {0}), ElementsAre(6, 7, 8, 11, 12, 13));
    ExampleBatch batch;
    const std::vector<int64_t> indices(20, 0);
    dataset.examples->WillRead(indices);
    batch.set_crop_seed(5);
    LENSLET_ASSERT_OK(batch.ReadInputs(*dataset.examples, indices));
    LENSLET_ASSERT_OK(batch.ReadTargets(*dataset.examples, indices));
    for (int i = 0; i < 120; ++i) {
      EXPECT_EQ(10 * batch.classes()[i],
                static_cast<const uint8_t*>(batch.inputs()[i / 6])[i % 6]);
    }
  }
}

TEST(MaskOptionsTest, Checked) {
  const auto expect = [](const MaskOptions& options, const std::string& text) {
    EXPECT_THAT(CheckMaskOptions(options),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text)));
  };
  expect({}, "class_names has 0 names; expected 1 to 256");
  expect({.class_names = std::vector<std::string>(256, "x"), .ignored = 255},
         "class_names has 256 names; expected 1 to 255");
  expect({.class_names = {"bg", "a", "bg"}},
         "class_names: classes 1 and 3, from 1, are both called \"bg\"");
  expect({.class_names = {"a", "b"}, .class_numbers = {3}},
         "class_numbers has 1 number; expected 2");
  expect({.class_names = {"a", "b"}, .class_numbers = {3, 3}},
         "class_numbers has 3, for class \"b\", twice, or it is ignored");
  expect({.class_names = {"a", "b"}, .ignored = 1},
         "ignored is 1, which is that of class \"b\"; expected another number");
}

// The same of a recipe.
TEST_F(ImageMasksTest, OfARecipe) {
  Add("a", {0, 1, 1, 0, 0, 255});
  DataProto data;
  ImageMasksProto& masks = *data.mutable_image_masks();
  masks.set_train_images("images");
  masks.set_train_masks("masks");
  masks.set_test_images("images");
  for (const int64_t size : {2, 3, 1}) masks.add_shape(size);
  masks.add_class_names("no");
  masks.add_class_names("yes");
  masks.set_ignored(255);
  for (const bool stream : {false, true}) {
    if (stream) masks.mutable_read_ahead();
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const LoadedData loaded,
        LoadData(data, AllDataSources(), {.folder = folder_}));
    EXPECT_EQ(loaded.description, "the folders images and masks");
    EXPECT_THAT(Maps(loaded.train, {0}),
                ElementsAre(0, 1, 1, 0, 0, kIgnoredClass));
    EXPECT_THAT(Maps(loaded.test, {0}),
                ElementsAre(0, 1, 1, 0, 0, kIgnoredClass));
  }
  masks.set_ignored(0);
  EXPECT_THAT(LoadData(data, AllDataSources(), {.folder = folder_}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("data.image_masks.ignored is 0, which is")));
}

}  // namespace
}  // namespace lenslet
