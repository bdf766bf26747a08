#include "parallel/launcher_variables.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include <sift/error.h>

namespace sift {

LauncherVariables::LauncherVariables(const Environment& environment, std::string setter, std::string sign)
    : environment_(&environment), setter_(std::move(setter)), sign_(std::move(sign)) {}

std::optional<std::string> LauncherVariables::find(const std::string& name) const {
  const char* value = (*environment_)(name.c_str());
  if (value == nullptr || *value == '\0') return {};
  return value;
}

std::string LauncherVariables::text(const std::string& name) const {
  if (const auto value = find(name)) return *value;
  throw Error(fmt::format(
      "{} is '{}', but {} is not set; {} sets both: set {} too, or unset {} to start one process alone",
      sign_, find(sign_).value_or(""), name, setter_, name, sign_));
}

std::int64_t LauncherVariables::number(const std::string& name, std::int64_t least, std::int64_t most) const {
  const std::string value = text(name);
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (failure != std::errc() || end != value.data() + value.size() || number < least || number > most)
    refuse(name, fmt::format("and not a whole number from {} to {}", least, most));
  return number;
}

std::int64_t LauncherVariables::rank(const std::string& name, const std::string& size_name,
                                     std::int64_t size) const {
  const std::int64_t rank = number(name, 0, kMostProcesses - 1);
  if (rank >= size)
    refuse(name, fmt::format("and {} is '{}': the ranks of {} processes are 0 to {}", size_name, size, size,
                             size - 1));
  return rank;
}

void LauncherVariables::refuse(const std::string& name, const std::string& problem) const {
  throw Error(fmt::format(
      "the environment variable {} is '{}' {}; {} sets it: correct it, or unset {} to start one process alone",
      name, find(name).value_or(""), problem, setter_, sign_));
}

}  // namespace sift
