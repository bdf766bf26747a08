#include "model/weights/resize_embedding.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

// Shape suffixes: h hidden size, v rows of the table, n new rows.

namespace sift {
namespace {

at::Tensor resized(const at::Tensor& table_vh, std::int64_t vocab_size) {
  const at::Tensor mean_h = table_vh.to(at::kCPU, at::kDouble).mean(0);
  const at::Tensor mean_nh = mean_h.to(table_vh.device(), table_vh.scalar_type())
                                 .expand({vocab_size - table_vh.size(0), table_vh.size(1)});
  return at::cat({table_vh, mean_nh});
}

}  // namespace

void resize_embedding(std::vector<Parameter>& parameters, std::int64_t vocab_size) {
  const at::NoGradGuard no_grad;
  for (Parameter& parameter : parameters) {
    if (parameter.name != "model.embed_tokens.weight" && parameter.name != "lm_head.weight") continue;
    if (parameter.tensor.size(0) >= vocab_size) continue;
    parameter.tensor = resized(parameter.tensor.detach(), vocab_size).requires_grad_();
  }
}

}  // namespace sift
