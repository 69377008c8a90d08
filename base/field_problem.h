// Problems of a message's fields.

#ifndef LENSLET_BASE_FIELD_PROBLEM_H_
#define LENSLET_BASE_FIELD_PROBLEM_H_

#include <string>
#include <vector>

namespace lenslet {

// Functions that find all problems of a text or message stop after this many.
inline constexpr int kMaxProblems = 100;

// A step from a message into one of its fields.
struct FieldStep {
  int number;
  // The entry, if the field is repeated.
  int index = -1;
};

// An error or a warning about a field of a message.
struct FieldProblem {
  std::vector<FieldStep> path = {};  // Empty for the message as a whole.
  // "data.noise is 2; expected a number in [0, 1]"
  std::string message;
  // Whether the message is valid all the same.
  bool is_warning = false;
};

}  // namespace lenslet

#endif  // LENSLET_BASE_FIELD_PROBLEM_H_
