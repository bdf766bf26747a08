#include "config/moved_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/did_you_mean.h"

namespace sift {
namespace {

const std::string kCallbacks = "callbacks";
const std::string kTrain = "train";
const std::string kDropped = "checkpoint";
const std::string kLabel = "[[callbacks]]";

bool is_moved(const std::string& plugin, const std::string& key) {
  static const std::map<std::string, std::vector<std::string>> moved = {
      {"logging", {"logging_steps", "logging_first_step"}},
      {kDropped, {"save_strategy", "save_steps", "save_total_limit"}}};
  const auto options = moved.find(plugin);
  return options != moved.end() && std::ranges::find(options->second, key) != options->second.end();
}

/// The plugin of an entry of [[callbacks]]; nullptr when it names none.
const TomlEntry* plugin_entry(const TomlValue& item) {
  const TomlEntry* plugin = item.table() ? find_entry(*item.table(), "plugin") : nullptr;
  return plugin && plugin->value.string() ? plugin : nullptr;
}

bool is_dropped(const TomlValue& item) {
  const TomlEntry* plugin = plugin_entry(item);
  return plugin && *plugin->value.string() == kDropped;
}

/// The table [train], made when it is not there; nullptr when it is no table.
TomlTable* train_section(TomlTable& root) {
  if (!find_entry(root, kTrain)) root.push_back({kTrain, {}, {TomlTable(), {}}});
  return std::get_if<TomlTable>(&find_entry(root, kTrain)->value.data);
}

/// What was written in the old place, and is to be written or removed.
struct Found {
  std::string what;
  Place place;
};

/// A file's lines come before those of the command line; a table has its entries in no order.
bool is_before(const Found& a, const Found& b) {
  const auto order = [](const Place& place) { return std::pair(place.set_index, place.line); };
  return order(a.place) < order(b.place);
}

std::string listed_with_places(std::vector<Found> found) {
  std::ranges::sort(found, is_before);
  std::vector<std::string> texts;
  for (const Found& one : found) texts.push_back(fmt::format("{} ({})", one.what, where(one.place)));
  return listed(texts);
}

void advise(const std::vector<Found>& options, const std::vector<Found>& plugins,
            const Diagnostics& diagnostics) {
  if (options.empty() && plugins.empty()) return;
  std::string text = "when a run logs and saves is set in [train] now:";
  if (!options.empty()) text += fmt::format(" write {} there", listed_with_places(options));
  if (!options.empty() && !plugins.empty()) text += ", and";
  if (!plugins.empty()) text += fmt::format(" remove {}", listed_with_places(plugins));
  const std::vector<Found>& first = options.empty() ? plugins : options;
  diagnostics.warn(std::ranges::min_element(first, is_before)->place, kLabel, text);
}

void put(TomlTable& train, const TomlEntry& entry, Diagnostics& diagnostics) {
  TomlEntry* there = find_entry(train, entry.key);
  if (!there) {
    train.push_back(entry);
    return;
  }
  const std::size_t set = entry.value.place.set_index, set_there = there->value.place.set_index;
  if (set == 0 && set_there == 0) {
    diagnostics.add(entry.place, kLabel,
                    fmt::format("{} belongs in [train], which has it {}; remove it here", quoted(entry.key),
                                where(there->place)));
  } else if (set > set_there) {
    *there = entry;
  }
}

void move_from(TomlTable& callback, const std::string& plugin, TomlTable& train, std::vector<Found>& found,
               Diagnostics& diagnostics) {
  const auto rest = std::stable_partition(
      callback.begin(), callback.end(), [&](const TomlEntry& entry) { return !is_moved(plugin, entry.key); });
  for (auto entry = rest; entry != callback.end(); ++entry) {
    const Place& value = entry->value.place;
    found.push_back({entry->key, value.set_index > 0 ? value : entry->place});
    put(train, *entry, diagnostics);
  }
  callback.erase(rest, callback.end());
}

/// What is left of a dropped table is nobody's option.
void check_is_empty(const TomlTable& callback, Diagnostics& diagnostics) {
  for (const TomlEntry& entry : callback) {
    if (entry.key == "plugin") continue;
    diagnostics.add(entry.place, kLabel,
                    fmt::format("unknown key {} for plugin '{}', whose options belong in [train]",
                                quoted(entry.key), kDropped));
  }
}

}  // namespace

std::vector<std::string> moved_key(std::vector<std::string> steps) {
  if (steps.size() == 3 && steps[0] == kCallbacks && is_moved(steps[1], steps[2])) return {kTrain, steps[2]};
  return steps;
}

void move_options(TomlTable& root, Diagnostics& diagnostics) {
  TomlTable* train = train_section(root);
  TomlEntry* callbacks = find_entry(root, kCallbacks);
  auto* items = callbacks ? std::get_if<TomlArray>(&callbacks->value.data) : nullptr;
  if (!train || !items) return;
  std::vector<Found> moved, dropped;
  for (const TomlEntry& entry : *train) {
    const Place& place = entry.value.place;
    if (place.set_key.starts_with(kCallbacks + ".")) moved.push_back({entry.key, place});
  }
  for (TomlValue& item : *items) {
    const TomlEntry* plugin = plugin_entry(item);
    if (!plugin) continue;
    const std::string name = *plugin->value.string();
    const Place place = plugin->place;
    auto& options = std::get<TomlTable>(item.data);
    move_from(options, name, *train, moved, diagnostics);
    if (!is_dropped(item)) continue;
    dropped.push_back({fmt::format("{} plugin = \"{}\"", kLabel, kDropped), place});
    check_is_empty(options, diagnostics);
  }
  std::erase_if(*items, is_dropped);
  advise(moved, dropped, diagnostics);
}

}  // namespace sift
