#include "formats/exact_json.h"

#include <cmath>

#include "formats/json_builder.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

/// Big integers take the place of bytes, which the text of a row cannot have.
class ExactBuilder final : public JsonBuilder<Json> {
 public:
  using JsonBuilder::JsonBuilder;

  bool number_float(double value, const std::string& digits) override {
    if (digits.find_first_of(".eE") != std::string::npos) return add(value);
    return add(Json::binary({digits.begin(), digits.end()}));
  }
};

}  // namespace

Json parse_exact_json(std::string_view text) {
  return ExactBuilder(text).build();
}

std::optional<std::string_view> big_integer(const Json& value) {
  if (!value.is_binary()) return std::nullopt;
  const Json::binary_t& digits = value.get_binary();
  return std::string_view(reinterpret_cast<const char*>(digits.data()), digits.size());
}

std::string shown_json(const Json& value) {
  constexpr std::size_t kMaxShown = 60;
  if (const auto digits = big_integer(value)) return std::string(*digits);
  if (value.is_number_float()) {
    const auto number = value.get<double>();
    // the library would print null
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  }
  std::string text = value.dump(-1, ' ', /*ensure_ascii=*/true);
  if (text.size() > kMaxShown) text = text.substr(0, kMaxShown) + "...";
  return text;
}

}  // namespace sift
