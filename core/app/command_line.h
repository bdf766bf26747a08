#pragma once

#include <sift/export.h>

/// Runs the subcommand argv[1] with the arguments after it and returns the exit status of the program: 0, 1
/// for a failure, 2 for a usage error. Errors are printed to stderr, never thrown. Looked up by name: see
/// main.cpp.
extern "C" SIFT_API int sift_run_command(int argc, char** argv);
