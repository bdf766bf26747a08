#include "train/parallel_of.h"

#include <map>
#include <string>

#include "parallel/replicas.h"
#include "parallel/sharded.h"

namespace sift {

std::unique_ptr<Parallel> parallel_of(const ParallelOptions& options, ParallelSession* session) {
  if (session == nullptr) return std::make_unique<SingleProcess>();
  constexpr std::int64_t kMebibyte = std::int64_t{1} << 20;
  const at::ScalarType dtype = options.reduce_dtype == "auto" ? at::ScalarType::Undefined : at::kFloat;
  const GradientBuckets::Options buckets{options.bucket_cap_mb * kMebibyte, dtype};
  if (options.strategy == "replicas") return std::make_unique<Replicas>(*session, buckets);
  using Stage = Sharded::Stage;
  const std::map<std::string, Stage> stages = {{"shard_optimizer", Stage::kOptimizer},
                                               {"shard_gradients", Stage::kGradients},
                                               {"shard_parameters", Stage::kParameters}};
  return std::make_unique<Sharded>(*session, buckets, stages.at(options.strategy));
}

}  // namespace sift
