#pragma once

#include <sift/export.h>

/// Runs the subcommand argv[1] with the arguments behind it and returns the exit status of the program: 0, 1
/// for a failure, 2 for usage. Errors are printed to stderr, none is thrown. Found by its name: see main.cpp.
extern "C" SIFT_API int sift_run_command(int argc, char** argv);
