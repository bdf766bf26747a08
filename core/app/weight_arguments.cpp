#include "app/weight_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include <sift/error.h>

namespace sift {
namespace {

namespace po = boost::program_options;

po::value_semantic* value_of(const OptionSpec& spec, const std::string& flag, ModelOptions* model) {
  if (spec.type == "boolean") {
    return po::bool_switch()->notifier([=](bool given) {
      if (given) spec.set(model, true);
    });
  }
  if (spec.type == "list of strings") {
    return po::value<std::vector<std::string>>()->composing()->notifier(
        [=](const std::vector<std::string>& given) { spec.set(model, given); });
  }
  return po::value<std::string>()->notifier([=](const std::string& given) {
    if (!spec.range.holds(given))
      throw UsageError(fmt::format("--{} is '{}'; expected {}", flag, given, spec.range.text));
    spec.set(model, given);
  });
}

}  // namespace

void add_weight_options(po::options_description& options, ModelOptions& model) {
  Schema<ModelOptions> schema;
  ModelOptions::describe(schema);
  for (const std::string key : {"dtype", "load_in_4bit", "bnb_4bit_quant_type", "use_bnb_nested_quant",
                                "llm_int8_skip_modules", "bnb_4bit_compute_dtype"}) {
    std::string flag = key;
    std::ranges::replace(flag, '_', '-');
    const auto spec = std::ranges::find(schema.specs(), key, &OptionSpec::key);
    options.add_options()(flag.c_str(), value_of(*spec, flag, &model), spec->help.c_str());
  }
}

}  // namespace sift
