#include "model/decoder/token_tables.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "ops/token_embedding.h"

namespace sift {

TokenTables::TokenTables(const ModelConfig& config, const ModelWeights& weights,
                         const std::vector<std::int64_t>& trained_tokens)
    : pad_token_id_(config.pad_token_id.value_or(-1)),
      embedding_vh_(weights.at("model.embed_tokens.weight")),
      head_vh_(weights.find("lm_head.weight")),
      update_(weights.update_of("model.embed_tokens")) {
  if (!head_vh_.defined()) head_vh_ = embedding_vh_;
  if (trained_tokens.empty()) return;
  trained_ids_ = at::tensor(trained_tokens, at::kLong).to(embedding_vh_.device());
  trained_rows_ = weights.at("model.embed_tokens.trainable_tokens_delta");
}

at::Tensor TokenTables::with_trained_rows(const at::Tensor& table_vh) const {
  if (!trained_rows_.defined()) return table_vh;
  return table_vh.index_copy(0, trained_ids_, trained_rows_.to(table_vh.scalar_type()));
}

at::Tensor TokenTables::embed(const at::Tensor& input_ids_n) const {
  // The lookup gives the padding token no gradient, as nn.Embedding(padding_idx); -1 means no such token.
  at::Tensor base_nh = token_embedding(with_trained_rows(embedding_vh_), input_ids_n, pad_token_id_);
  if (!update_) return base_nh;
  const at::Tensor reduced_nr = token_embedding(update_.a_ri.t(), input_ids_n, pad_token_id_);
  return (base_nh + at::linear(reduced_nr, update_.b_or) * update_.scale).to(base_nh.scalar_type());
}

at::Tensor TokenTables::head() const {
  return head_vh_.is_same(embedding_vh_) ? with_trained_rows(head_vh_) : head_vh_;
}

}  // namespace sift
