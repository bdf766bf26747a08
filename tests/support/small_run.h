#pragma once

#include <filesystem>
#include <string>

#include "support/temp_folder.h"

namespace sift::test {

/// A configuration that trains the tiny Llama of the fixtures on a few of its chats, in a folder of its own.
class SmallRun {
 public:
  SmallRun();

  const TempFolder& folder() const { return folder_; }
  std::filesystem::path output_dir() const { return folder_ / "out"; }
  static std::filesystem::path model_folder();

  /// Writes run.toml: max_steps = 6 in batches of 2, logged at every second step, saved at every third;
  /// `extra` goes to its end. Returns its path.
  std::string write_config(const std::string& extra = {}) const;

 private:
  TempFolder folder_;
};

/// Sections of a configuration that train with the loss `name` of tests/plugins/fixtures; `options` are its
/// own.
std::string fixture_loss(const std::string& name, const std::string& options = {});

}  // namespace sift::test
