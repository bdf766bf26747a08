#include "support/researcher.h"

#include <cstdlib>

namespace sift::test {
namespace fs = std::filesystem;

Researcher::Researcher() {
  fs::create_directory_symlink(SIFT_BUILD_DIR, home_ / "build");
  fs::create_directory_symlink(SIFT_EXAMPLES, home_ / "examples");
}

ProgramResult Researcher::shell(const std::string& lines) const {
  const char* path = std::getenv("PATH");
  const std::string home = home_.path().string();
  const std::string cmake_folder = fs::path(SIFT_CMAKE).parent_path().string();
  std::map<std::string, std::string> environment = {
      {"HOME", home},
      {"PATH", home + "/sift/bin:" + cmake_folder + ":" + (path == nullptr ? "" : path)},
      {"CMAKE_GENERATOR", SIFT_CMAKE_GENERATOR},
      {"CXX", SIFT_COMPILER},
      // the next home has another name: a compiler cache must not take it for another source
      {"CCACHE_BASEDIR", home},
      {"CCACHE_NOHASHDIR", "1"}};
  if (*SIFT_COMPILER_LAUNCHER != '\0') environment["CMAKE_CXX_COMPILER_LAUNCHER"] = SIFT_COMPILER_LAUNCHER;
  return run_program("/bin/sh", {"-ec", "cd ~\n" + lines}, environment);
}

}  // namespace sift::test
