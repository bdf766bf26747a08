#include "data/ready_ids.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include <sift/error.h>
#include <sift/tensors.h>
#include "data/row_labels.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

/// Whole numbers of 32 bits from `smallest` on.
std::vector<std::int32_t> integers(const JsonFields& list, std::int64_t smallest, const char* expected) {
  std::vector<std::int32_t> result;
  result.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Json& value = list.value()[i];
    // the library would wrap values above 64 bits
    const bool wraps = value.is_number_unsigned() && value.get<std::uint64_t>() > INT32_MAX;
    const bool fits = value.is_number_integer() && !wraps && value.get<std::int64_t>() >= smallest &&
                      value.get<std::int64_t>() <= INT32_MAX;
    if (!fits) list.element(i).refuse(expected);
    result.push_back(value.get<std::int32_t>());
  }
  return result;
}

void require_size(const JsonFields& list, std::size_t num_tokens) {
  if (list.size() == num_tokens) return;
  throw Error(fmt::format("'{}' has {} entries, 'input_ids' has {}", list.path(), list.size(), num_tokens));
}

/// Python's truth of a number or boolean.
std::vector<bool> mask_of(const JsonFields& list, std::size_t num_tokens) {
  require_size(list, num_tokens);
  std::vector<bool> mask(num_tokens);
  for (std::size_t i = 0; i < num_tokens; ++i) {
    const Json& value = list.value()[i];
    if (!value.is_boolean() && !value.is_number()) list.element(i).refuse("expected 0, 1, true or false");
    mask[i] = value.is_boolean() ? value.get<bool>() : value.get<double>() != 0;
  }
  return mask;
}

std::vector<std::int32_t> labels_of(const JsonFields& list, std::size_t num_tokens, std::int64_t vocab_size) {
  static const std::string expected = fmt::format("expected a token id or {}", kIgnoreIndex);
  require_size(list, num_tokens);
  std::vector<std::int32_t> labels = integers(list, kIgnoreIndex, expected.c_str());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::int32_t label = labels[i];
    if (label != kIgnoreIndex && (label < 0 || label >= vocab_size)) list.element(i).refuse(expected);
  }
  return labels;
}

/// Applies the masks that the options ask for.
void apply_masks(const JsonFields& row, const DataOptions& options, PreparedRow& result) {
  const std::size_t num_tokens = result.input_ids.size();
  const bool is_pair = row.value().contains("prompt") && row.value().contains("completion");
  const auto completion = row.find("completion_mask");
  if (completion && options.completion_only_loss.value_or(is_pair)) {
    apply_mask(mask_of(*completion, num_tokens), result);
  } else if (completion) {
    result.mask_is_unused = !options.completion_only_loss.has_value();
  } else if (options.completion_only_loss.value_or(false)) {
    throw Error(
        "completion_only_loss = true, but the row of 'input_ids' has no 'completion_mask' and no 'labels'");
  }
  if (const auto assistant = row.find("assistant_masks")) {
    apply_mask(mask_of(*assistant, num_tokens), result);
  } else if (options.assistant_only_loss) {
    throw Error(
        "assistant_only_loss = true, but the row of 'input_ids' has no 'assistant_masks' and no 'labels'");
  }
}

}  // namespace

PreparedRow ready_ids(const JsonFields& row, const DataOptions& options, std::int64_t vocab_size) {
  PreparedRow result;
  result.input_ids = integers(row.at("input_ids"), 0, "expected a token id");
  if (const auto labels = row.find("labels")) {
    result.labels = labels_of(*labels, result.input_ids.size(), vocab_size);
  } else {
    result.labels = result.input_ids;
    apply_masks(row, options, result);
  }
  return result;
}

}  // namespace sift
