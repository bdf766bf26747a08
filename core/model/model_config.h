#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace sift {

/// How the rotary frequencies are made from head_dim; names as in transformers' `rope_parameters`.
struct RopeOptions {
  std::string type = "default";  ///< "default", "linear", "dynamic", "llama3" or "yarn"
  double theta = 10000.0;
  double factor = 1.0;
  double low_freq_factor = 1.0;   ///< llama3
  double high_freq_factor = 4.0;  ///< llama3
  std::int64_t original_max_position_embeddings = 0;
  double beta_fast = 32.0;                 ///< yarn
  double beta_slow = 1.0;                  ///< yarn
  std::optional<double> attention_factor;  ///< yarn; derived from the factor when not set
  std::optional<double> mscale;            ///< yarn
  std::optional<double> mscale_all_dim;    ///< yarn
  bool truncate = true;                    ///< yarn
};

/// What a model folder's config.json says about the decoder. Every value is checked: what Sift does not
/// implement is refused rather than ignored, so a config that loads gives the numbers of transformers.
struct ModelConfig {
  std::string model_type;    ///< e.g. "llama"
  std::string architecture;  ///< e.g. "LlamaForCausalLM"
  std::int64_t vocab_size = 0;
  std::int64_t hidden_size = 0;
  std::int64_t intermediate_size = 0;
  std::int64_t num_hidden_layers = 0;
  std::int64_t num_attention_heads = 0;
  std::int64_t num_key_value_heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t max_position_embeddings = 0;
  double rms_norm_eps = 1e-6;
  double initializer_range = 0.02;
  bool tie_word_embeddings = false;
  bool attention_bias = false;  ///< of q, k, v and o
  bool mlp_bias = false;
  std::string hidden_act = "silu";
  std::string dtype;  ///< of the weights in the folder; empty when it does not say
  std::optional<std::int64_t>
      pad_token_id;  ///< the row of the embedding that gets no gradient from the lookup
  std::optional<std::int64_t> bos_token_id;
  std::vector<std::int64_t> eos_token_ids;
  RopeOptions rope;
  double logit_scale = 1.0;
  double final_logit_softcap = 0.0;  ///< 0: none
  nlohmann::ordered_json raw;        ///< everything that the file holds, for saving

  /// Reads `folder`/config.json. Throws Error naming the file and the key.
  static ModelConfig from_folder(const std::filesystem::path& folder);
  /// `name` stands for the file in messages.
  static ModelConfig from_json(const nlohmann::ordered_json& json, const std::string& name);
};

}  // namespace sift
