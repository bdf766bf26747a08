#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "parallel/context_group.h"
#include "parallel/parallel.h"
#include "parallel/session.h"

namespace sift {

/// What all ways to share the work have in common: the processes of a session and how they talk.
class SessionProcesses : public Parallel {
 public:
  std::int64_t rank() const override { return group().rank(); }
  std::int64_t size() const override { return group().size(); }
  bool is_first_of_host() const override { return session_.process().local_rank == 0; }
  at::Tensor gathered(const at::Tensor& values_n) override;
  std::vector<std::string> gathered(const std::string& text) override { return group().gathered(text); }
  std::string of_main(const std::string& text) override { return group().broadcast(text, 0); }
  void barrier() override { group().barrier(); }
  void set_step(std::int64_t step) override { session_.set_step(step); }

  /// Lets each `size` consecutive processes divide the tokens of their micro-batches, from the start. `size`
  /// divides the number of processes.
  void divide_context(std::int64_t size);
  ContextExchange* context() const override { return context_.get(); }

 protected:
  /// `session` outlives it.
  explicit SessionProcesses(ParallelSession& session) : session_(session) {}
  ProcessGroup& group() const { return session_.group(); }

 private:
  ParallelSession& session_;
  std::unique_ptr<ContextGroup> context_;  ///< nullptr: no micro-batch is divided
};

}  // namespace sift
