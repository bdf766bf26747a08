#include "formats/json_fields.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include <sift/error.h>
#include "formats/exact_json.h"

namespace sift {
namespace {

std::string shown(const nlohmann::ordered_json& value) {
  return shown_json(value);
}

}  // namespace

template <class Json>
BasicJsonFields<Json>::BasicJsonFields(const Json& value, std::string file, std::string path)
    : value_(&value), file_(std::move(file)), path_(std::move(path)) {}

template <class Json>
std::string BasicJsonFields<Json>::where() const {
  return file_.empty() || path_.empty() ? file_ + path_ : fmt::format("{}: {}", file_, path_);
}

template <class Json>
std::string BasicJsonFields<Json>::path_of(const std::string& key) const {
  return path_.empty() ? key : fmt::format("{}.{}", path_, key);
}

template <class Json>
void BasicJsonFields<Json>::fail_at(const std::string& path, const std::string& problem) const {
  throw Error(fmt::format("{}{}'{}' is {}", file_, file_.empty() ? "" : ": ", path, problem));
}

template <class Json>
void BasicJsonFields<Json>::refuse(std::string_view expected) const {
  if (path_.empty()) fail(fmt::format("{}, found {}", expected, shown(*value_)));
  fail_at(path_, fmt::format("{}; {}", shown(*value_), expected));
}

template <class Json>
void BasicJsonFields<Json>::fail(const std::string& key, std::string_view expected) const {
  const auto found = value_->find(key);
  fail_at(path_of(key), fmt::format("{}; {}", found == value_->end() ? "missing" : shown(*found), expected));
}

template <class Json>
void BasicJsonFields<Json>::fail(std::string_view message) const {
  const std::string place = where();
  throw Error(fmt::format("{}{}{}", place, place.empty() ? "" : ": ", message));
}

template <class Json>
void BasicJsonFields<Json>::fail_unsupported(std::string_view kind, std::string_view name,
                                             std::string_view supported) const {
  fail(fmt::format("the {} '{}' is not supported; supported: {}", kind, name, supported));
}

template <class Json>
const Json& BasicJsonFields<Json>::object() const {
  if (!value_->is_object()) refuse("expected a JSON object");
  return *value_;
}

template <class Json>
std::string BasicJsonFields<Json>::text() const {
  if (!value_->is_string()) refuse("expected a string");
  return value_->template get<std::string>();
}

template <class Json>
bool BasicJsonFields<Json>::flag() const {
  if (!value_->is_boolean()) refuse("expected true or false");
  return value_->template get<bool>();
}

template <class Json>
double BasicJsonFields<Json>::number() const {
  if (!value_->is_number() || !std::isfinite(value_->template get<double>())) refuse("expected a number");
  return value_->template get<double>();
}

/// get() of the library converts any number, with undefined results for values out of range.
template <class Json>
std::int64_t BasicJsonFields<Json>::integer() const {
  const bool is_too_large =
      value_->is_number_unsigned() && value_->template get<std::uint64_t>() > std::uint64_t{INT64_MAX};
  if (!value_->is_number_integer() || is_too_large) refuse("expected a whole number");
  return value_->template get<std::int64_t>();
}

template <class Json>
std::int64_t BasicJsonFields<Json>::count() const {
  const std::int64_t found = integer();
  if (found < 0) refuse("expected a whole number of at least 0");
  return found;
}

template <class Json>
std::int64_t BasicJsonFields<Json>::positive() const {
  const std::int64_t found = integer();
  if (found < 1 || found > (std::int64_t{1} << 31)) refuse("expected a whole number from 1 to 2^31");
  return found;
}

template <class Json>
std::size_t BasicJsonFields<Json>::size() const {
  if (!value_->is_array()) refuse("expected a list");
  return value_->size();
}

template <class Json>
BasicJsonFields<Json> BasicJsonFields<Json>::element(std::size_t index) const {
  return BasicJsonFields(value_->at(index), file_, fmt::format("{}[{}]", path_, index));
}

template <class Json>
std::vector<BasicJsonFields<Json>> BasicJsonFields<Json>::elements() const {
  std::vector<BasicJsonFields> all;
  for (std::size_t i = 0; i < size(); ++i) all.push_back(element(i));
  return all;
}

template <class Json>
std::optional<BasicJsonFields<Json>> BasicJsonFields<Json>::find(const std::string& key) const {
  const auto found = object().find(key);
  if (found == value_->end() || found->is_null()) return std::nullopt;
  return BasicJsonFields(*found, file_, path_of(key));
}

template <class Json>
bool BasicJsonFields<Json>::has(const std::string& key) const {
  return find(key).has_value();
}

template <class Json>
BasicJsonFields<Json> BasicJsonFields<Json>::at(const std::string& key) const {
  std::optional<BasicJsonFields> found = find(key);
  if (!found) fail_at(path_of(key), "missing");
  return *std::move(found);
}

template <class Json>
BasicJsonFields<Json> BasicJsonFields<Json>::at_or(const std::string& key, const Json& fallback) const {
  return find(key).value_or(BasicJsonFields(fallback, file_, path_of(key)));
}

template <class Json>
std::string BasicJsonFields<Json>::text_or(const std::string& key, const std::string& fallback) const {
  const auto found = find(key);
  return found ? found->text() : fallback;
}

template <class Json>
bool BasicJsonFields<Json>::flag_or(const std::string& key, bool fallback) const {
  const auto found = find(key);
  return found ? found->flag() : fallback;
}

template <class Json>
double BasicJsonFields<Json>::number_or(const std::string& key, double fallback) const {
  const auto found = find(key);
  return found ? found->number() : fallback;
}

template <class Json>
std::int64_t BasicJsonFields<Json>::integer_or(const std::string& key, std::int64_t fallback) const {
  const auto found = find(key);
  return found ? found->integer() : fallback;
}

template <class Json>
std::int64_t BasicJsonFields<Json>::positive_or(const std::string& key, std::int64_t fallback) const {
  const auto found = find(key);
  return found ? found->positive() : fallback;
}

template class BasicJsonFields<nlohmann::ordered_json>;
template class BasicJsonFields<nlohmann::json>;

}  // namespace sift
