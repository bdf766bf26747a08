#include "parallel/rendezvous.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <array>
#include <cstdlib>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include <sift/error.h>
#include "parallel/host_name.h"
#include "parallel/launch/descriptor.h"
#include "parallel/process_group.h"
#include "parallel/run_status.h"

namespace sift {
namespace {

using StorePointer = c10::intrusive_ptr<c10d::Store>;

constexpr std::chrono::seconds kAsk{1};  ///< how often a process that waits asks whether the run has failed

/// The address from which this host reaches `host`. Nothing is sent.
std::string address_towards(const std::string& host, std::uint16_t port) {
  const addrinfo hints{0, AF_UNSPEC, SOCK_DGRAM, 0, 0, nullptr, nullptr, nullptr};
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return host;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    const Descriptor socket(::socket(one->ai_family, one->ai_socktype, one->ai_protocol));
    if (socket.get() < 0) continue;
    sockaddr_storage own{};
    socklen_t length = sizeof own;
    std::array<char, NI_MAXHOST> text{};
    const bool is_known = ::connect(socket.get(), one->ai_addr, one->ai_addrlen) == 0 &&
                          ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&own), &length) == 0 &&
                          ::getnameinfo(reinterpret_cast<sockaddr*>(&own), length, text.data(), text.size(),
                                        nullptr, 0, NI_NUMERICHOST) == 0;
    if (is_known) return text.data();
  }
  return host;
}

std::string problem_of(const ProcessInfo& process, std::chrono::seconds timeout, const std::string& error) {
  if (process.keeps_store()) {
    return fmt::format(
        "rank 0 cannot open port {} on {}, where the processes of the run meet: {}; another program may use it: set "
        "MASTER_PORT to a free one, the same for all processes",
        process.master_port, host_name(), error);
  }
  return fmt::format(
      "rank {} on {} could not reach {}:{} (MASTER_ADDR, MASTER_PORT), where the processes of the run meet, within {} "
      "s: {}; check that {} runs there and that the port is open",
      process.rank, host_name(), process.master_addr, process.master_port, timeout.count(), error,
      process.uses_agent_store ? process.started_by : "rank 0");
}

/// Another program at the port may take the connection and never answer; c10d would wait for ever.
StorePointer make_in_time(const std::string& host, const c10d::TCPStoreOptions& options) {
  std::packaged_task<StorePointer()> make(
      [host, options]() -> StorePointer { return c10::make_intrusive<c10d::TCPStore>(host, options); });
  auto made = make.get_future();
  std::thread(std::move(make)).detach();
  const bool is_made = made.wait_for(options.timeout + kAsk) == std::future_status::ready;
  TORCH_CHECK(is_made, "what listens there is no store of a run");
  return made.get();
}

StorePointer connect(const ProcessInfo& process, std::chrono::seconds timeout, bool is_server) {
  c10d::TCPStoreOptions options;
  options.port = process.master_port;
  options.isServer = is_server;
  options.waitWorkers = false;
  options.timeout = timeout;
  try {
    return keys_of_start(make_in_time(process.master_addr, options));
  } catch (const c10::Error& error) {
    throw Error(problem_of(process, timeout, error.what_without_backtrace()));
  }
}

std::string place_key(std::int64_t rank) {
  return fmt::format("place/{}", rank);
}

std::vector<std::int64_t> missing_ranks(std::int64_t size, c10d::Store& store) {
  std::vector<std::int64_t> missing;
  for (std::int64_t rank = 0; rank < size; ++rank)
    if (!store.check({place_key(rank)})) missing.push_back(rank);
  return missing;
}

bool has_come(const std::vector<std::string>& keys, std::chrono::seconds time, c10d::Store& store) {
  try {
    store.wait(keys, time);
    return true;
  } catch (const c10::Error&) {
    return store.check(keys);  // throws if the store is gone
  }
}

/// One process of those that wait shows that others are missing. Throws.
[[noreturn]] void give_up(const ProcessInfo& process, std::chrono::seconds timeout,
                          const StorePointer& store) {
  const std::vector<std::int64_t> missing = missing_ranks(process.size, *store);
  const std::string error = fmt::format(
      "{} of {} processes did not come to {}:{} within {} s, missing: rank {}; check that they were "
      "started on every host with the same MASTER_ADDR, MASTER_PORT and WORLD_SIZE",
      missing.size(), process.size, process.master_addr, process.master_port, timeout.count(),
      fmt::join(missing, ", "));
  const bool is_first = RunStatus(store).claim_failure({error});
  // the others, which wait as long, still ask
  if (process.keeps_store()) std::this_thread::sleep_for(2 * kAsk);
  if (is_first) throw Error(error);
  throw PeerLost(error);
}

/// Places of all ranks. Throws as meet().
std::vector<std::string> wait_for_all(const ProcessInfo& process, std::chrono::seconds timeout,
                                      const StorePointer& store) {
  std::vector<std::string> keys, places;
  for (std::int64_t rank = 0; rank < process.size; ++rank) keys.push_back(place_key(rank));
  const auto end = std::chrono::steady_clock::now() + timeout;
  try {
    while (!has_come(keys, kAsk, *store)) {
      if (const auto failure = RunStatus(store).failure()) throw PeerLost(failure->error);
      if (std::chrono::steady_clock::now() >= end) give_up(process, timeout, store);
    }
    for (const std::string& key : keys) places.push_back(store->get_to_str(key));
  } catch (const c10::Error&) {
    throw Error(fmt::format(
        "{} at {}:{} ended while the processes of the run were waiting for each other, and with it the store of the run",
        process.uses_agent_store ? process.started_by : "rank 0", process.master_addr, process.master_port));
  }
  return places;
}

}  // namespace

StorePointer keys_of_start(const StorePointer& store) {
  const char* restarts = std::getenv("TORCHELASTIC_RESTART_COUNT");
  return c10::make_intrusive<c10d::PrefixStore>(fmt::format("sift/{}", restarts == nullptr ? "0" : restarts),
                                                store);
}

Rendezvous meet(const ProcessInfo& process, std::chrono::seconds timeout) {
  Rendezvous found;
  found.store = connect(process, timeout, process.keeps_store());
  found.second_connection = connect(process, timeout, false);
  found.address = address_towards(process.master_addr, process.master_port);
  found.store->set(place_key(process.rank), fmt::format("{} (process {})", host_name(), ::getpid()));
  found.places = wait_for_all(process, timeout, found.store);
  return found;
}

}  // namespace sift
