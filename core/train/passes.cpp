#include "train/passes.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>

#include <string>

#include <sift/log.h>

namespace sift {
namespace {

/// Where each group begins, by index of its first document, and the number of documents.
std::vector<std::size_t> group_documents(const std::vector<std::int64_t>& starts, std::int64_t max_tokens) {
  std::vector<std::size_t> groups{0};
  for (std::size_t document = 1; document + 1 < starts.size(); ++document) {
    if (starts[document + 1] - starts[groups.back()] > max_tokens) groups.push_back(document);
  }
  groups.push_back(starts.size() - 1);
  return groups;
}

/// The documents from `first` to before `last`.
Batch part_of(const Batch& batch, std::size_t first, std::size_t last) {
  const std::int64_t begin = batch.document_starts[first], end = batch.document_starts[last];
  const std::int64_t first_scored = batch.scored_starts[first];
  Batch part;
  part.input_ids_n = batch.input_ids_n.slice(0, begin, end);
  part.targets_n = batch.targets_n.slice(0, begin, end);
  part.position_ids_n = batch.position_ids_n.slice(0, begin, end);
  part.scored_m = batch.scored_m.slice(0, first_scored, batch.scored_starts[last]) - begin;
  part.cu_seqlens_s =
      batch.cu_seqlens_s.slice(0, static_cast<std::int64_t>(first), static_cast<std::int64_t>(last) + 1) -
      begin;
  for (std::size_t document = first; document <= last; ++document) {
    part.document_starts.push_back(batch.document_starts[document] - begin);
    part.scored_starts.push_back(batch.scored_starts[document] - first_scored);
  }
  // some models choose the rotary angles of the whole micro-batch by it
  part.max_seqlen = batch.max_seqlen;
  part.num_rows = batch.num_rows;
  part.row_ids = batch.row_ids;
  return part;
}

at::Tensor joined(const std::vector<TokenStats>& passes, at::Tensor TokenStats::*figure) {
  std::vector<at::Tensor> parts;
  for (const TokenStats& stats : passes) {
    if ((stats.*figure).defined()) parts.push_back((stats.*figure).detach());
  }
  if (parts.size() < passes.size()) return {};
  return parts.size() == 1 ? parts.front() : at::cat(parts);
}

}  // namespace

std::int64_t tokens_per_pass(const TrainOptions& options, const Components& components,
                             const ModelConfig& model) {
  if (options.max_tokens_per_pass == 0) return 0;
  // the load-balancing loss is not a sum over tokens, and experts need many tokens per matrix product
  const bool is_moe = model.is_moe();
  if (!is_moe && components.loss_sums_over_tokens()) return options.max_tokens_per_pass;
  log_warning(std::string("max_tokens_per_pass in [train] has no effect: ") +
              (is_moe ? "the model is a mixture of experts"
                      : "the loss does not say that it is a sum over tokens (sums_over_tokens)"));
  return 0;
}

std::int64_t num_passes(const Batch& batch, std::int64_t max_tokens) {
  if (max_tokens == 0 || batch.num_tokens() <= max_tokens) return 1;
  return static_cast<std::int64_t>(group_documents(batch.document_starts, max_tokens).size()) - 1;
}

std::vector<Batch> passes_of(const Batch& batch, std::int64_t max_tokens) {
  if (max_tokens == 0 || batch.num_tokens() <= max_tokens) return {batch};
  const std::vector<std::size_t> groups = group_documents(batch.document_starts, max_tokens);
  if (groups.size() == 2) return {batch};
  std::vector<Batch> passes;
  for (std::size_t group = 0; group + 1 < groups.size(); ++group) {
    passes.push_back(part_of(batch, groups[group], groups[group + 1]));
  }
  return passes;
}

TokenStats joined(const std::vector<TokenStats>& passes) {
  return {joined(passes, &TokenStats::log_prob_m), joined(passes, &TokenStats::entropy_m),
          joined(passes, &TokenStats::is_top1_m)};
}

}  // namespace sift
