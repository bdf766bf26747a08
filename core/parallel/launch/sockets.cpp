#include "parallel/launch/sockets.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

namespace sift {
namespace {

constexpr int kBacklog = 4096;  // every process of a large run connects at once

/// A socket that listens at the address, or none and errno.
template <class Address>
Descriptor listen_at(const Address& address, int family) {
  Descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return socket;
  const int on = 1, off = 0;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::listen(socket.get(), kBacklog) == 0)
    return socket;
  return Descriptor();
}

}  // namespace

Descriptor listen_on(std::uint16_t port, bool this_machine_alone) {
  if (!this_machine_alone) {
    sockaddr_in6 every{};
    every.sin6_family = AF_INET6;
    every.sin6_port = htons(port);
    Descriptor socket = listen_at(every, AF_INET6);
    if (socket.get() >= 0 || errno == EADDRINUSE || errno == EACCES) return socket;
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(this_machine_alone ? INADDR_LOOPBACK : INADDR_ANY);
  return listen_at(address, AF_INET);
}

std::uint16_t port_of(const Descriptor& socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

bool is_reachable(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return false;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    const Descriptor socket(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (::connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0) return true;
    ::pollfd connected{socket.get(), POLLOUT, 0};
    if (errno != EINPROGRESS || ::poll(&connected, 1, static_cast<int>(limit.count())) != 1) continue;
    int failure = 0;
    socklen_t size = sizeof failure;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &failure, &size);
    if (failure == 0) return true;
  }
  return false;
}

}  // namespace sift
