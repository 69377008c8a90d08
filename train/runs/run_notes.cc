#include "lenslet/train/runs/run_notes.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

std::string NoteToJson(const RunNote& note) {
  const nlohmann::ordered_json json = {{"step", note.step},
                                       {"id", note.id},
                                       {"warning", note.warning},
                                       {"text", note.text}};
  // Texts may have names of files of any bytes.
  return json.dump(-1, ' ', false,
                   nlohmann::ordered_json::error_handler_t::replace);
}

absl::StatusOr<RunNote> NoteFromJson(absl::string_view line) {
  const nlohmann::json json =
      nlohmann::json::parse(line.begin(), line.end(), /*cb=*/nullptr,
                            /*allow_exceptions=*/false);
  const auto has = [&](const char* key, auto is) {
    return json.contains(key) && (json[key].*is)();
  };
  if (!json.is_object() || !has("step", &nlohmann::json::is_number_integer) ||
      !has("id", &nlohmann::json::is_string) ||
      !has("warning", &nlohmann::json::is_boolean) ||
      !has("text", &nlohmann::json::is_string)) {
    return absl::InvalidArgumentError(
        "is not a note; expected an object with step, id, warning and text");
  }
  return RunNote{.step = json["step"].get<int64_t>(),
                 .id = json["id"].get<std::string>(),
                 .warning = json["warning"].get<bool>(),
                 .text = json["text"].get<std::string>()};
}

}  // namespace

absl::StatusOr<std::vector<RunNote>> ReadNotes(const std::string& path) {
  const absl::StatusOr<std::string> contents = ReadFile(path);
  std::vector<RunNote> notes;
  if (absl::IsNotFound(contents.status())) return notes;
  LENSLET_RETURN_IF_ERROR(contents.status());
  int64_t number = 0;
  for (const absl::string_view line : absl::StrSplit(*contents, '\n')) {
    ++number;
    if (line.empty()) continue;
    absl::StatusOr<RunNote> note = NoteFromJson(line);
    if (!note.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ":", number, ": ", note.status().message()));
    }
    notes.push_back(*std::move(note));
  }
  return notes;
}

absl::StatusOr<RunNotes> RunNotes::Open(const std::string& run_dir,
                                        int64_t resume_step) {
  RunNotes notes;
  notes.path_ = absl::StrCat(run_dir, "/", kNotesName);
  LENSLET_ASSIGN_OR_RETURN(notes.notes_, ReadNotes(notes.path_));
  const size_t before = notes.notes_.size();
  std::erase_if(notes.notes_,
                [&](const RunNote& note) { return note.step > resume_step; });
  if (notes.notes_.size() < before) {
    LENSLET_RETURN_IF_ERROR(notes.Write());
  }
  return notes;
}

bool RunNotes::Has(absl::string_view id) const {
  return std::any_of(notes_.begin(), notes_.end(),
                     [&](const RunNote& note) { return note.id == id; });
}

absl::Status RunNotes::Add(RunNote note) {
  if (Has(note.id)) return absl::OkStatus();
  notes_.push_back(std::move(note));
  return Write();
}

absl::Status RunNotes::Remove(absl::string_view id) {
  if (!Has(id)) return absl::OkStatus();
  std::erase_if(notes_, [&](const RunNote& note) { return note.id == id; });
  return Write();
}

absl::Status RunNotes::Write() const {
  if (path_.empty()) return absl::OkStatus();
  std::string text;
  for (const RunNote& note : notes_) {
    absl::StrAppend(&text, NoteToJson(note), "\n");
  }
  return WriteFileAtomically(path_, text);
}

}  // namespace lenslet
