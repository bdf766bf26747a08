#include "parallel/parallel.h"

#include "optim/gradients.h"

namespace sift {

at::Tensor SingleProcess::grad_norm(const std::vector<Parameter>& trainable) {
  return sift::grad_norm(trainable);
}

}  // namespace sift
