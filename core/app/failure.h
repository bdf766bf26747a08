#pragma once

#include <exception>
#include <string>

namespace sift {

/// The exit status of a wrong command line.
inline constexpr int kUsageStatus = 2;

/// What the user reads of an error: with advice where memory ran out, without the backtraces of LibTorch.
std::string message_of(const std::exception& error);

}  // namespace sift
