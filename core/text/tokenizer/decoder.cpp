#include "text/tokenizer/decoder.h"

#include <charconv>
#include <optional>

#include "base/utf8.h"
#include "text/tokenizer/byte_level.h"

namespace sift::text {
namespace {

using Tokens = std::vector<std::string>;

std::string join(const Tokens& tokens, std::string_view separator) {
  std::string joined;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0) joined += separator;
    joined += tokens[i];
  }
  return joined;
}

void apply_step(const ByteLevelDecoder& /*step*/, Tokens& tokens) {
  std::string bytes;
  // A token with a character that stands for no byte is an added token: it is text already.
  for (const std::string& token : tokens) bytes += byte_level_to_bytes(token).value_or(token);
  tokens.assign(1, to_valid_utf8(bytes));
}

std::optional<char> fallback_byte(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token.back() != '>') return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(token.data() + 3, token.data() + 5, value, 16);
  if (error != std::errc() || end != token.data() + 5) return std::nullopt;
  return static_cast<char>(static_cast<unsigned char>(value));
}

void apply_step(const ByteFallbackDecoder& /*step*/, Tokens& tokens) {
  Tokens decoded;
  std::string bytes;
  const auto flush = [&] {
    if (bytes.empty()) return;
    if (find_invalid_utf8(bytes) == std::string_view::npos) {
      decoded.push_back(bytes);
    } else {
      // One per byte: a run of fallback bytes is read whole or not at all.
      for (std::size_t i = 0; i < bytes.size(); ++i) decoded.emplace_back("\xEF\xBF\xBD");
    }
    bytes.clear();
  };
  for (std::string& token : tokens) {
    if (const std::optional<char> byte = fallback_byte(token)) {
      bytes.push_back(*byte);
    } else {
      flush();
      decoded.push_back(std::move(token));
    }
  }
  flush();
  tokens = std::move(decoded);
}

void apply_step(const FuseDecoder& /*step*/, Tokens& tokens) {
  tokens.assign(1, join(tokens, ""));
}

void apply_step(const StripDecoder& step, Tokens& tokens) {
  std::string content;
  append_utf8(content, step.content);
  for (std::string& token : tokens) {
    std::string_view rest = token;
    for (std::size_t i = 0; i < step.start && rest.starts_with(content); ++i)
      rest.remove_prefix(content.size());
    for (std::size_t i = 0; i < step.stop && rest.ends_with(content); ++i) rest.remove_suffix(content.size());
    token = std::string(rest);
  }
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string replaced;
  std::size_t done = 0;
  for (std::size_t pos = text.find(from); pos != std::string_view::npos; pos = text.find(from, done)) {
    replaced.append(text.substr(done, pos - done)).append(to);
    done = pos + from.size();
  }
  return replaced.append(text.substr(done));
}

void apply_step(const MetaspaceDecoder& step, Tokens& tokens) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    tokens[i] = replace_all(tokens[i], step.replacement, i == 0 && step.drop_first ? "" : " ");
  }
}

void apply_step(const Replace& step, Tokens& tokens) {
  RegexScratch scratch;
  std::vector<Span> spans;
  for (std::string& token : tokens) {
    spans.clear();
    step.pattern.find_all(token, scratch, spans);
    std::string replaced;
    for (const Span& span : spans) {
      replaced += span.is_match ? std::string_view(step.content)
                                : std::string_view(token).substr(span.begin, span.end - span.begin);
    }
    token = std::move(replaced);
  }
}

}  // namespace

std::string Decoder::decode(std::vector<std::string> tokens) const {
  if (!present_) return join(tokens, " ");
  for (const Step& step : steps_) {
    std::visit([&](const auto& kind) { apply_step(kind, tokens); }, step);
  }
  return join(tokens, "");
}

}  // namespace sift::text
