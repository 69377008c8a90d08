// The flags of Lenslet's programs.
//
//   CommandLine flags("train_lenet", "Trains LeNet on Fashion-MNIST.");
//   int64_t epochs = 10;
//   flags.AddFlag("epochs", "Times through the training images.", epochs,
//                 {.min = 1});
//   if (const std::optional<int> exit_code = flags.Parse(argc, argv)) {
//     return *exit_code;
//   }

#ifndef LENSLET_TOOLS_COMMAND_LINE_H_
#define LENSLET_TOOLS_COMMAND_LINE_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace lenslet {

struct IntegerRange {
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();
};

// Flags are written --name=value or, except for booleans, --name value. Each
// Add...() takes a variable that holds the default and receives the value. It
// must outlive the CommandLine.
class CommandLine {
 public:
  // The help shows `description` in lines of 80 characters. An empty line
  // separates paragraphs. Lines that start with a space are shown as they are.
  CommandLine(const std::string& program, const std::string& description);
  ~CommandLine();

  void AddFlag(const std::string& name, const std::string& help,
               std::string& value);
  void AddFlag(const std::string& name, const std::string& help, int64_t& value,
               const IntegerRange& range);
  // Written --name, --name=true or --name=false. The value cannot be a separate
  // argument.
  void AddFlag(const std::string& name, const std::string& help, bool& value);
  // The same for flags without a fixed default: `value` stays empty unless the
  // flag is given. If `otherwise` is not empty, the help shows it as the
  // default.
  void AddFlag(const std::string& name, const std::string& help,
               std::optional<std::string>& value,
               const std::string& otherwise = "");
  void AddFlag(const std::string& name, const std::string& help,
               std::optional<int64_t>& value, const IntegerRange& range,
               const std::string& otherwise = "");
  void AddPositiveFlag(const std::string& name, const std::string& help,
                       std::optional<double>& value,
                       const std::string& otherwise = "");
  // A flag that may be given several times.
  void AddFlag(const std::string& name, const std::string& help,
               std::vector<std::string>& values);
  // A number above 0.
  void AddPositiveFlag(const std::string& name, const std::string& help,
                       double& value);
  // A flag for a file to write. `file` is "" without the flag, kStandardOutput
  // for --name alone, and else the value. The value cannot be a separate
  // argument.
  void AddFileFlag(const std::string& name, const std::string& help,
                   std::string& file);
  // Words, which are not flags. The help shows `name` for them: "RUN RUN ...".
  // A second call explains the words that follow, which go into the same
  // `values`.
  void AddArguments(const std::string& name, const std::string& help,
                    std::vector<std::string>& values);
  // A flag that no longer exists. The error for it says to write `instead`, in
  // which the flag's value replaces "VALUE": "--index=VALUE".
  void AddMovedFlag(const std::string& name, const std::string& instead);

  // A flag that other programs have. The error for it says to write `instead`,
  // in which the value replaces "VALUE", or in capitals "CAPITALS".
  void AddForeignFlag(const std::string& name, const std::string& instead);

  // Parses the command line. Returns nullopt if the program should continue,
  // else its exit code: 0 after --help; kExitUsage after an error, which is
  // printed to stderr as one line.
  std::optional<int> Parse(int argc, char** argv);

  // Returns whether the parsed command line has the flag, which must have been
  // added.
  bool Given(const std::string& name) const;

 private:
  struct Entry {
    std::string name;  // "--epochs INT [10]"
    std::string help;
  };

  std::string Help() const;
  // The first flag that has no value but needs one, or "". An empty value is
  // none, and another flag is not a value.
  std::string WithoutValue(int argc, char** argv) const;
  // What is wrong with a flag or word that was not expected.
  std::string Unexpected(int argc, char** argv) const;

  std::string program_;
  std::string description_;
  std::unique_ptr<CLI::App> app_;
  std::vector<Entry> words_;
  std::vector<Entry> flags_;
  // What no flag is called here, with "--", and what to write instead.
  struct OtherFlag {
    std::string name;
    std::string instead;
    std::string reason;  // "is no longer a flag"
  };
  std::vector<OtherFlag> other_flags_;
};

// The file of a flag that is given without one: standard output.
inline constexpr char kStandardOutput[] = "-";

// Returns `text` as one word of a shell's command line, in quotation marks
// where a shell would change it otherwise.
std::string ShellQuoted(const std::string& text);

// Returns the folder that the user's relative paths start from, or "" if that
// is the process's working directory. `bazel run` starts programs in one of
// Bazel's folders, but users mean the folder where they typed the command.
std::string UserFolder();

// Resolves a user's path against UserFolder(). "" stays "".
std::string UserPath(const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_COMMAND_LINE_H_
