#include "config/renamed/fates.h"

namespace sift {
namespace {

constexpr const char* kCommand = "has no use here: the command is sift train";
constexpr const char* kTrainBatch = "is per_device_train_batch_size in [train]";
constexpr const char* kEvalBatch = "is per_device_eval_batch_size in [train]";
constexpr const char* kAdapted = "has no use here: no optimizer of Sift takes it; see freeze in [train]";
constexpr const char* kMetrics = "has no use here: an evaluation keeps no logits, and metrics are plugins";
constexpr const char* kHalf = "is not supported; use bf16 in [train]";

}  // namespace

const Fates& fates_of_training() {
  static const Fates fates = {
      // steps
      {"do_train", kCommand},
      {"do_predict", "has no use here: the command is sift generate"},
      {"epochs", "is num_train_epochs in [train]"},
      {"num_epochs", "is num_train_epochs in [train]"},
      {"batch_size", kTrainBatch},
      {"train_batch_size", kTrainBatch},
      {"micro_batch_size", kTrainBatch},
      {"per_device_batch_size", kTrainBatch},
      {"per_gpu_train_batch_size", kTrainBatch},
      {"eval_batch_size", kEvalBatch},
      {"per_gpu_eval_batch_size", kEvalBatch},
      {"auto_find_batch_size",
       "is not supported; max_tokens_per_pass in [train] bounds the memory of a batch of any size"},
      // loss
      {"loss_type", "is the plugin of [loss]: plugin = \"nll\" or \"dft\""},
      {"compute_loss_func", "is a loss plugin: [loss] plugin = \"...\""},
      {"label_smoothing", "is an option of [loss] plugin = \"nll\" and \"liger\""},
      // optimizer
      {"lr", "is learning_rate in [train]"},
      {"lr_scheduler", "is lr_scheduler_type in [train]"},
      {"scheduler", "is lr_scheduler_type in [train]"},
      {"warmup_ratio", "is now warmup_steps in [train]: a value below 1 is a fraction of max_steps"},
      {"optimizer", "is optim in [train]"},
      {"optim_target_modules", kAdapted},
      {"adafactor", "is not supported; see optim in [train]"},
      // precision and memory
      {"fp16", kHalf},
      {"fp16_full_eval", kHalf},
      {"fp16_opt_level", kHalf},
      {"fp16_backend", kHalf},
      {"half_precision_backend", kHalf},
      {"mixed_precision", "is bf16 in [train]"},
      {"bf16_full_eval", "is not supported; use dtype = \"bfloat16\" in [model]"},
      {"tf32", "is not supported; use bf16 in [train]"},
      {"torch_empty_cache_steps", "is not supported: memory that a step frees is kept for the next one"},
      {"activation_checkpointing", "is gradient_checkpointing in [train]"},
      {"activation_checkpointing_kwargs", "is gradient_checkpointing_kwargs in [train]"},
      {"offload", "is activation_offloading in [train]"},
      // evaluation
      {"do_eval", "is eval_strategy in [train]"},
      {"evaluation_strategy", "is now eval_strategy in [train]"},
      {"evaluate_during_training", "is eval_strategy in [train]"},
      {"eval_accumulation_steps", kMetrics},
      {"eval_do_concat_batches", kMetrics},
      {"eval_use_gather_object", kMetrics},
      {"batch_eval_metrics", kMetrics},
      {"prediction_loss_only", kMetrics},
      {"include_for_metrics", kMetrics},
      {"include_inputs_for_metrics", kMetrics},
      {"compute_metrics", "is a metric plugin: [[metrics]] plugin = \"...\""},
      {"preprocess_logits_for_metrics", kMetrics},
      {"early_stopping_patience", "belongs in [[callbacks]] plugin = \"early_stopping\""},
      {"early_stopping_threshold", "belongs in [[callbacks]] plugin = \"early_stopping\""},
      // resuming
      {"restore_callback_states_from_checkpoint",
       "has no use here: a resumed run always restores the state of its callbacks"},
      {"overwrite_output_dir", "is not an option of the file: give --overwrite to sift train"},
  };
  return fates;
}

}  // namespace sift
