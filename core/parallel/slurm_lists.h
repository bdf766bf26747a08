#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sift {

// The short forms in which Slurm's variables list the nodes of a job.

/// The first host of "gpu[03-05,7],login": "gpu03". Nothing if the list is empty or a bracket is not closed.
std::optional<std::string> first_host(std::string_view list);

/// The tasks of each node of "2(x3),1": 2, 2, 2, 1. Nothing if the text is no such list.
std::optional<std::vector<std::int64_t>> tasks_of_nodes(std::string_view list);

}  // namespace sift
