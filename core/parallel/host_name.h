#pragma once

#include <string>

namespace sift {

/// Of this machine, for messages.
std::string host_name();

}  // namespace sift
