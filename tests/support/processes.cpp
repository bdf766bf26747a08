#include "support/processes.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace sift::test {

TakenPort::TakenPort() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  constexpr int kBacklog = 8;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  socklen_t length = sizeof address;
  const bool listens = ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), length) == 0 &&
                       ::listen(socket_, kBacklog) == 0 &&
                       ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  if (!listens) throw std::runtime_error("no free port");
  number_ = ntohs(address.sin_port);
}

TakenPort::~TakenPort() {
  ::close(socket_);
}

std::uint16_t free_port() {
  return TakenPort().number();
}

std::vector<ProgramResult> sift_processes(
    std::int64_t size, const std::vector<std::string>& arguments,
    const std::map<std::string, std::string>& environment,
    const std::function<std::vector<std::string>(std::size_t rank)>& more) {
  std::map<std::string, std::string> common = {{"WORLD_SIZE", std::to_string(size)},
                                               {"LOCAL_WORLD_SIZE", std::to_string(size)},
                                               {"MASTER_ADDR", "127.0.0.1"},
                                               {"MASTER_PORT", std::to_string(free_port())},
                                               {"OMP_NUM_THREADS", "1"}};
  for (const auto& [name, value] : environment) common[name] = value;
  std::vector<ProgramResult> results(static_cast<std::size_t>(size));
  std::vector<std::thread> threads;
  for (std::size_t rank = 0; rank < results.size(); ++rank) {
    threads.emplace_back([&, rank] {
      std::map<std::string, std::string> own = common;
      own["RANK"] = own["LOCAL_RANK"] = std::to_string(rank);
      std::vector<std::string> all = arguments;
      if (more) std::ranges::copy(more(rank), std::back_inserter(all));
      results[rank] = sift(all, own);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return results;
}

}  // namespace sift::test
