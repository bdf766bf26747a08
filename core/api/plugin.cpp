#include <sift/plugin.h>

namespace sift {

Registry::~Registry() = default;

}  // namespace sift
