#pragma once

#include <ATen/core/ScalarType.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sift/options.h>
#include "data/data_options.h"
#include "model/lora/lora_options.h"

namespace sift {

// The sections [model], [lora], [data], [train], [parallel] and [plugins]. Names and defaults are TRL's and
// transformers', except that "no limit" is 0 instead of Python's None. An empty std::optional is resolved
// from the data or the model.

struct ModelOptions {
  std::string path;
  std::string dtype = "float32";
  std::string init = "pretrained";
  std::optional<double> router_aux_loss_coef;
  bool resize_token_embeddings = false;
  bool load_in_4bit = false;
  std::string bnb_4bit_quant_type = "nf4";
  bool use_bnb_nested_quant = false;
  std::vector<std::string> llm_int8_skip_modules;
  std::optional<std::string> bnb_4bit_compute_dtype;  ///< not set: dtype, or what the folder says

  static void describe(Schema<ModelOptions>& schema);

  /// Data type of the weights, in training and in saved files. "auto" must have been resolved.
  at::ScalarType scalar_type() const { return dtype == "bfloat16" ? at::kBFloat16 : at::kFloat; }
};

struct TrainOptions {
  std::string output_dir;
  std::int64_t seed = 42;
  std::optional<std::int64_t> data_seed;  ///< not set: seed
  std::string train_sampling_strategy = "random";
  bool dataloader_drop_last = false;
  bool ignore_data_skip = false;
  double num_train_epochs = 3.0;
  std::int64_t max_steps = -1;
  std::int64_t per_device_train_batch_size = 8;
  std::int64_t per_device_eval_batch_size = 8;
  std::int64_t gradient_accumulation_steps = 1;
  std::int64_t max_tokens_per_pass = 0;
  std::string optim = "adamw_torch_fused";
  ScalarTable optim_args;
  double learning_rate = 2e-5;
  double weight_decay = 0.0;
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.999;
  double adam_epsilon = 1e-8;
  double max_grad_norm = 1.0;
  std::string lr_scheduler_type = "linear";
  ScalarTable lr_scheduler_kwargs;
  double warmup_steps = 0.0;
  double label_smoothing_factor = 0.0;
  double neftune_noise_alpha = 0.0;
  std::string logging_strategy = "steps";
  double logging_steps = 10;
  bool logging_first_step = false;
  std::string include_num_input_tokens_seen = "no";
  std::string log_level = "passive";
  std::string eval_strategy = "no";
  double eval_steps = 0.0;
  double eval_delay = 0.0;
  bool eval_on_start = false;
  bool load_best_model_at_end = false;
  std::optional<std::string> metric_for_best_model;  ///< not set: loss if the best model is loaded
  std::optional<bool> greater_is_better;             ///< not set: true unless the metric ends in "loss"
  std::string save_strategy = "steps";
  double save_steps = 500;
  std::int64_t save_total_limit = 0;
  bool save_only_model = false;
  bool save_in_background = true;
  std::vector<std::string> report_to = {"none"};
  std::optional<bool> gradient_checkpointing;  ///< not set: as [[memory]] says
  ScalarTable gradient_checkpointing_kwargs;
  std::optional<bool> activation_offloading;  ///< not set: as [[memory]] says
  std::optional<bool> bf16;                   ///< not set: on for a GPU, off on a CPU
  std::string device = "auto";
  bool full_determinism = true;
  std::vector<std::string> freeze;
  std::string on_nonfinite = "skip";
  std::int64_t max_nonfinite_steps = 10;
  std::string resume_from_checkpoint;

  static void describe(Schema<TrainOptions>& schema);

  /// Steps between two evaluations, or a fraction of max_steps; an eval_steps of 0 means as often as the log.
  double evaluation_steps() const { return eval_steps > 0 ? eval_steps : logging_steps; }
  /// The seed of the data order.
  std::int64_t order_seed() const { return data_seed.value_or(seed); }
};

/// How several processes share a run.
struct ParallelOptions {
  std::string strategy = "replicas";
  std::int64_t replicas_of_shards = 1;
  std::string state_dict_type = "auto";
  std::int64_t context = 1;
  bool even_batches = false;
  bool balance_tokens = false;
  std::string reduce_dtype = "float32";
  std::int64_t bucket_cap_mb = 25;

  static void describe(Schema<ParallelOptions>& schema);
};

struct PluginsOptions {
  std::vector<std::string> paths;

  static void describe(Schema<PluginsOptions>& schema);
};

/// A section whose options belong to Sift, not to a component.
struct Section {
  std::string name;
  std::vector<OptionSpec> specs;
};

/// In file order.
const std::vector<Section>& sections();

}  // namespace sift
