#include "optim/optimizer_file.h"

#include <ATen/Functions.h>
#include <ATen/core/Dict.h>
#include <ATen/core/List.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include <sift/error.h>
#include <sift/log.h>
#include "formats/torch_file.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

using c10::IValue;
using c10::impl::GenericDict;
using c10::impl::GenericList;

GenericDict make_dict() {
  return GenericDict(c10::AnyType::get(), c10::AnyType::get());
}

GenericList make_list() {
  return GenericList(c10::AnyType::get());
}

GenericDict state_of(const AdamW& optimizer) {
  GenericDict state = make_dict();
  std::int64_t number = 0;
  for (const AdamW::Group& group : optimizer.groups()) {
    for (const AdamW::Slot& slot : group.slots) {
      const std::int64_t index = number++;
      if (slot.step.item().toDouble() == 0.0) continue;
      GenericDict entry = make_dict();
      entry.insert("step", slot.step);
      entry.insert("exp_avg", slot.exp_avg);
      entry.insert("exp_avg_sq", slot.exp_avg_sq);
      state.insert(index, entry);
    }
  }
  return state;
}

/// The keys of torch/optim/adamw.py and, for initial_lr, of torch/optim/lr_scheduler.py.
GenericDict group_of(const AdamW& optimizer, const AdamW::Group& group, const ScheduleState& schedule,
                     std::int64_t first_number) {
  GenericDict entry = make_dict();
  entry.insert("weight_decay", group.weight_decay);
  entry.insert("lr", schedule.next_lr);
  entry.insert("betas", c10::ivalue::Tuple::create({IValue(optimizer.beta1()), IValue(optimizer.beta2())}));
  entry.insert("eps", optimizer.epsilon());
  entry.insert("amsgrad", false);
  entry.insert("maximize", false);
  entry.insert("foreach", IValue());
  entry.insert("capturable", false);
  entry.insert("differentiable", false);
  entry.insert("fused", true);
  entry.insert("decoupled_weight_decay", true);
  entry.insert("initial_lr", schedule.base_lr);
  GenericList numbers = make_list();
  for (std::size_t i = 0; i < group.slots.size(); ++i)
    numbers.push_back(first_number + static_cast<std::int64_t>(i));
  entry.insert("params", numbers);
  return entry;
}

/// Collects all differences between the file and the run into one warning.
class Differences {
 public:
  void compare(const char* option, double saved, double now) {
    if (saved != now)
      text_ += fmt::format("{}{} {:.17g} (now {:.17g})", text_.empty() ? "" : ", ", option, saved, now);
  }
  void report(const fs::path& file) const {
    if (text_.empty()) return;
    log_warning(fmt::format("{}: written with {}; this run uses the values of its own configuration",
                            file.string(), text_));
  }

 private:
  std::string text_;
};

void compare_group(const PickleValue& saved, const AdamW& optimizer, const AdamW::Group& group,
                   Differences& differences) {
  const auto numbers = saved.at("params").items();
  if (numbers.size() != group.slots.size()) {
    throw Error(fmt::format(
        "{}: has {} parameters, this run has {} in that group; the checkpoint is of another model, or "
        "was trained with another freeze in [train]",
        saved.path(), numbers.size(), group.slots.size()));
  }
  if (saved.has("amsgrad") && saved.at("amsgrad").to_bool()) {
    throw Error(fmt::format("{}: amsgrad is on, which Sift's AdamW does not have", saved.path()));
  }
  const auto betas = saved.at("betas").items();
  if (betas.size() != 2) throw Error(fmt::format("{}: betas are not two numbers", saved.path()));
  // the group without weight decay has 0 in both
  differences.compare("weight_decay", saved.at("weight_decay").to_double(), group.weight_decay);
  differences.compare("adam_beta1", betas[0].to_double(), optimizer.beta1());
  differences.compare("adam_beta2", betas[1].to_double(), optimizer.beta2());
  differences.compare("adam_epsilon", saved.at("eps").to_double(), optimizer.epsilon());
}

void read_slot(TorchFile& file, const PickleValue& saved, const AdamW::Slot& slot) {
  if (!saved.has("exp_avg") || !saved.has("exp_avg_sq")) {
    throw Error(fmt::format("{}: has no exp_avg and exp_avg_sq; it is not the state of AdamW", saved.path()));
  }
  file.read(saved.at("exp_avg"), slot.exp_avg);
  file.read(saved.at("exp_avg_sq"), slot.exp_avg_sq);
  const PickleValue step = saved.at("step");
  if (step.is_tensor()) {
    file.read(step, slot.step);
  } else {
    slot.step.fill_(step.to_double());  // the format of old torch versions
  }
}

}  // namespace

void write_optimizer_file(const fs::path& file, const AdamW& optimizer, const ScheduleState& schedule) {
  GenericList groups = make_list();
  std::int64_t first_number = 0;
  for (const AdamW::Group& group : optimizer.groups()) {
    groups.push_back(group_of(optimizer, group, schedule, first_number));
    first_number += static_cast<std::int64_t>(group.slots.size());
  }
  GenericDict root = make_dict();
  root.insert("state", state_of(optimizer));
  root.insert("param_groups", groups);
  write_torch_file(file, root);
}

void read_optimizer_file(const fs::path& file, const AdamW& optimizer) {
  const at::NoGradGuard no_grad;
  TorchFile saved(file);
  const auto groups = saved.root().at("param_groups").items();
  if (groups.size() != optimizer.groups().size()) {
    throw Error(fmt::format("{}: has {} groups of parameters, expected {}: with weight decay, and without",
                            file.string(), groups.size(), optimizer.groups().size()));
  }
  Differences differences;
  std::vector<const AdamW::Slot*> slots;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const AdamW::Group& group = optimizer.groups()[i];
    compare_group(groups[i], optimizer, group, differences);
    for (const AdamW::Slot& slot : group.slots) slots.push_back(&slot);
  }
  differences.report(file);
  const auto states = saved.root().at("state").by_number();
  for (const auto& [number, entry] : states) {
    if (number < 0 || static_cast<std::size_t>(number) >= slots.size()) {
      throw Error(fmt::format("{}: there are only {} parameters; the checkpoint is of another model",
                              entry.path(), slots.size()));
    }
    read_slot(saved, entry, *slots[static_cast<std::size_t>(number)]);
  }
}

void write_scheduler_file(const fs::path& file, const ScheduleState& schedule) {
  const auto for_both_groups = [](const IValue& first, const IValue& second) {
    GenericList list = make_list();
    list.push_back(first);
    list.push_back(second);
    return list;
  };
  GenericDict root = make_dict();
  root.insert("base_lrs", for_both_groups(schedule.base_lr, schedule.base_lr));
  root.insert("last_epoch", schedule.finished_steps);
  root.insert("_step_count", schedule.finished_steps + 1);
  root.insert("_is_initial", false);
  root.insert("_get_lr_called_within_step", false);
  root.insert("_last_lr", for_both_groups(schedule.next_lr, schedule.next_lr));
  // a lambda has no state; the functools.partial of the other schedules has an empty one
  const auto lambda = [&]() { return schedule.is_constant ? IValue() : IValue(make_dict()); };
  root.insert("lr_lambdas", for_both_groups(lambda(), lambda()));
  write_torch_file(file, root);
}

void check_scheduler_file(const fs::path& file, const ScheduleState& schedule) {
  const TorchFile saved(file);
  const PickleValue root = saved.root();
  Differences differences;
  const auto base_lrs = root.at("base_lrs").items();
  if (!base_lrs.empty()) differences.compare("learning_rate", base_lrs[0].to_double(), schedule.base_lr);
  differences.compare("last_epoch", static_cast<double>(root.at("last_epoch").to_int()),
                      static_cast<double>(schedule.finished_steps));
  differences.report(file);
}

}  // namespace sift
