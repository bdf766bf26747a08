#include "parallel/context_group.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <functional>
#include <numeric>
#include <utility>

#include "ops/context_division.h"

// Shape suffixes: n tokens of this process, l of all processes, m of the process with the most, c processes,
// x elements of a token.

namespace sift {
namespace {

/// Calls visit(rank, tokens, first row among those of the rank) for each range of each process.
void each_range(const ContextDivision& division, std::int64_t size,
                const std::function<void(std::int64_t, const TokenRange&, std::int64_t)>& visit) {
  for (std::int64_t rank = 0; rank < size; ++rank) {
    std::int64_t row = 0;
    for (const TokenRange& range : division.ranges(rank)) {
      visit(rank, range, row);
      row += range.size();
    }
  }
}

/// Like `x`, on the host, with other rows.
at::Tensor host_rows(const at::Tensor& x, std::int64_t rows) {
  std::vector<std::int64_t> sizes = x.sizes().vec();
  sizes[0] = rows;
  return at::empty(sizes, at::TensorOptions().dtype(x.scalar_type()));
}

}  // namespace

std::vector<at::Tensor> ContextGroup::whole(const std::vector<at::Tensor>& parts, std::int64_t num_tokens) {
  const at::NoGradGuard no_grad;
  const ContextDivision division(num_tokens, size());
  std::vector<at::Tensor> received;
  std::vector<Pending> pending;
  if (num_tokens == 0) return parts;
  for (const at::Tensor& part : parts) {
    const at::Tensor sent_mx = host_rows(part, division.most_tokens());
    sent_mx.narrow(0, part.size(0), sent_mx.size(0) - part.size(0)).zero_();
    sent_mx.narrow(0, 0, part.size(0)).copy_(part);
    received.push_back(host_rows(part, size() * division.most_tokens()));
    pending.push_back(group_->all_gather(received.back(), sent_mx));
  }
  std::vector<at::Tensor> whole;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    pending[i].wait();
    const at::Tensor from_cmx = received[i].unflatten(0, {size(), division.most_tokens()});
    const at::Tensor all_lx = host_rows(parts[i], num_tokens);
    each_range(division, size(), [&](std::int64_t rank, const TokenRange& range, std::int64_t row) {
      all_lx.narrow(0, range.begin, range.size()).copy_(from_cmx[rank].narrow(0, row, range.size()));
    });
    received[i].reset();
    whole.push_back(all_lx.to(parts[i].device()));
  }
  return whole;
}

std::vector<at::Tensor> ContextGroup::summed_parts(const std::vector<at::Tensor>& whole) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> parts;
  for (const at::Tensor& all_lx : whole) {
    const ContextDivision division(all_lx.size(0), size());
    const at::Tensor part_mx = host_rows(all_lx, division.most_tokens());
    const auto ranges = division.ranges(rank());
    if (all_lx.size(0) > 0) {
      const at::Tensor sent = host_rows(all_lx, size() * division.most_tokens()).zero_();
      const at::Tensor to_cmx = sent.unflatten(0, {size(), division.most_tokens()});
      each_range(division, size(), [&](std::int64_t to, const TokenRange& range, std::int64_t row) {
        to_cmx[to].narrow(0, row, range.size()).copy_(all_lx.narrow(0, range.begin, range.size()));
      });
      group_->reduce_scatter(part_mx.view({-1}), sent.view({-1})).wait();
    }
    parts.push_back(part_mx.narrow(0, 0, ranges[0].size() + ranges[1].size()).to(all_lx.device()));
  }
  return parts;
}

at::Tensor ContextGroup::summed(const at::Tensor& values_m) {
  return group_->gathered(values_m.cpu().contiguous()).sum(0).to(values_m.device());
}

std::vector<std::int64_t> context_ranks(std::int64_t rank, std::int64_t size) {
  std::vector<std::int64_t> ranks(static_cast<std::size_t>(size));
  std::iota(ranks.begin(), ranks.end(), rank / size * size);
  return ranks;
}

}  // namespace sift
