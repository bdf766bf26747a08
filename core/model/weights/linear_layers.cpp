#include "model/weights/linear_layers.h"

namespace sift {

bool is_linear_layer(const ParameterSpec& spec) {
  return spec.shape.size() == 2 && spec.parts.empty() && spec.name.ends_with(".weight") &&
         spec.name != "model.embed_tokens.weight" && spec.name != "lm_head.weight";
}

}  // namespace sift
