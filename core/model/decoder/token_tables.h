#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "model/decoder/model_weights.h"
#include "model/model_config.h"

// Shape suffixes: n tokens, h hidden size, v vocabulary.

namespace sift {

/// The embedding and the head, with what an adapter changes in them.
class TokenTables {
 public:
  TokenTables() = default;
  /// Takes "model.embed_tokens.weight" and its update, and "lm_head.weight": without one, the head is the
  /// embedding. The rows `trained_tokens` of the embedding, and of a head that is the embedding, are those of
  /// "model.embed_tokens.trainable_tokens_delta".
  TokenTables(const ModelConfig& config, const ModelWeights& weights,
              const std::vector<std::int64_t>& trained_tokens);

  /// Embeddings [N, H]; the scale of the family is not yet in them.
  at::Tensor embed(const at::Tensor& input_ids_n) const;
  /// [V, H].
  at::Tensor head() const;
  const at::Tensor& embedding() const { return embedding_vh_; }

 private:
  at::Tensor with_trained_rows(const at::Tensor& table_vh) const;

  std::int64_t pad_token_id_ = -1;
  at::Tensor embedding_vh_, head_vh_;
  at::Tensor trained_ids_, trained_rows_;  ///< undefined where no token has a row of its own
  LowRank update_;
};

}  // namespace sift
