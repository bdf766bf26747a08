#pragma once

#include <map>
#include <string>
#include <vector>

namespace sift::test {

struct ProgramResult {
  int status = -1;  ///< exit status, or 128 + signal
  std::string out;
  std::string err;
};

/// Runs `program` with `arguments`, and `environment` on top of the own one, and waits for it.
ProgramResult run_program(const std::string& program, const std::vector<std::string>& arguments,
                          const std::map<std::string, std::string>& environment = {});

/// The sift of this build.
ProgramResult sift(const std::vector<std::string>& arguments,
                   const std::map<std::string, std::string>& environment = {});

}  // namespace sift::test
