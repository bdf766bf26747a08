#pragma once

#include <ATen/Functions.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <sift/tensors.h>
#include "model/model_config.h"

namespace sift::test {

/// config.json of a Llama that takes no time at all.
inline nlohmann::ordered_json tiny_config_json() {
  return nlohmann::ordered_json::parse(R"({
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 32, "hidden_size": 16,
    "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "max_position_embeddings": 64, "rms_norm_eps": 1e-05, "hidden_act": "silu", "tie_word_embeddings": false,
    "bos_token_id": null, "eos_token_id": 2, "initializer_range": 0.3, "rope_theta": 10000.0,
    "torch_dtype": "float32"
  })");
}

/// The same of another family, with `changes`.
inline nlohmann::ordered_json tiny_config_json(
    const std::string& model_type, const std::string& class_name,
    const nlohmann::ordered_json& changes = nlohmann::ordered_json::object()) {
  nlohmann::ordered_json json = tiny_config_json();
  json["model_type"] = model_type;
  json["architectures"] = {class_name};
  json.update(changes);
  return json;
}

inline ModelConfig tiny_config() {
  return ModelConfig::from_json(tiny_config_json(), "config.json");
}

/// A batch in which every token but the last of each document is scored.
inline Batch make_batch(const std::vector<std::vector<std::int64_t>>& documents) {
  Batch batch;
  std::vector<std::int64_t> ids, targets, positions, scored;
  batch.document_starts = {0};
  batch.scored_starts = {0};
  for (const auto& document : documents) {
    for (std::size_t i = 0; i < document.size(); ++i) {
      const bool last = i + 1 == document.size();
      if (!last) scored.push_back(static_cast<std::int64_t>(ids.size()));
      ids.push_back(document[i]);
      positions.push_back(static_cast<std::int64_t>(i));
      targets.push_back(last ? kIgnoreIndex : document[i + 1]);
    }
    batch.document_starts.push_back(static_cast<std::int64_t>(ids.size()));
    batch.scored_starts.push_back(static_cast<std::int64_t>(scored.size()));
    batch.max_seqlen = std::max(batch.max_seqlen, static_cast<std::int64_t>(document.size()));
  }
  const auto longs = at::TensorOptions().dtype(at::kLong);
  batch.input_ids_n = at::tensor(ids, longs);
  batch.targets_n = at::tensor(targets, longs);
  batch.position_ids_n = at::tensor(positions, longs);
  batch.scored_m = at::tensor(scored, longs);
  batch.cu_seqlens_s = at::tensor(batch.document_starts, longs).to(at::kInt);
  batch.num_rows = static_cast<std::int64_t>(documents.size());
  return batch;
}

}  // namespace sift::test
