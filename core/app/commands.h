#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/config.h"
#include "plugin/host.h"

namespace sift {

// The subcommands of the program. Each returns its exit status and throws Error or UsageError.

/// A configuration as the command line gives it.
struct ConfigArguments {
  std::string file;
  Overrides overrides;
};

struct TrainArguments {
  ConfigArguments config;
  bool dump_config = false;  ///< print the whole effective configuration and stop
  bool overwrite = false;
  bool resume = false;
  std::string resume_from = "last";
};
int run_train(const TrainArguments& arguments);

struct EvaluateArguments {
  ConfigArguments config;
  std::string json_file;  ///< where to write the figures as well; empty: nowhere
};
int run_evaluate(const EvaluateArguments& arguments);

struct InspectArguments {
  ConfigArguments config;
  std::int64_t rows = 3;  ///< how many to show as text
};
/// `sift inspect`: what the model will see of the data.
int run_inspect(const InspectArguments& arguments);

struct GenerateArguments {
  std::string model;
  std::string prompt;
  std::string system;  ///< system message; empty: none
  bool raw = false;    ///< the prompt is the text itself, no chat template
  std::int64_t max_new_tokens = 128;
  std::string device = "auto";
};
int run_generate(const GenerateArguments& arguments);

/// `sift plugins`: what was found, where, and what was refused and why. 1 when something asked for by name
/// was refused.
int run_plugins(const std::vector<std::string>& extra_paths);

/// `sift describe NAME`: the options of every component of that name.
int run_describe(const std::string& name, const std::vector<std::string>& extra_paths);

/// `sift options`: every option of every section and component, as Markdown (docs/options.md).
int run_options();

/// `sift new-plugin KIND NAME [FOLDER]`: writes the folder of a plugin that builds and runs as it is.
int run_new_plugin(const std::string& kind, const std::string& name, const std::string& folder);

/// Loads what a user named: every plugin of a folder, or one file. Throws Error when it cannot be read or, a
/// file, is refused.
void load_plugin_path(PluginHost& host, const std::string& path);

}  // namespace sift
