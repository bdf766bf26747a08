#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace sift {

/// The seed of the dropout of one forward pass; not set: no dropout, as in an evaluation. Layers that run
/// again in backward get the same seed, and so drop the same elements.
using DropoutSeed = std::optional<std::uint64_t>;

/// The factors of dropout for an input like `x`: 0 with probability `p`, otherwise 1 / (1 - p). They depend
/// on `seed`, `site`, which tells the places of a model apart, and the number of elements alone.
at::Tensor dropout_factors(const at::Tensor& x, double p, std::uint64_t seed, std::uint64_t site);

/// Uniform noise between -largest and largest, like `x`, from `seed` and the number of elements alone.
at::Tensor uniform_noise(const at::Tensor& x, double largest, std::uint64_t seed);

}  // namespace sift
