#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace sift::test {

nlohmann::json read_json(const std::filesystem::path& file);

/// The log of a run's folder or of a checkpoint, without the figures that tell the time.
nlohmann::json log_of(const std::filesystem::path& folder);

/// The bytes of model.safetensors. Compare them by EXPECT_TRUE(a == b): EXPECT_EQ would print megabytes.
std::string weights_of(const std::filesystem::path& folder);

/// Arguments of the program, with a --set for each of `settings`.
std::vector<std::string> with_settings(std::vector<std::string> arguments,
                                       const std::vector<std::string>& settings);

}  // namespace sift::test
