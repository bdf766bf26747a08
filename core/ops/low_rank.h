#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

// Shape suffixes: o output features, i input features, r rank, e experts.

namespace sift {

/// What an adapter adds to a frozen weight W: scale * B A (LoRA, arXiv 2106.09685). With a magnitude, the
/// rows of the sum are then scaled to it (DoRA, arXiv 2402.09353).
struct LowRank {
  at::Tensor a_ri;         ///< [r, in]; of experts [E * r, in]
  at::Tensor b_or;         ///< [out, r]; of experts [out, r * E]
  at::Tensor magnitude_o;  ///< undefined: LoRA
  double scale = 1.0;
  double dropout = 0.0;    ///< probability that an element of the input of A is zeroed
  std::uint64_t site = 0;  ///< tells its dropout from that of other places

  explicit operator bool() const { return a_ri.defined(); }
};

}  // namespace sift
