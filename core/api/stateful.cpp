#include <sift/stateful.h>

namespace sift {

// Defined here, not in the header: one type information for the program and all plugins.
Stateful::~Stateful() = default;

}  // namespace sift
