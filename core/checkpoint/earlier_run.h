#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace sift {

/// What a run finds in output_dir and does not continue: the whole run that --overwrite replaces, or the
/// newer checkpoints of a run that goes back to an older one. All of it stays as it is until the first
/// checkpoint or final model of the new run is complete on the disk. Then its checkpoints are moved aside
/// (find_superseded), so that a later --resume takes the branch that was trained last, and a replaced run is
/// removed.
class EarlierRun {
 public:
  /// Nothing to make way for.
  EarlierRun() = default;
  /// The run that --overwrite replaces: checkpoints, also those moved aside, the final model and logs. Files
  /// that Sift did not write are not part of it.
  static EarlierRun replaced(const std::filesystem::path& output_dir);
  /// The checkpoints that are newer than `resumed_from`; all if it is empty, since none of them is whole.
  static EarlierRun left_at(const std::filesystem::path& output_dir,
                            const std::filesystem::path& resumed_from);

  /// Moves its checkpoints aside: called when a result of the new run is on the disk, right before that gets
  /// its name. Throws Error if one cannot be renamed.
  void make_way();
  /// Removes a replaced run, after the result has its name; `written`: files of the new run, relative to
  /// output_dir. A file that cannot be removed is only reported.
  void remove(const std::set<std::string>& written = {});
  /// Whether the folder is a checkpoint that make_way() will move.
  bool holds(const std::filesystem::path& folder) const;

 private:
  std::vector<std::filesystem::path> checkpoints_;  // with their own names
  std::vector<std::filesystem::path> aside_;        // to be removed
  std::vector<std::filesystem::path> files_;        // to be removed
  std::filesystem::path output_dir_;                // of a replaced run
  std::string went_back_to_;                        // empty for a replaced run
};

}  // namespace sift
