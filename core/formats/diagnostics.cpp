#include "formats/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include <sift/error.h>
#include <sift/log.h>
#include <sift/options.h>

namespace sift {

std::string where(const Place& place) {
  if (place.is_default) return "among the defaults";
  return place.set_index > 0 ? "by --set " + place.set_key : fmt::format("on line {}", place.line);
}

std::string Diagnostics::line(const Place& place, const std::string& section,
                              const std::string& message) const {
  std::string text = place.set_index > 0 ? fmt::format("--set {}: ", place.set_key)
                                         : fmt::format("{}:{}:{}: ", file_, place.line, place.column);
  if (!section.empty()) text += section + " ";
  return text + message;
}

void Diagnostics::add(const Place& place, const std::string& section, const std::string& message) {
  faults_.push_back({place, line(place, section, message)});
}

void Diagnostics::warn(const Place& place, const std::string& section, const std::string& message) const {
  log_warning(line(place, section, message));
}

void Diagnostics::throw_if_any() const {
  if (faults_.empty()) return;
  std::vector<Fault> sorted = faults_;
  const auto order = [](const Fault& fault) {
    return std::tuple(fault.place.set_index, fault.place.line, fault.place.column);
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Fault& a, const Fault& b) { return order(a) < order(b); });
  std::string lines;
  for (const Fault& fault : sorted) lines += (lines.empty() ? "" : "\n") + fault.text;
  throw Error(lines);
}

std::string quoted(const std::string& name) {
  const std::string text = to_toml(name);
  return "'" + text.substr(1, text.size() - 2) + "'";
}

}  // namespace sift
