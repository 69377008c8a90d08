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
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace lenslet {

struct IntegerRange {
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();
};

// Flags are --name=value or, but for those that are true or false, --name
// value. Each Add...() takes a variable that holds the default, receives the
// value, and must outlive the CommandLine.
class CommandLine {
 public:
  CommandLine(const std::string& program, const std::string& description);
  ~CommandLine();

  void AddFlag(const std::string& name, const std::string& help,
               std::string& value);
  void AddFlag(const std::string& name, const std::string& help, int64_t& value,
               const IntegerRange& range);
  // --name, --name=true or --name=false; the value is no word of its own.
  void AddFlag(const std::string& name, const std::string& help, bool& value);
  // The same for flags without a default of their own: `value` stays empty
  // unless the flag is given. The help shows `otherwise`, unless that is empty,
  // as what then counts.
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
  // What is given without a flag; `name` stands for one of them in the help.
  void AddArguments(const std::string& name, const std::string& help,
                    std::vector<std::string>& values);

  // Reads the command line. Returns nothing if the program should go on, and
  // otherwise what it should return: 0 after --help, kExitUsage after one line
  // to stderr that says what is wrong.
  std::optional<int> Parse(int argc, char** argv);

  // Whether the command line that was parsed has the flag, which was added.
  bool Given(const std::string& name) const;

 private:
  std::string program_;
  std::unique_ptr<CLI::App> app_;
};

// The folder that relative paths of the user start from, where it is not the
// process's own: `bazel run` starts programs in a folder of Bazel's, but the
// user means the one where he typed. "" otherwise.
std::string UserFolder();

// A path of the user, from UserFolder(). "" stays "".
std::string UserPath(const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_COMMAND_LINE_H_
