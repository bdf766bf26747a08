#include "ops/cpu/kernels.h"

namespace sift::cpu {

bool available() {
#if defined(__x86_64__)
  static const bool found = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return found;
#else
  return false;
#endif
}

}  // namespace sift::cpu
