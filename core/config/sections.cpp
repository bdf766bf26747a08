#include "config/sections.h"

#include <algorithm>
#include <cmath>

#include "config/schedule_options.h"

namespace sift {
namespace {

constexpr double kLargestSeed = 4294967295;  // 2^32 - 1, as numpy and transformers.set_seed have it

Range below_one() {
  return {"at least 0 and below 1", [](const OptionValue& value) {
            const double number = std::get<double>(value);
            return number >= 0 && number < 1;
          }};
}

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

template <class Options>
Section section(const std::string& name) {
  Schema<Options> schema;
  Options::describe(schema);
  return {name, schema.specs()};
}

}  // namespace

void ModelOptions::describe(Schema<ModelOptions>& schema) {
  schema.add("path", &ModelOptions::path, "folder of the model: config.json, safetensors, tokenizer.json",
             not_empty());
  schema.add("dtype", &ModelOptions::dtype, "type of the weights while training and when saved",
             one_of({"float32", "bfloat16"}));
  schema.add("init", &ModelOptions::init, "weights to start from: those of the folder, or new random ones",
             one_of({"pretrained", "random"}));
  schema.add(
      "router_aux_loss_coef", &ModelOptions::router_aux_loss_coef,
      "weight of the load-balancing loss of a mixture of experts; not set: that of config.json; 0: none",
      at_least(0));
}

void TrainOptions::describe(Schema<TrainOptions>& schema) {
  schema.add("output_dir", &TrainOptions::output_dir,
             "folder for the trained model, its logs and checkpoints", not_empty());
  schema.add("seed", &TrainOptions::seed, "decides the order of the data and random weights",
             between(0, kLargestSeed));
  schema.add("num_train_epochs", &TrainOptions::num_train_epochs,
             "passes over the data, parts included; max_steps goes before it", above(0));
  schema.add("max_steps", &TrainOptions::max_steps,
             "optimizer steps of the run; -1: num_train_epochs decides", minus_one_or_positive());
  schema.add("per_device_train_batch_size", &TrainOptions::per_device_train_batch_size,
             "rows of a micro-batch", at_least(1));
  schema.add("per_device_eval_batch_size", &TrainOptions::per_device_eval_batch_size,
             "rows of a batch of the evaluation", at_least(1));
  schema.add("gradient_accumulation_steps", &TrainOptions::gradient_accumulation_steps,
             "micro-batches of one optimizer step", at_least(1));
  schema.add(
      "max_tokens_per_pass", &TrainOptions::max_tokens_per_pass,
      "the documents of a micro-batch go through the model, forward and backward, in groups of at most "
      "so many tokens (a longer one alone); loss, gradients and metrics are those of the micro-batch, "
      "and only one group's activations are in memory; 0: all at once",
      at_least(0));
  schema.add("learning_rate", &TrainOptions::learning_rate, "learning rate at the top of the schedule",
             at_least(0));
  schema.add("weight_decay", &TrainOptions::weight_decay, "weight decay of AdamW; norms and biases have none",
             at_least(0));
  schema.add("adam_beta1", &TrainOptions::adam_beta1, "decay of the mean of the gradients", below_one());
  schema.add("adam_beta2", &TrainOptions::adam_beta2, "decay of the mean of the squared gradients",
             below_one());
  schema.add("adam_epsilon", &TrainOptions::adam_epsilon, "added to the root of that mean", at_least(0));
  schema.add("max_grad_norm", &TrainOptions::max_grad_norm, "clip the gradients to this norm; 0: never",
             at_least(0));
  schema.add("lr_scheduler_type", &TrainOptions::lr_scheduler_type, "course of the learning rate",
             schedule_name());
  schema.add("lr_scheduler_kwargs", &TrainOptions::lr_scheduler_kwargs,
             "what that course takes besides, like { min_lr_rate = 0.1 }");
  schema.add("warmup_steps", &TrainOptions::warmup_steps,
             "steps until the learning rate is at its top; below 1: a part of the run", at_least(0));
  schema.add("eval_strategy", &TrainOptions::eval_strategy,
             "when to evaluate: never, every eval_steps, or "
             "after each epoch",
             one_of({"no", "steps", "epoch"}));
  schema.add("eval_steps", &TrainOptions::eval_steps,
             "steps between two evaluations; below 1: a part of the run; 0: as often as the log",
             zero_or(steps_or_ratio()));
  schema.add("eval_on_start", &TrainOptions::eval_on_start, "evaluate before the first step as well");
  schema.add("load_best_model_at_end", &TrainOptions::load_best_model_at_end,
             "end with the weights of the best checkpoint; it is saved as often as evaluated, or less often");
  schema.add("metric_for_best_model", &TrainOptions::metric_for_best_model,
             "key of the evaluation that tells the best model, with or without eval_; not set: loss where "
             "load_best_model_at_end is true",
             not_empty());
  schema.add("greater_is_better", &TrainOptions::greater_is_better,
             "whether that figure should grow; not set: unless its name ends in loss");
  schema.add("bf16", &TrainOptions::bf16, "compute in bfloat16 while the weights keep their type");
  schema.add("device", &TrainOptions::device, "where to train; auto: the first GPU, else the CPU",
             device_name());
  schema.add(
      "full_determinism", &TrainOptions::full_determinism,
      "use deterministic kernels on a GPU, which exact resume needs; false: faster ones, whose sums have "
      "no fixed order; a CPU is always deterministic");
  schema.add("on_nonfinite", &TrainOptions::on_nonfinite,
             "when a loss or gradient is not finite, which never reaches the weights: skip the update; stop "
             "the run; or rollback: take weights and optimizer of the last checkpoint, and go on with the "
             "next rows",
             one_of({"skip", "stop", "rollback"}));
  schema.add("max_nonfinite_steps", &TrainOptions::max_nonfinite_steps,
             "end the run after so many such steps in a row; 0: never", at_least(0));
  schema.add("save_in_background", &TrainOptions::save_in_background,
             "write checkpoints from a copy of weights and optimizer in host memory while training goes on; "
             "where half of the free memory does not hold it, or with false, training waits");
  schema.add("resume_from_checkpoint", &TrainOptions::resume_from_checkpoint,
             "\"last\" or the folder of a checkpoint; empty: a new run");
}

void PluginsOptions::describe(Schema<PluginsOptions>& schema) {
  schema.add("paths", &PluginsOptions::paths,
             "more plugins: folders or files, besides the installed ones and SIFT_PLUGIN_PATH");
}

const std::vector<Section>& sections() {
  static const std::vector<Section> all = {section<ModelOptions>("model"), section<DataOptions>("data"),
                                           section<TrainOptions>("train"),
                                           section<PluginsOptions>("plugins")};
  return all;
}

}  // namespace sift
