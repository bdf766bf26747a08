#include "data/collate.h"

#include <ATen/ops/empty.h>

#include <algorithm>

namespace sift {
namespace {

/// On the host; pinned if it will be copied to a GPU, so that the copy is asynchronous.
at::Tensor host_tensor(std::size_t size, at::ScalarType dtype, at::Device device) {
  return at::empty({static_cast<std::int64_t>(size)},
                   at::TensorOptions().dtype(dtype).pinned_memory(!device.is_cpu()));
}

/// `source` shifted left by one; the last position has no target.
std::int64_t* write_targets(std::span<const std::int32_t> labels, std::int64_t* out) {
  if (labels.empty()) return out;
  out = std::copy(labels.begin() + 1, labels.end(), out);
  *out = kIgnoreIndex;
  return out + 1;
}

}  // namespace

std::int64_t num_scored(std::span<const std::int32_t> labels) {
  if (labels.empty()) return 0;
  return std::count_if(labels.begin() + 1, labels.end(),
                       [](std::int32_t label) { return label != kIgnoreIndex; });
}

std::int64_t num_scored(const TokenDataset& dataset, std::int64_t row) {
  std::int64_t scored = 0;
  for (const Document& document : dataset.documents(row)) scored += num_scored(document.labels);
  return scored;
}

Batch collate(const TokenDataset& dataset, std::span<const std::int64_t> rows, at::Device device) {
  std::size_t num_tokens = 0;
  std::int64_t scored = 0;
  for (const std::int64_t row : rows) {
    num_tokens += dataset.input_ids(row).size();
    scored += num_scored(dataset, row);
  }

  Batch batch;
  batch.input_ids_n = host_tensor(num_tokens, at::kLong, device);
  batch.targets_n = host_tensor(num_tokens, at::kLong, device);
  batch.position_ids_n = host_tensor(num_tokens, at::kLong, device);
  batch.scored_m = host_tensor(static_cast<std::size_t>(scored), at::kLong, device);
  batch.document_starts.push_back(0);
  batch.scored_starts.push_back(0);
  batch.num_rows = static_cast<std::int64_t>(rows.size());
  batch.row_ids.assign(rows.begin(), rows.end());

  auto* ids = batch.input_ids_n.mutable_data_ptr<std::int64_t>();
  auto* const targets_begin = batch.targets_n.mutable_data_ptr<std::int64_t>();
  auto* targets = targets_begin;
  auto* positions = batch.position_ids_n.mutable_data_ptr<std::int64_t>();
  for (const std::int64_t row : rows) {
    for (const Document& document : dataset.documents(row)) {
      const auto length = static_cast<std::int64_t>(document.input_ids.size());
      if (length == 0) continue;
      ids = std::copy(document.input_ids.begin(), document.input_ids.end(), ids);
      targets = write_targets(document.labels, targets);
      for (std::int64_t position = 0; position < length; ++position) *positions++ = position;
      batch.document_starts.push_back(batch.document_starts.back() + length);
      batch.scored_starts.push_back(batch.scored_starts.back() + num_scored(document.labels));
      batch.max_seqlen = std::max(batch.max_seqlen, length);
    }
  }
  dataset.give_back_pages();
  auto* scored_out = batch.scored_m.mutable_data_ptr<std::int64_t>();
  for (std::size_t n = 0; n < num_tokens; ++n) {
    if (targets_begin[n] != kIgnoreIndex) *scored_out++ = static_cast<std::int64_t>(n);
  }

  batch.cu_seqlens_s = host_tensor(batch.document_starts.size(), at::kInt, device);
  std::copy(batch.document_starts.begin(), batch.document_starts.end(),
            batch.cu_seqlens_s.mutable_data_ptr<std::int32_t>());
  for (at::Tensor* tensor :
       {&batch.input_ids_n, &batch.targets_n, &batch.position_ids_n, &batch.scored_m, &batch.cu_seqlens_s}) {
    *tensor = tensor->to(device, /*non_blocking=*/true);
  }
  return batch;
}

}  // namespace sift
