#include "base/fault_list.h"

#include <fmt/format.h>

#include <algorithm>

namespace sift {

std::string listed_faults(const std::vector<std::string>& faults) {
  constexpr std::size_t kMaxListed = 10;
  const std::size_t count = std::min(faults.size(), kMaxListed);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : "; ") + faults[i];
  if (faults.size() > count) text += fmt::format("; and {} more", faults.size() - count);
  return text;
}

}  // namespace sift
