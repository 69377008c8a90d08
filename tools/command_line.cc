#include "lenslet/tools/command_line.h"

#include <cstdlib>
#include <filesystem>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/tools/program.h"

namespace lenslet {
namespace {

// The library checks with validators that return an error's text, or "". It
// puts "--name: " before the text; Parse() removes the colon.
CLI::Validator InRange(const IntegerRange& range) {
  return CLI::Validator(
      [range](std::string& text) -> std::string {
        int64_t value;
        if (!CLI::detail::lexical_cast(text, value)) {
          return absl::StrCat("is \"", text, "\"; expected a whole number");
        }
        if (value < range.min) {
          return absl::StrCat("is ", text, "; expected a number of at least ",
                              range.min);
        }
        if (value > range.max) {
          return absl::StrCat("is ", text, "; expected a number of at most ",
                              range.max);
        }
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

std::string WithOtherwise(const std::string& type,
                          const std::string& otherwise) {
  return otherwise.empty() ? type : absl::StrCat(type, " [", otherwise, "]");
}

// "--epoch=3" -> "--epoch"
std::string NameOf(const std::string& argument) {
  return argument.substr(0, argument.find('='));
}

}  // namespace

CommandLine::CommandLine(const std::string& program,
                         const std::string& description)
    : program_(program),
      app_(std::make_unique<CLI::App>(description, program)) {
  app_->set_help_flag("--help", "Print this and exit.");
  app_->get_formatter()->column_width(34);
  app_->get_formatter()->label("OPTIONS", "--flag=value ...");
}

CommandLine::~CommandLine() = default;

void CommandLine::AddFlag(const std::string& name, const std::string& help,
                          std::string& value) {
  app_->add_option(absl::StrCat("--", name), value, help)
      ->option_text(value.empty() ? "TEXT"
                                  : absl::StrCat("TEXT [", value, "]"));
}

void CommandLine::AddFlag(const std::string& name, const std::string& help,
                          int64_t& value, const IntegerRange& range) {
  app_->add_option(absl::StrCat("--", name), value, help)
      ->check(InRange(range))
      ->option_text(absl::StrCat("INT [", value, "]"));
}

void CommandLine::AddFlag(const std::string& name, const std::string& help,
                          bool& value) {
  app_->add_flag(absl::StrCat("--", name), value, help)
      ->check(TrueOrFalse())
      ->option_text(absl::StrCat("BOOL [", value ? "true" : "false", "]"));
}

void CommandLine::AddPositiveFlag(const std::string& name,
                                  const std::string& help, double& value) {
  app_->add_option(absl::StrCat("--", name), value, help)
      ->check(Positive())
      ->option_text(absl::StrCat("NUMBER [", value, "]"));
}

void CommandLine::AddFlag(const std::string& name, const std::string& help,
                          std::optional<std::string>& value,
                          const std::string& otherwise) {
  app_->add_option(absl::StrCat("--", name), value, help)
      ->option_text(WithOtherwise("TEXT", otherwise));
}

void CommandLine::AddFlag(const std::string& name, const std::string& help,
                          std::optional<int64_t>& value,
                          const IntegerRange& range,
                          const std::string& otherwise) {
  app_->add_option(absl::StrCat("--", name), value, help)
      ->check(InRange(range))
      ->option_text(WithOtherwise("INT", otherwise));
}

void CommandLine::AddPositiveFlag(const std::string& name,
                                  const std::string& help,
                                  std::optional<double>& value,
                                  const std::string& otherwise) {
  app_->add_option(absl::StrCat("--", name), value, help)
      ->check(Positive())
      ->option_text(WithOtherwise("NUMBER", otherwise));
}

void CommandLine::AddFlag(const std::string& name, const std::string& help,
                          std::vector<std::string>& values) {
  // One value for each time: what follows is an argument.
  app_->add_option(absl::StrCat("--", name), values, help)
      ->expected(1)
      ->take_all()
      ->option_text("TEXT ...");
}

void CommandLine::AddArguments(const std::string& name, const std::string& help,
                               std::vector<std::string>& values) {
  app_->add_option(name, values, help)->option_text("...");
}

bool CommandLine::Given(const std::string& name) const {
  return app_->get_option(absl::StrCat("--", name))->count() > 0;
}

std::optional<int> CommandLine::Parse(int argc, char** argv) {
  std::string message;
  try {
    app_->parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    PrintText(app_->help());
    return 0;
  } catch (const CLI::ExtrasError&) {
    const std::string unknown = NameOf(app_->remaining()[0]);
    std::vector<std::string> names;
    for (const CLI::Option* option : app_->get_options()) {
      names.push_back(option->get_name());
    }
    message = absl::StrCat(
        absl::StartsWith(unknown, "-") ? "unknown flag " : "unexpected word ",
        unknown, DidYouMean(unknown, names));
  } catch (const CLI::ValidationError& error) {
    message = error.what();
    message.erase(message.find(':'), 1);
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();
    const std::string flag = text.substr(0, text.find(':'));
    message =
        absl::StrContains(text, "At Most")
            ? absl::StrCat(flag, " is given twice; expected it once")
            : absl::StrCat(flag, " has no value; expected ", flag, "=VALUE");
  } catch (const CLI::Error& error) {
    message = absl::StrReplaceAll(error.what(), {{"\n", " "}});
  }
  return ReportUsage(program_, message);
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
