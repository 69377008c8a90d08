#include "lenslet/tools/command_line.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/wrap_text.h"
#include "lenslet/tools/program.h"

namespace lenslet {
namespace {

// Whether the text is a decimal number, of any size.
bool IsInteger(absl::string_view text) {
  if (absl::StartsWith(text, "-") || absl::StartsWith(text, "+")) {
    text.remove_prefix(1);
  }
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// The library checks with validators that return an error's text, or "". It
// puts "--name: " before the text; Parse() removes the colon.
CLI::Validator InRange(const IntegerRange& range) {
  return CLI::Validator(
      [range](std::string& text) -> std::string {
        if (!IsInteger(text)) {
          return absl::StrCat("is \"", text, "\"; expected a whole number");
        }
        // Of a number that does not fit, the nearest one that does.
        int64_t value;
        const bool fits = absl::SimpleAtoi(text, &value);
        if (value < range.min || (!fits && value < 0)) {
          return absl::StrCat("is ", text, "; expected a number of at least ",
                              range.min);
        }
        if (value > range.max || !fits) {
          return absl::StrCat("is ", text, "; expected a number of at most ",
                              range.max);
        }
        // The library would read 010 as 8.
        text = absl::StrCat(value);
        return "";
      },
      /*validator_desc=*/"");
}

CLI::Validator Positive() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        double value;
        if (!CLI::detail::lexical_cast(text, value)) {
          return absl::StrCat("is \"", text, "\"; expected a number");
        }
        if (!(value > 0) || value > std::numeric_limits<float>::max()) {
          return absl::StrCat("is ", text,
                              "; expected a finite number above 0");
        }
        return "";
      },
      /*validator_desc=*/"");
}

CLI::Validator TrueOrFalse() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        if (text == "true" || text == "false") return "";
        return absl::StrCat("is \"", text, "\"; expected true or false");
      },
      /*validator_desc=*/"");
}

std::string WithDefault(absl::string_view type, absl::string_view value) {
  return value.empty() ? std::string(type)
                       : absl::StrCat(type, " [", value, "]");
}

std::string Dashed(const std::string& name) { return absl::StrCat("--", name); }

// "--epoch=3" -> "--epoch"
std::string NameOf(const std::string& argument) {
  return argument.substr(0, argument.find('='));
}

// The value of a flag that CLI11 does not know, or "VALUE" if it has none.
std::string ValueOf(const std::string& flag, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const absl::string_view argument = argv[i];
    if (absl::StartsWith(argument, absl::StrCat(flag, "="))) {
      return std::string(argument.substr(flag.size() + 1));
    }
    if (argument == flag && i + 1 < argc) return argv[i + 1];
  }
  return "VALUE";
}

// Breaks paragraphs into lines of 80 characters, and keeps lines that start
// with a space.
std::string Paragraphs(const std::string& text) {
  std::string result;
  std::string paragraph;
  const auto end_paragraph = [&] {
    if (!paragraph.empty()) {
      absl::StrAppend(&result, WrapText(paragraph, "", ""));
    }
    paragraph.clear();
  };
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!line.empty() && line[0] != ' ') {
      absl::StrAppend(&paragraph, line, " ");
      continue;
    }
    end_paragraph();
    absl::StrAppend(&result, line, "\n");
  }
  end_paragraph();
  result.erase(result.find_last_not_of('\n') + 1);
  return absl::StrCat(result, "\n");
}

// A name, and beside it or below it what it is for.
std::string HelpEntry(const std::string& name, const std::string& help) {
  constexpr size_t kColumn = 28;
  const std::string indentation(kColumn, ' ');
  const std::string start = absl::StrCat("  ", name);
  const std::string text = absl::StrReplaceAll(help, {{"\n", " "}});
  if (start.size() + 2 > kColumn) {
    return absl::StrCat(start, "\n", WrapText(text, indentation, indentation));
  }
  return WrapText(text,
                  absl::StrCat(start, std::string(kColumn - start.size(), ' ')),
                  indentation);
}

}  // namespace

CommandLine::CommandLine(const std::string& program,
                         const std::string& description)
    : program_(program),
      description_(description),
      app_(std::make_unique<CLI::App>(description, program)) {
  app_->set_help_flag("-h,--help", "");
}

CommandLine::~CommandLine() = default;

void CommandLine::AddFlag(const std::string& name, const std::string& help,
                          std::string& value) {
  app_->add_option(Dashed(name), value);
  flags_.push_back(
      {absl::StrCat("--", name, " ", WithDefault("TEXT", value)), help});
}

void CommandLine::AddFlag(const std::string& name, const std::string& help,
                          int64_t& value, const IntegerRange& range) {
  app_->add_option(Dashed(name), value)->transform(InRange(range));
  flags_.push_back({absl::StrCat("--", name, " INT [", value, "]"), help});
}

void CommandLine::AddFlag(const std::string& name, const std::string& help,
                          bool& value) {
  app_->add_flag(Dashed(name), value)
      ->check(TrueOrFalse())
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  flags_.push_back(
      {absl::StrCat("--", name, " BOOL [", value ? "true" : "false", "]"),
       help});
}

void CommandLine::AddPositiveFlag(const std::string& name,
                                  const std::string& help, double& value) {
  app_->add_option(Dashed(name), value)->check(Positive());
  flags_.push_back({absl::StrCat("--", name, " NUMBER [", value, "]"), help});
}

void CommandLine::AddFlag(const std::string& name, const std::string& help,
                          std::optional<std::string>& value,
                          const std::string& otherwise) {
  app_->add_option(Dashed(name), value);
  flags_.push_back(
      {absl::StrCat("--", name, " ", WithDefault("TEXT", otherwise)), help});
}

void CommandLine::AddFlag(const std::string& name, const std::string& help,
                          std::optional<int64_t>& value,
                          const IntegerRange& range,
                          const std::string& otherwise) {
  app_->add_option(Dashed(name), value)->transform(InRange(range));
  flags_.push_back(
      {absl::StrCat("--", name, " ", WithDefault("INT", otherwise)), help});
}

void CommandLine::AddPositiveFlag(const std::string& name,
                                  const std::string& help,
                                  std::optional<double>& value,
                                  const std::string& otherwise) {
  app_->add_option(Dashed(name), value)->check(Positive());
  flags_.push_back(
      {absl::StrCat("--", name, " ", WithDefault("NUMBER", otherwise)), help});
}

void CommandLine::AddFlag(const std::string& name, const std::string& help,
                          std::vector<std::string>& values) {
  // One value for each time: what follows is a word.
  app_->add_option(Dashed(name), values)
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  flags_.push_back({absl::StrCat("--", name, " TEXT ..."), help});
}

void CommandLine::AddFileFlag(const std::string& name, const std::string& help,
                              std::string& file) {
  app_->add_flag(absl::StrCat("--", name, "{", kStandardOutput, "}"), file)
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  flags_.push_back({absl::StrCat("--", name, "[=FILE]"), help});
}

void CommandLine::AddArguments(const std::string& name, const std::string& help,
                               std::vector<std::string>& values) {
  if (words_.empty()) app_->add_option("words", values);
  words_.push_back({name, help});
}

void CommandLine::AddMovedFlag(const std::string& name,
                               const std::string& instead) {
  other_flags_.push_back({.name = Dashed(name),
                          .instead = instead,
                          .reason = "is no longer a flag"});
}

void CommandLine::AddForeignFlag(const std::string& name,
                                 const std::string& instead) {
  other_flags_.push_back(
      {.name = Dashed(name), .instead = instead, .reason = "is no flag"});
}

std::string CommandLine::Help() const {
  std::string help = absl::StrCat("Usage: ", program_);
  for (const Entry& word : words_) absl::StrAppend(&help, " ", word.name);
  absl::StrAppend(&help, " [--flag=value ...]\n\n", Paragraphs(description_),
                  "\n");
  for (const Entry& word : words_) {
    absl::StrAppend(&help, HelpEntry(word.name, word.help), "\n");
  }
  absl::StrAppend(&help, "Flags:\n");
  for (const Entry& flag : flags_) {
    absl::StrAppend(&help, HelpEntry(flag.name, flag.help));
  }
  absl::StrAppend(&help, HelpEntry("--help", "Print this and exit."));
  return help;
}

std::string CommandLine::WithoutValue(int argc, char** argv) const {
  for (int i = 1; i < argc && absl::string_view(argv[i]) != "--"; ++i) {
    const std::string argument = argv[i];
    const std::string name = NameOf(argument);
    const CLI::Option* option = app_->get_option_no_throw(name);
    if (!absl::StartsWith(name, "--") || option == nullptr) continue;
    if (name != argument) {
      if (name.size() + 1 == argument.size()) return name;
      continue;
    }
    const bool is_separate = option->get_expected_min() > 0;
    if (!is_separate) continue;
    ++i;
    if (i == argc || argv[i][0] == '\0' ||
        (absl::StartsWith(argv[i], "--") &&
         app_->get_option_no_throw(NameOf(argv[i])) != nullptr)) {
      return name;
    }
  }
  return "";
}

std::string CommandLine::Unexpected(int argc, char** argv) const {
  const std::string unknown = NameOf(app_->remaining()[0]);
  if (!absl::StartsWith(unknown, "-")) {
    return absl::StrCat("unexpected word ", unknown);
  }
  for (const auto& [name, instead, reason] : other_flags_) {
    if (unknown != name) continue;
    const std::string value = ValueOf(name, argc, argv);
    return absl::StrCat(
        name, " ", reason, "; write: ",
        absl::StrReplaceAll(
            instead,
            {{"VALUE", ShellQuoted(value)},
             {"CAPITALS", ShellQuoted(absl::AsciiStrToUpper(value))}}));
  }
  std::vector<std::string> names;
  for (const CLI::Option* option : app_->get_options()) {
    if (!option->get_lnames().empty()) names.push_back(option->get_name());
  }
  return absl::StrCat("unknown flag ", unknown, DidYouMean(unknown, names));
}

bool CommandLine::Given(const std::string& name) const {
  return app_->get_option(absl::StrCat("--", name))->count() > 0;
}

std::optional<int> CommandLine::Parse(int argc, char** argv) {
  std::string message;
  const std::string empty = WithoutValue(argc, argv);
  if (!empty.empty()) {
    return ReportUsage(program_, absl::StrCat(empty, " has no value; expected ",
                                              empty, "=VALUE"));
  }
  try {
    app_->parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    PrintText(Help());
    return 0;
  } catch (const CLI::ExtrasError&) {
    message = Unexpected(argc, argv);
  } catch (const CLI::ValidationError& error) {
    message = error.what();
    message.erase(message.find(':'), 1);
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();
    const std::string flag = text.substr(0, text.find(':'));
    message = absl::StrCat(flag, " is given twice; expected it once");
  } catch (const CLI::Error& error) {
    message = absl::StrReplaceAll(error.what(), {{"\n", " "}});
  }
  return ReportUsage(program_, message);
}

std::string ShellQuoted(const std::string& text) {
  const bool is_plain =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return absl::ascii_isalnum(c) || !absl::ascii_isascii(c) ||
               absl::string_view("%+,-./:=@_").find(c) !=
                   absl::string_view::npos;
      });
  if (Printable(text) != text) {
    return absl::StrCat("$'", absl::CHexEscape(text), "'");
  }
  if (is_plain) return text;
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

std::string UserFolder() {
  const char* folder = std::getenv("BUILD_WORKING_DIRECTORY");
  return folder == nullptr ? "" : folder;
}

std::string UserPath(const std::string& path) {
  if (path.empty()) return "";
  return std::filesystem::path(UserFolder()) / path;
}

}  // namespace lenslet
