#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sift {

/// The edit distance of two names (deletions, insertions, substitutions and swaps of neighbours), ignoring
/// case.
std::size_t edit_distance(const std::string& a, const std::string& b);

/// The candidate closest to `name`; empty if none is close.
std::string nearest(const std::string& name, const std::vector<std::string>& candidates);

/// "; did you mean 'x'?" with the closest candidate, or empty.
std::string did_you_mean(const std::string& name, const std::vector<std::string>& candidates);

/// The end of an error about an unknown name: the closest candidate, then `label` and all candidates.
///     "; did you mean 'dft'? known losses: dft, nll"        "; known losses: dft, nll"
std::string candidates_text(const std::string& name, const std::vector<std::string>& candidates,
                            const std::string& label);

/// "a, b, c", or "none".
std::string listed(const std::vector<std::string>& names);

}  // namespace sift
