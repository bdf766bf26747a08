#pragma once

#include <string>

namespace sift {

/// A path whose leading `~` is replaced by the home folder ($HOME, or that of the password database), and
/// `~user` by the home folder of that user, as a shell does. Any other path, and one of an unknown user, is
/// returned as it is; a file whose name begins with `~` is `./~name`.
std::string expand_home(const std::string& path);

}  // namespace sift
