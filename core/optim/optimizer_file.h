#pragma once

#include <filesystem>

#include "optim/optimizer_state.h"
#include "optim/scheduler_file.h"

namespace sift {

/// Writes optimizer.pt as torch.save writes the state_dict() of torch.optim, with the groups of transformers'
/// Trainer.create_optimizer. A parameter that was never updated has no state in it.
void write_optimizer_file(const std::filesystem::path& file, const OptimizerState& optimizer,
                          const ScheduleState& schedule);

/// Restores the state of `optimizer`, whose tensors are overwritten, from an optimizer.pt of Sift or
/// transformers. `slices`: of the whole parameters in the file, where the optimizer has only those. The
/// weight decay and the options of each group are compared with the run; a difference is a warning, or an
/// error (GroupOption::Change). Throws Error that names the file and the parameter on a mismatch.
void read_optimizer_file(const std::filesystem::path& file, Optimizer& optimizer,
                         const ParameterSlices& slices = {});

}  // namespace sift
