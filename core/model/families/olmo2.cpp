#include "model/common_keys.h"
#include "model/families/architectures.h"

namespace sift {
namespace {

void configure_olmo2(const JsonFields& fields, ModelConfig& config) {
  read_common_keys(fields, config);
  config.qkv_bias = config.o_bias = fields.flag_or("attention_bias", false);
  config.qk_norm = QkNorm::kProjection;
  config.norm_place = NormPlace::kAfter;
}

}  // namespace

Architecture olmo2_architecture() {
  return {"olmo2",
          "Olmo2ForCausalLM",
          {{"rms_norm_eps", 1e-5}, {"pad_token_id", 1}, {"eos_token_id", 50279}},
          configure_olmo2};
}

}  // namespace sift
