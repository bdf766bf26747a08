#include "config/renamed/fates.h"

namespace sift {
namespace {

constexpr const char* kOneDevice = "is not supported: a run has one process and one device";
constexpr const char* kOneProcess = "has no use here: a run has one process and one device";
constexpr const char* kCpu = "is device = \"cpu\" in [train]";

}  // namespace

const Fates& fates_of_processes() {
  static const Fates fates = {
      {"use_cpu", kCpu},
      {"no_cuda", kCpu},
      {"deepspeed", kOneDevice},
      {"fsdp", kOneDevice},
      {"fsdp_config", kOneDevice},
      {"parallelism_config", kOneDevice},
      {"accelerator_config", kOneProcess},
      {"average_tokens_across_devices", kOneProcess},
      {"ddp_backend", kOneProcess},
      {"ddp_broadcast_buffers", kOneProcess},
      {"ddp_bucket_cap_mb", kOneProcess},
      {"ddp_find_unused_parameters", kOneProcess},
      {"ddp_static_graph", kOneProcess},
      {"ddp_timeout", kOneProcess},
      {"dispatch_batches", kOneProcess},
      {"split_batches", kOneProcess},
      {"ignore_bias_buffers", kOneProcess},
      {"local_rank", kOneProcess},
      {"log_level_replica", kOneProcess},
      {"log_on_each_node", kOneProcess},
      {"save_on_each_node", kOneProcess},
  };
  return fates;
}

}  // namespace sift
