#include "ops/context_division.h"

namespace sift {

TokenRange ContextDivision::chunk(std::int64_t index) const {
  return {num_tokens_ * index / (2 * size_), num_tokens_ * (index + 1) / (2 * size_)};
}

std::array<TokenRange, 2> ContextDivision::ranges(std::int64_t rank) const {
  return {chunk(rank), chunk(2 * size_ - 1 - rank)};
}

std::int64_t ContextDivision::most_tokens() const {
  const std::int64_t longest = (num_tokens_ + 2 * size_ - 1) / (2 * size_);
  return 2 * longest;
}

}  // namespace sift
