#pragma once

#include <string>

#include "train/evaluate.h"
#include "train/trainer.h"

namespace sift {

// The options of each part of a run, from those of [train].

/// Throws Error if dataloader_drop_last leaves no batch of the rows for `what`.
void check_batches(const std::string& what, const TokenDataset& data, std::int64_t batch_size,
                   const TrainOptions& options);

StepPlan plan_of(const TrainerParts& parts);
ScheduleOptions schedule_of(const TrainOptions& options, std::int64_t max_steps);
OptimizerSetup optimizing_of(const TrainerParts& parts, std::int64_t max_steps);
BatchLoader::Options loading_of(const TrainerParts& parts);
TrainStep::Options stepping_of(const TrainerParts& parts);
RunLog::Options logging_of(const TrainerParts& parts);
Checkpointer::Options checkpointing_of(const TrainerParts& parts);
Flow::Options flow_of(const TrainOptions& options, const StepPlan& plan);
EvaluationOptions evaluation_options(const TrainOptions& options, const ParallelOptions& sharing, bool bf16);

/// Whether each process writes part of a checkpoint (state_dict_type in [parallel]).
bool saves_in_shards(const TrainerParts& parts);

}  // namespace sift
