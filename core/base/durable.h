#pragma once

#include <filesystem>
#include <string>

namespace sift {

// Writing that a crash or a full disk cannot turn into loss: what has a final name is whole and on the disk.
// All of these throw Error that names the file and the reason.

/// Waits until the file, or the entries of the folder, are on the disk.
void sync_path(const std::filesystem::path& path);

/// Writes beside `file`, syncs, renames over it and syncs the folder.
void write_durably(const std::filesystem::path& file, const std::string& bytes);

/// A folder that becomes visible under its final name only when everything in it is on the disk. Until
/// commit() it is a hidden sibling; the destructor removes it when commit() was not reached.
class StagedFolder {
 public:
  explicit StagedFolder(std::filesystem::path final_path);
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  /// The name that a folder left by an interrupted run was to get; empty if it is not such a folder.
  static std::string final_name_of(const std::filesystem::path& staging);

  const std::filesystem::path& path() const { return staging_; }
  /// Syncs all files and renames the folder to its final name; an older folder of that name is replaced.
  void commit();
  /// Syncs all files and moves each into `folder`, over files of the same names.
  void commit_into(const std::filesystem::path& folder);

 private:
  void sync_all() const;

  std::filesystem::path final_path_;
  std::filesystem::path staging_;
};

}  // namespace sift
