#include "lenslet/train/recipe/propose_source.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "lenslet/base/text_format.h"
#include "lenslet/data/class_indices.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/target_kind.h"

namespace lenslet {
namespace {

// `path`, relative to `folder` if it is in it.
std::string RecipePath(absl::string_view path, absl::string_view folder) {
  absl::string_view relative = path;
  if (absl::ConsumePrefix(&relative, folder) &&
      (absl::ConsumePrefix(&relative, "/") || absl::EndsWith(folder, "/")) &&
      !relative.empty()) {
    return std::string(relative);
  }
  return path == folder ? "." : std::string(path);
}

void WriteTarget(const TargetProto& target, CommentedText& out) {
  out.Comment("What the network learns of an example.");
  out.Open("target");
  if (target.has_value()) {
    out.Line(absl::StrCat(
        "value { columns: ", Quoted(target.value().columns(0)), " }"));
  } else if (target.has_label()) {
    out.Line(absl::StrCat("label { column: ", Quoted(target.label().column()),
                          " }"));
  } else {
    const ClassesTargetProto& classes = target.classes();
    out.Line(absl::StrCat(
        "classes { column: ", Quoted(classes.column()),
        classes.separator().empty()
            ? ""
            : absl::StrCat(" separator: ", Quoted(classes.separator())),
        " }"));
  }
  out.Close();
}

void WriteOnUnreadable(OnUnreadable what, const DataSurvey& survey,
                       CommentedText& out) {
  if (what != SKIP) return;
  out.Comment(absl::StrCat(
      "Files that cannot be read are left out, and training names them. "
      "Without this, they stop it.",
      survey.decoded < survey.files
          ? absl::StrCat(" The pixels of ", WithCommas(survey.decoded), " of ",
                         WithCommas(survey.files),
                         " images were read for this recipe.")
          : ""));
  out.Line("on_unreadable: SKIP");
}

class SourceWriter {
 public:
  SourceWriter(const DataSurvey& survey, const std::string& folder,
               const Shape& shape, const std::string& reason,
               CommentedText& out)
      : survey_(survey),
        folder_(folder),
        shape_(shape),
        reason_(reason),
        out_(out) {}

  void Write() {
    out_.Comment("Relative paths start from the folder of this file.");
    if (data().has_image_folders()) return WriteImageFolders();
    if (data().has_image_table()) return WriteImageTable();
    if (data().has_csv()) {
      return data().has_target() ? WriteTable() : WritePixels();
    }
    if (data().has_idx()) return WriteIdx();
    if (data().has_npy()) return WriteNpy();
    WriteCifar();
  }

 private:
  const DataProto& data() const { return survey_.data; }

  void PathLine(absl::string_view field, const std::string& path) {
    out_.Line(absl::StrCat(field, ": ", Quoted(RecipePath(path, folder_))));
  }

  // Of a file with a row for each example.
  void TableFiles(const std::string& train_file) {
    PathLine("train_file", train_file);
    out_.Comment("If you have a file of test examples, with the same columns:");
    out_.Comment("test_file: \"FILE\"");
  }

  void CsvFiles(const CsvProto& csv) {
    TableFiles(csv.train_file());
    if (csv.has_header()) {
      out_.Comment("The first line has the names of the columns.");
      out_.Line("has_header: true");
    }
  }

  void WriteImageFolders() {
    const ImageFoldersProto& folders = data().image_folders();
    out_.Open("image_folders");
    PathLine("train_directory", folders.train_directory());
    if (folders.test_directory().empty()) {
      out_.Comment("If you have test images, in folders of the same names:");
      out_.Comment("test_directory: \"FOLDER\"");
    } else {
      PathLine("test_directory", folders.test_directory());
    }
    out_.Comment(reason_);
    out_.Line(absl::StrCat("shape: ", ListText(shape_)));
    WriteOnUnreadable(folders.on_unreadable(), survey_, out_);
    out_.Close();
  }

  void WriteImageTable() {
    const ImageTableProto& table = data().image_table();
    out_.Open("image_table");
    TableFiles(table.train_file());
    out_.Comment("The column with the names of the images, and their folder.");
    out_.Line(absl::StrCat("image_column: ", Quoted(table.image_column())));
    PathLine("directory", table.directory());
    out_.Comment(reason_);
    out_.Line(absl::StrCat("shape: ", ListText(shape_)));
    WriteOnUnreadable(table.on_unreadable(), survey_, out_);
    out_.Close();
    WriteTarget(data().target(), out_);
  }

  void WriteTable() {
    const CsvProto& csv = data().csv();
    out_.Open("csv");
    CsvFiles(csv);
    out_.Comment("Numbers of any size, with decimals.");
    out_.Line("numbers: FLOAT");
    if (csv.shape_size() > 0) {
      out_.Comment(reason_);
      out_.Line(absl::StrCat("shape: ", ListText(shape_)));
    }
    if (csv.decimal_comma()) {
      out_.Comment("Commas are decimal points: 1,5 is 1.5.");
      out_.Line("decimal_comma: true");
    }
    if (csv.ignore_size() > 0) {
      out_.Comment(
          "Columns that are no inputs: words, numbers of the rows, or cells "
          "that are no numbers. All others but the target are inputs.");
      for (const std::string& column : csv.ignore()) {
        out_.Line(absl::StrCat("ignore: ", Quoted(column)));
      }
    }
    out_.Close();
    WriteTarget(data().target(), out_);
  }

  void WritePixels() {
    const CsvProto& csv = data().csv();
    out_.Open("csv");
    CsvFiles(csv);
    out_.Comment("The column of the labels, counted from 0.");
    out_.Line(absl::StrCat("label_column: ", csv.label_column()));
    for (const std::string& column : csv.ignore()) {
      out_.Comment("A column that numbers the rows is left out.");
      out_.Line(absl::StrCat("ignore: ", Quoted(column)));
    }
    out_.Comment(reason_);
    if (shape_.rank() == 3 && shape_.dim(2) == 3) {
      out_.Comment("Red, green and blue of the first pixel come first.");
    }
    out_.Line(absl::StrCat("shape: ", ListText(shape_)));
    out_.Close();
  }

  void WriteIdx() {
    out_.Open("idx");
    PathLine("directory", data().idx().directory());
    if (data().idx().transposed()) {
      out_.Comment("EMNIST's images are stored column by column.");
      out_.Line("transposed: true");
    }
    if (data().idx().class_names_size() > 0) {
      out_.Comment("The labels that there are; change them to names.");
      std::vector<std::string> names;
      for (const std::string& name : data().idx().class_names()) {
        names.push_back(Quoted(name));
      }
      out_.Line(
          absl::StrCat("class_names: [", absl::StrJoin(names, ", "), "]"));
    }
    if (data().idx().first_label() != 0) {
      out_.Comment("No training example has the label 0.");
      out_.Line(absl::StrCat("first_label: ", data().idx().first_label()));
    }
    out_.Close();
  }

  void WriteNpy() {
    const NpyProto& npy = data().npy();
    out_.Open("npy");
    PathLine("train_inputs", npy.train_inputs());
    PathLine("train_targets", npy.train_targets());
    if (npy.test_inputs().empty()) {
      out_.Comment("If you have test examples:");
      out_.Comment("test_inputs: \"FILE\" test_targets: \"FILE\"");
    } else {
      PathLine("test_inputs", npy.test_inputs());
      PathLine("test_targets", npy.test_targets());
    }
    if (npy.shape_size() > 0) {
      out_.Comment("The images have one channel, which the file does not say.");
      out_.Line(absl::StrCat("shape: ", ListText(shape_)));
    }
    if (survey_.target == TargetKind::kClasses &&
        AreIndices(survey_.class_names)) {
      out_.Comment("The names of the classes, in order, if not numbers:");
      out_.Comment("class_names: [\"NAME\", ...]");
    }
    out_.Close();
    if (data().target().has_classes()) {
      out_.Comment("Each column of the targets is a label: 0 or 1.");
      out_.Line("target { classes {} }");
    } else if (data().target().has_value()) {
      out_.Comment("Whole numbers that are values; for classes, remove this.");
      out_.Line("target { value {} }");
    } else if (data().target().has_label()) {
      out_.Comment("Each target is a row with a 1 for its class, otherwise 0.");
      out_.Line("target { label {} }");
    }
  }

  void WriteCifar() {
    if (data().has_cifar100()) {
      out_.Open("cifar100");
      PathLine("directory", data().cifar100().directory());
      out_.Comment("For the 20 superclasses, labels: COARSE.");
      out_.Line("labels: FINE");
      out_.Close();
      return;
    }
    out_.Open("cifar10");
    PathLine("directory", data().cifar10().directory());
    out_.Close();
  }

  const DataSurvey& survey_;
  const std::string& folder_;
  const Shape& shape_;
  const std::string& reason_;
  CommentedText& out_;
};

}  // namespace

void WriteSource(const DataSurvey& survey, const std::string& folder,
                 const Shape& shape, const std::string& reason,
                 CommentedText& out) {
  SourceWriter(survey, folder, shape, reason, out).Write();
}

}  // namespace lenslet
