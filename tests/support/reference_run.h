#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace sift::test {

/// A run of the real TRL on a tiny model (tests/fixtures/parity), and the same run as a configuration of
/// Sift.
class ReferenceRun {
 public:
  explicit ReferenceRun(const std::string& name);

  /// Writes the rows in the run's data format to `folder`, and a TOML that trains on them. Returns the TOML's
  /// path.
  std::filesystem::path write_config(const std::filesystem::path& folder) const;

  const nlohmann::json& json() const { return json_; }
  std::filesystem::path model_folder() const;
  std::int64_t num_processes() const;
  bool has_adapter() const;
  /// Of PEFT: what the run begins with. The folder beside it, adapter_trained, has what it ends with.
  std::filesystem::path adapter_folder() const;

 private:
  nlohmann::json json_;
};

/// Every run that the fixtures have, of one process or of several, by name; those whose rows they have too.
std::vector<std::string> reference_run_names(bool of_several_processes = false);
std::vector<std::string> names_of_runs_with_rows();

}  // namespace sift::test
