#include "data/batch_loader.h"

namespace sift {

BatchLoader::BatchLoader(const TokenDataset& dataset, const StepPlan& plan, const Options& options,
                         at::Device device)
    : dataset_(dataset), plan_(plan), options_(options), device_(device), orders_(dataset, options.order) {}

void BatchLoader::seek(std::int64_t step, bool begins_epoch_again,
                       const std::vector<NamedTensor>& order_states) {
  ahead_.reset();
  order_.reset();
  step_ = step;
  epoch_ = step / plan_.updates_per_epoch;
  update_ = begins_epoch_again ? 0 : step % plan_.updates_per_epoch;
  orders_.restore(order_states, update_ > 0);
}

void BatchLoader::begin_epoch() {
  ahead_.reset();
  order_.emplace(orders_.begin(epoch_));
  if (options_.even_batches) fill_up(options_.batch_size * options_.share.size, *order_);
  const std::int64_t processes = options_.share.size;
  const UpdatePlan plan{options_.batch_size, options_.accumulation, plan_.batches_per_epoch, options_.share,
                        options_.even_batches
                            ? ranks_kept_at_end(dataset_.num_rows(), options_.batch_size, processes)
                            : processes};
  ahead_.emplace(update_, plan_.updates_per_epoch, [this, plan](std::int64_t update) {
    order_->give_back_pages();  // of the previous update
    return update_batches(dataset_, *order_, plan, update, device_);
  });
}

std::optional<UpdateBatches> BatchLoader::next() {
  if (step_ >= plan_.max_steps) return std::nullopt;
  const bool begins_epoch = update_ == 0 || !ahead_;
  if (begins_epoch) begin_epoch();
  UpdateBatches batches = ahead_->next();
  batches.begins_epoch = begins_epoch;
  batches.ends_epoch = update_ + 1 == plan_.updates_per_epoch;
  batches.epoch = static_cast<double>(epoch_) +
                  static_cast<double>(batches.end_of_batches) / static_cast<double>(plan_.batches_per_epoch);
  ++step_;
  update_ = batches.ends_epoch ? 0 : update_ + 1;
  if (batches.ends_epoch) ++epoch_;
  return batches;
}

}  // namespace sift
