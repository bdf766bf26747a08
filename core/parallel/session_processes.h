#pragma once

#include <string>
#include <vector>

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

 protected:
  /// `session` outlives it.
  explicit SessionProcesses(ParallelSession& session) : session_(session) {}
  ProcessGroup& group() const { return session_.group(); }

 private:
  ParallelSession& session_;
};

}  // namespace sift
