#include "model/parameter.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Functions.h>
#include <fmt/format.h>

#include <set>
#include <string_view>

#include "api/error.h"
#include "model/safetensors.h"

namespace sift {
namespace {

using Init = ParameterSpec::Init;

constexpr const char* kEmbedding = "model.embed_tokens.weight";
constexpr const char* kHead = "lm_head.weight";
// Old writers stored this table, which is made from config.json.
constexpr std::string_view kIgnoredSuffix = ".rotary_emb.inv_freq";
constexpr std::size_t kMaxListed = 10;

void add_linear(std::vector<ParameterSpec>& specs, const std::string& name, std::int64_t out, std::int64_t in,
                bool bias) {
  specs.push_back({name + ".weight", {out, in}, Init::kNormal});
  if (bias) specs.push_back({name + ".bias", {out}, Init::kZero});
}

void add_layer(std::vector<ParameterSpec>& specs, const std::string& prefix, const ModelConfig& config) {
  const std::int64_t hidden = config.hidden_size;
  const std::int64_t q_size = config.num_attention_heads * config.head_dim;
  const std::int64_t kv_size = config.num_key_value_heads * config.head_dim;
  add_linear(specs, prefix + "self_attn.q_proj", q_size, hidden, config.attention_bias);
  add_linear(specs, prefix + "self_attn.k_proj", kv_size, hidden, config.attention_bias);
  add_linear(specs, prefix + "self_attn.v_proj", kv_size, hidden, config.attention_bias);
  add_linear(specs, prefix + "self_attn.o_proj", hidden, q_size, config.attention_bias);
  add_linear(specs, prefix + "mlp.gate_proj", config.intermediate_size, hidden, config.mlp_bias);
  add_linear(specs, prefix + "mlp.up_proj", config.intermediate_size, hidden, config.mlp_bias);
  add_linear(specs, prefix + "mlp.down_proj", hidden, config.intermediate_size, config.mlp_bias);
  specs.push_back({prefix + "input_layernorm.weight", {hidden}, Init::kOne});
  specs.push_back({prefix + "post_attention_layernorm.weight", {hidden}, Init::kOne});
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += fmt::format("{}{}", i == 0 ? "" : ", ", shape[i]);
  return text + "]";
}

/// A tied head may stand in the file as well, but then it must be the embedding.
bool is_tied_copy(const ModelTensors& tensors, const ModelConfig& config, const std::string& name) {
  return name == kHead && config.tie_word_embeddings && tensors.contains(kEmbedding) &&
         at::equal(tensors.tensor(name), tensors.tensor(kEmbedding));
}

void check_names(const std::filesystem::path& folder, const ModelTensors& tensors, const ModelConfig& config,
                 const std::vector<ParameterSpec>& specs) {
  std::vector<std::string> faults;
  std::set<std::string> known;
  for (const ParameterSpec& spec : specs) {
    known.insert(spec.name);
    if (!tensors.contains(spec.name)) {
      faults.push_back(fmt::format("'{}' is missing", spec.name));
    } else if (const auto shape = tensors.shape(spec.name); shape != spec.shape) {
      faults.push_back(fmt::format("'{}' has shape {}, expected {}", spec.name, shape_text(shape),
                                   shape_text(spec.shape)));
    } else if (!at::isFloatingType(tensors.tensor(spec.name).scalar_type())) {
      faults.push_back(fmt::format("'{}' is not of a floating-point type", spec.name));
    }
  }
  for (const std::string& name : tensors.names()) {
    if (known.count(name) != 0 || name.ends_with(kIgnoredSuffix) || is_tied_copy(tensors, config, name))
      continue;
    faults.push_back(
        name == kHead && config.tie_word_embeddings
            ? fmt::format("'{}' differs from '{}' though config.json ties the two", name, kEmbedding)
            : fmt::format("'{}' is not part of this model", name));
  }
  if (faults.empty()) return;
  std::string text;
  for (std::size_t i = 0; i < std::min(faults.size(), kMaxListed); ++i)
    text += (i == 0 ? "" : "; ") + faults[i];
  if (faults.size() > kMaxListed) text += fmt::format("; and {} more", faults.size() - kMaxListed);
  throw Error(fmt::format("{}: the weights do not fit config.json ({}): {}", folder.string(),
                          config.architecture, text));
}

}  // namespace

std::vector<ParameterSpec> parameter_specs(const ModelConfig& config) {
  std::vector<ParameterSpec> specs;
  specs.push_back({kEmbedding, {config.vocab_size, config.hidden_size}, Init::kNormal});
  for (std::int64_t i = 0; i < config.num_hidden_layers; ++i) {
    add_layer(specs, fmt::format("model.layers.{}.", i), config);
  }
  specs.push_back({"model.norm.weight", {config.hidden_size}, Init::kOne});
  if (!config.tie_word_embeddings) add_linear(specs, "lm_head", config.vocab_size, config.hidden_size, false);
  return specs;
}

std::vector<Parameter> load_parameters(const std::filesystem::path& folder, const ModelConfig& config,
                                       at::ScalarType dtype, at::Device device) {
  const ModelTensors tensors(folder);
  const std::vector<ParameterSpec> specs = parameter_specs(config);
  check_names(folder, tensors, config, specs);
  std::vector<Parameter> parameters;
  for (const ParameterSpec& spec : specs) {
    at::Tensor tensor = at::empty(spec.shape, at::TensorOptions().dtype(dtype).device(device));
    tensor.copy_(tensors.tensor(spec.name));
    parameters.push_back({spec.name, tensor.requires_grad_()});
  }
  return parameters;
}

std::vector<Parameter> random_parameters(const ModelConfig& config, std::uint64_t seed, at::ScalarType dtype,
                                         at::Device device) {
  at::Generator generator = at::detail::createCPUGenerator(seed);
  std::vector<Parameter> parameters;
  for (const ParameterSpec& spec : parameter_specs(config)) {
    at::Tensor values = at::empty(spec.shape, at::TensorOptions().dtype(at::kFloat));
    if (spec.init == Init::kNormal) values.normal_(0.0, config.initializer_range, generator);
    if (spec.init == Init::kZero) values.zero_();
    if (spec.init == Init::kOne) values.fill_(1.0);
    if (spec.name == kEmbedding && config.pad_token_id) values.select(0, *config.pad_token_id).zero_();
    parameters.push_back({spec.name, values.to(device, dtype).requires_grad_()});
  }
  return parameters;
}

}  // namespace sift
