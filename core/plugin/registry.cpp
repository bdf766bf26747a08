#include "plugin/registry.h"

#include <fmt/format.h>

#include <array>
#include <exception>

#include <sift/error.h>
#include "plugin/loader.h"

namespace sift {
namespace {

std::string label(const Component& component) {
  return fmt::format("{} {}", to_string(kind_of(component)), component.name);
}

}  // namespace

std::string to_string(Kind kind) {
  static constexpr std::array kNames = {"loss", "metric", "callback", "memory", "optimizer"};
  return kNames.at(static_cast<std::size_t>(kind));
}

Kind kind_of(const Component& component) {
  return static_cast<Kind>(component.create.index());
}

std::string StagingRegistry::fault_of(const Component& component) const {
  if (component.create.valueless_by_exception()) return "adds a component without a kind";
  const std::string kind = to_string(kind_of(component));
  if (!is_valid_name(component.name)) {
    return fmt::format("adds a {} called '{}'; a name may contain only a-z, 0-9 and '_'", kind,
                       component.name);
  }
  const bool creates = std::visit([](const auto& create) { return create != nullptr; }, component.create);
  if (!creates || !component.make_options) {
    return fmt::format("adds {} '{}' without a factory; use add_{}<T>(name)", kind, component.name, kind);
  }
  for (const OptionSpec& option : component.options) {
    if (option.key != "plugin" && option.key != "enabled") continue;
    return fmt::format(
        "gives {} '{}' an option called '{}', a key that every table of a plugin has; rename it", kind,
        component.name, option.key);
  }
  for (const Component& other : staged_) {
    if (label(other) == label(component)) return fmt::format("adds {} '{}' twice", kind, component.name);
  }
  if (const auto other = taken_.find({kind_of(component), component.name}); other != taken_.end()) {
    return fmt::format(
        "adds {} '{}', which {} has already added; rename one of the two or remove one of the files", kind,
        component.name, other->second.file.string());
  }
  return {};
}

void StagingRegistry::add(Component component) {
  if (std::string fault = fault_of(component); !fault.empty()) {
    if (fault_.empty()) fault_ = fault;
    throw Error(fault);
  }
  staged_.push_back(std::move(component));
}

std::vector<std::string> register_plugin(const PluginInfo& info, const std::filesystem::path& file,
                                         const std::string& shown_as, ComponentTable& table) {
  StagingRegistry staging(table);
  std::string thrown;
  try {
    info.add_to(staging);
  } catch (const std::exception& error) {
    thrown = fmt::format("threw \"{}\"", first_line(error.what()));
  } catch (...) {
    thrown = "threw an exception that is not a std::exception";
  }
  if (!staging.fault().empty()) throw Error(fmt::format("{}: {}", shown_as, staging.fault()));
  if (!thrown.empty()) {
    throw Error(fmt::format("{}: {} while adding its components; none of them is registered, fix the plugin",
                            shown_as, thrown));
  }
  if (staging.components().empty()) {
    throw Error(
        fmt::format("{}: adds no component; call registry.add_loss, add_metric, add_callback, add_memory or "
                    "add_optimizer in its SIFT_PLUGIN(...)",
                    shown_as));
  }

  std::vector<std::string> labels;
  for (const Component& component : staging.components()) {
    labels.push_back(label(component));
    table.emplace(std::pair(kind_of(component), component.name),
                  LoadedComponent{component, file, info.summary});
  }
  return labels;
}

}  // namespace sift
