#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "support/program.h"

namespace sift::test {

/// A port of this machine at which a program listens that never answers.
class TakenPort {
 public:
  TakenPort();
  ~TakenPort();
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;
  std::uint16_t number() const { return number_; }

 private:
  int socket_;
  std::uint16_t number_ = 0;
};

/// A port that no program listens on.
std::uint16_t free_port();

/// Runs the sift of this build `size` times at once, as the processes of one run, in the environment that
/// torchrun gives them; each with one thread. `more`: further arguments of a rank. The results are by rank.
std::vector<ProgramResult> sift_processes(
    std::int64_t size, const std::vector<std::string>& arguments,
    const std::map<std::string, std::string>& environment = {},
    const std::function<std::vector<std::string>(std::size_t rank)>& more = {});

}  // namespace sift::test
