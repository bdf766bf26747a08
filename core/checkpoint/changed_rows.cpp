#include "checkpoint/changed_rows.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include <sift/log.h>
#include "checkpoint/checkpoint_files.h"
#include "checkpoint/damage.h"
#include "checkpoint/trainer_state.h"
#include "formats/json_fields.h"
#include "formats/json_text.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

/// Of a checkpoint that has it.
std::optional<RowPlan> read_row_plan(const fs::path& checkpoint) {
  const fs::path file = checkpoint / kSiftStateFile;
  if (!fs::exists(file)) return std::nullopt;
  try {
    const Json json = parse_json<Json>(read_checkpoint_file(file));
    const auto rows = JsonFields(json).find("rows");
    if (!rows) return std::nullopt;
    return RowPlan{rows->at("num_rows").positive(),
                   rows->at("per_device_train_batch_size").positive(),
                   rows->at("gradient_accumulation_steps").positive(),
                   rows->integer("seed"),
                   rows->text("content"),
                   rows->text_or("train_sampling_strategy", "random"),
                   rows->flag_or("dataloader_drop_last", false),
                   rows->integer_or("world_size", 1)};
  } catch (const Error& error) {
    throw damaged_file(file, error.what());
  }
}

std::string place_of(const RowPlan& plan, const RowPosition& position) {
  return fmt::format("row {} of {} in epoch {}", position.rows + 1, plan.num_rows, position.epoch + 1);
}

std::string changes(const RowPlan& before, const RowPlan& now) {
  std::vector<std::string> texts;
  const auto compare = [&](const char* name, std::int64_t old_value, std::int64_t new_value) {
    if (old_value != new_value)
      texts.push_back(fmt::format("{} {} instead of {}", name, new_value, old_value));
  };
  compare("per_device_train_batch_size", before.batch_size, now.batch_size);
  compare("gradient_accumulation_steps", before.accumulation, now.accumulation);
  compare("number of processes with rows of their own", before.processes, now.processes);
  compare("seed", before.seed, now.seed);
  if (before.sampling != now.sampling)
    texts.push_back(fmt::format("train_sampling_strategy {} instead of {}", now.sampling, before.sampling));
  if (before.drop_last != now.drop_last)
    texts.push_back(fmt::format("dataloader_drop_last {} instead of {}", now.drop_last, before.drop_last));
  return fmt::format("{}", fmt::join(texts, ", "));
}

bool is_grouped(const RowPlan& plan) {
  return plan.sampling == "group_by_length";
}

void warn_of_grouped_rows(const fs::path& checkpoint, const RowPlan& before, const RowPlan& now,
                          std::int64_t step) {
  log_warning(fmt::format(
      "this run has {}, unlike {}: it goes on with {}, and with group_by_length it is not known which rows were met before",
      changes(before, now), checkpoint.string(), place_of(now, position_after(now, step))));
}

void warn_of_other_data(const fs::path& checkpoint, const RowPlan& before, const RowPlan& now,
                        std::int64_t step) {
  log_warning(fmt::format(
      "{} was trained on other train data, or on the same in another order ({} rows, now {}): this run goes on with "
      "{}, and it is not known which rows were met before",
      checkpoint.string(), before.num_rows, now.num_rows, place_of(now, position_after(now, step))));
}

/// All that such a checkpoint says is how far it was.
void warn_of_other_epoch(const fs::path& checkpoint, const RowPlan& plan, const TrainerState& state) {
  const RowPosition position = position_after(plan, state.global_step);
  const double ahead = position.epochs - state.epoch;
  constexpr double kRounding = 1e-6;
  if (std::abs(ahead) < kRounding) return;
  const nlohmann::json json = read_trainer_state_json(checkpoint);
  const std::int64_t batch_size = SortedJsonFields(json).integer_or("train_batch_size", plan.batch_size);
  log_warning(fmt::format(
      "{} ended at epoch {:.4g}, this run goes on at epoch {:.4g} with {}{}: other data, batch size or accumulation; "
      "if the data are the same, about {:.0f} rows are met {}",
      checkpoint.string(), state.epoch, position.epochs, place_of(plan, position),
      batch_size == plan.batch_size
          ? ""
          : fmt::format(" (per_device_train_batch_size {} instead of {})", plan.batch_size, batch_size),
      std::abs(ahead) * static_cast<double>(plan.num_rows), ahead < 0 ? "once more" : "once less"));
}

}  // namespace

Json to_json(const RowPlan& plan) {
  return {{"num_rows", plan.num_rows},
          {"per_device_train_batch_size", plan.batch_size},
          {"gradient_accumulation_steps", plan.accumulation},
          {"seed", plan.seed},
          {"content", plan.content},
          {"train_sampling_strategy", plan.sampling},
          {"dataloader_drop_last", plan.drop_last},
          {"world_size", plan.processes}};
}

void warn_of_changed_rows(const fs::path& checkpoint, const RowPlan& plan, const TrainerState& state) {
  if (plan.num_rows == 0) return;
  const std::optional<RowPlan> before = read_row_plan(checkpoint);
  if (!before) return warn_of_other_epoch(checkpoint, plan, state);
  if (*before == plan) return;
  const std::int64_t step = state.global_step;
  if (before->num_rows != plan.num_rows || before->content != plan.content)
    return warn_of_other_data(checkpoint, *before, plan, step);
  if (is_grouped(*before) || is_grouped(plan)) return warn_of_grouped_rows(checkpoint, *before, plan, step);
  const MetRows met = met_rows(*before, plan, step);
  if (met.more == 0 && met.less == 0) return;
  log_warning(fmt::format(
      "this run has {}, unlike {}: it goes on with {}, so {} rows are met once more and {} rows once less than in a "
      "run with one plan; the values of the checkpoint continue exactly",
      changes(*before, plan), checkpoint.string(), place_of(plan, position_after(plan, step)), met.more,
      met.less));
}

}  // namespace sift
