#include "parallel/weight_gather.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <c10/core/ScalarType.h>

#include <optional>

#include "parallel/division.h"

namespace sift {

WeightGather::WeightGather(ProcessGroup& group, const std::vector<Parameter>& weights,
                           std::int64_t bucket_bytes)
    : group_(group) {
  for (const Parameter& parameter : weights) {
    const at::Tensor weight = parameter.tensor.detach();
    const at::ScalarType dtype = weight.scalar_type();
    const std::int64_t chunk = Division{weight.numel(), group.size()}.chunk();
    const auto bytes = static_cast<std::int64_t>(c10::elementSize(dtype)) * group.size();
    const bool fits = !buckets_.empty() && buckets_.back().dtype == dtype &&
                      (buckets_.back().length + chunk) * bytes <= bucket_bytes;
    if (!fits) buckets_.emplace_back().dtype = dtype;
    Bucket& bucket = buckets_.back();
    bucket.members.push_back({weight, slice_of(weight, group.size(), group.rank()), bucket.length});
    bucket.length += chunk;
  }
}

WeightGather::Flight WeightGather::start(const Bucket& bucket) const {
  const at::Device device = group_.device_for(bucket.members.front().weight);
  const at::Tensor part = at::zeros({bucket.length}, at::TensorOptions().dtype(bucket.dtype).device(device));
  for (const Member& member : bucket.members)
    part.narrow(0, member.offset, member.slice.numel()).copy_(member.slice);
  const at::Tensor parts = at::empty({group_.size() * bucket.length}, part.options());
  return {&bucket, parts, group_.all_gather(parts, part)};
}

void WeightGather::finish(Flight& flight) const {
  flight.pending.wait();
  const at::Tensor rows = flight.parts.view({group_.size(), -1});
  for (const Member& member : flight.bucket->members) {
    const std::int64_t chunk = Division{member.weight.numel(), group_.size()}.chunk();
    copy_from_rows(rows.narrow(1, member.offset, chunk), member.weight);
  }
}

void WeightGather::run() const {
  const at::NoGradGuard no_grad;
  std::optional<Flight> earlier;
  for (const Bucket& bucket : buckets_) {
    Flight flight = start(bucket);
    if (earlier) finish(*earlier);
    earlier = std::move(flight);
  }
  if (earlier) finish(*earlier);
}

}  // namespace sift
