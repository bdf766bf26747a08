#include <fmt/format.h>

#include <algorithm>
#include <array>

#include <sift/error.h>

#include "app/commands.h"
#include "app/print.h"
#include "device/device.h"
#include "plan/activations.h"
#include "plan/report.h"
#include "train/passes.h"
#include "train/run.h"

namespace sift {
namespace {

constexpr std::array kStrategies = {"replicas", "shard_optimizer", "shard_gradients", "shard_parameters"};

std::int64_t divided_up(std::int64_t count, std::int64_t size) {
  return (count + size - 1) / size;
}

std::int64_t tokens_of_row(const Config& config, const PlanArguments& arguments) {
  if (arguments.tokens_per_row) return *arguments.tokens_per_row;
  if (config.data.max_length > 0) return config.data.max_length;
  throw UsageError(
      "max_length in [data] is 0, so that rows have any length: sift plan needs --tokens-per-row, such as the mean that "
      "sift inspect shows");
}

/// What a process computes in an update.
void plan_passes(RunPlan& plan, const Config& config, std::int64_t pass_limit) {
  const std::int64_t rows = config.train.per_device_train_batch_size,
                     micro_batches = config.train.gradient_accumulation_steps,
                     tokens = rows * plan.tokens_per_row;
  plan.rows = rows * micro_batches;
  plan.tokens_per_pass = tokens;
  if (pass_limit > 0 && pass_limit < tokens) {
    // a packed row is cut between its documents, any other is one document
    plan.tokens_per_pass = config.data.packing ? pass_limit
                                               : std::max<std::int64_t>(1, pass_limit / plan.tokens_per_row) *
                                                     plan.tokens_per_row;
  }
  plan.passes = divided_up(tokens, plan.tokens_per_pass) * micro_batches;
}

std::int64_t activations_of(const Config& config, const ModelConfig& model, std::int64_t tokens) {
  ActivationOptions options;
  options.tokens = tokens;
  options.dtype = config.model.scalar_type();
  const std::string& device = config.train.device;
  const bool is_gpu = device == "auto" ? resolve_device(device).is_cuda() : device.starts_with("cuda");
  options.bf16 = config.train.bf16.value_or(is_gpu);
  for (const ConfiguredComponent& memory : config.components.memory) options.use(memory);
  return estimate_activations(model, options);
}

/// The strategies other than that of the run in which a process keeps to the limit.
std::vector<std::string> fitting(const RunPlan& plan, PaperRun run, Components& components,
                                 std::int64_t processes) {
  std::vector<std::string> names;
  if (processes == 1 || !components.optimizer().is_elementwise()) return names;
  for (const char* strategy : kStrategies) {
    if (plan.strategy == strategy) continue;
    run.sharing.strategy = strategy;
    PlannedSize size;
    size.step = play_step(run, components, 0, processes);
    if (plan.fits(size)) names.emplace_back(strategy);
  }
  return names;
}

}  // namespace

int run_plan(const PlanArguments& arguments) {
  PluginHost host;
  Config config = load_config(arguments.config.file, arguments.config.overrides, host);
  if (config.parallel.context > 1) {
    throw Error(fmt::format(
        "{}: context = {} in [parallel]: sift plan does not count the keys and values that the processes of a context "
        "exchange; plan with --set parallel.context=1, whose activations are {} times those of a part",
        config.file.string(), config.parallel.context, config.parallel.context));
  }
  config.model = with_known_dtype(config.model);
  PaperRun run{model_plan(config),
               config.model.scalar_type(),
               config.train.freeze,
               config.parallel,
               config.file,
               config.train.gradient_accumulation_steps,
               1};
  Components components(config.components);
  check_slices_suffice(config, components,
                       *std::max_element(arguments.world_sizes.begin(), arguments.world_sizes.end()));

  RunPlan plan;
  plan.model = fmt::format("{} in {}", run.model.config.architecture, config.model.path);
  plan.dtype = config.model.dtype;
  plan.optimizer = config.train.optim;
  plan.strategy = config.parallel.strategy;
  plan.memory_gib = arguments.memory_gib;
  plan.speeds = arguments.speeds;
  plan.tokens_per_row = tokens_of_row(config, arguments);
  plan_passes(plan, config, tokens_per_pass(config.train, components, run.model.config));
  plan.activations = activations_of(config, run.model.config, plan.tokens_per_pass);
  run.passes = plan.passes;
  for (const std::int64_t processes : arguments.world_sizes) {
    PlannedSize size;
    size.processes = processes;
    size.step = play_step(run, components, 0, processes);
    size.time = step_time(size.step.traffic, plan.tokens(), plan.speeds);
    if (plan.memory_gib && !plan.fits(size)) size.fitting = fitting(plan, run, components, processes);
    plan.sizes.push_back(std::move(size));
  }
  print(arguments.json ? to_json(plan).dump(2) + "\n" : to_text(plan));
  return 0;
}

}  // namespace sift
