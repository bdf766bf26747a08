#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ops/context_exchange.h"
#include "parallel/process_group.h"

namespace sift {

/// Processes that divide the tokens of each micro-batch among them. They have a group of their own, since
/// their operations come between those of other groups, also in backward.
class ContextGroup final : public ContextExchange {
 public:
  explicit ContextGroup(std::unique_ptr<ProcessGroup> group) : group_(std::move(group)) {}

  std::int64_t rank() const override { return group_->rank(); }
  std::int64_t size() const override { return group_->size(); }
  std::vector<at::Tensor> whole(const std::vector<at::Tensor>& parts, std::int64_t num_tokens) override;
  std::vector<at::Tensor> summed_parts(const std::vector<at::Tensor>& whole) override;
  at::Tensor summed(const at::Tensor& values_m) override;

 private:
  std::unique_ptr<ProcessGroup> group_;
};

/// The ranks, of `size` consecutive ones, that share the rows of `rank`.
std::vector<std::int64_t> context_ranks(std::int64_t rank, std::int64_t size);

}  // namespace sift
