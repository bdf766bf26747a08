#include "checkpoint/checkpoint_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "base/durable.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kPrefix = "checkpoint-";

constexpr std::string_view kSuperseded = ".superseded";

std::int64_t step_of_name(std::string_view name) {
  if (!name.starts_with(kPrefix)) return -1;
  name.remove_prefix(kPrefix.size());
  std::int64_t number = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : -1;
}

std::vector<fs::path> folders_with_a_step(const fs::path& output_dir,
                                          std::int64_t (*step_of)(const fs::path&)) {
  std::vector<fs::path> found;
  if (!fs::is_directory(output_dir)) return found;
  for (const auto& entry : fs::directory_iterator(output_dir)) {
    if (entry.is_directory() && step_of(entry.path()) >= 0) found.push_back(entry.path());
  }
  std::ranges::sort(found);  // by name where the steps are equal
  std::ranges::stable_sort(found, {}, step_of);
  return found;
}

}  // namespace

fs::path checkpoint_folder(const fs::path& output_dir, std::int64_t step) {
  return output_dir / fmt::format("{}{}", kPrefix, step);
}

std::int64_t step_of_checkpoint(const fs::path& folder) {
  return step_of_name(folder.filename().string());
}

std::int64_t step_of_superseded(const fs::path& folder) {
  // what follows the mark is a number
  const std::string name = folder.filename().string();
  const std::size_t mark = name.find(kSuperseded);
  return mark == std::string::npos ? -1 : step_of_name(std::string_view(name).substr(0, mark));
}

fs::path superseded_name(const fs::path& checkpoint) {
  fs::path name = checkpoint;
  name += kSuperseded;
  const std::string first = name.string();
  for (int count = 2; fs::exists(fs::symlink_status(name)); ++count)
    name = fmt::format("{}-{}", first, count);
  return name;
}

std::vector<fs::path> find_checkpoints(const fs::path& output_dir) {
  return folders_with_a_step(output_dir, step_of_checkpoint);
}

std::vector<fs::path> find_superseded(const fs::path& output_dir) {
  return folders_with_a_step(output_dir, step_of_superseded);
}

std::vector<fs::path> find_unfinished(const fs::path& output_dir) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(output_dir)) {
    const std::string name = StagedFolder::final_name_of(entry.path());
    const bool is_written = name.starts_with(kPrefix) || name == kFinalFolder;
    const bool is_removed =
        entry.path().filename().string().starts_with(fmt::format("{}{}", kRemovedPrefix, kPrefix));
    if ((is_written || is_removed) && entry.is_directory()) found.push_back(entry.path());
  }
  return found;
}

}  // namespace sift
