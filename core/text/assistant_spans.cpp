#include "text/assistant_spans.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include <sift/error.h>
#include "base/utf8.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

/// The template with the conversation that is to be cut short.
class PrefixRenderer {
 public:
  PrefixRenderer(const ChatTemplate& chat, const Json& context, std::string_view whole)
      : chat_(chat), context_(context), whole_(whole) {
    const auto eos = context.find("eos_token");
    if (eos != context.end() && eos->is_string()) eos_token_ = eos->get<std::string>();
  }

  std::size_t num_messages() const { return context_["messages"].size(); }
  bool is_assistant(std::size_t index) const {
    return context_["messages"][index].value("role", "") == "assistant";
  }

  /// Where message `index` of the assistant begins, after the header of its turn.
  std::size_t begin(std::size_t index) const {
    const std::string before = render(index, /*add_generation_prompt=*/true);
    if (!whole_.starts_with(before)) refuse(index, "before", before);
    return before.size();
  }

  /// Where it ends, after the mark of its turn.
  std::size_t end(std::size_t index) const {
    if (index + 1 == num_messages()) return whole_.size();
    const std::string after = render(index + 1, /*add_generation_prompt=*/false);
    if (whole_.starts_with(after)) return after.size();
    // a template may end every conversation with the eos token, which is no part of the turn then
    const std::size_t turn = after.size() - std::min(after.size(), eos_token_.size());
    if (!eos_token_.empty() && after.ends_with(eos_token_) && whole_.ends_with(eos_token_) &&
        whole_.starts_with(std::string_view(after).substr(0, turn))) {
      return turn;
    }
    refuse(index, "up to", after);
  }

  /// A model that never sees how a turn ends never stops; some templates leave that to the next turn's
  /// header.
  void require_end_mark(std::size_t index, std::size_t begin, std::size_t end) const {
    const std::string content = text_content(context_["messages"][index]);
    const std::string_view turn = whole_.substr(begin, end - begin);
    if (content.empty() || !turn.ends_with(content)) return;
    throw Error(
        fmt::format("{}, and message {} ends there with its content, without an end-of-turn marker; {}", kWhy,
                    index + 1, kAdvice));
  }

 private:
  /// The words of a message without space at their end.
  static std::string text_content(const Json& message) {
    const auto content = message.find("content");
    if (content == message.end() || !content->is_string()) return {};
    std::string text = content->get<std::string>();
    text.erase(text.find_last_not_of(" \t\r\n") + 1);
    return text;
  }

  std::string render(std::size_t num_messages, bool add_generation_prompt) const {
    Json shorter = context_;
    Json& messages = shorter["messages"];
    messages.erase(messages.begin() + static_cast<std::ptrdiff_t>(num_messages), messages.end());
    shorter["add_generation_prompt"] = add_generation_prompt;
    try {
      return chat_.render(shorter).text;
    } catch (const Error& error) {
      throw Error(fmt::format("{}, and the first {} messages cannot be rendered alone ({}); {}", kWhy,
                              num_messages, error.what(), kAdvice));
    }
  }

  [[noreturn]] void refuse(std::size_t index, const char* where, const std::string& part) const {
    throw Error(
        fmt::format("{}, but the text {} message {} is rendered differently when the conversation ends "
                    "there, for example because the template removes earlier thinking ('{}', not '{}'); {}",
                    kWhy, where, index + 1, excerpt(part, whole_), excerpt(whole_, part), kAdvice));
  }

  /// `text` from a little before the place where it stops agreeing with `other`.
  static std::string excerpt(std::string_view text, std::string_view other) {
    constexpr std::size_t kBefore = 12, kLength = 40;
    const auto limit = static_cast<std::ptrdiff_t>(std::min(text.size(), other.size()));
    const auto place = static_cast<std::size_t>(
        std::mismatch(text.begin(), text.begin() + limit, other.begin()).first - text.begin());
    std::size_t begin = place - std::min(place, kBefore);
    while (begin < text.size() && is_utf8_continuation(text[begin])) ++begin;
    std::size_t end = std::min(text.size(), begin + kLength);
    while (end < text.size() && is_utf8_continuation(text[end])) ++end;
    std::string shown;
    for (const char letter : text.substr(begin, end - begin))
      shown += letter == '\n' ? "\\n" : std::string(1, letter);
    return shown;
  }

  static constexpr const char* kWhy =
      "assistant_only_loss = true: the chat template marks nothing with {% generation %}, so the assistant's "
      "spans are found by rendering the conversation up to each of its messages";
  static constexpr const char* kAdvice =
      "set chat_template_path in [data] to a template with {% generation %}, or convert each answer to a row "
      "with prompt and completion";

  const ChatTemplate& chat_;
  const Json& context_;
  std::string_view whole_;
  std::string eos_token_;
};

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> assistant_spans_by_prefixes(const ChatTemplate& chat,
                                                                             const Json& context,
                                                                             const std::string& whole,
                                                                             std::size_t first_message) {
  const PrefixRenderer renderer(chat, context, whole);
  std::vector<std::pair<std::size_t, std::size_t>> spans;
  for (std::size_t i = first_message; i < renderer.num_messages(); ++i) {
    if (!renderer.is_assistant(i)) continue;
    const std::size_t begin = renderer.begin(i), end = renderer.end(i);
    if (begin >= end) continue;  // a template may leave a message out
    renderer.require_end_mark(i, begin, end);
    spans.emplace_back(begin, end);
  }
  return spans;
}

bool is_spoken(const std::vector<std::pair<std::size_t, std::size_t>>& spans,
               const std::pair<std::size_t, std::size_t>& token) {
  return std::ranges::any_of(
      spans, [&](const auto& span) { return token.first < span.second && token.second > span.first; });
}

}  // namespace sift
