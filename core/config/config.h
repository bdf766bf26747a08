#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/configured_components.h"
#include "config/sections.h"

namespace sift {

/// A complete, checked configuration: everything a run needs besides the model and the data.
struct Config {
  std::filesystem::path file;  ///< the TOML file
  ModelOptions model;
  std::optional<LoraOptions> lora;  ///< not set without a section [lora]: all weights are trained
  DataOptions data;
  TrainOptions train;
  ParallelOptions parallel;
  ConfiguredComponents components;
  std::vector<std::string> plugin_paths;  ///< [plugins] paths: folders or files
};

/// Settings of the command line that override the file.
struct Overrides {
  std::vector<std::string>
      set;  ///< "train.learning_rate=1e-4": a TOML key and a TOML value; a bare word is a string
};

/// Reads `file`, loads the plugins that it names into `host`, and checks everything. Throws Error with all
/// errors of the file, one per line as file:line:column: message.
Config load_config(const std::filesystem::path& file, const Overrides& overrides, PluginHost& host);

/// The effective configuration as TOML, each option with its help text. Reading it back gives the same
/// Config.
std::string dump_config(const Config& config);

}  // namespace sift
