#include "checkpoint/checkpoint.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include <sift/error.h>
#include "base/durable.h"
#include "checkpoint/changed_rows.h"
#include "checkpoint/checkpoint_files.h"
#include "checkpoint/damage.h"
#include "checkpoint/manifest.h"
#include "checkpoint/rng_state.h"
#include "checkpoint/trl_checkpoint.h"
#include "data/epoch_orders.h"
#include "formats/json_fields.h"
#include "formats/json_text.h"
#include "formats/safetensors.h"
#include "optim/optimizer_shards.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

/// States are arbitrary bytes defined by the plugin; JSON holds only text.
std::string to_hex(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::string from_hex(const std::string& text) {
  std::string bytes(text.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    unsigned value = 0;
    std::from_chars(text.data() + 2 * i, text.data() + 2 * i + 2, value, 16);
    bytes[i] = static_cast<char>(value);
  }
  return bytes;
}

void write_sift_state(const fs::path& folder, const RowPlan& rows, Progress& progress,
                      const std::vector<std::pair<std::string, std::string>>& component_states) {
  Json json;
  json["num_tokens"] = progress.state.num_tokens;
  json["loss_since_log"] = progress.loss_since_log;
  json["steps_since_log"] = progress.steps_since_log;
  json["total_loss"] = progress.total_loss;
  json["total_loss_steps"] = progress.total_loss_steps;
  json["last_logged_step"] = progress.last_logged_step;
  json["grad_norm"] = progress.grad_norm;
  json["total_flos"] = progress.total_flos;
  json["nonfinite_since_log"] = progress.nonfinite_since_log;
  json["nonfinite_in_a_row"] = progress.nonfinite_in_a_row;
  json["epoch_ended"] = progress.epoch_ended;
  json["evaluation_due"] = progress.evaluation_due;
  json["rows"] = to_json(rows);
  json["metrics_since_log"] = Json::array();
  for (const auto& sum : progress.window.sums()) {
    json["metrics_since_log"].push_back({{"key", sum.key}, {"sum", sum.sum}, {"count", sum.count}});
  }
  json["components"] = Json::array();
  for (const auto& [label, state] : component_states) {
    json["components"].push_back({{"component", label}, {"state", to_hex(state)}});
  }
  write_durably(folder / kSiftStateFile, json.dump(2) + "\n");
}

void write_component_tensors(const fs::path& folder, const std::vector<NamedTensor>& tensors) {
  if (tensors.empty()) return;
  write_safetensors(folder / kComponentTensorsFile, tensors, {{"format", "pt"}});
}

}  // namespace

std::vector<NamedTensor> read_component_tensors(const fs::path& folder) {
  const fs::path file = folder / kComponentTensorsFile;
  std::vector<NamedTensor> tensors;
  if (!fs::exists(file)) return tensors;
  const SafetensorsFile saved(file);
  for (const std::string& name : saved.names()) tensors.push_back({name, saved.tensor(name).clone()});
  return tensors;
}

std::vector<std::pair<std::string, std::string>> read_sift_state(const fs::path& folder, Progress& progress) {
  const fs::path file = folder / kSiftStateFile;
  const std::string text = read_checkpoint_file(file);
  try {
    const Json json = parse_json<Json>(text);
    const JsonFields fields(json);
    progress.state.num_tokens = fields.integer("num_tokens");
    progress.loss_since_log = fields.number("loss_since_log");
    progress.steps_since_log = fields.integer("steps_since_log");
    progress.total_loss = fields.number("total_loss");
    progress.total_loss_steps = fields.integer("total_loss_steps");
    progress.last_logged_step = fields.integer("last_logged_step");
    progress.grad_norm = fields.number("grad_norm");
    progress.total_flos = fields.number("total_flos");
    progress.nonfinite_since_log = fields.integer("nonfinite_since_log");
    progress.nonfinite_in_a_row = fields.integer("nonfinite_in_a_row");
    progress.epoch_ended = fields.flag("epoch_ended");
    progress.evaluation_due = fields.flag("evaluation_due");
    std::vector<MetricWindow::Sum> sums;
    for (const JsonFields& sum : fields.elements("metrics_since_log"))
      sums.push_back({sum.text("key"), sum.number("sum"), sum.integer("count")});
    progress.window.restore(std::move(sums));
    std::vector<std::pair<std::string, std::string>> states;
    for (const JsonFields& state : fields.elements("components"))
      states.emplace_back(state.text("component"), from_hex(state.text("state")));
    return states;
  } catch (const Error& error) {
    throw damaged_file(file, error.what());
  }
}

std::vector<NamedTensor> read_order_states(const fs::path& folder) {
  const fs::path file = folder / kRngStateFile;
  std::vector<NamedTensor> states;
  if (!fs::exists(file)) return states;
  const SafetensorsFile saved(file);
  for (const char* name : {kEpochOrderState, kNextOrderState}) {
    if (saved.contains(name)) states.push_back({name, saved.tensor(name).clone()});
  }
  return states;
}

void check_resumable(const fs::path& folder) {
  if (fs::exists(folder / kOptimizerFile) || fs::exists(folder / kOptimizerIndexFile)) return;
  throw Error(fmt::format(
      "{}: has no {}: the checkpoint was saved without its optimizer (save_only_model in [train]), "
      "so no run can be resumed from it; start a new run from its weights with path in [model]",
      folder.string(), kOptimizerFile));
}

namespace {

void write_resume_content(const fs::path& folder, const RowPlan& rows, Progress& progress,
                          const ResumeContent& content, bool in_shards) {
  write_optimizer_file(folder / (in_shards ? kOptimizerIndexFile : kOptimizerFile), content.optimizer,
                       content.schedule);
  write_scheduler_file(folder / kSchedulerFile, content.schedule);
  write_safetensors(folder / kRngStateFile, content.rng_states, {{"format", "pt"}});
  write_sift_state(folder, rows, progress, content.component_states);
  write_component_tensors(folder, content.component_tensors);
}

}  // namespace

void write_checkpoint(const fs::path& folder, const RunInfo& info, CheckpointContent& content) {
  const auto& shards = content.shards;
  if (shards)
    write_model_folder(content.model, info.source, shards->weight_map, folder);
  else
    write_model_folder(content.model, info.source, folder);
  if (content.resume)
    write_resume_content(folder, info.rows, content.progress, *content.resume, shards.has_value());
  write_trainer_state(folder, info.trainer_state, content.progress);
  write_manifest(folder, shards ? shards->files : std::vector<ManifestEntry>());
}

fs::path save_checkpoint(const fs::path& output_dir, const RunInfo& info, CheckpointContent& content,
                         const StagedFolder::BeforeRename& before_rename) {
  fs::path final_path = checkpoint_folder(output_dir, content.progress.state.global_step);
  StagedFolder staged(final_path);
  write_checkpoint(staged.path(), info, content);
  staged.commit(before_rename);
  return final_path;
}

void load_optimizer(const fs::path& folder, Optimizer& optimizer, const ParameterSlices& slices) {
  if (fs::exists(folder / kOptimizerFile))
    return read_optimizer_file(folder / kOptimizerFile, optimizer, slices);
  read_optimizer_file(folder / kOptimizerIndexFile, optimizer, slices);
  read_optimizer_shards(folder, optimizer, slices);
}

std::vector<std::pair<std::string, std::string>> load_checkpoint(const fs::path& folder, Optimizer& optimizer,
                                                                 Schedule& schedule, Progress& progress,
                                                                 std::int64_t rank,
                                                                 const ParameterSlices& slices) {
  const TrainerState planned = progress.state;
  progress.state = read_trainer_state(folder);
  progress.state.max_steps =
      planned.max_steps;  // as transformers: the configuration determines the length of the run
  progress.state.num_train_epochs = planned.num_train_epochs;
  progress.num_input_tokens_seen = read_num_input_tokens_seen(folder);
  check_resumable(folder);
  load_optimizer(folder, optimizer, slices);
  read_scheduler_file(folder / kSchedulerFile, progress.state.global_step, schedule);
  if (is_trl_checkpoint(folder)) {
    adopt_trl_progress(folder, progress);
    return {};
  }
  auto states = read_sift_state(folder, progress);
  restore_rng_states(folder / kRngStateFile, device_of(optimizer), rank);
  return states;
}

}  // namespace sift
