#include "data/batch_loader.h"

namespace sift {

BatchLoader::BatchLoader(const TokenDataset& dataset, const StepPlan& plan, const Options& options,
                         at::Device device)
    : dataset_(dataset), plan_(plan), options_(options), device_(device) {}

void BatchLoader::seek(std::int64_t step) {
  ahead_.reset();
  order_.reset();
  step_ = step;
}

void BatchLoader::begin_epoch(std::int64_t epoch, std::int64_t first_update) {
  ahead_.reset();
  order_.emplace(epoch_order(dataset_.num_rows(), options_.seed, epoch, options_.spill));
  const UpdatePlan plan{options_.batch_size, options_.accumulation, plan_.batches_per_epoch};
  ahead_.emplace(first_update, plan_.updates_per_epoch, [this, plan](std::int64_t update) {
    order_->give_back_pages();  // of the previous update
    return update_batches(dataset_, *order_, plan, update, device_);
  });
}

std::optional<UpdateBatches> BatchLoader::next() {
  if (step_ >= plan_.max_steps) return std::nullopt;
  const std::int64_t epoch = step_ / plan_.updates_per_epoch, update = step_ % plan_.updates_per_epoch;
  const bool begins_epoch = update == 0 || !ahead_;
  if (begins_epoch) begin_epoch(epoch, update);
  UpdateBatches batches = ahead_->next();
  batches.begins_epoch = begins_epoch;
  batches.ends_epoch = update + 1 == plan_.updates_per_epoch;
  batches.epoch = static_cast<double>(epoch) +
                  static_cast<double>(batches.end_of_batches) / static_cast<double>(plan_.batches_per_epoch);
  ++step_;
  return batches;
}

}  // namespace sift
