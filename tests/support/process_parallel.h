#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "optim/gradients.h"
#include "parallel/parallel.h"
#include "support/process_threads.h"

namespace sift::test {

/// The communication of a group, without gradients.
class GroupParallel : public Parallel {
 public:
  explicit GroupParallel(ProcessGroup& group) : group_(group) {}
  std::int64_t rank() const override { return group_.rank(); }
  std::int64_t size() const override { return group_.size(); }
  at::Tensor gathered(const at::Tensor& values_n) override { return group_.gathered(values_n); }
  std::vector<std::string> gathered(const std::string& text) override { return group_.gathered(text); }
  std::string of_main(const std::string& text) override { return group_.broadcast(text, 0); }
  void barrier() override { group_.barrier(); }
  void set_step(std::int64_t) override {}
  void begin_update(const std::vector<Parameter>&, std::int64_t) override {}
  void begin_pass() override {}
  void reduce_gradients() override {}
  at::Tensor grad_norm(const std::vector<Parameter>& trainable) override {
    return sift::grad_norm(trainable);
  }

 private:
  ProcessGroup& group_;
};

/// Runs `body` as `size` processes, each a thread.
inline void run_processes(std::int64_t size, const std::function<void(Parallel&)>& body) {
  run_group(size, [&](ProcessGroup& group) {
    GroupParallel parallel(group);
    body(parallel);
  });
}

}  // namespace sift::test
