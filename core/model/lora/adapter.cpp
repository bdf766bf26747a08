#include "model/lora/adapter.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include <sift/error.h>
#include "model/lora/adapter_init.h"
#include "model/weights/parameter_path.h"

namespace sift {
namespace {

using Kind = AdaptableWeight::Kind;
constexpr const char* kFilePrefix = "base_model.model.";
constexpr const char* kEmbedding = "model.embed_tokens";
constexpr const char* kHeadWeight = "lm_head.weight";

/// PEFT wraps a module once for each of its parameters, the last one outermost.
std::string file_module(const AdaptableWeight& weight, const std::vector<LoraTarget>& targets) {
  std::string module = weight.path;
  if (weight.kind != Kind::kExperts && weight.kind != Kind::kRouter) return module;
  module = module_of(module);
  bool is_behind = false;
  std::string wrappers;
  for (const LoraTarget& other : targets) {
    if (is_behind && module_of(other.weight.path) == module) wrappers += ".base_layer";
    is_behind = is_behind || other.weight.path == weight.path;
  }
  return module + wrappers;
}

/// The last parameter of a module, in the order of the model.
std::string last_parameter(const std::vector<ParameterSpec>& specs, const std::string& module) {
  std::string last;
  for (const ParameterSpec& spec : specs) {
    if (module_of(spec.name) == module) last = spec.name;
  }
  return last;
}

}  // namespace

std::string update_name(const AdaptableWeight& weight) {
  return weight.kind == Kind::kRouter ? module_of(weight.path) : weight.path;
}

Adapter::Adapter(LoraOptions options, const ModelConfig& config) : options_(std::move(options)) {
  targets_ = find_lora_targets(options_, config);
  plan_targets(config);
  plan_tokens(config);
  plan_whole(config);
}

void Adapter::plan_targets(const ModelConfig& config) {
  const std::vector<ParameterSpec> specs = parameter_specs(config);
  for (const LoraTarget& target : targets_) {
    const AdaptableWeight& weight = target.weight;
    const std::string name = update_name(weight), file = kFilePrefix + file_module(weight, targets_);
    const bool is_parameter = weight.kind == Kind::kExperts || weight.kind == Kind::kRouter;
    const std::string after = last_parameter(specs, is_parameter ? module_of(weight.path) : weight.path);
    const std::int64_t rows = target.r * weight.num_experts;
    const bool is_table = weight.kind == Kind::kEmbedding;
    const char *a = is_table ? ".lora_embedding_A" : ".lora_A.weight",
               *b = is_table ? ".lora_embedding_B" : ".lora_B.weight";
    parameters_.push_back({name + a, file + a, {rows, weight.in_features}, after});
    parameters_.push_back({name + b, file + b, {weight.out_features, rows}, after});
    if (!options_.use_dora) continue;
    const char* magnitude = ".lora_magnitude_vector";
    parameters_.push_back({name + magnitude, file + magnitude, {weight.out_features}, after});
  }
}

void Adapter::plan_tokens(const ModelConfig& config) {
  if (options_.trainable_token_indices.empty()) return;
  for (const std::int64_t id : options_.trainable_token_indices) {
    if (id < 0 || id >= config.vocab_size)
      throw Error(
          fmt::format("trainable_token_indices in [lora]: there is no token {}; the model has tokens 0 to {}",
                      id, config.vocab_size - 1));
  }
  const std::vector<std::string> saved = find_modules_to_save(options_, config);
  if (adapts_embedding() || std::ranges::find(saved, kEmbedding) != saved.end()) {
    throw Error(
        "trainable_token_indices in [lora]: embed_tokens is in target_modules or modules_to_save too, which PEFT cannot "
        "load; remove one of the two");
  }
  const auto count = static_cast<std::int64_t>(options_.trainable_token_indices.size());
  const std::string name = std::string(kEmbedding) + ".trainable_tokens_delta";
  parameters_.push_back({name,
                         fmt::format("{}{}.token_adapter.trainable_tokens_delta", kFilePrefix, kEmbedding),
                         {count, config.hidden_size},
                         fmt::format("{}.weight", kEmbedding)});
}

void Adapter::plan_whole(const ModelConfig& config) {
  const std::vector<std::string> saved = find_modules_to_save(options_, config);
  const auto is_saved = [&](const std::string& name) {
    return std::ranges::any_of(saved,
                               [&](const std::string& module) { return name.starts_with(module + "."); });
  };
  std::set<std::string> adapted;
  for (const LoraTarget& target : targets_) adapted.insert(update_name(target.weight));
  for (const ParameterSpec& spec : parameter_specs(config)) {
    const std::string module = module_of(spec.name);
    const bool is_bias = spec.name.ends_with(".bias");
    const bool trains_bias =
        is_bias && (options_.bias == "all" || (options_.bias == "lora_only" && adapted.contains(module)));
    if (!is_saved(spec.name) && !trains_bias) continue;
    const std::string file = is_bias && adapted.contains(module) ? module + ".base_layer.bias" : spec.name;
    parameters_.push_back({spec.name, kFilePrefix + file, spec.shape, ""});
  }
  if (!config.tie_word_embeddings) return;
  const bool saves_head = is_saved(kHeadWeight);
  unties_head_ = saves_head || is_saved(fmt::format("{}.weight", kEmbedding));
  if (saves_head) {
    parameters_.push_back(
        {kHeadWeight, std::string(kFilePrefix) + kHeadWeight, {config.vocab_size, config.hidden_size}, ""});
  }
}

bool Adapter::adapts_embedding() const {
  return std::ranges::any_of(targets_,
                             [](const LoraTarget& target) { return target.weight.kind == Kind::kEmbedding; });
}

bool Adapter::needs_weights() const {
  const bool trains_weights =
      std::ranges::any_of(parameters_, [](const AdapterParameter& one) { return one.after.empty(); });
  return trains_weights || options_.use_dora || options_.init_lora_weights == "pissa" ||
         !options_.trainable_token_indices.empty();
}

void Adapter::add_to(std::vector<Parameter>& parameters, std::uint64_t seed) const {
  if (unties_head_) {
    const auto table = std::ranges::find(parameters, fmt::format("{}.weight", kEmbedding), &Parameter::name);
    parameters.push_back({kHeadWeight, table->tensor.detach().clone()});
  }
  for (Parameter& parameter : parameters) {
    const auto found = std::ranges::find(parameters_, parameter.name, &AdapterParameter::name);
    parameter.trained = found != parameters_.end();
    if (parameter.trained && parameter.quantized) {
      throw Error(fmt::format(
          "modules_to_save in [lora]: {} is in 4 bits and cannot be trained whole; leave it out, or "
          "load the model without load_in_4bit",
          parameter.name));
    }
    parameter.tensor.requires_grad_(parameter.trained);
  }
  std::map<std::string, std::vector<Parameter>> added;  // by the parameter before them
  for (Parameter& parameter : initial_parameters(*this, parameters, seed)) {
    const auto plan = std::ranges::find(parameters_, parameter.name, &AdapterParameter::name);
    added[plan->after].push_back(std::move(parameter));
  }
  std::vector<Parameter> all;
  for (Parameter& parameter : parameters) {
    const auto behind = added.find(parameter.name);
    all.push_back(std::move(parameter));
    if (behind != added.end()) std::ranges::move(behind->second, std::back_inserter(all));
  }
  parameters = std::move(all);
}

std::map<std::string, LowRank> Adapter::updates(const ModelWeights& weights) const {
  std::map<std::string, LowRank> updates;
  std::uint64_t site = 0;
  for (const LoraTarget& target : targets_) {
    const std::string name = update_name(target.weight);
    const bool is_table = target.weight.kind == Kind::kEmbedding;
    LowRank& update = updates[name];
    update.a_ri = weights.at(name + (is_table ? ".lora_embedding_A" : ".lora_A.weight"));
    update.b_or = weights.at(name + (is_table ? ".lora_embedding_B" : ".lora_B.weight"));
    update.magnitude_o = weights.find(name + ".lora_magnitude_vector");
    update.scale = target.scale;
    update.dropout = is_table ? 0.0 : options_.lora_dropout;
    update.site = ++site;
  }
  return updates;
}

}  // namespace sift
