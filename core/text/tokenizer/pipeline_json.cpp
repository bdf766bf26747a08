#include "text/tokenizer/pipeline_json.h"

#include <fmt/format.h>
#include <unicode/uchar.h>

#include <limits>
#include <utility>

#include "text/tokenizer/byte_level.h"
#include "text/tokenizer/utf8.h"

namespace sift::text {
namespace {

// Calls `read(component, type)` for `node`, or for every element when it is a Sequence (listed under `key`).
template <typename Read>
void for_each_component(const JsonNode& node, const std::string& key, Read& read) {
  const std::string type = node.at("type").string();
  if (type != "Sequence") return read(node, type);
  const JsonNode list = node.at(key);
  for (std::size_t i = 0; i < list.size(); ++i) for_each_component(list.element(i), key, read);
}

Pattern read_pattern(const JsonNode& node) {
  if (const auto literal = node.find("String")) return Pattern::literal(literal->string());
  if (const auto regex = node.find("Regex")) return Pattern::regex(regex->string(), regex->where());
  node.fail("expected {\"String\": ...} or {\"Regex\": ...}");
}

Replace read_replace(const JsonNode& node) {
  return {read_pattern(node.at("pattern")), node.at("content").string()};
}

SplitBehavior read_behavior(const JsonNode& node) {
  static constexpr std::pair<std::string_view, SplitBehavior> kBehaviors[] = {
      {"Removed", SplitBehavior::kRemoved},
      {"Isolated", SplitBehavior::kIsolated},
      {"MergedWithPrevious", SplitBehavior::kMergedWithPrevious},
      {"MergedWithNext", SplitBehavior::kMergedWithNext},
      {"Contiguous", SplitBehavior::kContiguous}};
  const std::string name = node.string();
  for (const auto& [known, behavior] : kBehaviors) {
    if (name == known) return behavior;
  }
  node.fail_unsupported("split behavior", name,
                        "Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous");
}

bool is_numeric(char32_t c) {
  return (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_N_MASK) != 0;
}

bool is_punctuation(char32_t c) {
  // Rust's ASCII punctuation takes in symbols like $ and +, which are not punctuation to Unicode.
  if (c < 0x80) return c > ' ' && c != 0x7F && u_isalnum(static_cast<UChar32>(c)) == 0;
  // HF tokenizers asks a crate that knows Unicode as of version 8, before these two became other things.
  if (c == 0x166D || c == 0x111C9) return true;
  if ((U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_P_MASK) == 0) return false;
  UVersionInfo age;
  u_charAge(static_cast<UChar32>(c), age);
  return age[0] <= 8;
}

ByteLevelStep read_byte_level(const JsonNode& node) {
  std::optional<Pattern> split;
  if (node.boolean_or("use_regex", true)) split = Pattern::regex(kByteLevelRegex, node.where());
  return {node.boolean_or("add_prefix_space", true), std::move(split), true};
}

PrependScheme read_prepend_scheme(const JsonNode& node) {
  const auto scheme = node.find("prepend_scheme");
  const bool add_prefix_space = node.boolean_or("add_prefix_space", true);  // what older files have
  if (!scheme) return add_prefix_space ? PrependScheme::kAlways : PrependScheme::kNever;
  const std::string name = scheme->string();
  if (name == "never") return PrependScheme::kNever;
  if (!add_prefix_space) node.fail("add_prefix_space is false, which contradicts prepend_scheme");
  if (name == "always") return PrependScheme::kAlways;
  if (name == "first") return PrependScheme::kFirst;
  scheme->fail_unsupported("prepend scheme", name, "always, first, never");
}

std::string read_character(const JsonNode& node) {
  std::string text;
  append_utf8(text, node.character());
  return text;
}

// \w+|[^\w\s]+ in the syntax of Rust's regex crate, whose \w also takes the two joiners.
constexpr std::string_view kWhitespaceRegex = R"([\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}]+|)"
                                              R"([^\s\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}]+)";

PreTokenizerStep read_pre_tokenizer_step(const JsonNode& node, const std::string& type) {
  if (type == "Split") {
    return SplitStep{read_pattern(node.at("pattern")), read_behavior(node.at("behavior")),
                     node.boolean_or("invert", false)};
  }
  if (type == "ByteLevel") return read_byte_level(node);
  if (type == "Metaspace") {
    return MetaspaceStep{read_character(node.at("replacement")), read_prepend_scheme(node),
                         node.boolean_or("split", true)};
  }
  if (type == "Digits") {
    const bool individual = node.boolean_or("individual_digits", false);
    return SplitStep{Pattern::character(is_numeric),
                     individual ? SplitBehavior::kIsolated : SplitBehavior::kContiguous, false};
  }
  if (type == "Punctuation") {
    const auto behavior = node.find("behavior");
    return SplitStep{Pattern::character(is_punctuation),
                     behavior ? read_behavior(*behavior) : SplitBehavior::kIsolated, false};
  }
  if (type == "WhitespaceSplit") {
    return SplitStep{Pattern::character(is_whitespace), SplitBehavior::kRemoved, false};
  }
  if (type == "Whitespace") {
    return SplitStep{Pattern::regex(kWhitespaceRegex, node.where()), SplitBehavior::kRemoved, true};
  }
  node.fail_unsupported("pre-tokenizer", type,
                        "Sequence, Split, ByteLevel, Metaspace, Digits, Punctuation, Whitespace, "
                        "WhitespaceSplit");
}

NormalizerStep read_normalizer_step(const JsonNode& node, const std::string& type) {
  if (type == "NFC") return UnicodeForm::kNfc;
  if (type == "NFD") return UnicodeForm::kNfd;
  if (type == "NFKC") return UnicodeForm::kNfkc;
  if (type == "NFKD") return UnicodeForm::kNfkd;
  if (type == "Lowercase") return Lowercase{};
  if (type == "Prepend") return Prepend{node.at("prepend").string()};
  if (type == "Replace") return read_replace(node);
  if (type == "Strip") return Strip{node.at("strip_left").boolean(), node.at("strip_right").boolean()};
  node.fail_unsupported("normalizer", type,
                        "Sequence, NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace, Strip");
}

std::size_t read_count(const JsonNode& node) {
  const std::int64_t count = node.integer();
  if (count < 0) node.fail("expected a count, found a negative number");
  return static_cast<std::size_t>(count);
}

Decoder::Step read_decoder_step(const JsonNode& node, const std::string& type) {
  if (type == "ByteLevel") return ByteLevelDecoder{};
  if (type == "ByteFallback") return ByteFallbackDecoder{};
  if (type == "Fuse") return FuseDecoder{};
  if (type == "Replace") return read_replace(node);
  if (type == "Strip") {
    return StripDecoder{node.at("content").character(), read_count(node.at("start")),
                        read_count(node.at("stop"))};
  }
  if (type == "Metaspace") {
    return MetaspaceDecoder{read_character(node.at("replacement")),
                            read_prepend_scheme(node) != PrependScheme::kNever};
  }
  node.fail_unsupported("decoder", type,
                        "Sequence, ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace");
}

std::int32_t read_id(const JsonNode& node) {
  const std::int64_t id = node.integer();
  if (id < 0 || id > std::numeric_limits<std::int32_t>::max()) node.fail("expected a token id");
  return static_cast<std::int32_t>(id);
}

Template read_template(const JsonNode& node) {
  Template result;
  const JsonNode single = node.at("single");
  bool seen_text = false;
  for (std::size_t i = 0; i < single.size(); ++i) {
    const JsonNode part = single.element(i);
    if (const auto sequence = part.find("Sequence")) {
      if (seen_text || sequence->at("id").string() != "A") part.fail("expected the sequence A, once");
      seen_text = true;
      continue;
    }
    const std::string name = part.at("SpecialToken").at("id").string();
    const JsonNode ids = node.at("special_tokens").at(name).at("ids");
    std::vector<std::int32_t>& side = seen_text ? result.after : result.before;
    for (std::size_t k = 0; k < ids.size(); ++k) side.push_back(read_id(ids.element(k)));
  }
  if (!seen_text) single.fail("the sequence A is missing");
  return result;
}

}  // namespace

Normalizer read_normalizer(const JsonNode& node) {
  std::vector<NormalizerStep> steps;
  auto read = [&](const JsonNode& step, const std::string& type) {
    steps.push_back(read_normalizer_step(step, type));
  };
  for_each_component(node, "normalizers", read);
  return Normalizer(std::move(steps));
}

PreTokenizer read_pre_tokenizer(const JsonNode& node) {
  std::vector<PreTokenizerStep> steps;
  auto read = [&](const JsonNode& step, const std::string& type) {
    steps.push_back(read_pre_tokenizer_step(step, type));
  };
  for_each_component(node, "pretokenizers", read);
  return PreTokenizer(std::move(steps));
}

PostProcessor read_post_processor(const JsonNode& node) {
  PostProcessor processor;
  auto read = [&](const JsonNode& step, const std::string& type) {
    if (type == "TemplateProcessing") {
      processor.add(read_template(step));
    } else if (type == "ByteLevel") {
      // Without trim_offsets it does nothing.
      if (step.boolean_or("trim_offsets", true)) {
        processor.add(TrimOffsets{step.boolean_or("add_prefix_space", true)});
      }
    } else {
      step.fail_unsupported("post-processor", type, "Sequence, TemplateProcessing, ByteLevel");
    }
  };
  for_each_component(node, "processors", read);
  return processor;
}

Decoder read_decoder(const JsonNode& node) {
  std::vector<Decoder::Step> steps;
  auto read = [&](const JsonNode& step, const std::string& type) {
    steps.push_back(read_decoder_step(step, type));
  };
  for_each_component(node, "decoders", read);
  return Decoder(std::move(steps));
}

}  // namespace sift::text
