#include "ops/rotary.h"

#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include "ops/operators.h"

// Shape suffixes: n tokens, a heads, d head_dim, f frequencies: the first 2 f features turn.

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class Rotary : public torch::autograd::Function<Rotary> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_nad, const at::Tensor& cos_nf,
                            const at::Tensor& sin_nf) {
    ctx->save_for_backward({cos_nf, sin_nf});
    return op::rotary(x_nad, cos_nf, sin_nf, false);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const variable_list saved = ctx->get_saved_variables();
    return {op::rotary(grads[0], saved[0], saved[1], true), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

/// Half precisions are widened and rounded once, at the end.
at::Tensor plain::rotary(const at::Tensor& x_nad, const at::Tensor& cos_nf, const at::Tensor& sin_nf,
                         bool back) {
  const double sign = back ? -1.0 : 1.0;
  const at::ScalarType wide = x_nad.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  const at::Tensor cos_n1f = cos_nf.to(wide).unsqueeze(1);
  const at::Tensor sin_n1f = sin_nf.to(wide).unsqueeze(1);
  const std::int64_t turned = 2 * cos_nf.size(-1), rest = x_nad.size(-1) - turned;
  const at::Tensor wide_nad = x_nad.to(wide);
  const at::Tensor out_nad = at::empty(x_nad.sizes(), x_nad.options().dtype(wide));
  if (rest > 0) out_nad.narrow(-1, turned, rest).copy_(wide_nad.narrow(-1, turned, rest));
  const auto halves = wide_nad.narrow(-1, 0, turned).chunk(2, -1);
  auto outs = out_nad.narrow(-1, 0, turned).chunk(2, -1);
  at::mul_out(outs[0], halves[0], cos_n1f);
  outs[0].addcmul_(halves[1], sin_n1f, -sign);
  at::mul_out(outs[1], halves[1], cos_n1f);
  outs[1].addcmul_(halves[0], sin_n1f, sign);
  return out_nad.to(x_nad.scalar_type());
}

constinit Operator<decltype(plain::rotary)> op::rotary("sift::rotary", plain::rotary);

at::Tensor rotary(const at::Tensor& x_nad, const at::Tensor& cos_nf, const at::Tensor& sin_nf) {
  return Rotary::apply(x_nad, cos_nf, sin_nf);
}

}  // namespace sift
