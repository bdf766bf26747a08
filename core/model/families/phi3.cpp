#include "model/common_keys.h"
#include "model/families/architectures.h"

namespace sift {
namespace {

void configure_phi3(const JsonFields& fields, ModelConfig& config) {
  read_common_keys(fields, config);
  config.fused_projections = true;
  slide_every_layer(fields, config);
  if (fields.number_or("resid_pdrop", 0.0) != 0.0) {
    fields.fail("resid_pdrop", "dropout is not supported: set it to 0");
  }
  if (fields.flag_or("attention_bias", false)) {
    fields.fail("attention_bias", "the projections of Phi-3 have no bias: set it to false");
  }
}

/// Only part of a head may be rotated, and longrope has other names in older files.
void read_phi3_rope(const JsonFields& fields, ModelConfig& config) {
  const JsonFields found = rope_object(fields);
  nlohmann::ordered_json json = found.object();
  const JsonFields parameters(json, found.file(), found.path());
  const std::string type = parameters.text_or("rope_type", parameters.text_or("type", "default"));
  if (type == "su" || type == "yarn") {
    json["rope_type"] = "longrope";
  } else if (type != "default" && type != "longrope") {
    parameters.fail(parameters.has("rope_type") ? "rope_type" : "type",
                    "Phi-3 supports \"default\" and \"longrope\"");
  }
  config.rope = read_rope_parameters(fields, parameters, config, true);
}

}  // namespace

Architecture phi3_architecture() {
  return {"phi3",
          "Phi3ForCausalLM",
          {{"max_position_embeddings", 4096},
           {"original_max_position_embeddings", 4096},
           {"rms_norm_eps", 1e-5},
           {"bos_token_id", 1},
           {"eos_token_id", 32000},
           {"pad_token_id", 32000}},
          configure_phi3,
          read_phi3_rope};
}

}  // namespace sift
