#include "optim/optimizer_file.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <string>
#include <variant>
#include <vector>

#include <sift/error.h>
#include "formats/generic_values.h"
#include "formats/torch_file.h"
#include "optim/saved_differences.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

using c10::IValue;
using c10::impl::GenericDict;
using c10::impl::GenericList;

/// Inserts the entry "a/b" into the dictionary a of `dict`.
void insert(const GenericDict& dict, const std::string& name, const at::Tensor& tensor) {
  const std::size_t slash = name.find('/');
  if (slash != std::string::npos) {
    const std::string outer = name.substr(0, slash);
    if (!dict.contains(outer)) dict.insert(outer, generic_dict());
    insert(dict.at(outer).toGenericDict(), name.substr(slash + 1), tensor);
  } else if (tensor.dim() == 0 && tensor.scalar_type() == at::kLong) {
    dict.insert(name, tensor.item().toLong());
  } else {
    dict.insert(name, tensor);
  }
}

GenericDict state_of(const OptimizerState& optimizer) {
  GenericDict state = generic_dict();
  std::int64_t number = 0;
  for (const OptimizerState::Group& group : optimizer.groups) {
    for (const std::vector<NamedTensor>& parameter : group.parameters) {
      const std::int64_t index = number++;
      if (!was_updated(parameter)) continue;
      GenericDict entry = generic_dict();
      for (const auto& [name, tensor] : parameter) insert(entry, name, tensor);
      state.insert(index, entry);
    }
  }
  return state;
}

IValue to_ivalue(const GroupValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* numbers = std::get_if<std::vector<double>>(&value))
    return c10::ivalue::Tuple::create(std::vector<IValue>(numbers->begin(), numbers->end()));
  return {};
}

/// In the order of torch/optim/optimizer.py and, for initial_lr, of torch/optim/lr_scheduler.py.
GenericDict group_of(const OptimizerState::Group& group, const ScheduleState& schedule,
                     std::int64_t first_number) {
  GenericDict entry = generic_dict();
  entry.insert("weight_decay", group.weight_decay);
  entry.insert("lr", schedule.next_lr);
  for (const GroupOption& option : group.options) entry.insert(option.key, to_ivalue(option.value));
  if (!schedule.adaptive) entry.insert("initial_lr", schedule.base_lr);
  GenericList numbers = generic_list();
  for (std::size_t i = 0; i < group.parameters.size(); ++i)
    numbers.push_back(first_number + static_cast<std::int64_t>(i));
  entry.insert("params", numbers);
  return entry;
}

std::vector<double> numbers_of(const GroupValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return {*flag ? 1.0 : 0.0};
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return {static_cast<double>(*integer)};
  if (const auto* number = std::get_if<double>(&value)) return {*number};
  if (const auto* numbers = std::get_if<std::vector<double>>(&value)) return *numbers;
  return {};
}

/// Throws Error if the saved value has another type than `now`.
std::vector<double> saved_numbers(const PickleValue& saved, const GroupValue& now) {
  if (std::holds_alternative<bool>(now)) return {saved.to_bool() ? 1.0 : 0.0};
  if (!std::holds_alternative<std::vector<double>>(now)) return {saved.to_double()};
  std::vector<double> numbers;
  for (const PickleValue& item : saved.items()) numbers.push_back(item.to_double());
  return numbers;
}

void compare_option(const PickleValue& group, const GroupOption& option, SavedDifferences& differences) {
  using Change = GroupOption::Change;
  if (option.change == Change::kIgnored || option.change == Change::kState || !group.has(option.key)) return;
  const PickleValue value = group.at(option.key);
  const std::vector<double> saved = saved_numbers(value, option.value), now = numbers_of(option.value);
  const bool is_error = option.change == Change::kError;
  if (saved.size() != now.size() || (is_error && saved != now)) {
    throw Error(
        fmt::format("{}: is ({}), and the optimizer of this run has ({}); resume with the optimizer that "
                    "wrote the checkpoint",
                    value.path(), fmt::join(saved, ", "), fmt::join(now, ", ")));
  }
  for (std::size_t i = 0; i < now.size(); ++i) {
    const bool has_name = i < option.option_names.size();
    differences.compare(has_name ? option.option_names[i] : option.key, saved[i], now[i]);
  }
}

void compare_group(const PickleValue& saved, const OptimizerState::Group& group,
                   SavedDifferences& differences) {
  const auto numbers = saved.at("params").items();
  if (numbers.size() != group.parameters.size()) {
    throw Error(fmt::format(
        "{}: has {} parameters, this run has {} in that group; the checkpoint is of another model, or "
        "was trained with another freeze in [train]",
        saved.path(), numbers.size(), group.parameters.size()));
  }
  // the group without weight decay has 0 in both
  differences.compare("weight_decay", saved.at("weight_decay").to_double(), group.weight_decay);
  for (const GroupOption& option : group.options) compare_option(saved, option, differences);
}

/// The saved value, of the same type as `now`.
GroupValue saved_value(const PickleValue& saved, const GroupValue& now) {
  if (std::holds_alternative<bool>(now)) return saved.to_bool();
  if (std::holds_alternative<std::int64_t>(now)) return saved.to_int();
  if (std::holds_alternative<double>(now)) return saved.to_double();
  return saved_numbers(saved, now);
}

/// The entries of a saved group that change with the steps.
std::vector<GroupOption> saved_state(const PickleValue& saved, const OptimizerState::Group& group) {
  std::vector<GroupOption> state;
  for (const GroupOption& option : group.options) {
    if (option.change != GroupOption::Change::kState || !saved.has(option.key)) continue;
    state.push_back({option.key, saved_value(saved.at(option.key), option.value), option.change});
  }
  return state;
}

/// The entry `name` of a saved state, "b" in the dictionary "a" for "a/b".
PickleValue entry_of(const PickleValue& saved, const std::string& name) {
  const std::size_t slash = name.find('/');
  const std::string key = name.substr(0, slash);
  if (!saved.has(key)) {
    throw Error(
        fmt::format("{}: has no {}; it is the state of another optimizer; resume with the one that wrote it "
                    "(optim and optim_args in [train])",
                    saved.path(), key));
  }
  return slash == std::string::npos ? saved.at(key) : entry_of(saved.at(key), name.substr(slash + 1));
}

/// The state of a parameter in the file, and where it goes.
struct ParameterTarget {
  const std::vector<NamedTensor>& state;
  const at::Tensor& parameter;
  const ParameterSlice* slice;  ///< nullptr: the whole
};

/// A tensor of the length of the slice is a slice of a saved one.
void read_tensor(TorchFile& file, const PickleValue& saved, const at::Tensor& tensor,
                 const ParameterTarget& target) {
  if (target.slice == nullptr || tensor.sizes() != target.parameter.sizes()) return file.read(saved, tensor);
  const at::Tensor whole = at::empty(target.slice->shape, at::TensorOptions().dtype(tensor.scalar_type()));
  file.read(saved, whole);
  tensor.copy_(whole.view({-1}).narrow(0, target.slice->begin, tensor.numel()));
}

void read_parameter(TorchFile& file, const PickleValue& saved, const ParameterTarget& target) {
  for (const auto& [name, tensor] : target.state) {
    const PickleValue value = entry_of(saved, name);
    if (value.is_tensor()) {
      read_tensor(file, value, tensor, target);
    } else {
      tensor.fill_(value.to_double());  // step
    }
  }
}

std::vector<ParameterTarget> targets_of(const Optimizer& optimizer, const OptimizerState& state,
                                        const ParameterSlices& slices) {
  std::vector<ParameterTarget> targets;
  for (std::size_t group = 0; group < state.groups.size(); ++group) {
    for (std::size_t i = 0; i < state.groups[group].parameters.size(); ++i) {
      const NamedTensor& parameter = optimizer.setup().groups[group].parameters[i];
      const auto slice = slices.find(parameter.name);
      targets.push_back({state.groups[group].parameters[i], parameter.tensor,
                         slice == slices.end() ? nullptr : &slice->second});
    }
  }
  return targets;
}

}  // namespace

void write_optimizer_file(const fs::path& file, const OptimizerState& optimizer,
                          const ScheduleState& schedule) {
  GenericList groups = generic_list();
  std::int64_t first_number = 0;
  for (const OptimizerState::Group& group : optimizer.groups) {
    groups.push_back(group_of(group, schedule, first_number));
    first_number += static_cast<std::int64_t>(group.parameters.size());
  }
  GenericDict root = generic_dict();
  root.insert("state", state_of(optimizer));
  root.insert("param_groups", groups);
  write_torch_file(file, root);
}

void read_optimizer_file(const fs::path& file, Optimizer& optimizer, const ParameterSlices& slices) {
  const at::NoGradGuard no_grad;
  const OptimizerState state = OptimizerState::of(optimizer);
  TorchFile saved(file);
  const auto groups = saved.root().at("param_groups").items();
  if (groups.size() != state.groups.size()) {
    throw Error(fmt::format("{}: has {} groups of parameters, expected {}: with weight decay, and without",
                            file.string(), groups.size(), state.groups.size()));
  }
  SavedDifferences differences;
  for (std::size_t i = 0; i < groups.size(); ++i) compare_group(groups[i], state.groups[i], differences);
  differences.report(file);
  const std::vector<ParameterTarget> parameters = targets_of(optimizer, state, slices);
  for (const auto& [number, entry] : saved.root().at("state").by_number()) {
    if (number < 0 || static_cast<std::size_t>(number) >= parameters.size()) {
      throw Error(fmt::format("{}: there are only {} parameters; the checkpoint is of another model",
                              entry.path(), parameters.size()));
    }
    read_parameter(saved, entry, parameters[static_cast<std::size_t>(number)]);
  }
  for (std::size_t i = 0; i < groups.size(); ++i)
    optimizer.load_group(i, saved_state(groups[i], state.groups[i]));
}

}  // namespace sift
