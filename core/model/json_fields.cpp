#include "model/json_fields.h"

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include <sift/error.h>
#include "formats/json_text.h"

namespace sift {
namespace {

constexpr std::size_t kMaxShown = 60;

std::string shown(const nlohmann::ordered_json& value) {
  std::string text = value.dump(-1, ' ', true);
  if (text.size() > kMaxShown) text = text.substr(0, kMaxShown) + "...";
  return text;
}

}  // namespace

JsonFields::JsonFields(const nlohmann::ordered_json& object, std::string where)
    : object_(object), where_(std::move(where)) {
  if (!object_.is_object()) {
    throw Error(fmt::format("{}: expected a JSON object, found {}", where_, shown(object_)));
  }
}

bool JsonFields::has(const std::string& key) const {
  const auto found = object_.find(key);
  return found != object_.end() && !found->is_null();
}

const nlohmann::ordered_json& JsonFields::value(const std::string& key) const {
  if (!has(key)) throw Error(fmt::format("{}: the key '{}' is missing", where_, key));
  return *object_.find(key);
}

void JsonFields::fail(const std::string& key, const std::string& expected) const {
  const auto found = object_.find(key);
  throw Error(fmt::format("{}: '{}' is {}; {}", where_, key,
                          found == object_.end() ? std::string("missing") : shown(*found), expected));
}

std::int64_t JsonFields::integer(const std::string& key) const {
  const auto& found = value(key);
  const bool too_large =
      found.is_number_unsigned() && found.get<std::uint64_t>() > std::uint64_t{0x7fffffffffffffff};
  if (!found.is_number_integer() || too_large) fail(key, "expected a whole number");
  return found.get<std::int64_t>();
}

std::int64_t JsonFields::integer_or(const std::string& key, std::int64_t fallback) const {
  return has(key) ? integer(key) : fallback;
}

std::int64_t JsonFields::positive(const std::string& key) const {
  const std::int64_t found = integer(key);
  // Sizes are multiplied with each other: a bound keeps every product of two within 64 bits.
  if (found < 1 || found > (std::int64_t{1} << 31)) fail(key, "expected a whole number from 1 to 2^31");
  return found;
}

std::int64_t JsonFields::positive_or(const std::string& key, std::int64_t fallback) const {
  return has(key) ? positive(key) : fallback;
}

double JsonFields::number(const std::string& key) const {
  const auto& found = value(key);
  if (!found.is_number() || !std::isfinite(found.get<double>())) fail(key, "expected a number");
  return found.get<double>();
}

double JsonFields::number_or(const std::string& key, double fallback) const {
  return has(key) ? number(key) : fallback;
}

bool JsonFields::flag_or(const std::string& key, bool fallback) const {
  if (!has(key)) return fallback;
  if (!value(key).is_boolean()) fail(key, "expected true or false");
  return value(key).get<bool>();
}

std::string JsonFields::text(const std::string& key) const {
  if (!value(key).is_string()) fail(key, "expected a string");
  return value(key).get<std::string>();
}

std::string JsonFields::text_or(const std::string& key, const std::string& fallback) const {
  return has(key) ? text(key) : fallback;
}

nlohmann::ordered_json read_json_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw Error(fmt::format("{}: cannot be opened: {}", file.string(), std::strerror(errno)));
  std::ostringstream text;
  text << stream.rdbuf();
  if (stream.bad()) throw Error(fmt::format("{}: cannot be read", file.string()));
  return parse_json<nlohmann::ordered_json>(text.str(), file.string());
}

}  // namespace sift
