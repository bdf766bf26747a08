#include <c10/util/Logging.h>
#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sift/error.h>
#include "app/command_line.h"
#include "app/commands.h"
#include "app/failure.h"
#include "app/run_together.h"
#include "app/weight_arguments.h"
#include "base/home_path.h"
#include "parallel/error_file.h"

namespace {

namespace po = boost::program_options;
using sift::UsageError;
using Arguments = std::vector<std::string>;
using Commands = std::map<std::string, std::function<int(const Arguments&)>>;

const Commands& commands();

/// Parses the arguments of one subcommand; `positional` lists the options given without their names.
po::variables_map parse(const Arguments& arguments, const po::options_description& options,
                        const po::positional_options_description& positional) {
  po::variables_map values;
  try {
    po::store(po::command_line_parser(arguments)
                  .options(options)
                  .positional(positional)
                  .style(po::command_line_style::unix_style & ~po::command_line_style::allow_guessing)
                  .run(),
              values);
    po::notify(values);
  } catch (const po::error& error) {
    throw UsageError(fmt::format("{}; see sift --help", error.what()));
  }
  return values;
}

/// `--resume DIR` looks like any option, but its value is optional, which the library supports only after a
/// '='.
Arguments with_joined_resume(const Arguments& arguments) {
  Arguments joined;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool has_value = i + 1 < arguments.size() && !arguments[i + 1].starts_with("-") &&
                           !arguments[i + 1].ends_with(".toml");
    if (arguments[i] == "--resume" && has_value) {
      joined.push_back("--resume=" + arguments[++i]);
    } else {
      joined.push_back(arguments[i]);
    }
  }
  return joined;
}

/// An argument that is a path. The shell replaces a `~` only at the beginning of a word, not in
/// `--json=~/file`.
po::typed_value<std::string>* path_value(std::string* path) {
  return po::value(path)->notifier([path](const std::string& given) { *path = sift::expand_home(given); });
}

Arguments with_home(Arguments paths) {
  for (std::string& path : paths) path = sift::expand_home(path);
  return paths;
}

void add_config_options(po::options_description& options, sift::ConfigArguments& config) {
  options.add_options()("file", path_value(&config.file)->required(), "configuration");
  options.add_options()("set", po::value(&config.overrides.set)->composing(), "KEY=VALUE");
}

po::positional_options_description one(const char* name) {
  return po::positional_options_description().add(name, 1);
}

int train(const Arguments& arguments, sift::ParallelSession* session) {
  sift::TrainArguments result;
  po::options_description options;
  add_config_options(options, result.config);
  options.add_options()("resume", path_value(&result.resume_from)->implicit_value("last"),
                        "last or a checkpoint");
  options.add_options()("resume-if-possible", po::bool_switch(&result.resume_if_possible),
                        "resume if there is a checkpoint");
  options.add_options()("overwrite", po::bool_switch(&result.overwrite), "replace an earlier run");
  options.add_options()("dump-config", po::bool_switch(&result.dump_config),
                        "print the effective configuration");
  result.resume = parse(with_joined_resume(arguments), options, one("file")).count("resume") > 0;
  return sift::run_train(result, session);
}

/// The command that several processes run begins at the first argument that is neither an option nor its
/// value.
Arguments::const_iterator command_in(const Arguments& arguments) {
  auto argument = arguments.begin();
  while (argument != arguments.end() && argument->starts_with('-')) {
    const bool has_value = *argument != "--log-all-ranks" && argument->find('=') == std::string::npos;
    argument += has_value && argument + 1 != arguments.end() ? 2 : 1;
  }
  return argument;
}

int launch(const Arguments& arguments) {
  sift::LaunchOptions result;
  po::options_description options;
  options.add_options()("nproc-per-node", po::value(&result.nproc_per_node)->required(), "processes");
  options.add_options()("nnodes", po::value(&result.nnodes), "machines");
  options.add_options()("node-rank", po::value(&result.node_rank), "number of this machine");
  options.add_options()("master-addr", po::value(&result.master_addr), "machine of node 0");
  options.add_options()("master-port", po::value(&result.master_port), "port of the store");
  options.add_options()("grace-seconds", po::value(&result.grace_seconds), "from a failure to SIGKILL");
  options.add_options()("log-all-ranks", po::bool_switch(&result.log_all_ranks),
                        "show what every rank prints");
  const auto command = command_in(arguments);
  const po::variables_map values = parse({arguments.begin(), command}, options, {});
  if (result.nnodes > 1 && values.count("node-rank") == 0)
    throw UsageError("--nnodes above 1 needs --node-rank, a different one on each machine, from 0");
  result.command.assign(command, arguments.end());
  if (!result.command.empty() &&
      (!commands().contains(result.command.front()) || result.command.front() == "launch"))
    throw UsageError(
        fmt::format("sift launch cannot run '{}'; it runs another command of sift, such as train",
                    result.command.front()));
  return sift::run_launch(result);
}

int evaluate(const Arguments& arguments, sift::ParallelSession* session) {
  sift::EvaluateArguments result;
  po::options_description options;
  add_config_options(options, result.config);
  options.add_options()("json", path_value(&result.json_file), "file for the values");
  parse(arguments, options, one("file"));
  return sift::run_evaluate(result, session);
}

int inspect(const Arguments& arguments) {
  sift::InspectArguments result;
  po::options_description options;
  add_config_options(options, result.config);
  options.add_options()("rows", po::value(&result.rows), "how many rows to show");
  parse(arguments, options, one("file"));
  if (result.rows < 0) throw UsageError("--rows must be at least 0");
  return sift::run_inspect(result);
}

/// An option that need not be given; `least`: what its value must be above.
template <class Number>
po::typed_value<Number>* above(std::optional<Number>& value, const char* option, Number least) {
  return po::value<Number>()->notifier([&value, option, least](const Number& given) {
    if (!(given > least)) throw UsageError(fmt::format("{} must be above {}", option, least));
    value = given;
  });
}

int plan(const Arguments& arguments) {
  sift::PlanArguments result;
  std::optional<double> gigabytes;
  po::options_description options;
  add_config_options(options, result.config);
  options.add_options()("world-size", po::value(&result.world_sizes)->multitoken(), "processes");
  options.add_options()("tokens-per-row", above<std::int64_t>(result.tokens_per_row, "--tokens-per-row", 0),
                        "mean length");
  options.add_options()("tokens-per-second",
                        above(result.speeds.tokens_per_second, "--tokens-per-second", 0.0), "of one process");
  options.add_options()("gigabytes-per-second", above(gigabytes, "--gigabytes-per-second", 0.0),
                        "of the link of a process");
  options.add_options()("latency-us", po::value(&result.speeds.latency_us), "of the link");
  options.add_options()("memory-gib", above(result.memory_gib, "--memory-gib", 0.0), "of a process");
  options.add_options()("json", po::bool_switch(&result.json), "for programs");
  parse(arguments, options, one("file"));
  result.speeds.gigabytes_per_second = gigabytes.value_or(result.speeds.gigabytes_per_second);
  for (const std::int64_t size : result.world_sizes)
    if (size < 1 || size > sift::kMostProcesses)
      throw UsageError(
          fmt::format("--world-size must be from 1 to {}, found {}", sift::kMostProcesses, size));
  if (!(result.speeds.latency_us >= 0)) throw UsageError("--latency-us must be at least 0");
  return sift::run_plan(result);
}

int generate(const Arguments& arguments) {
  sift::GenerateArguments result;
  po::options_description options;
  options.add_options()("model", path_value(&result.model.path)->required(), "model folder");
  options.add_options()("prompt", po::value(&result.request.prompt)->required(), "user message");
  options.add_options()("system", po::value(&result.request.system), "system message");
  options.add_options()("raw", po::bool_switch(&result.request.raw), "no chat template");
  options.add_options()("max-new-tokens", po::value(&result.request.max_new_tokens), "length of the answer");
  options.add_options()("device", po::value(&result.device), "auto, cpu, cuda");
  sift::add_weight_options(options, result.model);
  parse(arguments, options, one("model"));
  if (result.request.max_new_tokens < 1) throw UsageError("--max-new-tokens must be at least 1");
  return sift::run_generate(result);
}

int merge(const Arguments& arguments) {
  sift::MergeArguments result;
  po::options_description options;
  options.add_options()("adapter", path_value(&result.adapter)->required(), "adapter folder");
  options.add_options()("out", path_value(&result.out)->required(), "folder for the model");
  options.add_options()("dtype", po::value(&result.dtype), "auto, float32, bfloat16");
  parse(arguments, options, one("adapter"));
  return sift::run_merge(result);
}

int plugins(const Arguments& arguments) {
  return sift::run_plugins(with_home(arguments));
}

int describe(const Arguments& arguments) {
  if (arguments.empty())
    throw UsageError("sift describe needs the name of a component; sift plugins lists them");
  return sift::run_describe(arguments.front(), with_home({arguments.begin() + 1, arguments.end()}));
}

int options(const Arguments& arguments) {
  if (!arguments.empty()) throw UsageError("sift options takes no arguments");
  return sift::run_options();
}

int new_plugin(const Arguments& arguments) {
  if (arguments.size() < 2 || arguments.size() > 3)
    throw UsageError("sift new-plugin takes a kind, a name and an optional folder; see sift --help");
  return sift::run_new_plugin(arguments[0], arguments[1],
                              arguments.size() > 2 ? sift::expand_home(arguments[2]) : arguments[1]);
}

template <class Command>
std::function<int(const Arguments&)> together(Command command) {
  return [command](const Arguments& arguments) {
    return sift::run_together([&](sift::ParallelSession* session) { return command(arguments, session); });
  };
}

const Commands& commands() {
  static const Commands commands = {{"train", together(train)},
                                    {"evaluate", together(evaluate)},
                                    {"generate", generate},
                                    {"inspect", inspect},
                                    {"merge", merge},
                                    {"plugins", plugins},
                                    {"describe", describe},
                                    {"options", options},
                                    {"new-plugin", new_plugin},
                                    {"launch", launch},
                                    {"plan", plan}};
  return commands;
}

int run(const std::string& command, const Arguments& arguments) {
  const auto entry = commands().find(command);
  if (entry == commands().end())
    throw UsageError(fmt::format("unknown command '{}'; see sift --help", command));
  return entry->second(arguments);
}

/// Prints the error, and writes it for the launcher of this process.
int fail(int status, const std::string& message) {
  fmt::print(stderr, "sift: {}\n", message);
  sift::write_error_file(message);
  return status;
}

}  // namespace

int sift_run_command(int argc, char** argv) {
  c10::initLogging();             // reads the level of LibTorch's own messages, see main.cpp
  std::signal(SIGXFSZ, SIG_IGN);  // a file above the limit of the system is a failed write, with its error
  try {
    return run(argv[1], {argv + 2, argv + argc});
  } catch (const sift::AlreadyShown& shown) {
    sift::write_error_file(shown.failure.error);
    return shown.failure.status;
  } catch (const UsageError& error) {
    return fail(sift::kUsageStatus, error.what());
  } catch (const std::exception& error) {
    return fail(1, sift::message_of(error));
  }
}
