#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/quantization.h"
#include "ops/gated_units.h"
#include "ops/rms_norm.h"
#include "text/special_token_ids.h"

namespace sift {

/// The rotary frequencies, computed from head_dim; names as in transformers' `rope_parameters`.
struct RopeOptions {
  std::string type = "default";  ///< "default", "linear", "dynamic", "llama3", "yarn" or "longrope"
  double theta = 10000.0;
  double partial_rotary_factor =
      1.0;  ///< fraction of the features of a head that are rotated, the first ones
  double factor = 1.0;
  double low_freq_factor = 1.0;   ///< llama3
  double high_freq_factor = 4.0;  ///< llama3
  std::int64_t original_max_position_embeddings = 0;
  double beta_fast = 32.0;                 ///< yarn
  double beta_slow = 1.0;                  ///< yarn
  std::optional<double> attention_factor;  ///< yarn, longrope; derived from the factor when not set
  std::optional<double> mscale;            ///< yarn
  std::optional<double> mscale_all_dim;    ///< yarn
  bool truncate = true;                    ///< yarn
  std::vector<double> short_factors;       ///< longrope: of each frequency, while the longest document has
  std::vector<double> long_factors;        ///< at most original_max_position_embeddings tokens; and beyond

  /// Tokens up to which the angles do not depend on the length, 0: they never do. Keys of a cache that were
  /// rotated below that length cannot be used above it.
  std::int64_t length_limit() const { return type == "longrope" ? original_max_position_embeddings : 0; }
};

/// The features over which the q_norm and k_norm of a layer take the mean.
enum class QkNorm { kNone, kHead, kProjection };

/// Norms before, after or around both parts of a layer: h += f(norm(h)), h += norm(f(h)) or
/// h += norm(f(norm(h))).
enum class NormPlace { kBefore, kAfter, kAround };

/// The experts of a mixture, named in files as <block>.experts.<e>.<gate|up|down>.weight.
struct ExpertOptions {
  std::int64_t num_experts = 0;  ///< 0: the model is dense
  std::int64_t num_experts_per_tok = 0;
  std::int64_t intermediate_size = 0;
  std::int64_t shared_intermediate_size = 0;  ///< of the expert that every token goes through; 0: none
  bool norm_topk_prob = false;                ///< the weights of a token's experts sum to 1
  bool float_weights = false;                 ///< they stay float32 for every dtype of the model
  bool router_first = true;                   ///< among the parameters, before the experts
  std::set<std::int64_t> dense_layers;        ///< layers that have an ordinary MLP
  double router_aux_loss_coef = 0.0;          ///< of the load-balancing loss
  std::string block = "mlp", gate = "gate_proj", up = "up_proj", down = "down_proj";
};

/// The decoder that a model folder's config.json describes. Every value is checked, and a value that Sift
/// does not implement is refused, so a config that loads gives the numbers of transformers.
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
  bool qkv_bias = false;
  bool o_bias = false;
  bool mlp_bias = false;
  QkNorm qk_norm = QkNorm::kNone;
  bool fused_projections = false;  ///< q, k and v are one parameter, gate and up another, as in files
  double clip_qkv = 0.0;           ///< q, k and v are clamped to +-clip_qkv; 0: never
  /// The number of keys that a query of each layer sees, its own included; 0: all. Empty: 0 for every layer.
  std::vector<std::int64_t> sliding_windows;
  NormPlace norm_place = NormPlace::kBefore;
  NormWeight norm_weight = NormWeight::kScale;
  double embedding_scale = 1.0;
  bool rounds_embedding_scale = false;    ///< to the type of the weights
  double residual_scale = 1.0;            ///< factor on the output of attention and feed-forward
  std::optional<double> attention_scale;  ///< of q k^T; head_dim^-0.5 when not set
  double attention_softcap = 0.0;         ///< 0: none
  ExpertOptions experts;
  Activation activation = Activation::kSilu;  ///< of the gates
  std::string dtype;                          ///< of the weights in the folder; empty if config.json has none
  std::optional<std::int64_t>
      pad_token_id;  ///< the row of the embedding that gets no gradient from the lookup
  std::optional<std::int64_t> bos_token_id;
  std::vector<std::int64_t> eos_token_ids;
  std::optional<Quantization> quantization;  ///< of the linear layers; not set: none
  RopeOptions rope;
  std::optional<RopeOptions> sliding_rope;  ///< of the layers with a sliding window, if it differs
  double logit_scale = 1.0;
  double final_logit_softcap = 0.0;  ///< 0: none
  nlohmann::ordered_json raw;        ///< the whole file, for saving

  bool is_moe() const { return experts.num_experts > 0; }
  bool has_experts(std::int64_t layer) const { return is_moe() && experts.dense_layers.count(layer) == 0; }
  /// No family has windows of two sizes.
  std::int64_t sliding_window(std::int64_t layer) const {
    return sliding_windows.empty() ? 0 : sliding_windows[static_cast<std::size_t>(layer)];
  }

  /// Sets the weight of the load-balancing loss, also in the saved config. Throws Error for a dense model and
  /// a weight above 0.
  void set_router_aux_loss_coef(double coef);
  /// Quantises the linear layers of the model that is loaded, or leaves them as tensors, also in the saved
  /// config.
  void set_quantization(const std::optional<Quantization>& of);
  /// Changes the number of rows of the embedding, also in the saved config.
  void set_vocab_size(std::int64_t size);
  /// The head is no longer the embedding, here and in the config.json that is saved.
  void untie_word_embeddings();
  /// Writes the special tokens of a run into the saved config, as TRL and transformers' Trainer do. The model
  /// itself stays as it is: its embedding has no other padding token.
  void save_special_tokens(const SpecialTokenIds& ids);

  /// Reads `folder`/config.json. Throws Error naming the file and the key.
  static ModelConfig from_folder(const std::filesystem::path& folder);
  /// Messages call the file `name`.
  static ModelConfig from_json(const nlohmann::ordered_json& json, const std::string& name);
};

}  // namespace sift
