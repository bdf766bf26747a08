#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sift {

/// How many letters to drop, add, change or swap with their neighbour to get from one name to the other;
/// upper and lower case are the same.
std::size_t edit_distance(const std::string& a, const std::string& b);

/// The candidate that `name` is most likely a misspelling of; empty when none is near.
std::string nearest(const std::string& name, const std::vector<std::string>& candidates);

/// "; did you mean 'x'?" with the nearest candidate, or nothing.
std::string did_you_mean(const std::string& name, const std::vector<std::string>& candidates);

/// The end of an error about a name that is not known: the nearest candidate, then `label` and all of them.
///     "; did you mean 'dft'? known losses: dft, nll"        "; known losses: dft, nll"
std::string candidates_text(const std::string& name, const std::vector<std::string>& candidates,
                            const std::string& label);

/// "a, b, c", or "none".
std::string listed(const std::vector<std::string>& names);

}  // namespace sift
