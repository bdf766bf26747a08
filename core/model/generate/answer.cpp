#include "model/generate/answer.h"

#include <nlohmann/json.hpp>

#include <sift/error.h>
#include "model/generate/generate.h"
#include "model/generate/generation_config.h"
#include "text/streamed_text.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::int32_t> prompt_ids(const GenerationRequest& request, const TextProcessor& text) {
  if (request.raw) return text.tokenizer().encode(request.prompt, true).ids;
  Json messages = Json::array();
  if (!request.system.empty()) messages.push_back({{"role", "system"}, {"content", request.system}});
  messages.push_back({{"role", "user"}, {"content", request.prompt}});
  return text.tokenizer().encode(text.render(messages, true).text, false).ids;
}

}  // namespace

std::vector<std::int64_t> stop_ids(const std::filesystem::path& folder, const Decoder& model,
                                   const TextProcessor& text) {
  std::vector<std::int64_t> ids = model.config().eos_token_ids;
  if (const auto eos = text.eos_token_id()) ids.push_back(*eos);
  for (const std::int64_t id :
       stop_token_ids(read_generation_config(folder)).value_or(std::vector<std::int64_t>()))
    ids.push_back(id);
  return ids;
}

std::string answer(const Decoder& model, const TextProcessor& text, const GenerationRequest& request,
                   const std::vector<std::int64_t>& stop_ids,
                   const std::function<void(std::string_view)>& on_text) {
  const auto ids = prompt_ids(request, text);
  if (ids.empty()) throw Error("the prompt is empty: there is nothing to continue");
  StreamedText streamed(text.tokenizer(), on_text);
  generate_greedy(model, ids, request.max_new_tokens, stop_ids, [&](std::int32_t id) { streamed.add(id); });
  return streamed.finish();
}

}  // namespace sift
