#include "checkpoint/trainer_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include <sift/error.h>
#include "base/durable.h"
#include "checkpoint/checkpoint_files.h"
#include "checkpoint/damage.h"
#include "formats/json_fields.h"
#include "formats/json_text.h"

namespace sift {
namespace {

using SortedJson = nlohmann::json;                 // sorted keys, as transformers writes them
constexpr double kMostCount = 9007199254740992.0;  // 2^53: every integer up to it is a double

SortedJson to_json(const LogEntry& entry) {
  SortedJson json = SortedJson::object();
  for (const auto& [key, value] : entry.values) json[key] = value;
  json["step"] = entry.step;
  return json;
}

LogEntry to_entry(const SortedJsonFields& fields) {
  LogEntry entry;
  entry.step = fields.integer("step");
  for (const auto& [key, value] : fields.object().items()) {
    if (key != "step" && value.is_number()) entry.values.emplace_back(key, value.get<double>());
    if (value.is_null()) entry.values.emplace_back(key, std::numeric_limits<double>::quiet_NaN());
  }
  return entry;
}

/// Without a best evaluation so far the fields are null, as None in transformers.
void write_best(const TrainerState& state, SortedJson& json) {
  for (const char* key : {"best_global_step", "best_metric", "best_model_checkpoint"}) json[key] = nullptr;
  if (state.best_metric) json["best_metric"] = *state.best_metric;
  if (state.best_global_step > 0) json["best_global_step"] = state.best_global_step;
  const auto& checkpoint = state.best_model_checkpoint;
  if (!checkpoint.empty()) json["best_model_checkpoint"] = checkpoint.string();
}

void read_best(const SortedJsonFields& fields, TrainerState& state) {
  // a NaN, as transformers writes after a run that diverged, is no metric to compare with
  const auto best = fields.find("best_metric");
  if (best && !(best->value().is_number() && std::isnan(best->value().get<double>())))
    state.best_metric = best->number();
  state.best_global_step = fields.integer_or("best_global_step", state.best_global_step);
  state.best_model_checkpoint = fields.text_or("best_model_checkpoint", state.best_model_checkpoint.string());
}

/// Without an entry for its control and for each stateful callback, transformers resumes from a checkpoint
/// but cannot save again; it fills in the values itself.
SortedJson stateful_callbacks(const TrainerStateInfo& info) {
  SortedJson control = SortedJson::object();
  for (const char* flag :
       {"should_epoch_stop", "should_evaluate", "should_log", "should_save", "should_training_stop"}) {
    control[flag] = false;
  }
  SortedJson json = {
      {"TrainerControl", {{"args", std::move(control)}, {"attributes", SortedJson::object()}}}};
  if (info.has_early_stopping)
    json["EarlyStoppingCallback"] = {{"args", SortedJson::object()}, {"attributes", SortedJson::object()}};
  return json;
}

}  // namespace

void write_trainer_state(const std::filesystem::path& folder, const TrainerStateInfo& info,
                         const Progress& progress) {
  const TrainerState& state = progress.state;
  const auto steps = [&](double steps_or_ratio) { return resolve_steps(steps_or_ratio, state.max_steps); };
  SortedJson json;
  write_best(state, json);
  json["epoch"] = state.epoch;
  json["eval_steps"] = steps(info.eval_steps);
  json["global_step"] = state.global_step;
  json["is_hyper_param_search"] = false;
  json["is_local_process_zero"] = true;
  json["is_world_process_zero"] = true;
  json["log_history"] = SortedJson::array();
  for (const LogEntry& entry : state.log_history) json["log_history"].push_back(to_json(entry));
  json["logging_steps"] = steps(info.logging_steps);
  json["max_steps"] = state.max_steps;
  json["num_input_tokens_seen"] = progress.num_input_tokens_seen;
  json["num_train_epochs"] = state.num_train_epochs;
  json["save_steps"] = steps(info.save_steps);
  json["stateful_callbacks"] = stateful_callbacks(info);
  json["total_flos"] = progress.total_flos;
  json["train_batch_size"] = info.per_device_train_batch_size;
  json["trial_name"] = nullptr;
  json["trial_params"] = nullptr;
  write_durably(folder / kTrainerStateFile, json.dump(2) + "\n");
}

SortedJson read_trainer_state_json(const std::filesystem::path& folder) {
  const auto file = folder / kTrainerStateFile;
  const std::string text = read_checkpoint_file(file);
  try {
    return parse_json<SortedJson>(text);
  } catch (const Error& error) {
    throw damaged_file(file, error.what());
  }
}

std::int64_t whole_count(const std::string& what, double number) {
  if (!(number >= 0 && number <= kMostCount))
    throw Error(fmt::format("{} is {}; expected a number from 0 to 2^53", what, number));
  return static_cast<std::int64_t>(number);
}

std::int64_t read_num_input_tokens_seen(const std::filesystem::path& folder) {
  const std::string key = "num_input_tokens_seen";
  const SortedJson json = read_trainer_state_json(folder);
  try {
    return whole_count(key, SortedJsonFields(json).number_or(key, 0.0));
  } catch (const Error& error) {
    throw damaged_file(folder / kTrainerStateFile, error.what());
  }
}

TrainerState read_trainer_state(const std::filesystem::path& folder) {
  const SortedJson json = read_trainer_state_json(folder);
  try {
    TrainerState state;
    const SortedJsonFields fields(json);
    state.global_step = fields.integer("global_step");
    state.max_steps = fields.integer("max_steps");
    // transformers writes the largest integer if only max_steps limits the run
    const double epochs = std::min(fields.number("num_train_epochs"), kMostCount);
    state.num_train_epochs = whole_count("num_train_epochs", epochs);
    state.epoch = fields.number("epoch");
    read_best(fields, state);
    for (const SortedJsonFields& entry : fields.elements("log_history"))
      state.log_history.push_back(to_entry(entry));
    return state;
  } catch (const Error& error) {
    throw damaged_file(folder / kTrainerStateFile, error.what());
  }
}

}  // namespace sift
