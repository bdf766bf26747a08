#include "parallel/gradient_buckets.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <c10/core/ScalarType.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>
#include <utility>

namespace sift {

/// Called by the thread of backward once the gradient of a weight is complete.
class GradientBuckets::ReadyHook : public torch::autograd::PostAccumulateGradHook {
 public:
  ReadyHook(GradientBuckets& buckets, std::size_t index) : buckets_(buckets), index_(index) {}
  void operator()(const torch::autograd::Variable&) override {
    if (!buckets_.is_last_) return;
    if (buckets_.members_[index_].is_ready) {
      throw Error(fmt::format(
          "the gradient of {} became ready twice in one backward pass, so it cannot be summed over processes",
          buckets_.members_[index_].name));
    }
    buckets_.take(index_);
    buckets_.launch_ready();
  }

 private:
  GradientBuckets& buckets_;
  std::size_t index_;
};

GradientBuckets::GradientBuckets(ProcessGroup& group, std::vector<Parameter> parameters,
                                 const Options& options)
    : group_(group), options_(options) {
  std::vector<std::size_t> backwards;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    members_.push_back({parameters[i].name, parameters[i].tensor});
    torch::autograd::impl::set_post_acc_grad_hooks(members_.back().weight,
                                                   std::make_unique<ReadyHook>(*this, i));
    backwards.push_back(parameters.size() - 1 - i);
  }
  assign(backwards);
}

GradientBuckets::~GradientBuckets() {
  for (const Member& member : members_)
    torch::autograd::impl::set_post_acc_grad_hooks(member.weight, nullptr);
}

void GradientBuckets::assign(const std::vector<std::size_t>& order) {
  buckets_.clear();
  for (const std::size_t index : order) {
    Member& member = members_[index];
    const at::ScalarType dtype =
        options_.dtype == at::ScalarType::Undefined ? member.weight.scalar_type() : options_.dtype;
    const auto bytes = static_cast<std::int64_t>(c10::elementSize(dtype));
    const bool fits = !buckets_.empty() && buckets_.back().dtype == dtype &&
                      (buckets_.back().numel + member.weight.numel()) * bytes <= options_.bucket_bytes;
    if (!fits) buckets_.emplace_back().dtype = dtype;
    Bucket& bucket = buckets_.back();
    member.bucket = buckets_.size() - 1;
    member.offset = bucket.numel;
    bucket.members.push_back(index);
    bucket.numel += member.weight.numel();
  }
  for (Bucket& bucket : buckets_)
    bucket.numel = (bucket.numel + group_.size() - 1) / group_.size() * group_.size();
}

at::Tensor GradientBuckets::slice(const Member& member) const {
  return buckets_[member.bucket]
      .values.narrow(0, member.offset, member.weight.numel())
      .view(member.weight.sizes());
}

/// Copies a gradient into its bucket, and frees it.
void GradientBuckets::take(std::size_t index) {
  Member& member = members_[index];
  member.is_ready = true;
  Bucket& bucket = buckets_[member.bucket];
  if (!bucket.values.defined())
    bucket.values = at::zeros({bucket.numel}, at::TensorOptions().dtype(bucket.dtype));
  at::Tensor& gradient = member.weight.mutable_grad();
  if (gradient.defined()) {
    slice(member).copy_(gradient.detach());
    gradient.reset();
    member.has_gradient = true;
    order_.push_back(index);
  }
  ++bucket.ready;
}

void GradientBuckets::launch_ready() {
  while (launched_ < buckets_.size() &&
         buckets_[launched_].ready == static_cast<std::int64_t>(buckets_[launched_].members.size()))
    launch(buckets_[launched_]);
}

/// Begins to reduce this bucket. The one before the last begins its second half then, so that every process
/// makes the same calls in the same order.
void GradientBuckets::launch(Bucket& bucket) {
  bucket.part = at::empty({bucket.numel / group_.size()}, bucket.values.options());
  bucket.scatter = group_.reduce_scatter(bucket.part, bucket.values);
  if (launched_ > 0) start_gather(buckets_[launched_ - 1]);
  ++launched_;
}

void GradientBuckets::start_gather(Bucket& bucket) {
  bucket.scatter->wait();
  bucket.gather = group_.all_gather(bucket.values, bucket.part);
}

void GradientBuckets::finish() {
  if (members_.empty()) return;
  for (std::size_t i = 0; i < members_.size(); ++i)
    if (!members_[i].is_ready) take(i);
  launch_ready();
  start_gather(buckets_.back());
  hand_out();
  launched_ = 0;
  is_last_ = false;
  if (!std::exchange(is_ordered_, true)) reorder();
  order_.clear();
}

/// Whether any process has a gradient for each member.
at::Tensor GradientBuckets::have_gradients() {
  at::Tensor own = at::empty({static_cast<std::int64_t>(members_.size())}, at::kByte);
  for (std::size_t i = 0; i < members_.size(); ++i)
    own.data_ptr<std::uint8_t>()[i] = members_[i].has_gradient ? 1 : 0;
  return group_.gathered(own).amax(0);
}

void GradientBuckets::hand_out() {
  const at::Tensor have = have_gradients();
  for (Bucket& bucket : buckets_) bucket.gather->wait();
  for (std::size_t i = 0; i < members_.size(); ++i) {
    Member& member = members_[i];
    if (have.const_data_ptr<std::uint8_t>()[i] != 0)
      member.weight.mutable_grad() = slice(member).to(member.weight.options());
    member.is_ready = member.has_gradient = false;
  }
  for (Bucket& bucket : buckets_) {
    bucket.ready = 0;
    bucket.values.reset();
    bucket.part.reset();
  }
}

/// Assigns the buckets anew, in the order in which the main process had its gradients.
void GradientBuckets::reorder() {
  std::vector<std::size_t> order = order_;
  for (std::size_t i = members_.size(); i-- > 0;)
    if (std::ranges::find(order, i) == order.end()) order.push_back(i);
  at::Tensor of_main = at::empty({static_cast<std::int64_t>(order.size())}, at::kLong);
  std::ranges::copy(order, of_main.data_ptr<std::int64_t>());
  group_.broadcast(of_main, 0).wait();
  const auto* begin = of_main.const_data_ptr<std::int64_t>();
  assign(std::vector<std::size_t>(begin, begin + of_main.numel()));
}

}  // namespace sift
