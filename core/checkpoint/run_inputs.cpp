#include "checkpoint/run_inputs.h"

#include <fmt/format.h>

#include <system_error>

#include <sift/error.h>

namespace sift {
namespace fs = std::filesystem;
namespace {

/// Whether `path`, without following its links, is the folder or below it.
bool is_below(const fs::path& folder, fs::path path) {
  std::error_code unknown;
  while (true) {
    if (fs::equivalent(path, folder, unknown)) return true;
    const fs::path parent = path.parent_path();
    if (parent == path) return false;
    path = parent;
  }
}

bool is_inside(const fs::path& folder, const fs::path& path) {
  std::error_code unknown;
  return is_below(folder, fs::absolute(path, unknown).lexically_normal()) ||
         is_below(folder, fs::weakly_canonical(path, unknown));
}

/// The input itself or a file of its folder that is inside `output_dir`; empty: none.
fs::path inner_part(const fs::path& output_dir, const fs::path& input) {
  if (is_inside(output_dir, input)) return input;
  std::error_code unknown;
  for (const auto& entry : fs::directory_iterator(input, unknown)) {
    // a folder in there may be output_dir itself
    if (!entry.is_directory(unknown) && is_inside(output_dir, entry.path())) return entry.path();
  }
  return {};
}

}  // namespace

void check_outside(const fs::path& output_dir, const std::vector<RunInput>& inputs) {
  for (const RunInput& input : inputs) {
    const fs::path inner = inner_part(output_dir, input.path);
    if (inner.empty()) continue;
    throw Error(fmt::format(
        "{}: {} is inside output_dir {}, which --overwrite replaces: the run would remove what it reads; move it "
        "elsewhere, or choose another output_dir",
        input.option, inner.string(), output_dir.string()));
  }
}

}  // namespace sift
