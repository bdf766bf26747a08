#include "config/renamed/fates.h"

namespace sift {
namespace {

constexpr const char* kReplicas =
    "has no use here: [parallel] says how several processes share the work; there is nothing else to choose";
constexpr const char* kSharding = "is strategy in [parallel], such as \"shard_gradients\"";
constexpr const char* kMain = "has no use here: rank 0 writes the log and the files";
constexpr const char* kCpu = "is device = \"cpu\" in [train]";

}  // namespace

const Fates& fates_of_processes() {
  static const Fates fates = {
      {"use_cpu", kCpu},
      {"no_cuda", kCpu},
      {"deepspeed", kSharding},
      {"fsdp", kSharding},
      {"fsdp_config", kSharding},
      {"parallelism_config",
       "is [parallel]: strategy for dp_shard_size, replicas_of_shards for dp_replicate_size, context for cp_size"},
      {"accelerator_config", "is [parallel], whose even_batches means the same"},
      {"average_tokens_across_devices",
       "has no use here: the loss is always the mean over the tokens of all processes"},
      {"ddp_backend", "has no use here: processes on a CPU communicate by Gloo"},
      {"ddp_broadcast_buffers", kReplicas},
      {"ddp_bucket_cap_mb", "is bucket_cap_mb in [parallel]"},
      {"ddp_find_unused_parameters",
       "has no use here: parameters without a gradient are found in every step"},
      {"ddp_static_graph", kReplicas},
      {"ddp_timeout",
       "has no use here: a process that does not answer is found within seconds, and a slow one is waited for"},
      {"dispatch_batches", kReplicas},
      {"split_batches", kReplicas},
      {"ignore_bias_buffers", kReplicas},
      {"local_rank", "is the environment variable LOCAL_RANK, which torchrun and sift launch set"},
      {"log_level_replica", kMain},
      {"log_on_each_node", kMain},
      {"save_on_each_node", kMain},
  };
  return fates;
}

}  // namespace sift
