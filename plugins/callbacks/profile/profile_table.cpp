#include "profile_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace {

constexpr double kNanosecondsOfMillisecond = 1e6;

const char* title_of(ProfileTable::Kind kind) {
  switch (kind) {
    case ProfileTable::Kind::kKernel:
      return "Kernels and copies on the device";
    case ProfileTable::Kind::kCall:
      return "CUDA runtime calls";
    case ProfileTable::Kind::kOperator:
      break;
  }
  return "Operators on the host, including the operators that they call";
}

}  // namespace

void ProfileTable::add(Kind kind, const std::string& name, std::uint64_t nanoseconds) {
  Row& row = rows_[{kind, name}];
  ++row.calls;
  row.nanoseconds += nanoseconds;
}

std::string ProfileTable::to_string(std::int64_t num_steps) const {
  const auto steps = static_cast<double>(num_steps);
  std::string text;
  for (const Kind kind : {Kind::kKernel, Kind::kCall, Kind::kOperator}) {
    std::vector<std::pair<std::string, Row>> of_kind;
    for (const auto& [key, row] : rows_) {
      if (key.first == kind) of_kind.emplace_back(key.second, row);
    }
    if (of_kind.empty()) continue;
    std::ranges::stable_sort(
        of_kind, [](const auto& a, const auto& b) { return a.second.nanoseconds > b.second.nanoseconds; });
    text += fmt::format("{}{}, per step\n{:>10} {:>8}  name\n", text.empty() ? "" : "\n", title_of(kind),
                        "ms", "calls");
    for (const auto& [name, row] : of_kind) {
      text += fmt::format("{:>10.3f} {:>8.1f}  {}\n",
                          static_cast<double>(row.nanoseconds) / kNanosecondsOfMillisecond / steps,
                          static_cast<double>(row.calls) / steps, name);
    }
  }
  return text;
}
