#include "train/run.h"

#include <ATen/Context.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include <sift/error.h>
#include <sift/log.h>
#include <sift/version.h>
#include "base/durable.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/checkpoint_files.h"
#include "checkpoint/disk_room.h"
#include "checkpoint/earlier_run.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/output_dir.h"
#include "checkpoint/run_inputs.h"
#include "checkpoint/shards.h"
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
#include "train/agreement.h"
#include "train/evaluate.h"
#include "train/load_model.h"
#include "train/parallel_of.h"
#include "train/prepare_data.h"
#include "train/stop_signal.h"
#include "train/trainer_options.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

/// With several processes on a host, each has a GPU of its own.
at::Device device_of(const TrainOptions& options, const ParallelSession* session) {
  at::Device device = resolve_device(options.device);
  if (session != nullptr && device.is_cuda() && options.device.find(':') == std::string::npos)
    device = resolve_device(fmt::format("cuda:{}", session->process().local_rank));
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

RunInfo info_of(const Config& config, const ModelFolderSource& source, const TokenDataset& train,
                std::int64_t processes) {
  const TrainOptions& options = config.train;
  const bool stops_early = std::ranges::any_of(
      config.components.callbacks,
      [](const ConfiguredComponent& callback) { return callback.component->name == "early_stopping"; });
  return {source,
          {options.evaluation_steps(), options.logging_steps, options.save_steps,
           options.per_device_train_batch_size, stops_early},
          {train.num_rows(), options.per_device_train_batch_size, options.gradient_accumulation_steps,
           options.order_seed(), content_of(train), options.train_sampling_strategy,
           options.dataloader_drop_last, processes}};
}

/// All processes call it; the main one writes.
void write_final_folder(const fs::path& output_dir, const RunInfo& info, const Decoder& model,
                        Trainer& trainer, const TrainOutput& output, Parallel& parallel) {
  std::optional<StagedFolder> staged;
  if (parallel.is_main()) staged.emplace(output_dir / kFinalFolder);
  const bool is_streamed = !parallel.keeps_whole() && model.adapter() == nullptr;
  ShardFiles weights;
  if (is_streamed)
    weights = write_weights(parallel.is_main() ? staged->path() : fs::path(), model, parallel);
  else
    parallel.make_whole();
  if (!parallel.is_main()) return;
  if (!weights.problem.empty()) throw Error(weights.problem);
  if (is_streamed)
    write_model_folder(model, info.source, weights.weight_map, staged->path());
  else
    write_model_folder(model, info.source, staged->path());
  write_trainer_state(staged->path(), info.trainer_state, trainer.progress());
  write_results(staged->path(), output);
  trainer.earlier().remove(staged->commit_into(output_dir, [&] { trainer.earlier().make_way(); }));
}

OutputMode mode_of(const RunRequest& request) {
  if (request.resume) return OutputMode::kResume;
  if (request.resume_if_possible) return OutputMode::kResumeIfPossible;
  return request.overwrite ? OutputMode::kOverwrite : OutputMode::kFresh;
}

/// Empty for a new run.
fs::path checkpoint_to_resume(const fs::path& output_dir, const RunRequest& request) {
  if (request.resume_if_possible) {
    fs::path newest = find_newest_whole_checkpoint(output_dir);
    if (!newest.empty()) return newest;
    if (!request.resume)
      log_info(
          fmt::format("output_dir {} holds no whole checkpoint: this is a new run", output_dir.string()));
  }
  return request.resume ? find_resume_checkpoint(output_dir, request.resume_from) : fs::path();
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
  return EarlierRun::left_at(output_dir, resume_from);
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

/// Throws Error if the tokens of a micro-batch are to be divided and the loss needs all of them.
void check_loss_is_divisible(const Config& config, const Components& components, const Parallel& parallel) {
  if (parallel.context() == nullptr || components.loss_sums_over_tokens()) return;
  throw Error(fmt::format(
      "{}: context = {} in [parallel] divides the tokens of a micro-batch, and the loss {} does not say that it is a sum "
      "over tokens (sums_over_tokens); use another loss, or context = 1",
      config.file.string(), config.parallel.context, config.components.loss.component->name));
}

/// Throws Error if a process would train on other data or with other options than the main one.
void check_processes(const Config& config, const ModelPlan& plan, const PreparedData& train,
                     const std::optional<PreparedData>& eval, Parallel& parallel) {
  std::vector<Commonality> parts = {{"the version of Sift", SIFT_VERSION},
                                    {"the configuration", dump_config(config)},
                                    {"config.json of the model", plan.config.raw.dump()},
                                    {"the training data", content_of(train.dataset)},
                                    {"the evaluation data", eval ? content_of(eval->dataset) : ""}};
  std::ranges::move(plugins_of(config.components), std::back_inserter(parts));
  check_equal(parts, parallel);
  const std::string context =
      parallel.context() == nullptr ? "" : fmt::format(", context = {}", parallel.context_size());
  log_info(
      fmt::format("{} processes share the run: {}{}", parallel.size(), config.parallel.strategy, context));
}

/// output_dir, which belongs to the main process.
struct Output {
  std::unique_ptr<FileLock> lock;
  fs::path resume_from;  ///< empty for a fresh run
};

Output claim_output(const Config& config, const ModelPlan& plan, OutputMode mode, const RunRequest& request,
                    Parallel& parallel) {
  Output output;
  const fs::path output_dir = config.train.output_dir;
  if (parallel.is_main()) {
    output.lock = claim_output_dir(output_dir, config.model.path, mode);
    output.resume_from = checkpoint_to_resume(output_dir, request);
    if (!output.resume_from.empty()) check_resumable(output.resume_from);
    check_room(
        config, plan,
        mode == OutputMode::kResumeIfPossible && output.resume_from.empty() ? OutputMode::kFresh : mode);
  }
  output.resume_from = parallel.of_main(output.resume_from.string());
  return output;
}

}  // namespace

void drop_idle_defaults(Config& config) {
  const fs::path folder = config.model.path;
  if (!fs::exists(folder / kModelConfigFile) || read_model_config(config).is_moe()) return;
  std::erase_if(config.components.metrics, is_aux);
}

/// Asks an optimizer without parameters, so that the model need not be there.
void check_slices_suffice(const Config& config, Components& components, std::int64_t num_processes) {
  if (num_processes == 1 || config.parallel.strategy == "replicas") return;
  components.make_optimizer({{{0.0, {}}, {0.0, {}}}});
  if (components.optimizer().is_elementwise()) return;
  throw Error(fmt::format(
      "{}: strategy = \"{}\" in [parallel] divides every weight among the processes, and the optimizer {} in [train] needs "
      "whole ones; use adamw_torch, lion_32bit, rmsprop, sgd or another that updates each number by itself, or "
      "strategy = \"replicas\"",
      config.file.string(), config.parallel.strategy, config.train.optim));
}

ModelPlan model_plan(const Config& given) {
  const Config config = with_known_dtype(given);
  const ModelConfig stored = read_model_config(config);
  ModelPlan plan{stored, stored.vocab_size, {}};
  if (config.model.resize_token_embeddings)
    fit_vocabulary(plan.config, text_processor(config.model.path, config.data), true);
  plan.adapter = adapter_of(model_of(config), plan.config);
  check_trainable(model_of(config), plan);
  return plan;
}

TrainOutput run_training(const Config& given, const RunRequest& request, ParallelSession* session) {
  const Config config = with_known_dtype(given);
  const fs::path output_dir = config.train.output_dir;
  const auto parallel = parallel_of(config.parallel, config.file, session);
  use_caching_allocator();
  const ModelConfig stored = read_model_config(config);
  const TextProcessor text = text_processor(config.model.path, config.data);
  const auto source = ModelFolderSource::of(config.model.path, text);
  ModelPlan plan{with_tokens_of(text, stored, config.model.resize_token_embeddings), stored.vocab_size, {}};
  plan.adapter = adapter_of(model_of(config), plan.config);
  check_trainable(model_of(config), plan);
  const at::Device device = device_of(config.train, session);
  at::manual_seed(static_cast<std::uint64_t>(config.train.seed));
  const OutputMode mode = mode_of(request);
  check_inputs(config, mode);
  const Output output = claim_output(config, plan, mode, request, *parallel);
  const bool bf16 = uses_bf16(config.train, device);

  Components components(config.components);
  check_slices_suffice(config, components, parallel->size());
  check_loss_is_divisible(config, components, *parallel);
  const DataPreparation preparation{config.data, config.train.seed, text, plan.config.vocab_size};
  const PreparedData train = prepare_train(preparation, *parallel);
  std::optional<PreparedData> eval;
  if (config.train.eval_strategy != "no" || config.train.eval_on_start) {
    eval = prepare_eval(preparation, *parallel);
  } else if (!config.data.eval.empty()) {
    log_info("eval data: not read, since eval_strategy is \"no\" and eval_on_start is false");
  }
  if (!parallel->is_alone()) check_processes(config, plan, train, eval, *parallel);
  warn_of_low_learning_rate(config);
  Decoder model = load_model(model_of(config), plan, output.resume_from, device, *parallel);
  model.freeze(config.train.freeze);
  describe_model(model, config, device, bf16);
  parallel->start(model.parameters());

  parallel->barrier();        // a signal has the same effect on all processes
  const StopSignals signals;  // until the model is written; after that the run is over
  const RunInfo info = info_of(config, source, train.dataset, parallel->row_size());
  Trainer trainer({config.train, info, components, model, text, train, eval ? &eval->dataset : nullptr,
                   spill_of(config.data), *parallel, config.parallel, bf16, is_flat(config.data),
                   output.resume_from, dump_config(config),
                   earlier_run(output_dir, mode, output.resume_from)});
  TrainOutput result = trainer.train();
  if (result.stop_signal == 0) write_final_folder(output_dir, info, model, trainer, result, *parallel);
  parallel->barrier();
  return result;
}

std::vector<std::pair<std::string, double>> run_evaluation(const Config& given, ParallelSession* session) {
  const Config config = with_known_dtype(given);
  if (config.data.eval.empty())
    throw Error("no eval file in [data] of the configuration: nothing to evaluate");
  const auto parallel = parallel_of(config.parallel, config.file, session);
  use_caching_allocator();
  const at::Device device = device_of(config.train, session);
  const bool bf16 = uses_bf16(config.train, device);
  Components components(config.components);
  check_loss_is_divisible(config, components, *parallel);
  const TextProcessor text = text_processor(text_folder_of(config.model.path), config.data);
  const ModelConfig stored = read_model_config(config);
  ModelPlan plan{with_tokens_of(text, stored, config.model.resize_token_embeddings), stored.vocab_size, {}};
  plan.adapter = adapter_of(model_of(config), plan.config);
  const PreparedData eval =
      prepare_eval({config.data, config.train.seed, text, plan.config.vocab_size}, *parallel);
  const Decoder model = load_model(model_of(config), plan, {}, device, *parallel);
  parallel->start(model.parameters());
  describe_model(model, config, device, bf16);
  check_batches("evaluation", eval.dataset, config.train.per_device_eval_batch_size, config.train);
  return evaluate(model, components, eval.dataset, evaluation_options(config.train, config.parallel, bf16),
                  *parallel);
}

}  // namespace sift
