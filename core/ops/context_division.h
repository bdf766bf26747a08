#pragma once

#include <array>
#include <cstdint>

namespace sift {

/// Tokens from `begin` up to `end`.
struct TokenRange {
  std::int64_t begin = 0, end = 0;
  std::int64_t size() const { return end - begin; }
};

/// How the processes of a context divide the N tokens of a micro-batch. They are cut into 2 C chunks, which
/// are equal but for one token; process r has the chunks r and 2 C - 1 - r, so that causal attention, in
/// which a late token sees more keys, is about equal work for all.
class ContextDivision {
 public:
  ContextDivision(std::int64_t num_tokens, std::int64_t size) : num_tokens_(num_tokens), size_(size) {}

  /// The tokens of a process, in their order; a range may be empty.
  std::array<TokenRange, 2> ranges(std::int64_t rank) const;
  /// At least as many tokens as any process has.
  std::int64_t most_tokens() const;

 private:
  TokenRange chunk(std::int64_t index) const;

  std::int64_t num_tokens_, size_;
};

}  // namespace sift
