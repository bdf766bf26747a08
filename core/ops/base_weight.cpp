#include "ops/base_weight.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <torch/csrc/autograd/custom_function.h>

#include <utility>

#include "device/no_autocast.h"
#include "ops/quantized_product.h"

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// ctx's map cannot hold our types.
struct WeightHolder : torch::CustomClassHolder {
  explicit WeightHolder(std::shared_ptr<const QuantizedWeight> of) : weight(std::move(of)) {}
  std::shared_ptr<const QuantizedWeight> weight;
};
using HolderPtr = c10::intrusive_ptr<WeightHolder>;

class QuantizedLinear : public torch::autograd::Function<QuantizedLinear> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_ni, const HolderPtr& holder) {
    ctx->saved_data["weight"] = c10::IValue::make_capsule(holder);
    return quantized_product(x_ni, *holder->weight);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto holder =
        c10::static_intrusive_pointer_cast<WeightHolder>(ctx->saved_data["weight"].toCapsule());
    const NoAutocast no_autocast(grads[0].device().type());
    return {quantized_product_transposed(grads[0], *holder->weight), at::Tensor()};
  }
};

}  // namespace

at::Tensor BaseWeight::linear(const at::Tensor& x, const at::Tensor& bias_o) const {
  if (!quantized) return bias_o.defined() ? at::linear(x, tensor_oi, bias_o) : at::linear(x, tensor_oi);
  const NoAutocast no_autocast(x.device().type());
  const at::Tensor x_ni = x.to(compute_dtype).reshape({-1, x.size(-1)});
  at::Tensor y_no = QuantizedLinear::apply(x_ni, c10::make_intrusive<WeightHolder>(quantized));
  if (bias_o.defined()) y_no = y_no + bias_o.to(compute_dtype);
  std::vector<std::int64_t> shape = x.sizes().vec();
  shape.back() = out_features();
  return y_no.view(shape).to(x.scalar_type());
}

}  // namespace sift
