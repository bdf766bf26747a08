#include "config/renamed_options.h"

#include <map>

namespace sift {
namespace {

constexpr const char* kCheckpointing = "is a plugin: [[memory]] plugin = \"gradient_checkpointing\"";
constexpr const char* kOffload = "is a plugin: [[memory]] plugin = \"activation_offload\"";
constexpr const char* kCallback = "is done by a plugin: write it as one of [[callbacks]]";
constexpr const char* kEarlyStopping = "belongs in [[callbacks]] plugin = \"early_stopping\"";
constexpr const char* kNotYet = "is not supported yet";
constexpr const char* kFlat = "is not needed: batches are flattened and never padded";
constexpr const char* kThreads = "is not needed: all cores are used";

const std::map<std::string, std::string>& fates() {
  static const std::map<std::string, std::string> table = {
      // data
      {"max_seq_length", "is now max_length in [data]"},
      {"train_dataset", "is train in [data]"},
      {"train_file", "is train in [data]"},
      {"dataset_name", "is train in [data]: a file, or a list of them"},
      {"eval_dataset", "is eval in [data]"},
      {"validation_file", "is eval in [data]"},
      {"chat_template", "is chat_template_path in [data]: a file with the template"},
      {"truncation_mode",
       "is not supported: rows longer than max_length are truncated at the end (keep_start)"},
      {"pad_to_multiple_of", kFlat},
      {"pad_token", kFlat},
      {"group_by_length", "is now train_sampling_strategy = \"group_by_length\" in [train]"},
      {"length_column_name", kFlat},
      {"dataset_num_proc", kThreads},
      {"dataloader_num_workers", kThreads},
      {"dataloader_pin_memory", kThreads},
      {"dataset_kwargs", "is not supported"},
      {"formatting_func", "is not supported: write the rows as text, messages or prompt and completion"},
      // model
      {"model_name_or_path", "is path in [model]"},
      {"model_init_kwargs", "is not supported; see dtype and init in [model]"},
      {"torch_dtype", "is dtype in [model]"},
      {"attn_implementation", "is not needed: the attention kernel is chosen by the device"},
      {"use_liger_kernel", "is now a loss: [loss] plugin = \"liger\""},
      {"use_peft", kNotYet},
      {"peft_config", kNotYet},
      {"lora_r", kNotYet},
      // loss
      {"loss_type", "is now the plugin of [loss]"},
      {"compute_loss_func", "is a loss plugin: [loss] plugin = \"...\""},
      // train
      {"lr", "is learning_rate in [train]"},
      {"epochs", "is num_train_epochs in [train]"},
      {"num_epochs", "is num_train_epochs in [train]"},
      {"warmup_ratio", "is now warmup_steps in [train]: a value below 1 is a fraction of max_steps"},
      {"batch_size", "is per_device_train_batch_size in [train]"},
      {"train_batch_size", "is per_device_train_batch_size in [train]"},
      {"per_device_batch_size", "is per_device_train_batch_size in [train]"},
      {"per_gpu_train_batch_size", "is now per_device_train_batch_size in [train]"},
      {"eval_batch_size", "is per_device_eval_batch_size in [train]"},
      {"per_gpu_eval_batch_size", "is now per_device_eval_batch_size in [train]"},
      {"auto_find_batch_size", "is not supported; set per_device_train_batch_size in [train]"},
      {"evaluation_strategy", "is now eval_strategy in [train]"},
      {"do_eval", "is eval_strategy in [train]"},
      {"lr_scheduler", "is lr_scheduler_type in [train]"},
      {"fp16", "is not supported; use bf16 in [train]"},
      {"tf32", "is not supported"},
      {"bf16_full_eval", "is not supported; use dtype = \"bfloat16\" in [model]"},
      {"use_cpu", "is now device = \"cpu\" in [train]"},
      {"no_cuda", "is now device = \"cpu\" in [train]"},
      {"overwrite_output_dir", "is not an option of the file: give --overwrite to sift train"},
      {"neftune_noise_alpha", "is not supported"},
      {"torch_compile", "is not supported"},
      {"deepspeed", "is not supported"},
      {"fsdp", "is not supported"},
      {"push_to_hub", "is not supported"},
      // memory
      {"gradient_checkpointing", kCheckpointing},
      {"gradient_checkpointing_kwargs",
       "are options of the plugin: [[memory]] plugin = \"gradient_checkpointing\""},
      {"activation_checkpointing", kCheckpointing},
      {"activation_offloading", kOffload},
      // callbacks
      {"disable_tqdm", "is progress in [[callbacks]] plugin = \"logging\""},
      {"report_to", "is done by plugins: [[callbacks]] plugin = \"tensorboard\" or \"csv\""},
      {"run_name", kCallback},
      {"logging_dir", "belongs in [[callbacks]] plugin = \"tensorboard\""},
      {"early_stopping_patience", kEarlyStopping},
      {"early_stopping_threshold", kEarlyStopping},
  };
  return table;
}

}  // namespace

std::string fate_of_option(const std::string& key) {
  const auto found = fates().find(key);
  return found == fates().end() ? "" : found->second;
}

}  // namespace sift
