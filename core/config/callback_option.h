#pragma once

#include <optional>
#include <string>
#include <variant>

#include "config/config.h"

namespace sift {

/// The option `key` of the first callback that has one of that type. The loop finds the callback options that
/// it depends on by their transformers names, in any plugin.
template <class Value>
std::optional<Value> callback_option(const Config& config, const std::string& key) {
  for (const ConfiguredComponent& callback : config.callbacks) {
    for (const OptionSpec& option : callback.component->options) {
      if (option.key != key) continue;
      const OptionValue value = option.get(callback.options.get());
      if (const auto* found = std::get_if<Value>(&value)) return *found;
    }
  }
  return std::nullopt;
}

}  // namespace sift
