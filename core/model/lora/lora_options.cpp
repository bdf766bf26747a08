#include "model/lora/lora_options.h"

#include "base/option_ranges.h"

namespace sift {
namespace {

void describe_targets(Schema<LoraOptions>& schema) {
  schema.add(
      "target_modules", &LoraOptions::target_modules,
      "modules that get an adapter: names, which match the end of a path, or \"all-linear\" for every "
      "linear layer but the head; another string is target_modules_regex; not set: those of PEFT for the "
      "type of the model, q_proj and v_proj in most");
  schema.add("target_modules_regex", &LoraOptions::target_modules_regex,
             "regular expression that matches the whole path of each module that gets an adapter; a string "
             "under target_modules means the same");
  schema.add("exclude_modules", &LoraOptions::exclude_modules,
             "modules that get none although they match: names, or a string as exclude_modules_regex");
  schema.add("exclude_modules_regex", &LoraOptions::exclude_modules_regex,
             "regular expression that matches the whole path of each module that gets none");
  schema.add("layers_to_transform", &LoraOptions::layers_to_transform,
             "indices of the layers that get adapters; empty: all");
  schema.add("layers_pattern", &LoraOptions::layers_pattern,
             "name of the list of layers in a path, whose index layers_to_transform means; empty: any");
  schema.add("target_parameters", &LoraOptions::target_parameters,
             "parameters that get an adapter although they are no modules: those of experts, such as "
             "\"mlp.experts.gate_up_proj\"");
}

}  // namespace

void LoraOptions::describe(Schema<LoraOptions>& schema) {
  schema.add("r", &LoraOptions::r, "rank of the adapters", at_least(1));
  schema.add("lora_alpha", &LoraOptions::lora_alpha,
             "the product of the two matrices of an adapter is multiplied by lora_alpha / r", above(0));
  schema.add("lora_dropout", &LoraOptions::lora_dropout,
             "probability that an element of the input of an adapter is zeroed in training", below_one());
  describe_targets(schema);
  schema.add("rank_pattern", &LoraOptions::rank_pattern,
             "another r for modules whose path ends in a match of a key, a regular expression, such as { "
             "\"layers.0.*q_proj\" = 4 }; in alphabetical order, the first match counts");
  schema.add("alpha_pattern", &LoraOptions::alpha_pattern, "the same for lora_alpha");
  schema.add("bias", &LoraOptions::bias,
             "biases that are trained: none, all, or those of modules with an adapter",
             one_of({"none", "all", "lora_only"}));
  schema.add(
      "modules_to_save", &LoraOptions::modules_to_save,
      "modules that are trained whole and saved with the adapter: every path that ends in one of these, "
      "such as \"lm_head\"");
  schema.add("trainable_token_indices", &LoraOptions::trainable_token_indices,
             "ids of tokens whose rows of the embedding are trained, and of the head where it is tied");
  schema.add("use_rslora", &LoraOptions::use_rslora, "multiply by lora_alpha / sqrt(r) instead");
  schema.add("use_dora", &LoraOptions::use_dora,
             "train the norm of each row of the weights apart from its direction (DoRA)");
  schema.add("init_lora_weights", &LoraOptions::init_lora_weights,
             "true: A uniform, B zero; gaussian: A normal, B zero; pissa: the largest singular values of the "
             "weight, which keeps the rest; false: both random, so that the model changes",
             one_of({"true", "gaussian", "pissa", "false"}));
  schema.add(
      "adapter_path", &LoraOptions::adapter_path,
      "folder of an adapter to start from, with adapter_config.json, which then has all other options");
}

}  // namespace sift
