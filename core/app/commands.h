#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "parallel/launch/launch_options.h"
#include "plan/step_time.h"
#include "plugin/host.h"

namespace sift {

class ParallelSession;

// The subcommands of the program. Each returns its exit status and throws Error or UsageError.

/// A configuration as given on the command line.
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
  bool resume_if_possible = false;  ///< from the newest complete checkpoint of output_dir, if it has one
};
/// `session`: the processes that run it together; nullptr: one.
int run_train(const TrainArguments& arguments, ParallelSession* session);

/// `sift launch`: runs another subcommand in several processes. See parallel/launch/launch.h.
int run_launch(const LaunchOptions& options);

struct EvaluateArguments {
  ConfigArguments config;
  std::string json_file;  ///< also write the values to this file; empty: none
};
int run_evaluate(const EvaluateArguments& arguments, ParallelSession* session);

/// That `sift plan` plays.
inline constexpr std::int64_t kMostProcesses = 65536;

struct PlanArguments {
  ConfigArguments config;
  std::vector<std::int64_t> world_sizes = {1};
  std::optional<std::int64_t> tokens_per_row;  ///< not set: max_length
  Speeds speeds;
  std::optional<double> memory_gib;  ///< of a process
  bool json = false;
};
/// `sift plan`: the memory, the messages and the time of a run on many processes, on paper.
int run_plan(const PlanArguments& arguments);

struct InspectArguments {
  ConfigArguments config;
  std::int64_t rows = 3;  ///< number of rows to print
};
/// `sift inspect`: the data as the model sees it.
int run_inspect(const InspectArguments& arguments);

struct GenerateArguments {
  ModelOptions model;  ///< path: a model folder, or that of an adapter
  GenerationRequest request;
  std::string device = "auto";
};
int run_generate(const GenerateArguments& arguments);

struct MergeArguments {
  std::string adapter;
  std::string out;
  std::string dtype = "auto";  ///< of the merged weights; auto: that of the base model
};
/// `sift merge`: a model folder out of an adapter folder and its base model.
int run_merge(const MergeArguments& arguments);

/// `sift plugins`: the plugins found, and those refused with the reason. Returns 1 if a plugin given by name
/// was refused.
int run_plugins(const std::vector<std::string>& extra_paths);

/// `sift describe NAME`: the options of every component with that name.
int run_describe(const std::string& name, const std::vector<std::string>& extra_paths);

/// `sift options`: every option of every section and component, as Markdown (docs/options.md).
int run_options();

/// `sift new-plugin KIND NAME [FOLDER]`: writes the folder of a plugin that builds and runs unchanged.
int run_new_plugin(const std::string& kind, const std::string& name, const std::string& folder);

/// Loads the plugins given by the user: all of a folder, or one file. Throws Error if it cannot be read or,
/// for a file, is refused.
void load_plugin_path(PluginHost& host, const std::string& path);

}  // namespace sift
