#include "ops/expert_routing.h"

#include <ATen/Functions.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor gather_tokens(const at::Tensor& x_nh, const at::Tensor& order_m, std::int64_t per_token) {
  return x_nh.index_select(0, at::floor_divide(order_m, per_token));
}

at::Tensor gather_places(const at::Tensor& y_mh, const at::Tensor& place_m, std::int64_t per_token) {
  return y_mh.index_select(0, place_m).unflatten(0, {-1, per_token});
}

class ToExperts : public torch::autograd::Function<ToExperts> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_nh, const at::Tensor& order_m,
                            const at::Tensor& place_m, std::int64_t per_token) {
    ctx->save_for_backward({place_m});
    ctx->saved_data["per_token"] = per_token;
    return gather_tokens(x_nh, order_m, per_token);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const at::Tensor place_m = ctx->get_saved_variables()[0];
    return {gather_places(grads[0], place_m, ctx->saved_data["per_token"].toInt()).sum(1), {}, {}, {}};
  }
};

class FromExperts : public torch::autograd::Function<FromExperts> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& y_mh, const at::Tensor& order_m,
                            const at::Tensor& place_m, std::int64_t per_token) {
    ctx->save_for_backward({order_m});
    return gather_places(y_mh, place_m, per_token);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const at::Tensor order_m = ctx->get_saved_variables()[0];
    return {grads[0].flatten(0, 1).index_select(0, order_m), {}, {}, {}};
  }
};

/// Calls work(expert, first row, number of rows) for each expert, also for one without rows: a product over
/// no rows is zero, which is the gradient of its weight.
template <class Work>
void for_each_group(at::IntArrayRef counts, const Work& work) {
  std::int64_t begin = 0;
  for (std::size_t e = 0; e < counts.size(); ++e) {
    work(static_cast<std::int64_t>(e), begin, counts[e]);
    begin += counts[e];
  }
}

class GroupedLinear : public torch::autograd::Function<GroupedLinear> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_mi, const at::Tensor& weight_eoi,
                            const std::vector<std::int64_t>& counts) {
    ctx->save_for_backward({x_mi, weight_eoi});
    ctx->saved_data["counts"] = counts;
    at::Tensor out_mo = at::empty({x_mi.size(0), weight_eoi.size(1)}, x_mi.options());
    for_each_group(counts, [&](std::int64_t e, std::int64_t begin, std::int64_t count) {
      at::Tensor part = out_mo.narrow(0, begin, count);
      at::mm_out(part, x_mi.narrow(0, begin, count), weight_eoi.select(0, e).t());
    });
    return out_mo;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor& x_mi = saved[0];
    const at::Tensor& weight_eoi = saved[1];
    const std::vector<std::int64_t> counts = ctx->saved_data["counts"].toIntVector();
    const at::Tensor grad_mo = grads[0].contiguous();
    at::Tensor grad_x_mi = at::empty_like(x_mi);
    at::Tensor grad_weight_eoi = at::empty_like(weight_eoi);
    for_each_group(counts, [&](std::int64_t e, std::int64_t begin, std::int64_t count) {
      const at::Tensor grad_part = grad_mo.narrow(0, begin, count);
      at::Tensor x_part = grad_x_mi.narrow(0, begin, count);
      at::Tensor weight_part = grad_weight_eoi.select(0, e);
      at::mm_out(x_part, grad_part, weight_eoi.select(0, e));
      at::mm_out(weight_part, grad_part.t(), x_mi.narrow(0, begin, count));
    });
    return {grad_x_mi, grad_weight_eoi, {}};
  }
};

}  // namespace

ExpertRoute route_tokens(const at::Tensor& experts_nk, std::int64_t num_experts) {
  const at::Tensor experts_m = experts_nk.flatten();
  ExpertRoute route;
  route.order_m = at::argsort(experts_m, /*stable=*/true, 0, /*descending=*/false);
  route.place_m = at::empty_like(route.order_m);
  route.place_m.scatter_(0, route.order_m, at::arange(experts_m.numel(), experts_m.options()));
  const at::Tensor counts_e = at::bincount(experts_m, {}, num_experts).to(at::kCPU);
  const auto* counts = counts_e.const_data_ptr<std::int64_t>();
  route.counts.assign(counts, counts + num_experts);
  route.experts_per_token = experts_nk.size(1);
  return route;
}

at::Tensor to_experts(const at::Tensor& x_nh, const ExpertRoute& route) {
  return ToExperts::apply(x_nh, route.order_m, route.place_m, route.experts_per_token);
}

at::Tensor from_experts(const at::Tensor& y_mh, const ExpertRoute& route) {
  return FromExperts::apply(y_mh, route.order_m, route.place_m, route.experts_per_token);
}

at::Tensor grouped_linear(const at::Tensor& x_mi, const at::Tensor& weight_eoi,
                          const std::vector<std::int64_t>& counts) {
  const c10::DeviceType device = x_mi.device().type();
  const at::ScalarType dtype = at::autocast::is_autocast_enabled(device)
                                   ? at::autocast::get_autocast_dtype(device)
                                   : weight_eoi.scalar_type();
  return GroupedLinear::apply(x_mi.to(dtype), weight_eoi.to(dtype), counts);
}

}  // namespace sift
