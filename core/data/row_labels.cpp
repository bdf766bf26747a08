#include "data/row_labels.h"

#include <algorithm>

#include <sift/tensors.h>
#include "text/assistant_spans.h"

namespace sift {
namespace {

constexpr auto kIgnoreLabel = static_cast<std::int32_t>(kIgnoreIndex);

std::size_t common_prefix(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b) {
  const auto limit = static_cast<std::ptrdiff_t>(std::min(a.size(), b.size()));
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.begin() + limit, b.begin()).first - a.begin());
}

}  // namespace

void apply_mask(const std::vector<bool>& mask, PreparedRow& row) {
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (!mask[i]) row.labels[i] = kIgnoreLabel;
  }
}

void mask_prompt(const std::vector<std::int32_t>& prompt_ids, PreparedRow& row) {
  const std::size_t prompt_length = common_prefix(prompt_ids, row.input_ids);
  row.prompt_is_prefix = prompt_length == prompt_ids.size();
  std::fill_n(row.labels.begin(), prompt_length, kIgnoreLabel);
}

bool mask_all_but(const std::vector<std::pair<std::size_t, std::size_t>>& spans, const Encoding& encoding,
                  PreparedRow& row) {
  bool any = false;
  for (std::size_t i = 0; i < row.labels.size(); ++i) {
    const bool spoken = is_spoken(spans, encoding.offsets[i]);
    if (!spoken) row.labels[i] = kIgnoreLabel;
    any = any || spoken;
  }
  return any;
}

}  // namespace sift
