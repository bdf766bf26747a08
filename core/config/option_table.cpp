#include "config/option_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include <sift/error.h>
#include "base/did_you_mean.h"
#include "base/home_path.h"
#include "config/renamed_options.h"
#include "config/renamed_values.h"

namespace sift {
namespace {

const OptionSpec* find_spec(const std::vector<OptionSpec>& specs, const std::string& key) {
  const auto found =
      std::find_if(specs.begin(), specs.end(), [&](const OptionSpec& spec) { return spec.key == key; });
  return found == specs.end() ? nullptr : &*found;
}

std::optional<Scalar> to_scalar(const TomlValue& value) {
  if (const auto* flag = std::get_if<bool>(&value.data)) return *flag;
  if (const auto* integer = std::get_if<std::int64_t>(&value.data)) return *integer;
  if (const auto* number = std::get_if<double>(&value.data)) return *number;
  if (const auto* text = value.string()) return *text;
  return std::nullopt;
}

/// Throws Error for values that no option accepts: dates, and lists or tables with nested values.
OptionValue to_option_value(const OptionSpec& spec, const TomlValue& value) {
  if (const std::optional<Scalar> scalar = to_scalar(value)) {
    return std::visit([](const auto& typed) { return OptionValue(typed); }, *scalar);
  }
  const std::string expected = type_phrase(spec);
  if (const TomlArray* items = value.array(); items && spec.type == "list of strings") {
    std::vector<std::string> strings;
    for (const TomlValue& item : *items) {
      if (!item.string()) throw Error(fmt::format("expected {}, found {} in it", expected, describe(item)));
      strings.push_back(*item.string());
    }
    return strings;
  }
  if (const TomlArray* items = value.array(); items && spec.type == "list of integers") {
    std::vector<std::int64_t> integers;
    for (const TomlValue& item : *items) {
      const auto* integer = std::get_if<std::int64_t>(&item.data);
      if (!integer) throw Error(fmt::format("expected {}, found {} in it", expected, describe(item)));
      integers.push_back(*integer);
    }
    return integers;
  }
  if (const TomlTable* entries = value.table(); entries && spec.type == "table") {
    ScalarTable table;
    for (const TomlEntry& entry : *entries) {
      const std::optional<Scalar> scalar = to_scalar(entry.value);
      if (!scalar) {
        throw Error(fmt::format("expected a table of plain values, found {} for {}", describe(entry.value),
                                quoted(entry.key)));
      }
      table[entry.key] = *scalar;
    }
    return table;
  }
  throw Error(fmt::format("expected {}, found {}", expected, describe(value)));
}

/// Replaces the `~` of paths. An option has no mark that says that it is a path, so every text of [model],
/// [data], [train] and [plugins] counts as one except these two; in the options of a plugin a `~` needs a
/// slash behind it.
OptionValue with_home(const OptionTable& target, const std::string& key, OptionValue value) {
  if (key == "eos_token" || key == "dataset_text_field") return value;
  const auto expand = [&](std::string& text) {
    if (target.owner.empty() || text.find('/') != std::string::npos) text = expand_home(text);
  };
  if (auto* text = std::get_if<std::string>(&value)) expand(*text);
  if (auto* texts = std::get_if<std::vector<std::string>>(&value)) std::ranges::for_each(*texts, expand);
  return value;
}

std::string unknown_key(const OptionTable& target, const std::string& key) {
  const std::string fate = fate_of_option(key);
  if (!fate.empty()) return fmt::format("{} {}", quoted(target.prefix + key), fate);

  std::vector<std::string> known = target.other_keys;
  for (const OptionSpec& spec : target.specs) known.push_back(spec.key);
  std::string text = fmt::format("unknown key {}{}", quoted(target.prefix + key), target.owner);
  const std::string home = section_of_option(key);
  if (!home.empty()) text += fmt::format("; it belongs in [{}]", home);
  if (home.empty() || !nearest(key, known).empty()) text += candidates_text(key, known, "known");
  return text;
}

/// What TRL would accept has an answer of its own.
std::string wrong_value(const OptionTable& target, const TomlEntry& entry, const std::string& fault) {
  const bool is_own = target.plugin.empty() && target.prefix.empty();
  const std::optional<Scalar> scalar = to_scalar(entry.value);
  if (!is_own || !scalar) return fault;
  const auto* text = std::get_if<std::string>(&*scalar);
  const std::string shown =
      std::visit([](const auto& typed) { return to_toml(OptionValue(typed)); }, *scalar);
  const std::string fate = fate_of_value(entry.key, text ? *text : shown);
  return fate.empty() ? fault : shown + " " + fate;
}

/// False if the entry is invalid.
bool read_entry(const OptionTable& target, const TomlEntry& entry, Diagnostics& diagnostics) {
  const OptionSpec* spec = find_spec(target.specs, entry.key);
  if (!spec) {
    diagnostics.add(entry.place, target.label, unknown_key(target, entry.key));
    return false;
  }
  try {
    spec->set(target.options,
              checked_value(*spec, with_home(target, entry.key, to_option_value(*spec, entry.value))));
    return true;
  } catch (const Error& error) {
    const std::string fault = wrong_value(target, entry, error.what());
    diagnostics.add(entry.value.place, target.label,
                    fmt::format("{}{}: {}", target.prefix, entry.key, fault));
    return false;
  }
}

}  // namespace

std::set<std::string> read_options(const OptionTable& target, const TomlTable* table, const Place& place,
                                   Diagnostics& diagnostics) {
  std::set<std::string> faulty, named;
  for (const TomlEntry& entry : table ? *table : TomlTable()) {
    const auto& others = target.other_keys;
    if (std::find(others.begin(), others.end(), entry.key) != others.end()) continue;
    named.insert(entry.key);
    if (!read_entry(target, entry, diagnostics)) faulty.insert(entry.key);
  }
  for (const OptionSpec& spec : target.specs) {
    if (!is_required(spec) || named.count(spec.key) > 0) continue;
    diagnostics.add(place, target.label,
                    fmt::format("missing required option '{}{}'{} ({})", target.prefix, spec.key,
                                target.owner, spec.help));
    faulty.insert(spec.key);
  }
  return faulty;
}

}  // namespace sift
