#include "parallel/session_processes.h"

#include <fmt/format.h>

namespace sift {

at::Tensor SessionProcesses::gathered(const at::Tensor& values_n) {
  return group().gathered(values_n.cpu().contiguous()).to(values_n.device());
}

void SessionProcesses::divide_context(std::int64_t size) {
  const std::vector<std::int64_t> ranks = context_ranks(rank(), size);
  context_ =
      std::make_unique<ContextGroup>(session_.connect(fmt::format("context {}", ranks.front()), ranks));
}

}  // namespace sift
