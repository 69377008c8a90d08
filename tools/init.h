// Writes a recipe and a model that fit a user's data.

#ifndef LENSLET_TOOLS_INIT_H_
#define LENSLET_TOOLS_INIT_H_

namespace lenslet {

// Runs "lenslet init". Returns its exit code.
int InitCommand(int argc, char** argv);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_INIT_H_
