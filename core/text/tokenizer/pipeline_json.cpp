#include "text/tokenizer/pipeline_json.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "base/unicode.h"
#include "base/utf8.h"
#include "text/tokenizer/byte_level.h"
#include "text/tokenizer/rust_characters.h"

namespace sift::text {
namespace {

// Calls `read(component, type)` for `node`, or for every element when it is a Sequence (listed under `key`).
template <typename Read>
void for_each_component(const SortedJsonFields& node, const std::string& key, Read& read) {
  const std::string type = node.at("type").text();
  if (type != "Sequence") return read(node, type);
  for (const SortedJsonFields& element : node.elements(key)) for_each_component(element, key, read);
}

Pattern read_pattern(const SortedJsonFields& node) {
  if (const auto literal = node.find("String")) return Pattern::literal(literal->text());
  if (const auto regex = node.find("Regex")) return Pattern::regex(regex->text(), regex->where());
  node.fail("expected {\"String\": ...} or {\"Regex\": ...}");
}

Replace read_replace(const SortedJsonFields& node) {
  return {read_pattern(node.at("pattern")), node.at("content").text()};
}

SplitBehavior read_behavior(const SortedJsonFields& node) {
  static constexpr std::pair<std::string_view, SplitBehavior> kBehaviors[] = {
      {"Removed", SplitBehavior::kRemoved},
      {"Isolated", SplitBehavior::kIsolated},
      {"MergedWithPrevious", SplitBehavior::kMergedWithPrevious},
      {"MergedWithNext", SplitBehavior::kMergedWithNext},
      {"Contiguous", SplitBehavior::kContiguous}};
  const std::string name = node.text();
  for (const auto& [known, behavior] : kBehaviors) {
    if (name == known) return behavior;
  }
  node.fail_unsupported("split behavior", name,
                        "Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous");
}

ByteLevelStep read_byte_level(const SortedJsonFields& node) {
  std::optional<Pattern> split;
  if (node.flag_or("use_regex", true)) split = Pattern::regex(kByteLevelRegex, node.where());
  return {node.flag_or("add_prefix_space", true), std::move(split), true};
}

PrependScheme read_prepend_scheme(const SortedJsonFields& node) {
  const auto scheme = node.find("prepend_scheme");
  const bool add_prefix_space = node.flag_or("add_prefix_space", true);  // what older files have
  if (!scheme) return add_prefix_space ? PrependScheme::kAlways : PrependScheme::kNever;
  const std::string name = scheme->text();
  if (name == "never") return PrependScheme::kNever;
  if (!add_prefix_space) node.fail("add_prefix_space is false, which contradicts prepend_scheme");
  if (name == "always") return PrependScheme::kAlways;
  if (name == "first") return PrependScheme::kFirst;
  scheme->fail_unsupported("prepend scheme", name, "always, first, never");
}

char32_t read_code_point(const SortedJsonFields& node) {
  const std::string text = node.text();
  if (text.empty() || utf8_length(text[0]) != text.size()) node.refuse("expected one character");
  return decode_utf8(text, 0).code_point;
}

std::string read_character(const SortedJsonFields& node) {
  std::string text;
  append_utf8(text, read_code_point(node));
  return text;
}

// \w+|[^\w\s]+ in the syntax of Rust's regex crate, whose \w also takes the two joiners.
constexpr std::string_view kWhitespaceRegex = R"([\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}]+|)"
                                              R"([^\s\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}]+)";

SplitStep punctuation_step(SplitBehavior behavior) {
  return {Pattern::character(is_punctuation), behavior, false};
}

SplitStep white_space_step() {
  return {Pattern::character(unicode::is_white_space), SplitBehavior::kRemoved, false};
}

PreTokenizerStep read_pre_tokenizer_step(const SortedJsonFields& node, const std::string& type) {
  if (type == "Split") {
    return SplitStep{read_pattern(node.at("pattern")), read_behavior(node.at("behavior")),
                     node.flag_or("invert", false)};
  }
  if (type == "ByteLevel") return read_byte_level(node);
  if (type == "Metaspace") {
    return MetaspaceStep{read_character(node.at("replacement")), read_prepend_scheme(node),
                         node.flag_or("split", true)};
  }
  if (type == "Digits") {
    const bool individual = node.flag_or("individual_digits", false);
    return SplitStep{Pattern::character(is_numeric),
                     individual ? SplitBehavior::kIsolated : SplitBehavior::kContiguous, false};
  }
  if (type == "Punctuation") {
    const auto behavior = node.find("behavior");
    return punctuation_step(behavior ? read_behavior(*behavior) : SplitBehavior::kIsolated);
  }
  if (type == "WhitespaceSplit") return white_space_step();
  if (type == "CharDelimiterSplit") {
    return SplitStep{Pattern::literal(read_character(node.at("delimiter"))), SplitBehavior::kRemoved, false};
  }
  if (type == "Whitespace") {
    return SplitStep{Pattern::regex(kWhitespaceRegex, node.where()), SplitBehavior::kRemoved, true};
  }
  node.fail_unsupported("pre-tokenizer", type,
                        "Sequence, Split, ByteLevel, Metaspace, Digits, Punctuation, Whitespace, "
                        "WhitespaceSplit, BertPreTokenizer, CharDelimiterSplit");
}

NormalizerStep read_normalizer_step(const SortedJsonFields& node, const std::string& type) {
  if (type == "NFC") return UnicodeForm::kNfc;
  if (type == "NFD") return UnicodeForm::kNfd;
  if (type == "NFKC") return UnicodeForm::kNfkc;
  if (type == "NFKD") return UnicodeForm::kNfkd;
  if (type == "Lowercase") return Lowercase{};
  if (type == "StripAccents") return StripAccents{};
  if (type == "Prepend") return Prepend{node.at("prepend").text()};
  if (type == "Replace") return read_replace(node);
  if (type == "Strip") return Strip{node.at("strip_left").flag(), node.at("strip_right").flag()};
  node.fail_unsupported("normalizer", type,
                        "Sequence, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Prepend, Replace, Strip");
}

Decoder::Step read_decoder_step(const SortedJsonFields& node, const std::string& type) {
  if (type == "ByteLevel") return ByteLevelDecoder{};
  if (type == "ByteFallback") return ByteFallbackDecoder{};
  if (type == "Fuse") return FuseDecoder{};
  if (type == "Replace") return read_replace(node);
  if (type == "Strip") {
    return StripDecoder{read_code_point(node.at("content")), static_cast<std::size_t>(node.count("start")),
                        static_cast<std::size_t>(node.count("stop"))};
  }
  if (type == "Metaspace") {
    return MetaspaceDecoder{read_character(node.at("replacement")),
                            read_prepend_scheme(node) != PrependScheme::kNever};
  }
  node.fail_unsupported("decoder", type,
                        "Sequence, ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace");
}

std::int32_t read_id(const SortedJsonFields& node) {
  const std::int64_t id = node.count();
  if (id > std::numeric_limits<std::int32_t>::max()) node.refuse("expected a token id");
  return static_cast<std::int32_t>(id);
}

Template read_template(const SortedJsonFields& node) {
  Template result;
  const SortedJsonFields single = node.at("single");
  bool seen_text = false;
  for (const SortedJsonFields& part : single.elements()) {
    if (const auto sequence = part.find("Sequence")) {
      if (seen_text || sequence->at("id").text() != "A") part.fail("expected the sequence A, once");
      seen_text = true;
      continue;
    }
    const std::string name = part.at("SpecialToken").at("id").text();
    const SortedJsonFields ids = node.at("special_tokens").at(name).at("ids");
    std::vector<std::int32_t>& side = seen_text ? result.after : result.before;
    for (const SortedJsonFields& id : ids.elements()) side.push_back(read_id(id));
  }
  if (!seen_text) single.fail("the sequence A is missing");
  return result;
}

}  // namespace

Normalizer read_normalizer(const SortedJsonFields& node) {
  std::vector<NormalizerStep> steps;
  auto read = [&](const SortedJsonFields& step, const std::string& type) {
    steps.push_back(read_normalizer_step(step, type));
  };
  for_each_component(node, "normalizers", read);
  return Normalizer(std::move(steps));
}

PreTokenizer read_pre_tokenizer(const SortedJsonFields& node) {
  std::vector<PreTokenizerStep> steps;
  auto read = [&](const SortedJsonFields& step, const std::string& type) {
    if (type == "BertPreTokenizer") {
      steps.emplace_back(white_space_step());
      steps.emplace_back(punctuation_step(SplitBehavior::kIsolated));
    } else {
      steps.push_back(read_pre_tokenizer_step(step, type));
    }
  };
  for_each_component(node, "pretokenizers", read);
  return PreTokenizer(std::move(steps));
}

PostProcessor read_post_processor(const SortedJsonFields& node) {
  PostProcessor processor;
  auto read = [&](const SortedJsonFields& step, const std::string& type) {
    if (type == "TemplateProcessing") {
      processor.add(read_template(step));
    } else if (type == "ByteLevel") {
      // Without trim_offsets it does nothing.
      if (step.flag_or("trim_offsets", true)) {
        processor.add(TrimOffsets{step.flag_or("add_prefix_space", true)});
      }
    } else {
      step.fail_unsupported("post-processor", type, "Sequence, TemplateProcessing, ByteLevel");
    }
  };
  for_each_component(node, "processors", read);
  return processor;
}

Decoder read_decoder(const SortedJsonFields& node) {
  std::vector<Decoder::Step> steps;
  auto read = [&](const SortedJsonFields& step, const std::string& type) {
    steps.push_back(read_decoder_step(step, type));
  };
  for_each_component(node, "decoders", read);
  return Decoder(std::move(steps));
}

}  // namespace sift::text
