#pragma once

#include <torch/csrc/distributed/c10d/HashStore.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "parallel/process_group.h"
#include "parallel/process_mesh.h"

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

/// The same in a mesh of `rows` times `columns`.
inline void run_mesh(std::int64_t rows, std::int64_t columns,
                     const std::function<void(const ProcessMesh&)>& body) {
  const auto store = c10::make_intrusive<c10d::HashStore>();
  const auto group_of = [&](const char* name, std::int64_t number, std::int64_t rank, std::int64_t size) {
    const auto keys = c10::make_intrusive<c10d::PrefixStore>(name + std::to_string(number), store);
    return std::make_shared<ProcessGroup>(keys, rank, size, "127.0.0.1");
  };
  run_group(rows * columns, [&](ProcessGroup& all) {
    const std::int64_t row = all.rank() / columns, column = all.rank() % columns;
    auto shards = group_of("shards", row, column, columns);
    const ProcessMesh mesh(all, std::move(shards), group_of("replicas", column, row, rows));
    body(mesh);
    all.barrier();
  });
}

}  // namespace sift::test
