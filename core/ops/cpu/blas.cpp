#include "ops/cpu/blas.h"

// Column-major, as in all of BLAS. Weak: the pointers are null if LibTorch lacks them, see has_products().
// NOLINTBEGIN(readability-identifier-naming): their names in Fortran
extern "C" __attribute__((weak)) void sgemm_(const char* transpose_a, const char* transpose_b, const int* m,
                                             const int* n, const int* k, const float* alpha, const float* a,
                                             const int* lda, const float* b, const int* ldb,
                                             const float* beta, float* c, const int* ldc);
extern "C" __attribute__((weak)) void dgemm_(const char* transpose_a, const char* transpose_b, const int* m,
                                             const int* n, const int* k, const double* alpha, const double* a,
                                             const int* lda, const double* b, const int* ldb,
                                             const double* beta, double* c, const int* ldc);
// Returns the previous setting; 0 is "as for all threads".
extern "C" __attribute__((weak)) int MKL_Set_Num_Threads_Local(int threads);
// NOLINTEND(readability-identifier-naming)

namespace sift::cpu {
namespace {

constexpr auto* gemm_of(float /*type*/) {
  return &sgemm_;
}
constexpr auto* gemm_of(double /*type*/) {
  return &dgemm_;
}

/// c^T = alpha b^T a^T + beta c^T: rows in row-major order are the columns of the transposed matrix.
template <class T>
void product(char transpose_a, char transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, T alpha,
             Rows<T> a, Rows<T> b, T beta, OutRows<T> c) {
  const int rows = static_cast<int>(n), columns = static_cast<int>(m), inner = static_cast<int>(k);
  const int stride_a = static_cast<int>(a.stride), stride_b = static_cast<int>(b.stride);
  const int stride_c = static_cast<int>(c.stride);
  gemm_of(T())(&transpose_b, &transpose_a, &rows, &columns, &inner, &alpha, b.data, &stride_b, a.data,
               &stride_a, &beta, c.data, &stride_c);
}

}  // namespace

bool has_products() {
  return &sgemm_ != nullptr && &dgemm_ != nullptr;
}

SerialProducts::SerialProducts()
    : before_(&MKL_Set_Num_Threads_Local == nullptr ? 0 : MKL_Set_Num_Threads_Local(1)) {}

SerialProducts::~SerialProducts() {
  if (&MKL_Set_Num_Threads_Local != nullptr) MKL_Set_Num_Threads_Local(before_);
}

template <class T>
void product_nt(std::int64_t m, std::int64_t n, std::int64_t k, T alpha, Rows<T> a_mk, Rows<T> b_nk, T beta,
                OutRows<T> c_mn) {
  product('N', 'T', m, n, k, alpha, a_mk, b_nk, beta, c_mn);
}

template <class T>
void product_nn(std::int64_t m, std::int64_t n, std::int64_t k, T alpha, Rows<T> a_mk, Rows<T> b_kn, T beta,
                OutRows<T> c_mn) {
  product('N', 'N', m, n, k, alpha, a_mk, b_kn, beta, c_mn);
}

template <class T>
void product_tn(std::int64_t m, std::int64_t n, std::int64_t k, T alpha, Rows<T> a_km, Rows<T> b_kn, T beta,
                OutRows<T> c_mn) {
  product('T', 'N', m, n, k, alpha, a_km, b_kn, beta, c_mn);
}

template void product_nt<float>(std::int64_t, std::int64_t, std::int64_t, float, Rows<float>, Rows<float>,
                                float, OutRows<float>);
template void product_nt<double>(std::int64_t, std::int64_t, std::int64_t, double, Rows<double>, Rows<double>,
                                 double, OutRows<double>);
template void product_nn<float>(std::int64_t, std::int64_t, std::int64_t, float, Rows<float>, Rows<float>,
                                float, OutRows<float>);
template void product_nn<double>(std::int64_t, std::int64_t, std::int64_t, double, Rows<double>, Rows<double>,
                                 double, OutRows<double>);
template void product_tn<float>(std::int64_t, std::int64_t, std::int64_t, float, Rows<float>, Rows<float>,
                                float, OutRows<float>);
template void product_tn<double>(std::int64_t, std::int64_t, std::int64_t, double, Rows<double>, Rows<double>,
                                 double, OutRows<double>);

}  // namespace sift::cpu
