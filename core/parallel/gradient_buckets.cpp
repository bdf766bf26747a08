#include "parallel/gradient_buckets.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <c10/core/ScalarType.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>
#include <utility>

#include "parallel/division.h"

namespace sift {

/// Called by the thread of backward once the gradient of a weight is complete.
class GradientBuckets::ReadyHook : public torch::autograd::PostAccumulateGradHook {
 public:
  ReadyHook(GradientBuckets& buckets, std::size_t index) : buckets_(buckets), index_(index) {}
  void operator()(const torch::autograd::Variable&) override {
    if (!buckets_.is_reducing_) return;
    if (buckets_.members_[index_].is_ready) {
      throw Error(fmt::format(
          "the gradient of {} became ready twice in one backward pass, so it cannot be summed over processes",
          buckets_.members_[index_].name));
    }
    buckets_.take(index_);
    if (buckets_.groups_.empty()) buckets_.launch_ready();
  }

 private:
  GradientBuckets& buckets_;
  std::size_t index_;
};

GradientBuckets::GradientBuckets(ProcessMesh mesh, const std::vector<Parameter>& parameters,
                                 const Options& options, const std::vector<Parameter>& slices)
    : mesh_(std::move(mesh)), options_(options), is_sharded_(!slices.empty()) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    members_.push_back(
        {parameters[i].name, parameters[i].tensor, is_sharded_ ? slices[i].tensor : at::Tensor()});
    torch::autograd::impl::set_post_acc_grad_hooks(members_.back().weight,
                                                   std::make_unique<ReadyHook>(*this, i));
  }
  assign(with_rest({}));  // backwards
}

GradientBuckets::~GradientBuckets() {
  for (const Member& member : members_)
    torch::autograd::impl::set_post_acc_grad_hooks(member.weight, nullptr);
}

void GradientBuckets::set_groups(std::vector<std::vector<std::size_t>> groups) {
  groups_ = std::move(groups);
  std::vector<std::size_t> order;
  for (const auto& group : groups_) order.insert(order.end(), group.begin(), group.end());
  assign(with_rest(std::move(order)));
  is_ordered_ = true;
}

void GradientBuckets::reduce_group(std::size_t group) {
  for (const std::size_t index : groups_[group])
    if (!members_[index].is_ready) take(index);
  launch_ready();
}

/// `order` and the members that it lacks.
std::vector<std::size_t> GradientBuckets::with_rest(std::vector<std::size_t> order) const {
  for (std::size_t i = members_.size(); i-- > 0;)
    if (std::ranges::find(order, i) == order.end()) order.push_back(i);
  return order;
}

void GradientBuckets::assign(const std::vector<std::size_t>& order) {
  buckets_.clear();
  for (const std::size_t index : order) {
    Member& member = members_[index];
    const at::ScalarType dtype =
        options_.dtype == at::ScalarType::Undefined ? member.weight.scalar_type() : options_.dtype;
    const auto bytes = static_cast<std::int64_t>(c10::elementSize(dtype));
    const bool fits = !buckets_.empty() && buckets_.back().dtype == dtype &&
                      (buckets_.back().numel + room_for(member)) * bytes <= options_.bucket_bytes;
    if (!fits) buckets_.emplace_back().dtype = dtype;
    Bucket& bucket = buckets_.back();
    member.bucket = buckets_.size() - 1;
    member.offset = is_sharded_ ? bucket.numel / mesh_.shards().size() : bucket.numel;
    bucket.members.push_back(index);
    bucket.numel += room_for(member);
  }
  const std::int64_t processes = mesh_.all().size();
  for (Bucket& bucket : buckets_) bucket.numel = (bucket.numel + processes - 1) / processes * processes;
}

/// The elements of a bucket that a member takes.
std::int64_t GradientBuckets::room_for(const Member& member) const {
  const std::int64_t numel = member.weight.numel();
  return is_sharded_ ? Division{numel, mesh_.shards().size()}.chunk() * mesh_.shards().size() : numel;
}

/// Of a member in its bucket: its gradient, or, with slices, [size, chunk].
at::Tensor GradientBuckets::place_of(const Member& member) const {
  const at::Tensor& values = buckets_[member.bucket].values;
  if (!is_sharded_) return values.narrow(0, member.offset, member.weight.numel()).view(member.weight.sizes());
  return values.view({mesh_.shards().size(), -1})
      .narrow(1, member.offset, room_for(member) / mesh_.shards().size());
}

void GradientBuckets::put(const Member& member, const at::Tensor& gradient) const {
  if (is_sharded_) return copy_to_rows(gradient, place_of(member));
  place_of(member).copy_(gradient);
}

/// Whether the gradient is all that its bucket will have: one of a large weight need not be copied.
bool GradientBuckets::is_bucket(const at::Tensor& gradient, const Bucket& bucket) const {
  return bucket.members.size() == 1 && gradient.numel() == bucket.numel && gradient.is_contiguous() &&
         gradient.scalar_type() == bucket.dtype && gradient.device() == ProcessGroup::device_for(gradient);
}

/// Moves a gradient into its bucket.
void GradientBuckets::take(std::size_t index) {
  Member& member = members_[index];
  member.is_ready = true;
  Bucket& bucket = buckets_[member.bucket];
  ++bucket.ready;
  at::Tensor& gradient = member.weight.mutable_grad();
  const bool is_all = gradient.defined() && is_bucket(gradient, bucket);
  if (is_all) {
    bucket.values = gradient.detach().view({-1});
  } else if (!bucket.values.defined()) {
    const at::Device device = ProcessGroup::device_for(member.weight);
    bucket.values = at::zeros({bucket.numel}, at::TensorOptions().dtype(bucket.dtype).device(device));
  }
  if (!gradient.defined()) return;
  if (!is_all) put(member, gradient.detach());
  gradient.reset();
  if (!std::exchange(member.has_gradient, true)) order_.push_back(index);
}

void GradientBuckets::launch_ready() {
  while (launched_ < buckets_.size() &&
         buckets_[launched_].ready == static_cast<std::int64_t>(buckets_[launched_].members.size()))
    launch(buckets_[launched_]);
}

/// Begins to reduce this bucket. The one before it is completed then, so that every process makes the same
/// calls in the same order.
void GradientBuckets::launch(Bucket& bucket) {
  bucket.part = at::empty({bucket.numel / mesh_.shards().size()}, bucket.values.options());
  bucket.scatter = mesh_.shards().reduce_scatter(bucket.part, bucket.values);
  if (launched_ > 0) complete(buckets_[launched_ - 1]);
  ++launched_;
}

void GradientBuckets::complete(Bucket& bucket) {
  bucket.scatter->wait();
  bucket.scatter.reset();  // it holds what was sent and received
  if (!is_sharded_) {
    bucket.gather = mesh_.shards().all_gather(bucket.values, bucket.part);
    return;
  }
  bucket.sum = bucket.sum.defined() ? bucket.sum.add_(bucket.part) : bucket.part;
  bucket.part.reset();
  bucket.values.reset();
}

/// One bucket ahead, as in launch(). The sums are complete once gather is.
void GradientBuckets::sum_over_replicas() {
  ProcessGroup* replicas = mesh_.replicas();
  if (replicas == nullptr) return;
  const auto finish = [&](Bucket& bucket) {
    bucket.scatter->wait();
    bucket.scatter.reset();
    bucket.gather = replicas->all_gather(bucket.sum, bucket.replica_part);
  };
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    Bucket& bucket = buckets_[i];
    bucket.replica_part = at::empty({bucket.sum.numel() / replicas->size()}, bucket.sum.options());
    bucket.scatter = replicas->reduce_scatter(bucket.replica_part, bucket.sum);
    if (i > 0) finish(buckets_[i - 1]);
  }
  finish(buckets_.back());
}

void GradientBuckets::reduce() {
  if (members_.empty()) return;
  for (std::size_t i = 0; i < members_.size(); ++i)
    if (!members_[i].is_ready) take(i);
  launch_ready();
  complete(buckets_.back());
  launched_ = 0;
  is_reducing_ = false;
  for (Member& member : members_) member.is_ready = false;
  for (Bucket& bucket : buckets_) bucket.ready = 0;
}

void GradientBuckets::finish() {
  if (members_.empty()) return;
  reduce();
  sum_over_replicas();
  hand_out();
  if (!std::exchange(is_ordered_, true)) reorder();
  order_.clear();
}

/// Whether any process has a gradient for each member.
at::Tensor GradientBuckets::have_gradients() {
  at::Tensor own = at::empty({static_cast<std::int64_t>(members_.size())}, at::kByte);
  for (std::size_t i = 0; i < members_.size(); ++i)
    own.data_ptr<std::uint8_t>()[i] = members_[i].has_gradient ? 1 : 0;
  return mesh_.all().gathered(own).amax(0);
}

void GradientBuckets::hand_out() {
  const at::Tensor have = have_gradients();
  for (Bucket& bucket : buckets_) {
    if (bucket.gather) bucket.gather->wait();
    bucket.gather.reset();
    for (const std::size_t index : bucket.members) {
      if (have.const_data_ptr<std::uint8_t>()[index] != 0) hand_out(members_[index]);
      members_[index].has_gradient = false;
    }
    bucket.values.reset();
    bucket.part.reset();
    bucket.sum.reset();
    bucket.replica_part.reset();
  }
}

void GradientBuckets::hand_out(const Member& member) const {
  const at::TensorOptions options = member.weight.options();
  if (!is_sharded_) {
    member.weight.mutable_grad() = place_of(member).to(options);
    return;
  }
  const at::Tensor& sum = buckets_[member.bucket].sum;
  member.slice.mutable_grad() = sum.narrow(0, member.offset, member.slice.numel()).to(options);
}

/// Assigns the buckets anew, in the order in which the main process had its gradients.
void GradientBuckets::reorder() {
  const std::vector<std::size_t> order = with_rest(order_);
  at::Tensor of_main = at::empty({static_cast<std::int64_t>(order.size())}, at::kLong);
  std::ranges::copy(order, of_main.data_ptr<std::int64_t>());
  mesh_.all().broadcast(of_main, 0).wait();
  const auto* begin = of_main.const_data_ptr<std::int64_t>();
  assign(std::vector<std::size_t>(begin, begin + of_main.numel()));
}

}  // namespace sift
