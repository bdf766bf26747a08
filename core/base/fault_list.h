#pragma once

#include <string>
#include <vector>

namespace sift {

/// The faults of a file for one line of an error, of which a broken file may have thousands: "a; b; and 7
/// more". At most ten are written out.
std::string listed_faults(const std::vector<std::string>& faults);

}  // namespace sift
