#include <fmt/format.h>

#include <exception>
#include <filesystem>

#include "support/reference_run.h"

// write_reference_runs FOLDER: the rows and the configuration of every run of TRL in tests/fixtures/parity,
// each in a folder of its name, for programs that train them elsewhere. Their paths are those of this
// machine.

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: write_reference_runs FOLDER\n");
    return 2;
  }
  try {
    for (const std::string& name : sift::test::reference_run_names()) {
      const std::filesystem::path folder = std::filesystem::path(argv[1]) / name;
      std::filesystem::create_directories(folder);
      sift::test::ReferenceRun(name).write_config(folder);
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "write_reference_runs: {}\n", error.what());
    return 1;
  }
  return 0;
}
