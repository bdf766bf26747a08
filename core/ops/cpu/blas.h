#pragma once

#include <cstdint>

namespace sift::cpu {

/// Whether LibTorch brings the products below.
bool has_products();

/// Rows of a matrix in row-major order; `stride` numbers lie between the beginnings of two rows.
struct Rows {
  const float* data;
  std::int64_t stride;
};
struct OutRows {
  float* data;
  std::int64_t stride;
};

// Products of small float32 matrices, c = alpha a b + beta c with c of m x n and k products for each of its
// numbers, by the BLAS that LibTorch brings. Inside at::parallel_for they stay on the thread that calls.

/// b is given as n x k: c = alpha a b^T + beta c.
void product_nt(std::int64_t m, std::int64_t n, std::int64_t k, float alpha, Rows a_mk, Rows b_nk, float beta,
                OutRows c_mn);
void product_nn(std::int64_t m, std::int64_t n, std::int64_t k, float alpha, Rows a_mk, Rows b_kn, float beta,
                OutRows c_mn);
/// a is given as k x m: c = alpha a^T b + beta c.
void product_tn(std::int64_t m, std::int64_t n, std::int64_t k, float alpha, Rows a_km, Rows b_kn, float beta,
                OutRows c_mn);

}  // namespace sift::cpu
