#include "ops/cpu/blas.h"

// Column-major, as BLAS has it. Weak: a LibTorch without it leaves the pointer empty, see has_products().
// NOLINTNEXTLINE(readability-identifier-naming): its name in Fortran
extern "C" __attribute__((weak)) void sgemm_(const char* transpose_a, const char* transpose_b, const int* m,
                                             const int* n, const int* k, const float* alpha, const float* a,
                                             const int* lda, const float* b, const int* ldb,
                                             const float* beta, float* c, const int* ldc);

namespace sift::cpu {
namespace {

/// c^T = alpha b^T a^T + beta c^T: rows in row-major order are the columns of the transposed matrix.
void product(char transpose_a, char transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, float alpha,
             Rows a, Rows b, float beta, OutRows c) {
  const int rows = static_cast<int>(n), columns = static_cast<int>(m), inner = static_cast<int>(k);
  const int stride_a = static_cast<int>(a.stride), stride_b = static_cast<int>(b.stride);
  const int stride_c = static_cast<int>(c.stride);
  sgemm_(&transpose_b, &transpose_a, &rows, &columns, &inner, &alpha, b.data, &stride_b, a.data, &stride_a,
         &beta, c.data, &stride_c);
}

}  // namespace

bool has_products() {
  return &sgemm_ != nullptr;
}

void product_nt(std::int64_t m, std::int64_t n, std::int64_t k, float alpha, Rows a_mk, Rows b_nk, float beta,
                OutRows c_mn) {
  product('N', 'T', m, n, k, alpha, a_mk, b_nk, beta, c_mn);
}

void product_nn(std::int64_t m, std::int64_t n, std::int64_t k, float alpha, Rows a_mk, Rows b_kn, float beta,
                OutRows c_mn) {
  product('N', 'N', m, n, k, alpha, a_mk, b_kn, beta, c_mn);
}

void product_tn(std::int64_t m, std::int64_t n, std::int64_t k, float alpha, Rows a_km, Rows b_kn, float beta,
                OutRows c_mn) {
  product('T', 'N', m, n, k, alpha, a_km, b_kn, beta, c_mn);
}

}  // namespace sift::cpu
