#include "model/common_keys.h"

#include <fmt/format.h>

#include <sift/error.h>

namespace sift {
namespace {

/// For each layer of `layer_types`, whether its attention has a sliding window.
std::vector<bool> sliding_layers(const JsonFields& fields, const ModelConfig& config) {
  const auto& types = fields.value("layer_types");
  const auto num_layers = static_cast<std::size_t>(config.num_hidden_layers);
  if (!types.is_array() || types.size() != num_layers) {
    fields.fail("layer_types", "expected a list with one string per layer");
  }
  std::vector<bool> slides;
  for (const auto& type : types) {
    if (type != "sliding_attention" && type != "full_attention") {
      fields.fail("layer_types", "supported: \"full_attention\", \"sliding_attention\"");
    }
    slides.push_back(type == "sliding_attention");
  }
  return slides;
}

}  // namespace

void read_common_keys(const JsonFields& fields, ModelConfig& config, const std::string& activation_key) {
  config.tie_word_embeddings = fields.flag_or("tie_word_embeddings", false);
  const std::string activation = fields.text_or(activation_key, "silu");
  if (activation != "silu" && activation != "gelu_pytorch_tanh") {
    fields.fail(activation_key, "supported: \"silu\", \"gelu_pytorch_tanh\"");
  }
  config.activation = activation == "silu" ? Activation::kSilu : Activation::kGeluTanh;
  if (fields.number_or("attention_dropout", 0.0) != 0.0) {
    fields.fail("attention_dropout", "dropout is not supported: set it to 0");
  }
}

double positive_number_or_none(const JsonFields& fields, const std::string& key) {
  if (!fields.has(key)) return 0.0;
  if (fields.number(key) <= 0) fields.fail(key, "expected a number above 0, or null for none");
  return fields.number(key);
}

void read_experts(const JsonFields& fields, ModelConfig& config) {
  ExpertOptions& experts = config.experts;
  experts.num_experts =
      fields.positive(fields.has("num_local_experts") ? "num_local_experts" : "num_experts");
  experts.num_experts_per_tok = fields.positive("num_experts_per_tok");
  if (experts.num_experts_per_tok > experts.num_experts) {
    fields.fail("num_experts_per_tok",
                fmt::format("expected at most the number of experts, {}", experts.num_experts));
  }
  experts.intermediate_size = config.intermediate_size;
  experts.norm_topk_prob = fields.flag_or("norm_topk_prob", false);
  experts.router_aux_loss_coef = fields.number_or("router_aux_loss_coef", 0.0);
  if (experts.router_aux_loss_coef < 0)
    fields.fail("router_aux_loss_coef", "expected a number of at least 0");
}

void read_dense_layers(const JsonFields& fields, ModelConfig& config) {
  std::set<std::int64_t>& dense = config.experts.dense_layers;
  const std::int64_t step = fields.positive_or("decoder_sparse_step", 1);
  for (std::int64_t i = 0; i < config.num_hidden_layers; ++i) {
    if ((i + 1) % step != 0) dense.insert(i);
  }
  if (fields.has("mlp_only_layers")) {
    for (const JsonFields& layer : fields.elements("mlp_only_layers")) dense.insert(layer.integer());
  }
  bool has_experts = false;
  for (std::int64_t i = 0; i < config.num_hidden_layers; ++i)
    has_experts = has_experts || config.has_experts(i);
  if (!has_experts) {
    throw Error(fmt::format("{}: decoder_sparse_step and mlp_only_layers leave no layer with experts",
                            fields.where()));
  }
}

void slide_every_layer(const JsonFields& fields, ModelConfig& config) {
  if (!fields.has("sliding_window")) return;
  const std::int64_t window = fields.positive("sliding_window");
  config.sliding_windows.assign(static_cast<std::size_t>(config.num_hidden_layers), window);
}

std::int64_t optional_window(const JsonFields& fields) {
  const bool is_used = fields.flag_or("use_sliding_window", false) && fields.has("sliding_window");
  return is_used ? fields.positive("sliding_window") : 0;
}

void slide_layers(const JsonFields& fields, ModelConfig& config, std::int64_t window,
                  const std::function<bool(std::int64_t)>& slides) {
  std::vector<bool> sliding;
  if (fields.has("layer_types")) {
    sliding = sliding_layers(fields, config);
  } else {
    for (std::int64_t i = 0; i < config.num_hidden_layers; ++i) sliding.push_back(slides(i));
  }
  for (const bool slide : sliding) {
    if (slide && window == 0) {
      fields.fail("layer_types",
                  "a layer with sliding_attention needs a sliding_window (Qwen: and use_sliding_window)");
    }
    config.sliding_windows.push_back(slide ? window : 0);
  }
}

void slide_upper_layers(const JsonFields& fields, ModelConfig& config) {
  const std::int64_t first = fields.integer_or("max_window_layers", 0);
  const std::int64_t window = optional_window(fields);
  slide_layers(fields, config, window, [=](std::int64_t layer) { return window > 0 && layer >= first; });
}

}  // namespace sift
