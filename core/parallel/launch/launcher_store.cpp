#include "parallel/launch/launcher_store.h"

#include <fmt/format.h>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include <sift/error.h>
#include "parallel/heartbeat.h"
#include "parallel/launch/sockets.h"
#include "parallel/rendezvous.h"
#include "parallel/run_status.h"

namespace sift {
namespace {

constexpr const char* kEndedNodes = "sift/launch/ended_nodes";
constexpr std::chrono::seconds kTimeout{5};
constexpr std::chrono::seconds kReachable{2};

[[noreturn]] void refuse_port(std::uint16_t port) {
  if (errno == EADDRINUSE)
    throw Error(fmt::format(
        "port {} of this machine is in use, perhaps by another run; choose a free one with --master-port",
        port));
  throw Error(fmt::format("this machine cannot listen on port {}: {}; choose another one with --master-port",
                          port, std::strerror(errno)));
}

}  // namespace

LauncherStore::LauncherStore(std::uint16_t port, bool this_machine_alone) {
  Descriptor socket = listen_on(port, this_machine_alone);
  if (socket.get() < 0) refuse_port(port);
  port_ = port_of(socket);
  c10d::TCPStoreOptions options;
  options.port = port_;
  options.isServer = true;
  options.waitWorkers = false;
  options.masterListenFd = socket.release();
  store_ = c10::make_intrusive<c10d::TCPStore>("127.0.0.1", options);
}

LauncherStore::LauncherStore(std::string master_addr, std::uint16_t port)
    : master_addr_(std::move(master_addr)), port_(port) {}

LauncherStore::~LauncherStore() = default;

/// Throws c10::Error if it is not reachable.
c10d::Store& LauncherStore::store() {
  if (store_) return *store_;
  // c10d would fill the log with its attempts
  TORCH_CHECK(is_reachable(master_addr_, port_, kReachable), "no program listens there");
  c10d::TCPStoreOptions options;
  options.port = port_;
  options.timeout = kTimeout;
  store_ = c10::make_intrusive<c10d::TCPStore>(master_addr_, options);
  return *store_;
}

std::int64_t LauncherStore::num_ended_nodes() {
  return store().add(kEndedNodes, 0);
}

void LauncherStore::report_end() {
  try {
    store().add(kEndedNodes, 1);
  } catch (const c10::Error&) {
    return;  // its launcher has ended
  }
}

std::optional<std::string> LauncherStore::claim_failure(std::int64_t rank, const std::string& what,
                                                        const std::string& cause) {
  std::string when;
  try {
    store();
    RunStatus status(keys_of_start(store_));
    const std::string step = step_of_beat(status.beat(rank));
    if (!step.empty() && step != "0") when = fmt::format(", at step {}", step);
    const std::string error = what + when + ": " + cause;
    if (!status.claim_failure({error})) return {};
    return error;
  } catch (const c10::Error&) {
    return what + ": " + cause;
  }
}

}  // namespace sift
