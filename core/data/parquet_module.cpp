#include "data/parquet_module.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <sift/error.h>

namespace sift {
namespace fs = std::filesystem;
namespace {

/// The function `name` of the module, which reads `format`.
void* load(const fs::path& module, const char* name, const char* format, const fs::path& wanted_for) {
  if (!fs::exists(module)) {
    throw Error(fmt::format(
        "{}: this sift was built without {} ({} was not found); reconfigure with the folder of an "
        "installed or unpacked pyarrow in CMAKE_PREFIX_PATH and rebuild, or convert the data to .jsonl",
        wanted_for.string(), format, module.string()));
  }
  // never closed: Arrow runs its own threads
  void* handle = ::dlopen(module.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* symbol = handle != nullptr ? ::dlsym(handle, name) : nullptr;
  if (symbol == nullptr) {
    throw Error(fmt::format(
        "{}: {} cannot be read: {}; check that the pyarrow that sift was built with is still installed",
        wanted_for.string(), format, ::dlerror()));
  }
  return symbol;
}

}  // namespace

fs::path parquet_module() {
  ::Dl_info self{};
  if (::dladdr(reinterpret_cast<const void*>(&parquet_module), &self) == 0 || self.dli_fname == nullptr)
    return {};
  return fs::path(self.dli_fname).parent_path() / "sift/libsift_parquet.so";
}

std::unique_ptr<RowSource> open_parquet(const fs::path& file, const std::vector<std::string>& columns,
                                        const fs::path& module) {
  auto* const open = reinterpret_cast<OpenParquet*>(load(module, "sift_open_parquet", "Parquet", file));
  return std::unique_ptr<RowSource>(open(file, columns));
}

std::unique_ptr<RowSource> open_csv(const fs::path& file, char delimiter,
                                    const std::vector<std::string>& columns, const fs::path& module) {
  auto* const open = reinterpret_cast<OpenCsv*>(load(module, "sift_open_csv", "CSV", file));
  return std::unique_ptr<RowSource>(open(file, delimiter, columns, &open_bytes));
}

}  // namespace sift
