#include <sift/memory.h>

namespace sift {

StepScope::~StepScope() = default;

MemoryStrategy::~MemoryStrategy() = default;

}  // namespace sift
