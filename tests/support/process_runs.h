#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace sift::test {

// Runs of one and of several processes, and how they are compared.

/// Arguments of --set.
using Sets = std::vector<std::string>;

Sets joined(Sets first, const Sets& second);

/// With one thread, as each process of several.
void train_alone(const std::string& config, const Sets& sets);
/// Returns what the main process prints; the others print nothing. `more`: further arguments.
std::string train_together(std::int64_t size, const std::string& config, const Sets& sets,
                           const std::vector<std::string>& more = {});

/// Losses within 2e-6 of each other, relative to their values, norms within 2e-5, counts equal.
void expect_same_log(const nlohmann::json& found, const nlohmann::json& expected,
                     const std::set<std::string>& left_out = {});
/// The weights of a model folder, in whatever files, or of an adapter.
std::map<std::string, at::Tensor> tensors_of(const std::filesystem::path& folder);
/// Within 1e-4 of the norm of each weight.
void expect_same_weights(const std::filesystem::path& found, const std::filesystem::path& expected);

}  // namespace sift::test
