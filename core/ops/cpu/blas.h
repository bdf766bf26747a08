#pragma once

#include <cstdint>

namespace sift::cpu {

/// Whether LibTorch contains the products below.
bool has_products();

/// Rows of a matrix in row-major order; `stride` is the distance of two rows, in numbers.
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

/// During its lifetime, products of the thread that created it run on that thread alone. Otherwise BLAS
/// divides them by the number of threads, which changes their last bits, whenever OpenMP does not show it an
/// at::parallel_for: on one thread, and in builds without -fopenmp.
class SerialProducts {
 public:
  SerialProducts();
  ~SerialProducts();
  SerialProducts(const SerialProducts&) = delete;
  SerialProducts& operator=(const SerialProducts&) = delete;

 private:
  int before_;
};

// Products of small matrices of float32 or float64 by LibTorch's BLAS: c = alpha a b + beta c, where c is m x
// n and each of its numbers is a sum of k products.

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
