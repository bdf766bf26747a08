#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

// Shape suffixes: n tokens, k experts of a token, m = n * k assignments, e experts, h features.

namespace sift {

/// Which expert gets which token: all assignments, sorted by expert.
struct ExpertRoute {
  at::Tensor order_m;                ///< the assignment (token * k + slot) at each place of the sorted row
  at::Tensor place_m;                ///< where each assignment has gone; the inverse of order_m
  std::vector<std::int64_t> counts;  ///< assignments of each expert
  std::int64_t experts_per_token = 0;
};

/// Sorts the choices of all tokens. Waits for the device: the counts shape the products that follow.
ExpertRoute route_tokens(const at::Tensor& experts_nk, std::int64_t num_experts);

/// Rows of x_nh in the order of the route, [M, H]: a token stands there once for each of its experts.
at::Tensor to_experts(const at::Tensor& x_nh, const ExpertRoute& route);

/// The way back: [M, H] to [N, K, H]. Both ways are gathers in forward and in backward, so that no sum
/// depends on the order in which a GPU happens to work.
at::Tensor from_experts(const at::Tensor& y_mh, const ExpertRoute& route);

/// x @ weight[e]^T for the rows of each expert, one product for each expert that has any: x_mi [M, I] sorted
/// by expert, weight_eoi [E, O, I], result [M, O]. Under autocast both are cast, as at::linear does.
at::Tensor grouped_linear(const at::Tensor& x_mi, const at::Tensor& weight_eoi,
                          const std::vector<std::int64_t>& counts);

}  // namespace sift
