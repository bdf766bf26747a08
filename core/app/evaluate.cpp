#include <fmt/format.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <string>

#include "app/commands.h"
#include "app/print.h"
#include "app/run_together.h"
#include "base/durable.h"
#include "base/log_level.h"
#include "train/run.h"

namespace sift {

int run_evaluate(const EvaluateArguments& arguments, ParallelSession* session) {
  std::signal(SIGPIPE, SIG_IGN);  // an evaluation writes its file even if nobody reads its log any more
  PluginHost host;
  const Config config = load_config(arguments.config.file, arguments.config.overrides, host);
  const bool is_main = session == nullptr || session->process().rank == 0;
  const LogLevelScope log_level(shown_level(config.train.log_level, session));
  nlohmann::ordered_json json;
  std::string lines;
  for (const auto& [key, value] : run_evaluation(config, session)) {
    lines += fmt::format("{:<28} {:.6g}\n", key, value);
    json[key] = value;
  }
  if (!is_main) return 0;
  // first, since nobody may read the output any more
  if (!arguments.json_file.empty()) write_durably(arguments.json_file, json.dump(2) + "\n");
  print(lines);
  return 0;
}

}  // namespace sift
