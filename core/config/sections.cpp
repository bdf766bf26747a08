#include "config/sections.h"

#include <algorithm>
#include <cmath>

#include "base/option_ranges.h"
#include "config/schedule_options.h"

namespace sift {
namespace {

constexpr double kLargestSeed = 4294967295;  // 2^32 - 1, the limit of numpy and transformers.set_seed

Range minus_one_or_positive() {
  return {"at least 1, or -1 for no limit", [](const OptionValue& value) {
            const std::int64_t number = std::get<std::int64_t>(value);
            return number >= 1 || number == -1;
          }};
}

Range zero_or(const Range& range) {
  return {"0, or " + range.text,
          [=](const OptionValue& value) { return std::get<double>(value) == 0 || range.holds(value); }};
}

Range device_name() {
  return {"one of \"auto\", \"cpu\", \"cuda\", \"cuda:0\", \"cuda:1\", ...",
          [](const OptionValue& value) {
            const std::string& name = std::get<std::string>(value);
            if (name == "auto" || name == "cpu" || name == "cuda") return true;
            constexpr std::size_t kPrefix = 5, kMostDigits = 3;
            return name.compare(0, kPrefix, "cuda:") == 0 && name.size() > kPrefix &&
                   name.size() <= kPrefix + kMostDigits &&
                   std::all_of(name.begin() + kPrefix, name.end(),
                               [](char digit) { return digit >= '0' && digit <= '9'; });
          },
          {"auto", "cpu", "cuda"}};
}

/// In which order the rows come.
void describe_order(Schema<TrainOptions>& schema) {
  schema.add("data_seed", &TrainOptions::data_seed,
             "random seed for the order of the rows in each epoch; not set: seed. shuffle_dataset in [data] "
             "keeps to seed, and so does group_by_length but for evaluations",
             between(0, kLargestSeed));
  schema.add("train_sampling_strategy", &TrainOptions::train_sampling_strategy,
             "order of the rows in an epoch: random, as in the data, or random with rows of similar length "
             "next to each other",
             one_of({"random", "sequential", "group_by_length"}));
  schema.add("dataloader_drop_last", &TrainOptions::dataloader_drop_last,
             "leave out the last batch of an epoch or evaluation if it is not full");
  schema.add("ignore_data_skip", &TrainOptions::ignore_data_skip,
             "a resumed run begins its epoch again instead of with the next row");
}

/// When a run logs, evaluates and saves.
void describe_schedule(Schema<TrainOptions>& schema) {
  schema.add("logging_strategy", &TrainOptions::logging_strategy,
             "when to log: never, every logging_steps steps, or after each epoch",
             one_of({"no", "steps", "epoch"}));
  schema.add("logging_steps", &TrainOptions::logging_steps,
             "steps between two log entries; below 1: fraction of max_steps", steps_or_ratio());
  schema.add("logging_first_step", &TrainOptions::logging_first_step, "also log the first step");
  schema.add("include_num_input_tokens_seen", &TrainOptions::include_num_input_tokens_seen,
             "log num_input_tokens_seen and the tokens per second; all and non_padding count the same, since "
             "batches are never padded; true means all, false no",
             one_of({"no", "all", "non_padding"}));
  schema.add("log_level", &TrainOptions::log_level,
             "lines of the program on stderr: warning shows only warnings, error and critical neither these "
             "nor notes, all others both; the training curve is not affected",
             one_of({"passive", "detail", "debug", "info", "warning", "error", "critical"}));
  schema.add("eval_strategy", &TrainOptions::eval_strategy,
             "when to evaluate: never, every eval_steps steps, or after each epoch",
             one_of({"no", "steps", "epoch"}));
  schema.add("eval_steps", &TrainOptions::eval_steps,
             "steps between two evaluations; below 1: fraction of max_steps; 0: same as logging_steps",
             zero_or(steps_or_ratio()));
  schema.add("eval_delay", &TrainOptions::eval_delay,
             "no evaluation before this many steps (eval_strategy \"steps\") or epochs (\"epoch\")",
             at_least(0));
  schema.add("eval_on_start", &TrainOptions::eval_on_start, "also evaluate before the first step");
  schema.add("load_best_model_at_end", &TrainOptions::load_best_model_at_end,
             "load the weights of the best checkpoint at the end of the run; every save must coincide with "
             "an evaluation");
  schema.add("metric_for_best_model", &TrainOptions::metric_for_best_model,
             "evaluation metric that selects the best model, with or without the prefix eval_; not set: loss "
             "if load_best_model_at_end is true or lr_scheduler_type follows it",
             not_empty());
  schema.add("greater_is_better", &TrainOptions::greater_is_better,
             "whether a larger value of this metric is better; not set: true unless its name ends in loss");
  schema.add(
      "save_strategy", &TrainOptions::save_strategy,
      "when to save: every save_steps steps, after each epoch (both also after the last step), never, or after "
      "each evaluation that is the best so far by metric_for_best_model",
      one_of({"steps", "epoch", "no", "best"}));
  schema.add("save_steps", &TrainOptions::save_steps,
             "steps between two checkpoints; below 1: fraction of max_steps", steps_or_ratio());
  schema.add("save_total_limit", &TrainOptions::save_total_limit,
             "maximum number of checkpoints to keep; the oldest are removed first, the best one never; 0: "
             "no limit",
             at_least(0));
  schema.add("save_only_model", &TrainOptions::save_only_model,
             "checkpoints without optimizer, schedule and random numbers: smaller, and no run can be resumed "
             "from them");
  schema.add(
      "save_in_background", &TrainOptions::save_in_background,
      "write checkpoints in the background, from a copy of weights and optimizer in host memory; training "
      "waits for the write if this is false or the copy does not fit into half of the free memory");
}

/// Options that stand for plugins of other sections.
void describe_plugins(Schema<TrainOptions>& schema) {
  schema.add(
      "report_to", &TrainOptions::report_to,
      "callbacks to add by name, such as \"tensorboard\" or \"csv\"; \"all\": these two; \"none\": none");
  schema.add("gradient_checkpointing", &TrainOptions::gradient_checkpointing,
             "true: recompute the layers in backward, as [[memory]] plugin = \"gradient_checkpointing\"");
  schema.add(
      "gradient_checkpointing_kwargs", &TrainOptions::gradient_checkpointing_kwargs,
      "options of this plugin, e.g. { every_n_layers = 2 }; use_reentrant and other arguments of torch "
      "have no effect");
  schema.add("activation_offloading", &TrainOptions::activation_offloading,
             "true: offload saved tensors to host memory, as [[memory]] plugin = \"activation_offload\"");
}

template <class Options>
Section section(const std::string& name) {
  Schema<Options> schema;
  Options::describe(schema);
  return {name, schema.specs()};
}

}  // namespace

void ModelOptions::describe(Schema<ModelOptions>& schema) {
  schema.add("path", &ModelOptions::path, "model folder: config.json, safetensors files, tokenizer.json",
             not_empty());
  schema.add("dtype", &ModelOptions::dtype,
             "data type of the weights, in training and in the saved model; auto: that of config.json, or of "
             "the weights if it names none, with float32 for float16",
             one_of({"float32", "bfloat16", "auto"}));
  schema.add("init", &ModelOptions::init, "initial weights: loaded from the folder, or initialized randomly",
             one_of({"pretrained", "random"}));
  schema.add("router_aux_loss_coef", &ModelOptions::router_aux_loss_coef,
             "coefficient of the load-balancing loss of a mixture-of-experts model; not set: the value in "
             "config.json; 0: off",
             at_least(0));
  schema.add(
      "resize_token_embeddings", &ModelOptions::resize_token_embeddings,
      "add rows to the embedding and the head for tokens of the tokenizer that have none; each new row "
      "is the mean of the rows there are");
  schema.add(
      "load_in_4bit", &ModelOptions::load_in_4bit,
      "quantise the linear layers, but for the head, to bitsandbytes' 4 bits while they are read; they are "
      "frozen, so training needs [lora]; a folder that bitsandbytes saved in 4 bits needs no option");
  schema.add("bnb_4bit_quant_type", &ModelOptions::bnb_4bit_quant_type,
             "for load_in_4bit: the type of 4 bits", one_of({"nf4", "fp4"}));
  schema.add(
      "use_bnb_nested_quant", &ModelOptions::use_bnb_nested_quant,
      "for load_in_4bit: quantise the factors of the blocks too, to 8 bits; saves 0.37 bits per weight");
  schema.add(
      "llm_int8_skip_modules", &ModelOptions::llm_int8_skip_modules,
      "for load_in_4bit: linear layers that keep dtype: ends of paths such as [\"o_proj\"], or regular "
      "expressions for their beginnings such as [\"model.layers.0\"]; the head always does");
  schema.add("bnb_4bit_compute_dtype", &ModelOptions::bnb_4bit_compute_dtype,
             "data type of the products with weights in 4 bits; not set: dtype, or what the folder says",
             one_of({"float32", "bfloat16"}));
}

void TrainOptions::describe(Schema<TrainOptions>& schema) {
  schema.add("output_dir", &TrainOptions::output_dir,
             "output folder for the trained model, logs and checkpoints", not_empty());
  schema.add("seed", &TrainOptions::seed, "random seed for the data order and random weights",
             between(0, kLargestSeed));
  describe_order(schema);
  schema.add("num_train_epochs", &TrainOptions::num_train_epochs,
             "number of training epochs, may be fractional; overridden by max_steps", above(0));
  schema.add("max_steps", &TrainOptions::max_steps,
             "total number of optimizer steps; -1: determined by num_train_epochs", minus_one_or_positive());
  schema.add("per_device_train_batch_size", &TrainOptions::per_device_train_batch_size,
             "rows per micro-batch", at_least(1));
  schema.add("per_device_eval_batch_size", &TrainOptions::per_device_eval_batch_size,
             "rows per evaluation batch", at_least(1));
  schema.add("gradient_accumulation_steps", &TrainOptions::gradient_accumulation_steps,
             "micro-batches per optimizer step", at_least(1));
  schema.add("max_tokens_per_pass", &TrainOptions::max_tokens_per_pass,
             "process the documents of a micro-batch, forward and backward, in groups of at most this many "
             "tokens (a longer document forms its own group); loss, gradients and metrics remain those of "
             "the micro-batch, but only one group's activations are in memory; 0: one group",
             at_least(0));
  schema.add("optim", &TrainOptions::optim, "optimizer, a plugin: see docs/optimizers.md");
  schema.add("optim_args", &TrainOptions::optim_args, "options of the optimizer, e.g. { momentum = 0.9 }");
  schema.add("learning_rate", &TrainOptions::learning_rate, "peak learning rate", at_least(0));
  schema.add("weight_decay", &TrainOptions::weight_decay,
             "AdamW's weight decay; not applied to norms and biases", at_least(0));
  schema.add("adam_beta1", &TrainOptions::adam_beta1, "AdamW's beta1, decay rate of the first moment",
             below_one());
  schema.add("adam_beta2", &TrainOptions::adam_beta2, "AdamW's beta2, decay rate of the second moment",
             below_one());
  schema.add("adam_epsilon", &TrainOptions::adam_epsilon, "AdamW's epsilon, added to the denominator",
             at_least(0));
  schema.add("max_grad_norm", &TrainOptions::max_grad_norm,
             "maximum gradient norm for gradient clipping; 0: no clipping", at_least(0));
  schema.add("lr_scheduler_type", &TrainOptions::lr_scheduler_type, "learning-rate schedule",
             schedule_name());
  schema.add("lr_scheduler_kwargs", &TrainOptions::lr_scheduler_kwargs,
             "additional arguments of the schedule, e.g. { min_lr_rate = 0.1 }");
  schema.add("warmup_steps", &TrainOptions::warmup_steps, "warmup steps; below 1: fraction of max_steps",
             at_least(0));
  schema.add("label_smoothing_factor", &TrainOptions::label_smoothing_factor,
             "label_smoothing of the loss, if it has this option; otherwise without effect, as in TRL",
             between(0, 1));
  schema.add(
      "neftune_noise_alpha", &TrainOptions::neftune_noise_alpha,
      "add uniform noise of up to neftune_noise_alpha / sqrt(length * hidden_size) to the embeddings in "
      "training (NEFTune); 0: none",
      at_least(0));
  describe_schedule(schema);
  describe_plugins(schema);
  schema.add("bf16", &TrainOptions::bf16,
             "mixed precision: compute in bfloat16, keep the weights in their dtype; not set: true on a GPU");
  schema.add("device", &TrainOptions::device,
             "device for training; auto: the first GPU if available, otherwise the CPU", device_name());
  schema.add("full_determinism", &TrainOptions::full_determinism,
             "use deterministic kernels on a GPU, required for bit-exact resuming; false: faster kernels "
             "with a nondeterministic summation order; the CPU is always deterministic");
  schema.add(
      "freeze", &TrainOptions::freeze,
      "parameters that are not trained: names of parameters or modules, with * for any characters, such as "
      "[\"model.embed_tokens\", \"model.layers.*.mlp\"]");
  schema.add("on_nonfinite", &TrainOptions::on_nonfinite,
             "reaction to a non-finite loss or gradient, which is never applied to the weights: skip the "
             "optimizer step, stop the run, or rollback: restore weights and optimizer from the last "
             "checkpoint and continue with the next rows",
             one_of({"skip", "stop", "rollback"}));
  schema.add("max_nonfinite_steps", &TrainOptions::max_nonfinite_steps,
             "end the run after this many consecutive non-finite steps; 0: never", at_least(0));
  schema.add("resume_from_checkpoint", &TrainOptions::resume_from_checkpoint,
             "\"last\" or a checkpoint folder; empty: start a new run");
}

void ParallelOptions::describe(Schema<ParallelOptions>& schema) {
  schema.add(
      "strategy", &ParallelOptions::strategy,
      "what the processes share besides the rows: replicas: nothing; shard_optimizer: each updates a slice of "
      "every weight, so that the state of the optimizer is divided among them; shard_gradients: the gradients "
      "are, too; shard_parameters: the weights of the layers are, too",
      one_of({"replicas", "shard_optimizer", "shard_gradients", "shard_parameters"}));
  schema.add(
      "replicas_of_shards", &ParallelOptions::replicas_of_shards,
      "with shard_optimizer, shard_gradients and shard_parameters: into how many equal groups, of consecutive ranks, "
      "the processes are divided, each of which has all that the strategy divides; for several hosts with fast "
      "connections inside",
      at_least(1));
  schema.add(
      "state_dict_type", &ParallelOptions::state_dict_type,
      "checkpoints: sharded: every process writes part of the weights and of the optimizer's state, all at the "
      "same time; full: the main process writes all, as one process does, and TRL can resume from it; auto: full "
      "with replicas, sharded with the others",
      one_of({"auto", "full", "sharded"}));
  schema.add(
      "context", &ParallelOptions::context,
      "processes that have the same rows and divide the tokens of each micro-batch, so that a document may be "
      "longer than one of them could hold; 1: each process has its own rows",
      at_least(1));
  schema.add(
      "even_batches", &ParallelOptions::even_batches,
      "fill up the end of an epoch with rows from its beginning, as TRL does, so that every process has "
      "equally many full batches; some rows are then trained on twice");
  schema.add("balance_tokens", &ParallelOptions::balance_tokens,
             "deal the rows that the processes train on at the same time so that each has about equally many "
             "tokens, not the rows in turn");
  schema.add("reduce_dtype", &ParallelOptions::reduce_dtype,
             "data type in which gradients are added: float32, or auto for that of the weights",
             one_of({"float32", "auto"}));
  schema.add("bucket_cap_mb", &ParallelOptions::bucket_cap_mb,
             "size of the parts in which gradients are sent while backward still runs, in MiB", at_least(1));
}

void PluginsOptions::describe(Schema<PluginsOptions>& schema) {
  schema.add("paths", &PluginsOptions::paths,
             "additional plugin folders or files, besides the installed plugins and SIFT_PLUGIN_PATH");
}

const std::vector<Section>& sections() {
  static const std::vector<Section> all = {
      section<ModelOptions>("model"),       section<LoraOptions>("lora"),
      section<DataOptions>("data"),         section<TrainOptions>("train"),
      section<ParallelOptions>("parallel"), section<PluginsOptions>("plugins")};
  return all;
}

}  // namespace sift
