#include "api/memory.h"

namespace sift {

StepScope::~StepScope() = default;

MemoryStrategy::~MemoryStrategy() = default;

}  // namespace sift
