#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "base/durable.h"
#include "base/log_level.h"
#include "train/run.h"

namespace sift {

int run_evaluate(const EvaluateArguments& arguments) {
  PluginHost host;
  const Config config = load_config(arguments.config.file, arguments.config.overrides, host);
  const LogLevelScope log_level(log_level_of(config.train.log_level));
  nlohmann::ordered_json json;
  for (const auto& [key, value] : run_evaluation(config)) {
    fmt::print("{:<28} {:.6g}\n", key, value);
    json[key] = value;
  }
  if (!arguments.json_file.empty()) write_durably(arguments.json_file, json.dump(2) + "\n");
  return 0;
}

}  // namespace sift
