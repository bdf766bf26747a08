#include "data/context_part.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/searchsorted.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

#include "ops/context_division.h"

namespace sift {
namespace {

at::Tensor starts_tensor(const std::vector<std::int64_t>& starts, at::ScalarType dtype, at::Device device) {
  return at::tensor(starts, at::TensorOptions().dtype(dtype)).to(device);
}

/// How many scored tokens come before each of these tokens.
std::vector<std::int64_t> scored_before(const at::Tensor& scored_m, const std::vector<std::int64_t>& tokens) {
  const at::Tensor places = starts_tensor(tokens, at::kLong, scored_m.device());
  const at::Tensor counts = at::searchsorted(scored_m, places).cpu();
  const auto* begin = counts.const_data_ptr<std::int64_t>();
  return {begin, begin + counts.numel()};
}

Batch tokens_of(const Batch& batch, const TokenRange& range) {
  Batch part;
  part.input_ids_n = batch.input_ids_n.slice(0, range.begin, range.end);
  part.targets_n = batch.targets_n.slice(0, range.begin, range.end);
  part.position_ids_n = batch.position_ids_n.slice(0, range.begin, range.end);
  std::vector<std::int64_t> starts = {range.begin};
  for (const std::int64_t start : batch.document_starts)
    if (start > range.begin && start < range.end) starts.push_back(start);
  if (range.size() > 0) starts.push_back(range.end);
  const std::vector<std::int64_t> scored = scored_before(batch.scored_m, starts);
  part.scored_m = batch.scored_m.slice(0, scored.front(), scored.back()) - range.begin;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    part.document_starts.push_back(starts[i] - range.begin);
    part.scored_starts.push_back(scored[i] - scored.front());
  }
  part.cu_seqlens_s = starts_tensor(part.document_starts, at::kInt, batch.cu_seqlens_s.device());
  part.max_seqlen = batch.max_seqlen;
  part.num_rows = batch.num_rows;
  part.row_ids = batch.row_ids;
  return part;
}

at::Tensor joined_tensor(const std::vector<Batch>& parts, at::Tensor Batch::*member) {
  std::vector<at::Tensor> tensors;
  for (const Batch& part : parts) tensors.push_back(part.*member);
  return at::cat(tensors);
}

}  // namespace

Batch context_part(const Batch& batch, std::int64_t rank, std::int64_t size) {
  std::vector<Batch> parts;
  for (const TokenRange& range : ContextDivision(batch.num_tokens(), size).ranges(rank))
    parts.push_back(tokens_of(batch, range));
  return joined(parts);
}

Batch joined(const std::vector<Batch>& parts) {
  if (parts.size() == 1) return parts.front();
  Batch all = parts.front();  // what all parts share
  all.input_ids_n = joined_tensor(parts, &Batch::input_ids_n);
  all.targets_n = joined_tensor(parts, &Batch::targets_n);
  all.position_ids_n = joined_tensor(parts, &Batch::position_ids_n);
  all.document_starts = all.scored_starts = {0};
  std::vector<at::Tensor> scored;
  for (const Batch& part : parts) {
    const std::int64_t tokens = all.document_starts.back(), scored_tokens = all.scored_starts.back();
    scored.push_back(part.scored_m + tokens);
    for (std::size_t i = 1; i < part.document_starts.size(); ++i) {
      all.document_starts.push_back(part.document_starts[i] + tokens);
      all.scored_starts.push_back(part.scored_starts[i] + scored_tokens);
    }
  }
  all.scored_m = at::cat(scored);
  all.cu_seqlens_s = starts_tensor(all.document_starts, at::kInt, all.cu_seqlens_s.device());
  return all;
}

}  // namespace sift
