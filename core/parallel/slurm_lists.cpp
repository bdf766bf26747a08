#include "parallel/slurm_lists.h"

#include <charconv>

#include "parallel/launcher_variables.h"

namespace sift {
namespace {

/// Takes a number of at least 1 from the beginning of `text`.
std::optional<std::int64_t> take_count(std::string_view& text) {
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc() || count < 1 || count > kMostProcesses) return {};
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return count;
}

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

}  // namespace

std::optional<std::string> first_host(std::string_view list) {
  std::string host;
  while (!list.empty() && list.front() != ',') {
    if (list.front() != '[') {
      host += list.front();
      list.remove_prefix(1);
      continue;
    }
    const std::size_t close = list.find(']'), first_end = list.find_first_of("-,]");
    if (close == std::string_view::npos || first_end == 1) return {};
    host += list.substr(1, first_end - 1);
    list.remove_prefix(close + 1);
  }
  if (host.empty() || host.find(']') != std::string::npos) return {};
  return host;
}

std::optional<std::vector<std::int64_t>> tasks_of_nodes(std::string_view list) {
  std::vector<std::int64_t> tasks;
  do {
    const auto count = take_count(list);
    std::optional<std::int64_t> nodes = 1;
    if (take(list, "(x")) {
      nodes = take_count(list);
      if (!take(list, ")")) return {};
    }
    if (!count || !nodes || static_cast<std::int64_t>(tasks.size()) + *nodes > kMostProcesses) return {};
    tasks.insert(tasks.end(), static_cast<std::size_t>(*nodes), *count);
  } while (take(list, ","));
  if (!list.empty()) return {};
  return tasks;
}

}  // namespace sift
