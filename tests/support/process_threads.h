#pragma once

#include <torch/csrc/distributed/c10d/HashStore.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

#include "parallel/process_group.h"

namespace sift::test {

/// Runs `body` on `size` threads, each with its own rank of a group, as if they were processes. Throws the
/// first exception of any.
inline void run_group(std::int64_t size, const std::function<void(ProcessGroup&)>& body) {
  const auto store = c10::make_intrusive<c10d::HashStore>();
  std::vector<std::exception_ptr> errors(static_cast<std::size_t>(size));
  std::vector<std::thread> threads;
  for (std::int64_t rank = 0; rank < size; ++rank) {
    threads.emplace_back([&, rank] {
      try {
        ProcessGroup group(store, rank, size, "127.0.0.1");
        body(group);
        group.barrier();  // the others may still read
      } catch (...) {
        errors[static_cast<std::size_t>(rank)] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
}

}  // namespace sift::test
