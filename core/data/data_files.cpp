#include "data/data_files.h"

#include <fmt/format.h>
#include <glob.h>

#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include <sift/error.h>

namespace sift {
namespace {

std::vector<std::string> matches(const std::string& pattern) {
  ::glob_t found{};
  const std::unique_ptr<::glob_t, void (*)(::glob_t*)> owner(&found, ::globfree);
  const int status = ::glob(pattern.c_str(), 0, nullptr, &found);
  if (status == GLOB_NOMATCH) {
    std::error_code removed;  // then the folder has no name
    throw Error(fmt::format(
        "{}: no file matches this pattern; see train and eval in [data] (paths are relative to the current "
        "folder, {})",
        pattern, std::filesystem::current_path(removed).string()));
  }
  if (status != 0) {
    throw Error(fmt::format("{}: the folder cannot be searched: {}", pattern,
                            status == GLOB_NOSPACE ? "out of memory" : std::strerror(errno)));
  }
  return {found.gl_pathv, found.gl_pathv + found.gl_pathc};
}

}  // namespace

std::vector<std::string> data_files(const std::vector<std::string>& names) {
  std::vector<std::string> files;
  for (const std::string& name : names) {
    // these characters may occur in the name of an existing file
    const bool is_pattern = name.find_first_of("*?[") != std::string::npos && !std::filesystem::exists(name);
    for (const std::string& file : is_pattern ? matches(name) : std::vector{name}) files.push_back(file);
  }
  return files;
}

}  // namespace sift
