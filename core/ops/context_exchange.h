#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace sift {

/// The processes that divide the tokens of each micro-batch among them (context parallelism), as
/// ContextDivision says. Each of them makes the same calls in the same order, also one that has no tokens.
class ContextExchange {
 public:
  virtual ~ContextExchange() = default;
  virtual std::int64_t rank() const = 0;
  virtual std::int64_t size() const = 0;

  /// The rows [N, ...] of all tokens, given those of the tokens of this process in each tensor.
  virtual std::vector<at::Tensor> whole(const std::vector<at::Tensor>& parts, std::int64_t num_tokens) = 0;
  /// The rows of this process' tokens of the sums over processes, each of which has rows [N, ...] of all
  /// tokens.
  virtual std::vector<at::Tensor> summed_parts(const std::vector<at::Tensor>& whole) = 0;
  /// The sums [M] over processes.
  virtual at::Tensor summed(const at::Tensor& values_m) = 0;
};

}  // namespace sift
