#pragma once

#include <string>

#include "support/program.h"
#include "support/temp_folder.h"

namespace sift::test {

/// Somebody who writes plugins: a home folder that is also the folder of a built Sift (`build`, `examples`),
/// and a shell in it whose CMake uses the generator and the compiler of this build.
class Researcher {
 public:
  Researcher();

  const TempFolder& home() const { return home_; }
  /// Runs the lines in the home folder up to the first that fails; `sift` is the installed one of ~/sift.
  ProgramResult shell(const std::string& lines) const;

 private:
  TempFolder home_;
};

}  // namespace sift::test
