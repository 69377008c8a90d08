// Runs "lenslet init" as a program.

#include "lenslet/tools/init.h"
#include "lenslet/tools/program.h"

int main(int argc, char** argv) {
  return lenslet::RunProgram("lenslet init", argc, argv, lenslet::InitCommand);
}
