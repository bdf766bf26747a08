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

/// While one lives, products of the thread that made it stay on that thread. BLAS divides them in other ways
/// for other numbers of threads, which changes their last bits. It does so wherever OpenMP does not tell it
/// of at::parallel_for: on one thread, and in builds without -fopenmp.
class SerialProducts {
 public:
  SerialProducts();
  ~SerialProducts();
  SerialProducts(const SerialProducts&) = delete;
  SerialProducts& operator=(const SerialProducts&) = delete;

 private:
  int before_;
};

// Products of small matrices of float32 or float64, c = alpha a b + beta c with c of m x n and k products for
// each of its numbers, by the BLAS that LibTorch brings.

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
