#include "model/lora/merge_adapter.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include <set>
#include <utility>

// Shape suffixes: o output features, i input features, r rank, e experts, v vocabulary, h hidden size.

namespace sift {
namespace {

using Kind = AdaptableWeight::Kind;
constexpr const char* kTable = "model.embed_tokens.weight";
constexpr const char* kHead = "lm_head.weight";

/// scale * B A of an update, in the shape of its weight.
at::Tensor change_of(const LoraTarget& target, const LowRank& update) {
  const std::int64_t experts = target.weight.num_experts;
  const at::Tensor a = update.a_ri.to(at::kFloat), b = update.b_or.to(at::kFloat);
  if (target.weight.kind == Kind::kEmbedding) return at::mm(b, a).t() * update.scale;
  if (target.weight.kind != Kind::kExperts) return at::mm(b, a) * update.scale;
  const at::Tensor a_eri = a.unflatten(0, {experts, -1});
  const at::Tensor b_eor = b.unflatten(1, {-1, experts}).permute({2, 0, 1});
  return at::bmm(b_eor, a_eri) * update.scale;
}

at::Tensor merged_weight(const LoraTarget& target, const LowRank& update, const at::Tensor& weight) {
  at::Tensor sum = weight.to(at::kFloat) + change_of(target, update);
  if (update.magnitude_o.defined()) sum = sum * (update.magnitude_o / sum.norm(2, 1)).unsqueeze(1);
  return sum.to(weight.scalar_type());
}

std::string weight_name(const AdaptableWeight& weight) {
  const bool is_parameter = weight.kind == Kind::kExperts || weight.kind == Kind::kRouter;
  return is_parameter ? weight.path : weight.path + ".weight";
}

}  // namespace

std::vector<Parameter> merged_parameters(const Adapter& adapter, std::vector<Parameter> parameters) {
  const at::NoGradGuard no_grad;
  const at::ScalarType dtype = parameters.front().tensor.scalar_type();
  // from here on only `tensors` has the weights, so that each one is freed when its sum takes its place
  TensorsByName tensors;
  for (Parameter& parameter : parameters) {
    tensors[parameter.name] =
        parameter.quantized ? dequantize(*parameter.quantized, dtype) : parameter.tensor.detach();
    parameter.tensor.reset();
    parameter.quantized.reset();
  }
  // the head of a tied model has no adapter, and so keeps the table as it was
  const bool unties = adapter.adapts_embedding() && !tensors.contains(kHead);
  const at::Tensor head_vh = unties ? tensors.at(kTable) : at::Tensor();
  const auto updates = adapter.updates(ModelWeights(tensors));
  for (const LoraTarget& target : adapter.targets()) {
    at::Tensor& weight = tensors.at(weight_name(target.weight));
    weight = merged_weight(target, updates.at(update_name(target.weight)), weight);
  }
  const std::vector<std::int64_t>& tokens = adapter.options().trainable_token_indices;
  if (!tokens.empty()) {
    at::Tensor& table_vh = tensors.at(kTable);
    const at::Tensor rows_nh = tensors.at("model.embed_tokens.trainable_tokens_delta");
    table_vh = table_vh.index_copy(0, at::tensor(tokens, at::kLong).to(table_vh.device()),
                                   rows_nh.to(table_vh.scalar_type()));
  }
  std::set<std::string> added;
  for (const AdapterParameter& parameter : adapter.parameters()) {
    if (parameter.is_added()) added.insert(parameter.name);
  }
  std::vector<Parameter> merged;
  for (const Parameter& parameter : parameters) {
    if (!added.contains(parameter.name)) merged.push_back({parameter.name, tensors.at(parameter.name), true});
  }
  if (unties) merged.push_back({kHead, head_vh, true});
  return merged;
}

}  // namespace sift
