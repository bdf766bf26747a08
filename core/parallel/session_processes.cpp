#include "parallel/session_processes.h"

namespace sift {

at::Tensor SessionProcesses::gathered(const at::Tensor& values_n) {
  return group().gathered(values_n.cpu().contiguous()).to(values_n.device());
}

}  // namespace sift
