#include "train/parallel_of.h"

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string>

#include <sift/error.h>
#include "parallel/replicas.h"
#include "parallel/sharded.h"
#include "train/agreement.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

GradientBuckets::Options buckets_of(const ParallelOptions& options) {
  constexpr std::int64_t kMebibyte = std::int64_t{1} << 20;
  const at::ScalarType dtype = options.reduce_dtype == "auto" ? at::ScalarType::Undefined : at::kFloat;
  return {options.bucket_cap_mb * kMebibyte, dtype};
}

void check_divides(const char* option, std::int64_t value, std::int64_t processes,
                   const fs::path& config_file) {
  if (processes % value == 0) return;
  throw Error(fmt::format(
      "{}: {} = {} in [parallel] must divide the number of processes, which is {}; start a multiple of {}, or set another "
      "{}",
      config_file.string(), option, value, processes, value, option));
}

std::unique_ptr<SessionProcesses> processes_of(const ParallelOptions& options, ParallelSession& session) {
  if (options.strategy == "replicas") return std::make_unique<Replicas>(session, buckets_of(options));
  using Stage = Sharded::Stage;
  const std::map<std::string, Stage> stages = {{"shard_optimizer", Stage::kOptimizer},
                                               {"shard_gradients", Stage::kGradients},
                                               {"shard_parameters", Stage::kParameters}};
  return std::make_unique<Sharded>(session, buckets_of(options), stages.at(options.strategy),
                                   options.replicas_of_shards);
}

}  // namespace

std::unique_ptr<Parallel> parallel_of(const ParallelOptions& options, const fs::path& config_file,
                                      ParallelSession* session) {
  if (session == nullptr) return std::make_unique<SingleProcess>();
  // before the rest of the configuration is compared: groups of processes meet when they are made
  Replicas all(*session, buckets_of(options));
  check_equal({{"context in [parallel]", std::to_string(options.context)},
               {"strategy in [parallel]", options.strategy},
               {"replicas_of_shards in [parallel]", std::to_string(options.replicas_of_shards)}},
              all);
  return parallel_of_each(options, config_file, *session);
}

std::unique_ptr<Parallel> parallel_of_each(const ParallelOptions& options, const fs::path& config_file,
                                           ParallelSession& session) {
  check_divides("context", options.context, session.process().size, config_file);
  check_divides("replicas_of_shards", options.replicas_of_shards, session.process().size, config_file);
  auto processes = processes_of(options, session);
  if (options.context > 1) processes->divide_context(options.context);
  return processes;
}

}  // namespace sift
