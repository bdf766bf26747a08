#include "config/overrides.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include <sift/error.h>
#include <sift/options.h>
#include "base/did_you_mean.h"
#include "config/component_sections.h"
#include "config/moved_options.h"

namespace sift {
namespace {

struct Setting {
  std::vector<std::string> steps;
  TomlValue value;
  Place place;
};

void set_place(TomlValue& value, const Place& place) {
  value.place = place;
  if (auto* items = std::get_if<TomlArray>(&value.data)) {
    for (TomlValue& item : *items) set_place(item, place);
  }
  if (auto* table = std::get_if<TomlTable>(&value.data)) {
    for (TomlEntry& entry : *table) {
      entry.place = place;
      set_place(entry.value, place);
    }
  }
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

Setting parse_setting(const std::string& text, std::size_t index) {
  const auto equals = text.find('=');
  Setting setting;
  setting.place.set_index = index;
  setting.place.set_key = trimmed(text.substr(0, equals));
  const std::string& key = setting.place.set_key;
  for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
    end = key.find('.', begin);
    setting.steps.push_back(key.substr(begin, end == std::string::npos ? end : end - begin));
  }
  setting.steps = moved_key(std::move(setting.steps));
  const bool empty_step = std::find(setting.steps.begin(), setting.steps.end(), "") != setting.steps.end();
  if (equals == std::string::npos || empty_step) {
    throw UsageError(fmt::format("--set {}: expected KEY=VALUE, like --set train.learning_rate=1e-4", text));
  }

  const std::string value = trimmed(text.substr(equals + 1));
  std::optional<TomlValue> parsed = parse_toml_value(value);
  const bool is_word = value.find_first_of("\"'[{") != 0;
  if (!parsed && is_word) parsed = parse_toml_value(to_toml(value));
  if (!parsed) throw UsageError(fmt::format("--set {}: the value is neither TOML nor a bare word", text));
  setting.value = std::move(*parsed);
  set_place(setting.value, setting.place);
  return setting;
}

/// The item of a list that a part of a key selects; nullptr, with `fault` set, if it selects none.
TomlValue* list_item(TomlArray& items, const std::string& step, const Place& place, std::string& fault) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (error == std::errc() && end == step.data() + step.size()) {
    if (index == items.size()) items.push_back({TomlTable(), place});
    if (index < items.size()) return &items[index];
    fault = fmt::format("there are {} entries, counted from 0; {} would add one", items.size(), items.size());
    return nullptr;
  }
  std::vector<std::string> names;
  for (TomlValue& item : items) {
    const std::string* name = plugin_of(item);
    if (name && *name == step) return &item;
    if (name) names.push_back(*name);
  }
  fault = fmt::format("no entry has the plugin {}{}; to add one, set the plugin of entry {}", quoted(step),
                      candidates_text(step, names, "there are"), items.size());
  return nullptr;
}

/// The value in `at` that a part of a key selects, created if necessary.
TomlValue* child(TomlValue& at, const std::string& step, const Place& place, std::string& fault) {
  if (auto* items = std::get_if<TomlArray>(&at.data)) return list_item(*items, step, place, fault);
  auto* table = std::get_if<TomlTable>(&at.data);
  if (!table) {
    fault = fmt::format("expected a table before {}, found {}", quoted(step), describe(at));
    return nullptr;
  }
  if (TomlEntry* entry = find_entry(*table, step)) {
    if (entry->place.is_default) entry->place = place;
    return &entry->value;
  }
  table->push_back({step, place, {TomlTable(), place}});
  return &table->back().value;
}

}  // namespace

void apply_overrides(TomlTable& root, const std::vector<std::string>& settings, Diagnostics& diagnostics) {
  TomlValue whole{std::move(root), {}};
  for (std::size_t i = 0; i < settings.size(); ++i) {
    Setting setting = parse_setting(settings[i], i + 1);
    TomlValue* at = &whole;
    std::string fault;
    for (const std::string& step : setting.steps) {
      at = child(*at, step, setting.place, fault);
      if (!at) break;
    }
    if (at) {
      *at = std::move(setting.value);
    } else {
      diagnostics.add(setting.place, "", fault);
    }
  }
  root = std::move(std::get<TomlTable>(whole.data));
}

}  // namespace sift
