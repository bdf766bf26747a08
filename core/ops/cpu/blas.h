#pragma once

#include <cstdint>

namespace sift::cpu {

/// Whether LibTorch brings the products below.
bool has_products();

/// Rows of a matrix in row-major order; `stride` numbers lie between the beginnings of two rows.
template <class T>
struct Rows {
  const T* data;
  std::int64_t stride;
};
template <class T>
struct OutRows {
  T* data;
  std::int64_t stride;
};

// Products of small matrices of float32 or float64, c = alpha a b + beta c with c of m x n and k products for
// each of its numbers, by the BLAS that LibTorch brings. Inside at::parallel_for they stay on the thread that
// calls.

/// b is given as n x k: c = alpha a b^T + beta c.
template <class T>
void product_nt(std::int64_t m, std::int64_t n, std::int64_t k, T alpha, Rows<T> a_mk, Rows<T> b_nk, T beta,
                OutRows<T> c_mn);
template <class T>
void product_nn(std::int64_t m, std::int64_t n, std::int64_t k, T alpha, Rows<T> a_mk, Rows<T> b_kn, T beta,
                OutRows<T> c_mn);
/// a is given as k x m: c = alpha a^T b + beta c.
template <class T>
void product_tn(std::int64_t m, std::int64_t n, std::int64_t k, T alpha, Rows<T> a_km, Rows<T> b_kn, T beta,
                OutRows<T> c_mn);

}  // namespace sift::cpu
