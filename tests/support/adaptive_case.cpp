#include "support/adaptive_case.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "support/temp_folder.h"

namespace sift::test {
namespace {

using Json = nlohmann::json;

double metric_of(const Json& json) {
  return json.is_number() ? json.get<double>() : std::strtod(json.get<std::string>().c_str(), nullptr);
}

Scalar scalar_of(const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  return json.get<std::string>();
}

}  // namespace

std::vector<AdaptiveCase> adaptive_cases() {
  const std::filesystem::path folder = std::filesystem::path(SIFT_FIXTURES) / "adaptive_schedules";
  std::vector<AdaptiveCase> cases;
  for (const Json& golden : Json::parse(read_file(folder / "rates.json"))) {
    AdaptiveCase made;
    made.options.type = golden.at("type").get<std::string>();
    made.options.learning_rate = golden.at("learning_rate").get<double>();
    for (const auto& [key, value] : golden.at("kwargs").items()) made.options.kwargs[key] = scalar_of(value);
    for (const Json& metric : golden.at("metrics")) made.metrics.push_back(metric_of(metric));
    made.rates = golden.at("rates").get<std::vector<double>>();
    made.halfway = golden.at("halfway").get<std::size_t>();
    made.scheduler_file = folder / fmt::format("scheduler-{}.pt", cases.size());
    made.name = made.options.type + " " + golden.at("kwargs").dump();
    cases.push_back(std::move(made));
  }
  return cases;
}

}  // namespace sift::test
