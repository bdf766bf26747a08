#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "parallel/launch/descriptor.h"

namespace sift {

/// A socket that listens, at every address or only for this machine; none and errno if the port cannot be
/// had. Port 0: a free one.
Descriptor listen_on(std::uint16_t port, bool this_machine_alone);

/// The port of such a socket.
std::uint16_t port_of(const Descriptor& socket);

/// Whether a program listens there. `limit`: for each address of the host.
bool is_reachable(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit);

}  // namespace sift
