#include "model/lora/module_paths.h"

#include <algorithm>
#include <string_view>

#include "model/weights/parameter.h"
#include "model/weights/parameter_path.h"

namespace sift {
namespace {

using Kind = AdaptableWeight::Kind;
constexpr std::string_view kWeight = ".weight";

Kind kind_of(const std::string& path) {
  if (path == "model.embed_tokens") return Kind::kEmbedding;
  if (path == "lm_head") return Kind::kHead;
  return path.ends_with(".mlp.gate") ? Kind::kRouter : Kind::kLinear;
}

}  // namespace

std::vector<AdaptableWeight> adaptable_weights(const ModelConfig& config) {
  std::vector<AdaptableWeight> weights;
  for (const ParameterSpec& spec : parameter_specs(config)) {
    if (spec.shape.size() == 3)
      weights.push_back({spec.name, Kind::kExperts, spec.shape[0], spec.shape[2], spec.shape[1]});
    if (spec.shape.size() != 2 || !spec.name.ends_with(kWeight)) continue;
    const std::string module = module_of(spec.name);
    const Kind kind = kind_of(module);
    const bool is_table = kind == Kind::kEmbedding;
    weights.push_back({kind == Kind::kRouter ? spec.name : module, kind, 1, spec.shape[is_table ? 0 : 1],
                       spec.shape[is_table ? 1 : 0]});
  }
  if (config.tie_word_embeddings)
    weights.push_back({"lm_head", Kind::kHead, 1, config.hidden_size, config.vocab_size});
  return weights;
}

std::vector<std::string> module_paths(const ModelConfig& config) {
  std::vector<std::string> paths;
  for (const ParameterSpec& spec : parameter_specs(config)) {
    for (std::string path = module_of(spec.name); !path.empty(); path = module_of(path)) {
      if (std::ranges::find(paths, path) == paths.end()) paths.push_back(path);
    }
  }
  if (config.tie_word_embeddings) paths.emplace_back("lm_head");
  return paths;
}

}  // namespace sift
