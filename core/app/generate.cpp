#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include <sift/error.h>
#include "app/commands.h"
#include "device/device.h"
#include "formats/json_text.h"
#include "model/decoder/decoder.h"
#include "model/generate/generate.h"
#include "text/text_processor.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

/// Tokens that end an answer: those of the configuration and of generation_config.json, and the tokenizer's
/// eos.
std::vector<std::int64_t> stop_ids(const std::string& folder, const Decoder& model,
                                   const TextProcessor& text) {
  std::vector<std::int64_t> ids = model.config().eos_token_ids;
  if (const auto eos = text.eos_token_id()) ids.push_back(*eos);
  std::ifstream in(folder + "/generation_config.json");
  const std::string content(std::istreambuf_iterator<char>(in), {});
  check_json_depth(content);
  const Json json = Json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (json.is_object() && json.contains("eos_token_id")) {
    const Json& eos = json["eos_token_id"];
    if (eos.is_number_integer()) ids.push_back(eos.get<std::int64_t>());
    if (eos.is_array()) {
      for (const Json& id : eos) {
        if (id.is_number_integer()) ids.push_back(id.get<std::int64_t>());
      }
    }
  }
  return ids;
}

std::vector<std::int32_t> prompt_ids(const GenerateArguments& arguments, const TextProcessor& text) {
  if (arguments.raw) return text.tokenizer().encode(arguments.prompt, true).ids;
  Json messages = Json::array();
  if (!arguments.system.empty()) messages.push_back({{"role", "system"}, {"content", arguments.system}});
  messages.push_back({{"role", "user"}, {"content", arguments.prompt}});
  return text.tokenizer().encode(text.render(messages, true).text, false).ids;
}

/// Without the bytes of an incomplete character at the end; the next token may complete it.
std::size_t complete_length(const std::string& text) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  return text.ends_with(kReplacement) ? text.size() - kReplacement.size() : text.size();
}

}  // namespace

int run_generate(const GenerateArguments& arguments) {
  const auto text = TextProcessor::from_folder(arguments.model, {});
  const Decoder model = Decoder::load(arguments.model, at::kFloat, resolve_device(arguments.device));
  const auto ids = prompt_ids(arguments, text);
  if (ids.empty()) throw UsageError("--prompt is empty: there is nothing to continue");

  std::vector<std::int32_t> answer;
  std::size_t printed = 0;
  generate_greedy(model, ids, arguments.max_new_tokens, stop_ids(arguments.model, model, text),
                  [&](std::int32_t id) {
                    answer.push_back(id);
                    const std::string so_far = text.tokenizer().decode(answer, /*skip_special_tokens=*/true);
                    const std::size_t end = std::max(printed, complete_length(so_far));
                    std::fwrite(so_far.data() + printed, 1, end - printed, stdout);
                    std::fflush(stdout);
                    printed = end;
                  });
  const std::string whole = text.tokenizer().decode(answer, true);
  fmt::print("{}\n", whole.substr(std::min(printed, whole.size())));
  return 0;
}

}  // namespace sift
