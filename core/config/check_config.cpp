#include "config/check_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/did_you_mean.h"
#include "config/best_model_options.h"
#include "config/component_sections.h"
#include "config/label_smoothing.h"
#include "config/optimizer_options.h"
#include "config/option_table.h"
#include "config/renamed_options.h"
#include "config/schedule_options.h"
#include "config/sections.h"
#include "config/train_components.h"

namespace sift {
namespace {

/// A section as it was read, for the checks that look at several options.
struct ReadSection {
  const TomlTable* table = nullptr;
  Place place;  ///< of its header; the top of the file for a missing section
  std::set<std::string> faulty;

  /// The place of an option, or of the section if the option is not set.
  Place place_of(const std::string& key) const {
    const TomlEntry* entry = table ? find_entry(*table, key) : nullptr;
    return entry ? entry->value.place : place;
  }
};

ReadSection read_section(const TomlTable& root, const std::string& name, void* options,
                         Diagnostics& diagnostics) {
  const std::string label = "[" + name + "]";
  const auto section = std::find_if(sections().begin(), sections().end(),
                                    [&](const Section& candidate) { return candidate.name == name; });
  ReadSection read;
  if (const TomlEntry* entry = find_entry(root, name)) {
    if (entry->place.set_index == 0) read.place = entry->value.place;
    read.table = entry->value.table();
    if (!read.table) {
      const char* found = entry->value.array() ? "more than one or a list" : "a value";
      diagnostics.add(entry->value.place, label, fmt::format("expected one section, found {}", found));
      for (const OptionSpec& spec : section->specs) read.faulty.insert(spec.key);
      return read;
    }
  }
  const OptionTable target{label, "", "", section->specs, options};
  read.faulty = read_options(target, read.table, read.place, diagnostics);
  return read;
}

std::vector<std::string> section_names() {
  std::vector<std::string> names;
  for (const Section& section : sections()) names.push_back(section.name);
  for (const ComponentSection& section : component_sections()) names.push_back(section.name);
  return names;
}

void report_unknown_sections(const TomlTable& root, Diagnostics& diagnostics) {
  const std::vector<std::string> known = section_names();
  for (const TomlEntry& entry : root) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    const std::string shown = quoted(entry.key);
    const std::string advice = advice_for_option(entry.key);
    if (!advice.empty()) {
      diagnostics.add(entry.place, "", fmt::format("{} {}", shown, advice));
    } else if (entry.value.table() || entry.value.array()) {
      diagnostics.add(entry.place, "",
                      fmt::format("unknown section [{}]{}", shown.substr(1, shown.size() - 2),
                                  candidates_text(entry.key, known, "known")));
    } else {
      diagnostics.add(entry.place, "", shown + " is outside of any section; sections are: " + listed(known));
    }
  }
}

void check_evaluation(const Config& config, const ReadSection& train, const ReadSection& data,
                      Diagnostics& diagnostics) {
  if (!config.data.eval.empty() || data.faulty.count("eval") > 0) return;
  if (config.train.eval_strategy != "no") {
    diagnostics.add(train.place_of("eval_strategy"), "[train]",
                    fmt::format("eval_strategy: \"{}\" needs evaluation data; set eval in [data]",
                                config.train.eval_strategy));
  }
  if (config.train.eval_on_start) {
    diagnostics.add(train.place_of("eval_on_start"), "[train]",
                    "eval_on_start: true needs evaluation data; set eval in [data]");
  }
}

void check_packing(const DataOptions& options, const ReadSection& data, Diagnostics& diagnostics) {
  for (const char* key : {"packing", "eval_packing", "packing_strategy", "cross_documents", "max_length"}) {
    if (data.faulty.count(key) > 0) return;
  }
  const char* packs = options.packing ? "packing" : "eval_packing";
  const bool packing = options.packing || options.eval_packing.value_or(false);
  if (packing && options.max_length == 0) {
    diagnostics.add(data.place_of("max_length"), "[data]",
                    fmt::format("max_length: 0 means no limit, but {} = true packs rows up to this length; "
                                "set a limit such as 1024, or disable packing",
                                packs));
  }
  if (options.cross_documents && !(packing && options.packing_strategy == "wrapped")) {
    diagnostics.add(
        data.place_of("cross_documents"), "[data]",
        fmt::format(
            "cross_documents: true requires packing = true and packing_strategy = \"wrapped\", found {}",
            packing ? fmt::format("packing_strategy = \"{}\"", options.packing_strategy) : "no packing"));
  }
}

void check_schedule_of(Config& config, const ReadSection& train, Diagnostics& diagnostics) {
  for (const char* key : {"lr_scheduler_type", "lr_scheduler_kwargs", "learning_rate", "eval_strategy"}) {
    if (train.faulty.count(key) > 0) return;
  }
  const TomlEntry* kwargs = train.table ? find_entry(*train.table, "lr_scheduler_kwargs") : nullptr;
  check_schedule(kwargs ? kwargs->value.table() : nullptr, train.place_of("lr_scheduler_type"), config.train,
                 diagnostics);
}

void check_optimizer_of(Config& config, const ReadSection& train, const ComponentCatalog& catalog,
                        Diagnostics& diagnostics) {
  if (train.faulty.count("optim") > 0 || train.faulty.count("optim_args") > 0) return;
  const TomlEntry* args = train.table ? find_entry(*train.table, "optim_args") : nullptr;
  config.components.optimizer = read_optimizer(config.train.optim, args ? args->value.table() : nullptr,
                                               train.place_of("optim"), catalog, diagnostics);
}

void check_best_model_of(const TrainOptions& options, const ReadSection& train, Diagnostics& diagnostics) {
  for (const char* key : {"logging_steps", "eval_strategy", "eval_steps", "save_strategy", "save_steps"}) {
    if (train.faulty.count(key) > 0) return;
  }
  check_saving_best(options, train.place_of("save_strategy"), diagnostics);
  check_best_model(options, train.place_of("load_best_model_at_end"), diagnostics);
}

/// What adapter_path and the options of [train] leave open.
void check_lora(const ReadSection& lora, const Config& config, Diagnostics& diagnostics) {
  if (!lora.table) return;
  for (const TomlEntry& entry : *lora.table) {
    if (config.lora->adapter_path.empty() || entry.key == "adapter_path") continue;
    diagnostics.add(
        entry.place, "[lora]",
        fmt::format("{}: the adapter of adapter_path has this in its adapter_config.json; remove it here",
                    entry.key));
  }
}

void check_parallel(const ParallelOptions& options, const ReadSection& parallel, Diagnostics& diagnostics) {
  if (options.even_batches && options.balance_tokens) {
    diagnostics.add(
        parallel.place_of("balance_tokens"), "[parallel]",
        "balance_tokens: even_batches gives every process the rows that TRL gives it; remove one of the two");
  }
  if (options.replicas_of_shards > 1 && options.strategy == "replicas") {
    diagnostics.add(
        parallel.place_of("replicas_of_shards"), "[parallel]",
        "replicas_of_shards: strategy = \"replicas\" divides nothing; set strategy to \"shard_optimizer\", "
        "\"shard_gradients\" or \"shard_parameters\", or remove this");
  }
}

void check_rollback(const TrainOptions& options, const ReadSection& train, Diagnostics& diagnostics) {
  if (!options.save_only_model || options.on_nonfinite != "rollback") return;
  diagnostics.add(
      train.place_of("save_only_model"), "[train]",
      "save_only_model: on_nonfinite = \"rollback\" restores the optimizer from a checkpoint, which "
      "then has none; remove one of the two");
}

}  // namespace

PluginsOptions read_plugins_section(const TomlTable& root, Diagnostics& diagnostics) {
  PluginsOptions plugins;
  read_section(root, "plugins", &plugins, diagnostics);
  return plugins;
}

Config check_config(const TomlTable& root, const ComponentCatalog& catalog, Diagnostics& diagnostics) {
  Config config;
  report_unknown_sections(root, diagnostics);
  read_section(root, "model", &config.model, diagnostics);
  if (find_entry(root, "lora"))
    check_lora(read_section(root, "lora", &config.lora.emplace(), diagnostics), config, diagnostics);
  const ReadSection data = read_section(root, "data", &config.data, diagnostics);
  const ReadSection train = read_section(root, "train", &config.train, diagnostics);
  const ReadSection parallel = read_section(root, "parallel", &config.parallel, diagnostics);
  check_parallel(config.parallel, parallel, diagnostics);
  check_evaluation(config, train, data, diagnostics);
  check_packing(config.data, data, diagnostics);
  check_schedule_of(config, train, diagnostics);
  check_optimizer_of(config, train, catalog, diagnostics);
  check_best_model_of(config.train, train, diagnostics);
  check_rollback(config.train, train, diagnostics);
  const TrainRequests requests{config.train, train.table, train.faulty, root,
                               [&](const std::string& key) { return train.place_of(key); }};
  for (const ComponentSection& section : component_sections()) {
    std::vector<ConfiguredComponent> components =
        read_components(section, find_entry(root, section.name)->value, catalog, diagnostics);
    switch (section.kind) {
      case Kind::kLoss:
        if (!components.empty()) config.components.loss = components.front();
        break;
      case Kind::kMetric:
        config.components.metrics = std::move(components);
        break;
      case Kind::kCallback:
        config.components.callbacks = std::move(components);
        add_reporters(requests, catalog, config.components.callbacks, diagnostics);
        break;
      case Kind::kMemory:
        config.components.memory = std::move(components);
        add_memory_strategies(requests, catalog, config.components.memory, diagnostics);
        break;
      case Kind::kOptimizer:
        break;  // of [train]
    }
  }
  apply_label_smoothing(config.train, train.place_of("label_smoothing_factor"), config.components.loss,
                        diagnostics);
  return config;
}

}  // namespace sift
