#include "train/run.h"

#include <ATen/Context.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include <sift/error.h>
#include <sift/log.h>
#include "base/durable.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/checkpoint_files.h"
#include "checkpoint/disk_room.h"
#include "checkpoint/earlier_run.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/output_dir.h"
#include "checkpoint/run_inputs.h"
#include "checkpoint/trainer_state.h"
#include "data/cache_folder.h"
#include "data/data_files.h"
#include "data/prepare_row.h"
#include "data/row_plan.h"
#include "data/token_cache.h"
#include "device/caching_allocator.h"
#include "device/device.h"
#include "formats/model_files.h"
#include "model/lora/adapter_config.h"
#include "model/model_config.h"
#include "model/vocabulary.h"
#include "train/evaluate.h"
#include "train/load_model.h"
#include "train/stop_signal.h"
#include "train/trainer_options.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

at::Device device_of(const TrainOptions& options) {
  const at::Device device = resolve_device(options.device);
  prepare_device(device, options.full_determinism);
  return device;
}

/// Autocast is the default only on a GPU, where it is fast.
bool uses_bf16(const TrainOptions& options, at::Device device) {
  return options.bf16.value_or(device.is_cuda());
}

bool is_aux(const ConfiguredComponent& metric) {
  return metric.component->name == "aux";
}

void check_experts_are_there(const Config& config, const ModelConfig& model) {
  if (model.is_moe()) return;
  const bool asked = std::ranges::any_of(config.components.metrics, [](const ConfiguredComponent& metric) {
    return is_aux(metric) && !metric.is_default;
  });
  if (!asked && config.model.router_aux_loss_coef.value_or(0.0) <= 0) return;
  throw Error(fmt::format(
      "{}: {} asks for the load-balancing loss of experts, and {} in {} has none; leave it out",
      config.file.string(), asked ? "the metric aux in [[metrics]]" : "router_aux_loss_coef in [model]",
      model.architecture, config.model.path));
}

/// The model's config.json with the overrides of [model].
ModelConfig read_model_config(const Config& config) {
  ModelConfig model = ModelConfig::from_folder(base_of(config.model.path));
  check_experts_are_there(config, model);
  model.set_router_aux_loss_coef(
      config.model.router_aux_loss_coef.value_or(model.experts.router_aux_loss_coef));
  set_quantization(config.model, model);
  return model;
}

/// `stored` with the vocabulary and the special tokens of `text`.
ModelConfig with_tokens_of(const TextProcessor& text, ModelConfig stored, bool resize) {
  fit_vocabulary(stored, text, resize);
  stored.save_special_tokens(text.special_token_ids());
  return stored;
}

PreparedData prepare(const char* name, const std::vector<std::string>& files, const Arrangement& arrangement,
                     const Config& config, const TextProcessor& text, std::int64_t vocab_size) {
  PreparedData data = prepare_cached({files, config.data, text, vocab_size, arrangement});
  log_info(fmt::format("{} data{}: {}", name, data.from_cache ? " (from the cache)" : "",
                       data.counts.to_string()));
  data.counts.log_warnings(name);
  return data;
}

PreparedData prepare_train(const Config& config, const TextProcessor& text, std::int64_t vocab_size) {
  return prepare("train", config.data.train, Arrangement::of_train(config.data, config.train.seed), config,
                 text, vocab_size);
}

PreparedData prepare_eval(const Config& config, const TextProcessor& text, std::int64_t vocab_size) {
  return prepare("eval", config.data.eval, Arrangement::of_eval(config.data, config.train.seed), config, text,
                 vocab_size);
}

void describe_model(const Decoder& model, const Config& config, at::Device device, bool bf16) {
  std::int64_t trained = 0;
  for (const Parameter& parameter : model.trainable()) trained += parameter.tensor.numel();
  const auto millions = [](std::int64_t count) { return static_cast<double>(count) / 1e6; };
  const std::string frozen =
      trained == model.num_parameters() ? "" : fmt::format(", {:.1f} M of them trained", millions(trained));
  log_info(fmt::format("model {}: {} with {:.1f} M parameters{} in {} on {}, {} arithmetic",
                       config.model.path, model.config().architecture, millions(model.num_parameters()),
                       frozen, config.model.dtype, device.str(),
                       bf16 ? "bfloat16 autocast" : config.model.dtype));
}

void write_results(const fs::path& folder, const TrainOutput& output) {
  nlohmann::ordered_json json;
  json["global_step"] = output.global_step;
  json["training_loss"] = output.training_loss;
  json["metrics"] = nlohmann::ordered_json::object();
  for (const auto& [key, value] : output.metrics.values) json["metrics"][key] = value;
  write_durably(folder / kTrainResultsFile, json.dump(2) + "\n");
}

RunInfo info_of(const Config& config, const ModelFolderSource& source, const TokenDataset& train) {
  const TrainOptions& options = config.train;
  const bool stops_early = std::ranges::any_of(
      config.components.callbacks,
      [](const ConfiguredComponent& callback) { return callback.component->name == "early_stopping"; });
  return {source,
          {options.evaluation_steps(), options.logging_steps, options.save_steps,
           options.per_device_train_batch_size, stops_early},
          {train.num_rows(), options.per_device_train_batch_size, options.gradient_accumulation_steps,
           options.order_seed(), content_of(train), options.train_sampling_strategy,
           options.dataloader_drop_last}};
}

void write_final_folder(const fs::path& output_dir, const RunInfo& info, const Decoder& model,
                        Trainer& trainer, const TrainOutput& output) {
  StagedFolder staged(output_dir / kFinalFolder);
  write_model_folder(model, info.source, staged.path());
  write_trainer_state(staged.path(), info.trainer_state, trainer.progress());
  write_results(staged.path(), output);
  trainer.earlier().remove(staged.commit_into(output_dir, [&] { trainer.earlier().make_way(); }));
}

OutputMode mode_of(const RunRequest& request) {
  if (request.resume) return OutputMode::kResume;
  return request.overwrite ? OutputMode::kOverwrite : OutputMode::kFresh;
}

/// Refuses to remove what the run reads. A run without --overwrite removes nothing that it did not write.
void check_inputs(const Config& config, OutputMode mode) {
  if (mode != OutputMode::kOverwrite) return;
  std::vector<RunInput> inputs = {{"path in [model]", config.model.path}};
  for (const std::string& file : data_files(config.data.train)) inputs.push_back({"train in [data]", file});
  for (const std::string& file : data_files(config.data.eval)) inputs.push_back({"eval in [data]", file});
  if (const std::string& file = config.data.chat_template_path; !file.empty())
    inputs.push_back({"chat_template_path in [data]", file});
  if (config.lora && !config.lora->adapter_path.empty())
    inputs.push_back({"adapter_path in [lora]", config.lora->adapter_path});
  check_outside(config.train.output_dir, inputs);
}

/// Whether TRL's batches of these rows would be one row too.
bool is_flat(const DataOptions& options) {
  return options.packing || options.padding_free;
}

/// What this run will replace or leave behind.
EarlierRun earlier_run(const fs::path& output_dir, OutputMode mode, const fs::path& resume_from) {
  if (mode == OutputMode::kOverwrite) return EarlierRun::replaced(output_dir);
  return resume_from.empty() ? EarlierRun() : EarlierRun::left_at(output_dir, resume_from);
}

/// A run whose results do not fit on the disk is refused before it starts. With --overwrite the files of the
/// older run free space after the first checkpoint, and a resumed run would lose progress: both only get a
/// warning.
void check_room(const Config& config, const ModelPlan& plan, OutputMode mode) {
  const CheckpointParts saved =
      config.train.save_only_model ? CheckpointParts::kModel : CheckpointParts::kAll;
  const bool saves = config.train.save_strategy != "no";
  const at::ScalarType dtype = config.model.scalar_type();
  const std::int64_t weights =
      plan.adapter ? weight_bytes(*plan.adapter, dtype) : weight_bytes(plan.config, dtype);
  const std::string lack =
      lack_of_room(config.train.output_dir, bytes_to_write(weights, saves ? saved : CheckpointParts::kNone));
  if (lack.empty()) return;
  if (mode == OutputMode::kFresh) throw Error(lack);
  log_warning(lack);
}

Config with_known_dtype(Config config) {
  config.model = sift::with_known_dtype(config.model);
  return config;
}

void warn_of_low_learning_rate(const Config& config) {
  if (!config.lora || config.train.learning_rate > TrainOptions().learning_rate) return;
  log_warning(fmt::format(
      "learning_rate in [train] is {}: adapters usually need about ten times the rate of full fine-tuning, such as "
      "2e-4",
      config.train.learning_rate));
}

ModelRequest model_of(const Config& config) {
  return {config.model, config.lora, config.train.seed};
}

}  // namespace

void drop_idle_defaults(Config& config) {
  const fs::path folder = config.model.path;
  if (!fs::exists(folder / kModelConfigFile) || read_model_config(config).is_moe()) return;
  std::erase_if(config.components.metrics, is_aux);
}

TrainOutput run_training(const Config& given, const RunRequest& request) {
  const Config config = with_known_dtype(given);
  const fs::path output_dir = config.train.output_dir;
  use_caching_allocator();
  const ModelConfig stored = read_model_config(config);
  const TextProcessor text = text_processor(config.model.path, config.data);
  const auto source = ModelFolderSource::of(config.model.path, text);
  ModelPlan plan{with_tokens_of(text, stored, config.model.resize_token_embeddings), stored.vocab_size, {}};
  plan.adapter = adapter_of(model_of(config), plan.config);
  check_trainable(model_of(config), plan);
  const at::Device device = device_of(config.train);
  at::manual_seed(static_cast<std::uint64_t>(config.train.seed));
  const OutputMode mode = mode_of(request);
  check_inputs(config, mode);
  const auto lock = claim_output_dir(output_dir, config.model.path, mode);
  check_room(config, plan, mode);
  const fs::path resume_from =
      request.resume ? find_resume_checkpoint(output_dir, request.resume_from) : fs::path();
  if (request.resume) check_resumable(resume_from);
  const bool bf16 = uses_bf16(config.train, device);

  Components components(config.components);
  const PreparedData train = prepare_train(config, text, plan.config.vocab_size);
  std::optional<PreparedData> eval;
  if (config.train.eval_strategy != "no" || config.train.eval_on_start) {
    eval = prepare_eval(config, text, plan.config.vocab_size);
  } else if (!config.data.eval.empty()) {
    log_info("eval data: not read, since eval_strategy is \"no\" and eval_on_start is false");
  }
  warn_of_low_learning_rate(config);
  Decoder model = load_model(model_of(config), plan, resume_from, device);
  model.freeze(config.train.freeze);
  describe_model(model, config, device, bf16);

  SingleProcess parallel;
  const StopSignals signals;  // until the model is written; after that the run is over
  const RunInfo info = info_of(config, source, train.dataset);
  Trainer trainer({config.train, info, components, model, text, train, eval ? &eval->dataset : nullptr,
                   spill_of(config.data), parallel, bf16, is_flat(config.data), resume_from,
                   dump_config(config), earlier_run(output_dir, mode, resume_from)});
  TrainOutput output = trainer.train();
  if (output.stop_signal != 0) return output;
  write_final_folder(output_dir, info, model, trainer, output);
  return output;
}

std::vector<std::pair<std::string, double>> run_evaluation(const Config& given) {
  const Config config = with_known_dtype(given);
  if (config.data.eval.empty())
    throw Error("no eval file in [data] of the configuration: nothing to evaluate");
  use_caching_allocator();
  const at::Device device = device_of(config.train);
  const bool bf16 = uses_bf16(config.train, device);
  Components components(config.components);
  const TextProcessor text = text_processor(text_folder_of(config.model.path), config.data);
  const ModelConfig stored = read_model_config(config);
  ModelPlan plan{with_tokens_of(text, stored, config.model.resize_token_embeddings), stored.vocab_size, {}};
  plan.adapter = adapter_of(model_of(config), plan.config);
  const PreparedData eval = prepare_eval(config, text, plan.config.vocab_size);
  const Decoder model = load_model(model_of(config), plan, {}, device);
  describe_model(model, config, device, bf16);
  check_batches("evaluation", eval.dataset, config.train.per_device_eval_batch_size, config.train);
  return evaluate(model, components, eval.dataset, evaluation_options(config.train, bf16));
}

}  // namespace sift
