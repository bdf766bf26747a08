#include "model/model_config.h"

#include <fmt/format.h>

#include <algorithm>

#include <sift/error.h>
#include "formats/json_fields.h"
#include "formats/json_text.h"
#include "formats/model_files.h"
#include "model/decoder/rope.h"
#include "model/families/architectures.h"

namespace sift {
namespace {

/// Lists with an entry for each layer are allocated before the weights confirm the number of layers.
constexpr std::int64_t kMaxLayers = 10'000;

std::optional<std::int64_t> token_id(const JsonFields& fields, const std::string& key) {
  if (!fields.has(key)) return std::nullopt;
  return fields.integer(key);
}

/// One id or a list of them.
std::vector<std::int64_t> token_ids(const JsonFields& fields, const std::string& key) {
  if (!fields.has(key)) return {};
  if (!fields.value(key).is_array()) return {fields.integer(key)};
  std::vector<std::int64_t> ids;
  for (const JsonFields& id : fields.elements(key)) ids.push_back(id.integer());
  return ids;
}

void read_dtype(const JsonFields& fields, ModelConfig& config) {
  const std::string key = fields.has("dtype") ? "dtype" : "torch_dtype";
  if (!fields.has(key)) return;
  config.dtype = fields.text(key);
  if (config.dtype != "float32" && config.dtype != "bfloat16" && config.dtype != "float16" &&
      config.dtype != "float64") {
    fields.fail(key, "supported: float32, bfloat16, float16, float64");
  }
}

/// PyTorch reads a negative padding_idx from the end of the table.
void read_pad_token(const JsonFields& fields, ModelConfig& config) {
  config.pad_token_id = token_id(fields, "pad_token_id");
  if (!config.pad_token_id) return;
  if (*config.pad_token_id < 0) *config.pad_token_id += config.vocab_size;
  if (*config.pad_token_id < 0 || *config.pad_token_id >= config.vocab_size) {
    fields.fail("pad_token_id",
                fmt::format("expected a token of the vocabulary, which has {}", config.vocab_size));
  }
}

void read_heads(const JsonFields& fields, ModelConfig& config) {
  config.num_attention_heads = fields.positive("num_attention_heads");
  config.num_key_value_heads = fields.positive_or("num_key_value_heads", config.num_attention_heads);
  if (config.num_attention_heads % config.num_key_value_heads != 0) {
    fields.fail("num_key_value_heads", fmt::format("expected a divisor of num_attention_heads, which is {}",
                                                   config.num_attention_heads));
  }
  if (!fields.has("head_dim") && config.hidden_size % config.num_attention_heads != 0) {
    fields.fail("hidden_size",
                fmt::format("without head_dim it must be a multiple of num_attention_heads, which is {}",
                            config.num_attention_heads));
  }
  config.head_dim = fields.positive_or("head_dim", config.hidden_size / config.num_attention_heads);
  if (config.head_dim % 2 != 0) {
    throw Error(fmt::format("{}: head_dim is {}; rotary position embedding needs an even one", fields.where(),
                            config.head_dim));
  }
}

nlohmann::ordered_json with_defaults(nlohmann::ordered_json json, const nlohmann::ordered_json& defaults) {
  for (const auto& [key, value] : defaults.items()) {
    if (!json.contains(key)) json[key] = value;
  }
  return json;
}

}  // namespace

void ModelConfig::set_router_aux_loss_coef(double coef) {
  if (!is_moe()) {
    if (coef == 0) return;
    throw Error(
        fmt::format("[model] router_aux_loss_coef is {}, but {} has no experts to balance: remove the "
                    "option",
                    coef, architecture));
  }
  experts.router_aux_loss_coef = coef;
  // TRL writes both into the config that it saves
  raw["router_aux_loss_coef"] = coef;
  raw["output_router_logits"] = coef != 0;
}

void ModelConfig::set_vocab_size(std::int64_t size) {
  if (size == vocab_size) return;
  vocab_size = size;
  raw["vocab_size"] = size;
}

void ModelConfig::untie_word_embeddings() {
  tie_word_embeddings = false;
  raw["tie_word_embeddings"] = false;
}

void ModelConfig::save_special_tokens(const SpecialTokenIds& ids) {
  if (ids.bos) raw["bos_token_id"] = *ids.bos;
  if (ids.pad) raw["pad_token_id"] = *ids.pad;
  if (!ids.eos) return;
  auto& saved = raw["eos_token_id"];
  if (!saved.is_array() || ids.eos_was_chosen) {
    saved = *ids.eos;
  } else if (std::ranges::find(saved, nlohmann::ordered_json(*ids.eos)) == saved.end()) {
    saved.insert(saved.begin(), *ids.eos);
  }
}

void ModelConfig::set_quantization(const std::optional<Quantization>& of) {
  quantization = of;
  raw.erase("quantization_config");
  if (of) raw["quantization_config"] = of->to_json();
}

ModelConfig ModelConfig::from_folder(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) {
    throw Error(fmt::format(
        "{}: no such folder; expected a model folder with config.json and model.safetensors (Sift downloads none)",
        folder.string()));
  }
  const std::filesystem::path file = folder / kModelConfigFile;
  return from_json(read_json_file<nlohmann::ordered_json>(file), file.string());
}

ModelConfig ModelConfig::from_json(const nlohmann::ordered_json& file, const std::string& name) {
  const nlohmann::ordered_json json = language_model_config(file, name);
  const Architecture& architecture = find_architecture(JsonFields(json, name));
  const nlohmann::ordered_json complete = with_defaults(json, architecture.defaults);
  const JsonFields fields(complete, name);

  ModelConfig config;
  if (const auto quantization = fields.find("quantization_config"))
    config.quantization = Quantization::from_json(*quantization);
  config.raw = json;
  config.model_type = architecture.model_type;
  config.architecture = architecture.class_name;
  config.vocab_size = fields.positive("vocab_size");
  config.hidden_size = fields.positive("hidden_size");
  config.intermediate_size = fields.positive("intermediate_size");
  config.num_hidden_layers = fields.positive("num_hidden_layers");
  if (config.num_hidden_layers > kMaxLayers)
    fields.fail("num_hidden_layers", fmt::format("expected at most {} layers", kMaxLayers));
  config.max_position_embeddings = fields.positive_or("max_position_embeddings", 2048);
  read_heads(fields, config);

  config.rms_norm_eps = fields.number_or("rms_norm_eps", 1e-6);
  if (config.rms_norm_eps <= 0) fields.fail("rms_norm_eps", "expected a number above 0");
  config.initializer_range = fields.number_or("initializer_range", 0.02);
  if (config.initializer_range < 0) fields.fail("initializer_range", "expected a number of at least 0");
  read_dtype(fields, config);
  read_pad_token(fields, config);
  config.bos_token_id = token_id(fields, "bos_token_id");
  config.eos_token_ids = token_ids(fields, "eos_token_id");
  architecture.read_rope(fields, config);
  architecture.configure(fields, config);
  return config;
}

}  // namespace sift
