#include "plan/activations.h"

#include <algorithm>
#include <variant>

#include "model/weights/parameter.h"

namespace sift {
namespace {

constexpr std::int64_t kFloatBytes = 4, kHalfBytes = 2;

/// Sizes of a layer, in numbers for each token.
struct Widths {
  std::int64_t hidden, query, key, heads, gates;

  static Widths of(const ModelConfig& model) {
    return {model.hidden_size, model.num_attention_heads * model.head_dim,
            model.num_key_value_heads * model.head_dim, model.num_attention_heads, model.intermediate_size};
  }
};

/// Bytes of a number in what the layers compute, and in the sum that runs through them.
struct Precision {
  std::int64_t value, sum;
  bool is_cast;  ///< what matrices are multiplied with is a copy, which is kept

  static Precision of(const ActivationOptions& options) {
    const bool is_wide = options.dtype == at::kFloat;
    const bool is_cast = is_wide && options.bf16;
    return {is_wide && !is_cast ? kFloatBytes : kHalfBytes, is_wide ? kFloatBytes : kHalfBytes, is_cast};
  }
};

/// What attention keeps: q, k, v and its output, and those that a norm of q and k gets.
std::int64_t attention_bytes(const ModelConfig& model, const Precision& bytes) {
  const Widths w = Widths::of(model);
  std::int64_t values = 2 * w.query + 2 * w.key;
  if (model.qk_norm != QkNorm::kNone || model.fused_projections) values += w.query + w.key;
  if (bytes.is_cast) values += (model.fused_projections ? 1 : 3) * w.hidden;
  return values * bytes.value + w.heads * kFloatBytes;
}

/// Norms and gates are computed again in backward, unless their results are cast.
std::int64_t mlp_bytes(const ModelConfig& model, std::int64_t gates, const Precision& bytes) {
  std::int64_t values = 2 * gates;
  if (bytes.is_cast) values += gates + (model.fused_projections ? 1 : 2) * model.hidden_size;
  return values * bytes.value;
}

/// The tokens in the order of their experts, what each expert makes of them, and their way back.
std::int64_t experts_bytes(const ModelConfig& model, const Precision& bytes) {
  const ExpertOptions& experts = model.experts;
  const std::int64_t copies = experts.num_experts_per_tok;
  std::int64_t all =
      (model.hidden_size + copies * (2 * model.hidden_size + 3 * experts.intermediate_size)) * bytes.value;
  if (experts.shared_intermediate_size > 0) {
    all += mlp_bytes(model, experts.shared_intermediate_size, bytes) + model.hidden_size * bytes.value;
  }
  return all;
}

/// What a layer keeps of a token.
std::int64_t layer_bytes(const ModelConfig& model, std::int64_t layer, const Precision& bytes) {
  const int inner_norms = model.norm_place == NormPlace::kBefore ? 0 : 2;  // of what the parts return
  const std::int64_t sums = 2 * model.hidden_size * bytes.sum + inner_norms * model.hidden_size * bytes.value;
  return sums + attention_bytes(model, bytes) +
         (model.has_experts(layer) ? experts_bytes(model, bytes)
                                   : mlp_bytes(model, model.intermediate_size, bytes));
}

/// The gradients of a layer's feed-forward part, the largest in backward, and what it computes again.
std::int64_t temporary_bytes(const ModelConfig& model, const Precision& bytes) {
  const std::int64_t experts = model.experts.num_experts_per_tok * model.experts.intermediate_size;
  const std::int64_t gates = std::max(model.is_moe() ? experts : 0, model.intermediate_size);
  return 4 * gates * bytes.value + 2 * model.hidden_size * bytes.sum;
}

/// Chunks of logits, see ops/chunked_head.cpp, and their gradients.
std::int64_t head_bytes(const ModelConfig& model, std::int64_t tokens, const Precision& bytes) {
  constexpr std::int64_t kChunkBytes = 96 << 20, kMinRows = 384;
  const std::int64_t rows =
      std::min(tokens, std::max(kMinRows, kChunkBytes / (model.vocab_size * kFloatBytes)));
  // the hidden states, those that are scored, and their gradients
  return rows * model.vocab_size * bytes.value + tokens * model.hidden_size * (bytes.sum * 2 + bytes.value);
}

/// Autocast makes a copy of every matrix for a pass.
std::int64_t copied_weights(const ModelConfig& model) {
  std::int64_t numel = 0;
  for (const ParameterSpec& spec : parameter_specs(model))
    if (spec.shape.size() > 1) numel += c10::multiply_integers(spec.shape);
  return numel * kHalfBytes;
}

}  // namespace

void ActivationOptions::use(const ConfiguredComponent& memory) {
  if (memory.component->name == "activation_offload") offloads = true;
  if (memory.component->name != "gradient_checkpointing") return;
  for (const OptionSpec& spec : memory.component->options) {
    const OptionValue value = spec.get(memory.options.get());
    if (spec.key == "every_n_layers") checkpoint = std::get<std::int64_t>(value);
    if (spec.key == "selective") keeps_attention = std::get<bool>(value);
  }
}

std::int64_t estimate_activations(const ModelConfig& model, const ActivationOptions& options) {
  const Precision bytes = Precision::of(options);
  const std::int64_t output =
      options.keeps_attention ? model.num_attention_heads * (model.head_dim * bytes.value + kFloatBytes) : 0;
  std::int64_t kept = 0, most = 0;  // of a token, by the layers so far; while one of them goes back
  for (std::int64_t layer = 0; layer < model.num_hidden_layers; ++layer) {
    const std::int64_t whole = layer_bytes(model, layer, bytes);
    const bool is_computed_again = options.checkpoint > 0 && layer % options.checkpoint == 0;
    most = std::max(most, kept + whole + temporary_bytes(model, bytes));
    if (!options.offloads) kept += is_computed_again ? model.hidden_size * bytes.sum + output : whole;
  }
  return std::max(most * options.tokens, kept * options.tokens + head_bytes(model, options.tokens, bytes)) +
         (bytes.is_cast ? copied_weights(model) : 0);
}

}  // namespace sift
