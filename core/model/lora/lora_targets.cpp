#include "model/lora/lora_targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include <sift/error.h>
#include "base/did_you_mean.h"
#include "model/lora/path_pattern.h"
#include "model/lora/pattern_table.h"
#include "model/weights/parameter_path.h"

namespace sift {
namespace {

using Kind = AdaptableWeight::Kind;
using Names = std::vector<std::string>;

bool is_or_ends_in(const std::string& path, const std::string& name) {
  return path == name || path.ends_with("." + name);
}

bool is_any_of(const std::string& path, const Names& names) {
  return std::ranges::any_of(names, [&](const std::string& name) { return is_or_ends_in(path, name); });
}

bool is_module(const AdaptableWeight& weight) {
  return weight.kind != Kind::kExperts && weight.kind != Kind::kRouter;
}

/// Each path once for all layers.
Names paths_of(const std::vector<AdaptableWeight>& weights, bool modules) {
  Names paths;
  for (const AdaptableWeight& weight : weights) {
    const std::string path = without_index(weight.path);
    if (is_module(weight) == modules && std::ranges::find(paths, path) == paths.end()) paths.push_back(path);
  }
  return paths;
}

/// PEFT 0.21, TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING.
Names default_targets(const LoraOptions& options, const ModelConfig& config) {
  const Names known = {"llama", "mistral", "mixtral", "gemma", "gemma2", "gemma3_text", "qwen2", "qwen3"};
  if (std::ranges::find(known, config.model_type) != known.end()) return {"q_proj", "v_proj"};
  if (!options.target_parameters.empty()) return {};
  throw Error(
      fmt::format("[lora] names no target_modules, and there is no default for a model of type \"{}\"; set "
                  "target_modules = \"all-linear\", or a list of names",
                  config.model_type));
}

/// The rules of [lora] that select modules.
class ModuleRules {
 public:
  ModuleRules(const LoraOptions& options, const ModelConfig& config) : options_(options) {
    if (!options.exclude_modules_regex.empty())
      excluded_.emplace(PathPattern::whole(options.exclude_modules_regex, "exclude_modules"));
    for (const std::string& module : options.modules_to_save)
      saved_.push_back(PathPattern::part(module, "modules_to_save"));
    if (!options.target_modules_regex.empty()) {
      whole_.emplace(PathPattern::whole(options.target_modules_regex, "target_modules"));
    } else {
      names_ = options.target_modules ? *options.target_modules : default_targets(options, config);
    }
    for (const std::string& name : options.layers_pattern)
      layers_.push_back(PathPattern::end(name, "layers_pattern"));
  }

  const Names& names() const { return names_; }
  const std::optional<PathPattern>& excluded() const { return excluded_; }

  bool excludes(const AdaptableWeight& weight) const {
    const std::string& path = weight.path;
    return (excluded_ && excluded_->matches(path)) || is_any_of(path, options_.exclude_modules) ||
           std::ranges::any_of(saved_, [&](const PathPattern& saved) { return saved.matches(path); });
  }

  bool selects(const AdaptableWeight& weight) const {
    if (whole_) return whole_->matches(weight.path);
    if (options_.targets_all_linear()) return weight.kind == Kind::kLinear && is_in_layers(weight.path);
    // as in PEFT, layers_to_transform limits what the end of a path selects, not a path that is named whole
    return std::ranges::find(names_, weight.path) != names_.end() ||
           (is_any_of(weight.path, names_) && is_in_layers(weight.path));
  }

 private:
  /// The first numbered name of a path is the index of its layer.
  bool is_in_layers(const std::string& path) const {
    if (options_.layers_to_transform.empty()) return true;
    std::size_t begin = 0;
    while (begin < path.size()) {
      const std::size_t end = std::min(path.find('.', begin), path.size());
      const std::string name = path.substr(begin, end - begin);
      if (name.find_first_not_of("0123456789") == std::string::npos) {
        const std::string list = path.substr(0, begin == 0 ? 0 : begin - 1);
        const bool fits = layers_.empty() || std::ranges::any_of(layers_, [&](const PathPattern& layers) {
                            return layers.matches(list);
                          });
        return fits && std::ranges::count(options_.layers_to_transform, std::stoll(name)) > 0;
      }
      begin = end + 1;
    }
    return false;
  }

  const LoraOptions& options_;
  std::optional<PathPattern> excluded_, whole_;
  std::vector<PathPattern> saved_, layers_;
  Names names_;
};

/// What PEFT refuses, or cannot load again.
void check_combinations(const LoraOptions& options) {
  const auto fail = [](const std::string& text) { throw Error("[lora]: " + text); };
  if (options.target_modules && !options.target_modules_regex.empty())
    fail("target_modules and target_modules_regex are both set; remove one of the two");
  if (!options.exclude_modules.empty() && !options.exclude_modules_regex.empty())
    fail("exclude_modules and exclude_modules_regex are both set; remove one of the two");
  if (!options.layers_to_transform.empty() && !options.target_modules_regex.empty())
    fail(
        "layers_to_transform has no effect on a regular expression; name the layers in target_modules_regex");
  if (!options.layers_pattern.empty() && options.layers_to_transform.empty())
    fail("layers_pattern says what layers_to_transform means, which is not set");
}

void check_names(const LoraOptions& options, const ModuleRules& rules,
                 const std::vector<AdaptableWeight>& weights, const ModelConfig& config) {
  const Names modules = paths_of(weights, true), parameters = paths_of(weights, false);
  const auto matches_any = [&](const std::string& name, bool of_modules) {
    return std::ranges::any_of(weights, [&](const AdaptableWeight& weight) {
      return is_module(weight) == of_modules && is_or_ends_in(weight.path, name);
    });
  };
  if (!options.targets_all_linear()) {
    for (const std::string& name : rules.names()) {
      if (!matches_any(name, true))
        refuse_unmatched("target_modules", name, modules, "linear modules of this model");
    }
  }
  for (const std::string& name : options.exclude_modules) {
    if (!matches_any(name, true))
      refuse_unmatched("exclude_modules", name, modules, "linear modules of this model");
  }
  if (rules.excluded() && std::ranges::none_of(weights, [&](const AdaptableWeight& weight) {
        return is_module(weight) && rules.excluded()->matches(weight.path);
      }))
    refuse_unmatched("exclude_modules", options.exclude_modules_regex, modules,
                     "linear modules of this model");
  for (const std::string& name : options.target_parameters) {
    if (!matches_any(name, false))
      refuse_unmatched("target_parameters", name, parameters, "parameters of this model that are no modules");
  }
  for (const std::int64_t layer : options.layers_to_transform) {
    if (layer >= 0 && layer < config.num_hidden_layers) continue;
    throw Error(
        fmt::format("layers_to_transform in [lora]: there is no layer {}; the model has layers 0 to {}",
                    layer, config.num_hidden_layers - 1));
  }
}

void check_kind(const LoraTarget& target, const LoraOptions& options) {
  const AdaptableWeight& weight = target.weight;
  if (weight.kind == Kind::kHead) {
    throw Error(
        "target_modules in [lora]: an adapter on lm_head is not supported, as in TRL, since losses multiply "
        "by its weight; train it whole with modules_to_save = [\"lm_head\"]");
  }
  if (weight.kind == Kind::kEmbedding && options.use_dora) {
    throw Error(
        "target_modules in [lora]: use_dora is not supported for embed_tokens; leave it out of "
        "target_modules, or train it whole with modules_to_save");
  }
  if (is_module(weight)) return;
  for (const auto& [is_set, name] :
       {std::pair(options.lora_dropout > 0, "lora_dropout"),
        {options.use_dora, "use_dora"},
        {options.init_lora_weights == "pissa", "init_lora_weights = \"pissa\""}}) {
    if (is_set)
      throw Error(fmt::format("target_parameters in [lora]: {} is not supported for '{}', as in PEFT", name,
                              without_index(weight.path)));
  }
}

double scale_of(const LoraOptions& options, std::int64_t r, double alpha) {
  const auto rank = static_cast<double>(r);
  return alpha / (options.use_rslora ? std::sqrt(rank) : rank);
}

}  // namespace

std::vector<LoraTarget> find_lora_targets(const LoraOptions& options, const ModelConfig& config) {
  check_combinations(options);
  const std::vector<AdaptableWeight> weights = adaptable_weights(config);
  const ModuleRules rules(options, config);
  check_names(options, rules, weights, config);
  const PatternTable ranks = PatternTable::of_integers(options.rank_pattern, "rank_pattern");
  const PatternTable alphas = PatternTable::of_numbers(options.alpha_pattern, "alpha_pattern");
  std::vector<LoraTarget> targets;
  Names paths;
  for (const AdaptableWeight& weight : weights) {
    const bool is_target = is_module(weight) ? rules.selects(weight) && !rules.excludes(weight)
                                             : is_any_of(weight.path, options.target_parameters);
    if (!is_target) continue;
    LoraTarget target{weight};
    target.r = static_cast<std::int64_t>(ranks.value_for(weight.path, static_cast<double>(options.r)));
    target.scale = scale_of(options, target.r, alphas.value_for(weight.path, options.lora_alpha));
    check_kind(target, options);
    targets.push_back(target);
    paths.push_back(without_index(weight.path));
  }
  if (targets.empty()) {
    throw Error(
        fmt::format("[lora] gives no module an adapter: target_modules, exclude_modules and "
                    "layers_to_transform leave none; linear modules of this model: {}",
                    listed(paths_of(weights, true))));
  }
  Names whole_paths;
  for (const LoraTarget& target : targets) whole_paths.push_back(target.weight.path);
  ranks.check_all_matched(whole_paths);
  alphas.check_all_matched(whole_paths);
  return targets;
}

std::vector<std::string> find_modules_to_save(const LoraOptions& options, const ModelConfig& config) {
  const Names paths = module_paths(config);
  Names found;
  for (const std::string& name : options.modules_to_save) {
    bool matches_any = false;
    for (const std::string& path : paths) {
      if (!path.ends_with(name)) continue;
      matches_any = true;
      if (std::ranges::find(found, path) == found.end()) found.push_back(path);
    }
    if (matches_any) continue;
    Names known;
    for (const std::string& path : paths) {
      if (std::ranges::find(known, without_index(path)) == known.end()) known.push_back(without_index(path));
    }
    refuse_unmatched("modules_to_save", name, known, "modules of this model");
  }
  return found;
}

}  // namespace sift
