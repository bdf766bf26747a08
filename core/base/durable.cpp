#include "base/durable.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include <sift/error.h>

namespace sift {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kStagedEnding = ".tmp";
constexpr std::string_view kReplacedEnding = ".old";

fs::path hidden_name(const fs::path& path, std::string_view ending) {
  return path.parent_path() / fmt::format(".{}{}", path.filename().string(), ending);
}

/// The reverse; empty for a name of another form.
std::string name_within(const fs::path& hidden, std::string_view ending) {
  const std::string name = hidden.filename().string();
  if (!name.starts_with('.') || !name.ends_with(ending) || name.size() <= ending.size()) return {};
  return name.substr(1, name.size() - 1 - ending.size());
}

[[noreturn]] void fail(const char* what, const fs::path& path, int error) {
  throw Error(fmt::format("{}: cannot {}: {}", path.string(), what, std::strerror(error)));
}

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : number_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (number_ < 0) fail("open", path, errno);
  }
  ~Descriptor() { ::close(number_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

void rename_over(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail("rename to its final name", to, errno);
}

/// Exchanges two folders atomically. False if the file system does not support it.
bool exchange(const fs::path& one, const fs::path& other) {
  if (::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) fail("replace", other, errno);
  return false;
}

}  // namespace

void sync_path(const fs::path& path) {
  const Descriptor descriptor(path, O_RDONLY);
  if (::fsync(descriptor.number()) != 0) fail("sync", path, errno);
}

void write_durably(const fs::path& file, const std::string& bytes) {
  fs::path staging = file;
  staging += ".tmp";
  {
    const Descriptor descriptor(staging, O_WRONLY | O_CREAT | O_TRUNC);
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t written = ::write(descriptor.number(), bytes.data() + done, bytes.size() - done);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        const int error = errno;
        ::unlink(staging.c_str());
        fail("write", file, error);
      }
      done += static_cast<std::size_t>(written);
    }
    if (::fsync(descriptor.number()) != 0) fail("sync", file, errno);
  }
  rename_over(staging, file);
  sync_path(file.parent_path().empty() ? fs::path(".") : file.parent_path());
}

std::string StagedFolder::final_name_of(const fs::path& staging) {
  return name_within(staging, kStagedEnding);
}

std::string StagedFolder::replaced_name_of(const fs::path& replaced) {
  return name_within(replaced, kReplacedEnding);
}

StagedFolder::StagedFolder(fs::path final_path) : final_path_(std::move(final_path)) {
  staging_ = hidden_name(final_path_, kStagedEnding);
  std::error_code error;
  fs::remove_all(staging_, error);  // left by an interrupted run
  fs::create_directories(staging_, error);
  if (error) fail("create", staging_, error.value());
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
}

void StagedFolder::sync_all() const {
  for (const auto& entry : fs::recursive_directory_iterator(staging_)) sync_path(entry.path());
  sync_path(staging_);
}

void StagedFolder::commit(const BeforeRename& before) {
  sync_all();
  if (before) before();
  const fs::path replaced = hidden_name(final_path_, kReplacedEnding);
  std::error_code error;
  if (!fs::exists(final_path_) || !exchange(staging_, final_path_)) {
    fs::remove_all(replaced, error);
    if (fs::exists(final_path_)) rename_over(final_path_, replaced);
    rename_over(staging_, final_path_);
  }
  sync_path(final_path_.parent_path());
  fs::remove_all(replaced, error);
  fs::remove_all(staging_, error);  // after an exchange, the older folder
}

std::set<std::string> StagedFolder::commit_into(const fs::path& folder, const BeforeRename& before) {
  sync_all();
  if (before) before();
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(staging_)) {
    if (!entry.is_directory()) files.push_back(entry.path().lexically_relative(staging_));
  }
  std::set<std::string> names;
  for (const fs::path& file : files) {
    const fs::path target = folder / file;
    fs::create_directories(target.parent_path());
    rename_over(staging_ / file, target);
    if (target.parent_path() != folder) sync_path(target.parent_path());
    names.insert(file.string());
  }
  sync_path(folder);
  return names;
}

}  // namespace sift
