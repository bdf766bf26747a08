#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>

namespace sift {

// Writes that survive a crash or a full disk: a file or folder with its final name is complete and on the
// disk. All of these throw Error with the file and the reason.

/// Waits until the file, or the entries of the folder, are on the disk (fsync).
void sync_path(const std::filesystem::path& path);

/// Writes beside `file`, syncs, renames over it and syncs the folder.
void write_durably(const std::filesystem::path& file, const std::string& bytes);

/// A folder that gets its final name only when all of its content is on the disk. Until commit() it is a
/// hidden sibling; without commit() the destructor removes it.
class StagedFolder {
 public:
  explicit StagedFolder(std::filesystem::path final_path);
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  /// The final name of a staged folder, for example of an interrupted run; empty for any other folder.
  static std::string final_name_of(const std::filesystem::path& staging);
  /// The same for the older folder that commit() replaces, where the file system cannot exchange two folders.
  static std::string replaced_name_of(const std::filesystem::path& replaced);

  const std::filesystem::path& path() const { return staging_; }
  /// Called when all content is on the disk, right before it gets its final name.
  using BeforeRename = std::function<void()>;
  /// Syncs all files and renames the folder to its final name; an older folder of that name is replaced.
  void commit(const BeforeRename& before = {});
  /// Syncs all files and moves each into `folder`, over files of the same names. Returns their names.
  std::set<std::string> commit_into(const std::filesystem::path& folder, const BeforeRename& before = {});

 private:
  void sync_all() const;

  std::filesystem::path final_path_;
  std::filesystem::path staging_;
};

}  // namespace sift
