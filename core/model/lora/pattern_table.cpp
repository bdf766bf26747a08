#include "model/lora/pattern_table.h"

#include <fmt/format.h>

#include <algorithm>

#include <sift/error.h>
#include "base/did_you_mean.h"

namespace sift {

void refuse_unmatched(const std::string& option, const std::string& name,
                      const std::vector<std::string>& known, const std::string& label) {
  std::vector<std::string> ends;
  for (const std::string& path : known) ends.push_back(path.substr(path.rfind('.') + 1));
  const std::string meant = did_you_mean(name, ends);
  throw Error(fmt::format("{} in [lora]: '{}' matches nothing{}{} {}: {}", option, name, meant,
                          meant.empty() ? ";" : "", label, listed(known)));
}

PatternTable PatternTable::of_numbers(const ScalarTable& table, const std::string& option) {
  return {table, option, false};
}

PatternTable PatternTable::of_integers(const ScalarTable& table, const std::string& option) {
  return {table, option, true};
}

PatternTable::PatternTable(const ScalarTable& table, const std::string& option, bool integers)
    : option_(option) {
  for (const auto& [key, value] : table) {
    const auto* integer = std::get_if<std::int64_t>(&value);
    const auto* number = integers ? nullptr : std::get_if<double>(&value);
    const double found = integer ? static_cast<double>(*integer) : number ? *number : 0.0;
    if (!(found > 0)) {
      throw Error(fmt::format("{} in [lora]: expected {} for '{}', found {}", option,
                              integers ? "an integer of at least 1" : "a number above 0", key,
                              to_toml(ScalarTable{{key, value}})));
    }
    entries_.push_back({PathPattern::end(key, option), key, found});
  }
}

double PatternTable::value_for(const std::string& path, double fallback) const {
  const auto found =
      std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.pattern.matches(path); });
  return found == entries_.end() ? fallback : found->value;
}

void PatternTable::check_all_matched(const std::vector<std::string>& paths) const {
  for (const Entry& entry : entries_) {
    const auto matches = [&](const std::string& path) { return entry.pattern.matches(path); };
    if (std::ranges::none_of(paths, matches))
      refuse_unmatched(option_, entry.key, paths, "modules with an adapter");
  }
}

}  // namespace sift
