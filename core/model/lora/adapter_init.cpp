#include "model/lora/adapter_init.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/linalg_svd.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include <sift/error.h>
#include "ops/adapted_linear.h"

// Shape suffixes: o output features, i input features, r rank.

namespace sift {
namespace {

using Kind = AdaptableWeight::Kind;

struct Pair {
  at::Tensor a_ri, b_or;
};

class Initializer {
 public:
  Initializer(const LoraOptions& options, std::uint64_t seed)
      : options_(options), generator_(at::detail::createCPUGenerator(seed)) {}

  Pair pair_for(const LoraTarget& target, const at::Tensor& weight_oi) {
    if (target.weight.kind == Kind::kEmbedding) return for_embedding(target);
    if (options_.init_lora_weights == "pissa") return principal(target, weight_oi);
    const std::int64_t rows = target.r * target.weight.num_experts;
    Pair pair{at::empty({rows, target.weight.in_features}, at::kFloat),
              at::zeros({target.weight.out_features, rows}, at::kFloat)};
    if (options_.init_lora_weights == "gaussian") {
      pair.a_ri.normal_(0.0, 1.0 / static_cast<double>(target.r), generator_);
    } else {
      uniform(pair.a_ri);
    }
    if (options_.init_lora_weights == "false") uniform(pair.b_or);
    return pair;
  }

 private:
  /// kaiming_uniform_(a = sqrt(5)), the default of nn.Linear.
  void uniform(at::Tensor& weight) {
    const double bound = 1.0 / std::sqrt(static_cast<double>(weight.size(1)));
    weight.uniform_(-bound, bound, generator_);
  }

  /// B normal and A zero, the other way round than in a linear layer.
  Pair for_embedding(const LoraTarget& target) {
    Pair pair{at::zeros({target.r, target.weight.in_features}, at::kFloat),
              at::empty({target.weight.out_features, target.r}, at::kFloat)};
    pair.b_or.normal_(0.0, 1.0, generator_);
    if (options_.init_lora_weights == "false") pair.a_ri.normal_(0.0, 1.0, generator_);
    return pair;
  }

  /// The largest singular values and vectors; the weight keeps the others.
  static Pair principal(const LoraTarget& target, const at::Tensor& weight_oi) {
    if (target.r > std::min(weight_oi.size(0), weight_oi.size(1))) {
      throw Error(
          fmt::format("init_lora_weights in [lora]: \"pissa\" needs an r of at most {} for {}, found {}",
                      std::min(weight_oi.size(0), weight_oi.size(1)), target.weight.path, target.r));
    }
    const at::Tensor values_oi = weight_oi.to(at::kCPU, at::kFloat);
    const auto [left, singular, right] = at::linalg_svd(values_oi, /*full_matrices=*/false);
    const at::Tensor root_r = (singular.narrow(0, 0, target.r) / target.scale).sqrt();
    Pair pair{(root_r.unsqueeze(1) * right.narrow(0, 0, target.r)).contiguous(),
              (left.narrow(1, 0, target.r) * root_r).contiguous()};
    weight_oi.copy_(values_oi - at::mm(pair.b_or, pair.a_ri) * target.scale);
    return pair;
  }

  const LoraOptions& options_;
  at::Generator generator_;
};

/// For a model on the device meta.
std::vector<Parameter> without_values(const Adapter& adapter) {
  std::vector<Parameter> added;
  for (const AdapterParameter& plan : adapter.parameters()) {
    if (!plan.is_added()) continue;
    const auto options = at::TensorOptions().dtype(at::kFloat).device(at::kMeta);
    added.push_back({plan.name, at::empty(plan.shape, options).requires_grad_(), true});
  }
  return added;
}

}  // namespace

std::vector<Parameter> initial_parameters(const Adapter& adapter, const std::vector<Parameter>& parameters,
                                          std::uint64_t seed) {
  const at::NoGradGuard no_grad;
  if (parameters.front().tensor.is_meta()) return without_values(adapter);
  std::map<std::string, const Parameter*> by_name;
  for (const Parameter& parameter : parameters) by_name[parameter.name] = &parameter;
  const bool uses_weights = adapter.options().use_dora || adapter.options().init_lora_weights == "pissa";
  const auto weight_of = [&](const std::string& name) {
    const Parameter& parameter = *by_name.at(name);
    if (!parameter.quantized) return parameter.tensor.detach();
    if (adapter.options().init_lora_weights == "pissa") {
      throw Error(
          fmt::format("init_lora_weights in [lora]: \"pissa\" changes {}, which is in 4 bits; load the model "
                      "without load_in_4bit, or choose another value",
                      name));
    }
    return uses_weights ? dequantize(*parameter.quantized, at::kFloat) : at::Tensor();
  };
  const at::Device device = parameters.front().tensor.device();
  Initializer initializer(adapter.options(), seed);
  std::vector<Parameter> added;
  const auto add = [&](const at::Tensor& values) {
    const AdapterParameter& plan = adapter.parameters()[added.size()];
    added.push_back({plan.name, values.to(device, at::kFloat).clone().requires_grad_(), true});
  };
  for (const LoraTarget& target : adapter.targets()) {
    const bool is_module = target.weight.kind == Kind::kLinear;
    const at::Tensor weight_oi = is_module ? weight_of(target.weight.path + ".weight") : at::Tensor();
    const Pair pair = initializer.pair_for(target, weight_oi);
    add(pair.a_ri);
    add(pair.b_or);
    if (adapter.options().use_dora && is_module)
      add(row_norms(weight_oi.to(at::kCPU), {pair.a_ri, pair.b_or, {}, target.scale}));
  }
  const std::vector<std::int64_t>& tokens = adapter.options().trainable_token_indices;
  if (!tokens.empty()) {
    const at::Tensor table_vh = weight_of("model.embed_tokens.weight");
    add(table_vh.index_select(0, at::tensor(tokens, at::kLong).to(device)));
  }
  return added;
}

}  // namespace sift
