#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

// Shape suffixes: n tokens, k experts of a token, m = n * k assignments, e experts, h features.

namespace sift {

/// The assignments of tokens to experts, sorted by expert.
struct ExpertRoute {
  at::Tensor order_m;                ///< the assignment (token * k + slot) at each sorted position
  at::Tensor place_m;                ///< the sorted position of each assignment; the inverse of order_m
  std::vector<std::int64_t> counts;  ///< assignments of each expert
  std::int64_t experts_per_token = 0;
};

/// Sorts the choices of all tokens. Synchronizes with the device: the counts determine the shapes of the next
/// products.
ExpertRoute route_tokens(const at::Tensor& experts_nk, std::int64_t num_experts);

/// Rows of x_nh in the order of the route, [M, H]: a token appears once for each of its experts.
at::Tensor to_experts(const at::Tensor& x_nh, const ExpertRoute& route);

/// The inverse: [M, H] to [N, K, H]. Both directions are gathers in forward and in backward, so that no sum
/// depends on the execution order of a GPU.
at::Tensor from_experts(const at::Tensor& y_mh, const ExpertRoute& route);

/// x @ weight[e]^T for the rows of each expert, one product per expert with rows: x_mi [M, I] sorted by
/// expert, weight_eoi [E, O, I], result [M, O]. Under autocast both are cast, as at::linear does.
at::Tensor grouped_linear(const at::Tensor& x_mi, const at::Tensor& weight_eoi,
                          const std::vector<std::int64_t>& counts);

}  // namespace sift
