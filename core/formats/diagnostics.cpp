#include "formats/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include <sift/error.h>
#include <sift/options.h>

namespace sift {

void Diagnostics::add(const Place& place, const std::string& section, const std::string& message) {
  std::string text = place.set_index > 0 ? fmt::format("--set {}: ", place.set_key)
                                         : fmt::format("{}:{}:{}: ", file_, place.line, place.column);
  if (!section.empty()) text += section + " ";
  faults_.push_back({place, text + message});
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
