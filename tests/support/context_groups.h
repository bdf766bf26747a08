#pragma once

#include <torch/csrc/distributed/c10d/HashStore.hpp>

#include <cstdint>
#include <functional>
#include <memory>

#include "parallel/context_group.h"
#include "support/process_parallel.h"

namespace sift::test {

/// The communication of a group that divides the tokens of micro-batches.
class ContextParallel final : public GroupParallel {
 public:
  ContextParallel(ProcessGroup& group, ContextExchange& context) : GroupParallel(group), context_(context) {}
  ContextExchange* context() const override { return &context_; }

 private:
  ContextExchange& context_;
};

/// Runs `body` on `size` threads, as if they were processes that divide the tokens of micro-batches.
inline void run_context(std::int64_t size, const std::function<void(ContextParallel&)>& body) {
  const auto store = c10::make_intrusive<c10d::HashStore>();
  run_group(size, [&](ProcessGroup& group) {
    ContextGroup context(std::make_unique<ProcessGroup>(store, group.rank(), size, "127.0.0.1"));
    ContextParallel parallel(group, context);
    body(parallel);
    group.barrier();  // the others may still use the context
  });
}

}  // namespace sift::test
