#include "text/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <limits>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include <sift/error.h>
#include "base/file_text.h"
#include "base/utf8.h"
#include "formats/json_text.h"
#include "text/tokenizer/tokenizer_json.h"

namespace sift {
namespace {

// What one thread needs while it encodes, kept from text to text.
struct Scratch {
  text::PreTokenizerScratch pre_tokenizer;
  text::BpeScratch bpe;
  std::vector<text::Segment> segments;
  std::vector<text::Segment> normalized_segments;
  std::vector<text::Piece> words;
  std::vector<text::Symbol> symbols;
  std::vector<text::FoundToken> found;
};

}  // namespace

struct Tokenizer::Impl {
  Impl(text::TokenizerParts read, bool split_special_tokens)
      : parts(std::move(read)),
        raw_matcher(parts.tokens.matcher(false, split_special_tokens)),
        normalized_matcher(parts.tokens.matcher(true, split_special_tokens)),
        needs_tracking(parts.pre_tokenizer.needs_tracking()),
        needs_found_tokens(parts.post_processor.needs_found_tokens()) {}

  void encode(std::string_view text, bool add_special_tokens, bool with_offsets, Scratch& scratch,
              Encoding& encoding) const;
  void encode_plain(std::string_view text, std::uint32_t begin, bool with_offsets, Scratch& scratch,
                    Encoding& encoding) const;
  void add_found(const text::AlignedText& text, const text::Segment& segment, bool with_offsets,
                 Scratch& scratch, Encoding& encoding) const;
  void encode_words(text::AlignedText& text, bool with_offsets, Scratch& scratch, Encoding& encoding) const;

  std::unique_ptr<Scratch> borrow_scratch() const;
  void return_scratch(std::unique_ptr<Scratch> scratch) const;

  text::TokenizerParts parts;
  text::AddedTokenMatcher raw_matcher;
  text::AddedTokenMatcher normalized_matcher;
  bool needs_tracking;
  bool needs_found_tokens;
  mutable std::mutex mutex;
  mutable std::vector<std::unique_ptr<Scratch>> idle;  // guarded by mutex; as many as ever encoded at once
};

std::unique_ptr<Scratch> Tokenizer::Impl::borrow_scratch() const {
  {
    const std::lock_guard lock(mutex);
    if (!idle.empty()) {
      std::unique_ptr<Scratch> scratch = std::move(idle.back());
      idle.pop_back();
      return scratch;
    }
  }
  return std::make_unique<Scratch>();
}

void Tokenizer::Impl::return_scratch(std::unique_ptr<Scratch> scratch) const {
  const std::lock_guard lock(mutex);
  idle.push_back(std::move(scratch));
}

void Tokenizer::Impl::encode(std::string_view text, bool add_special_tokens, bool with_offsets,
                             Scratch& scratch, Encoding& encoding) const {
  if (text.size() >= std::numeric_limits<std::uint32_t>::max()) {
    throw Error(fmt::format("cannot encode a text of {} bytes: the limit is 4 GiB", text.size()));
  }
  if (const std::size_t bad = find_invalid_utf8(text); bad != std::string_view::npos) {
    throw Error(
        fmt::format("cannot encode a text that is not UTF-8: byte {} is 0x{:02X}; convert the text to "
                    "UTF-8 first",
                    bad, static_cast<unsigned char>(text[bad])));
  }
  if (!parts.fill_token.empty() && text.find(parts.fill_token) != std::string_view::npos) {
    throw Error(fmt::format(
        "cannot encode a text with '{}', the fill_token of CodeLlamaTokenizer: transformers makes a prompt "
        "for infilling of it, and Sift does not; take it out of the text, or set fill_token to null in "
        "tokenizer_config.json",
        parts.fill_token));
  }
  scratch.found.clear();
  scratch.segments.clear();
  raw_matcher.split(text, scratch.segments);
  const text::AlignedText whole(text, 0, with_offsets);
  for (const text::Segment& segment : scratch.segments) {
    if (segment.id < 0) {
      encode_plain(text.substr(segment.begin, segment.end - segment.begin), segment.begin, with_offsets,
                   scratch, encoding);
    } else {
      add_found(whole, segment, with_offsets, scratch, encoding);
    }
  }
  parts.post_processor.apply(encoding, text, parts.tokens, scratch.found, add_special_tokens, with_offsets);
}

void Tokenizer::Impl::add_found(const text::AlignedText& text, const text::Segment& segment,
                                bool with_offsets, Scratch& scratch, Encoding& encoding) const {
  if (with_offsets) {
    if (needs_found_tokens) {
      const std::string_view found = text.view().substr(segment.begin, segment.end - segment.begin);
      scratch.found.push_back({encoding.ids.size(), std::string(found)});
    }
    encoding.offsets.push_back(text.original(segment.begin, segment.end));
  }
  encoding.ids.push_back(segment.id);
}

void Tokenizer::Impl::encode_plain(std::string_view text, std::uint32_t begin, bool with_offsets,
                                   Scratch& scratch, Encoding& encoding) const {
  text::AlignedText aligned(text, begin, with_offsets || needs_tracking);
  parts.normalizer.apply(aligned, scratch.pre_tokenizer.regex);
  if (normalized_matcher.empty()) return encode_words(aligned, with_offsets, scratch, encoding);
  scratch.normalized_segments.clear();
  normalized_matcher.split(aligned.view(), scratch.normalized_segments);
  for (const text::Segment& segment : scratch.normalized_segments) {
    if (segment.id < 0) {
      text::AlignedText part = aligned.part(segment.begin, segment.end);
      encode_words(part, with_offsets, scratch, encoding);
    } else {
      add_found(aligned, segment, with_offsets, scratch, encoding);
    }
  }
}

void Tokenizer::Impl::encode_words(text::AlignedText& text, bool with_offsets, Scratch& scratch,
                                   Encoding& encoding) const {
  parts.pre_tokenizer.split(text, scratch.pre_tokenizer, scratch.words);
  for (const text::Piece word : scratch.words) {
    scratch.symbols.clear();
    parts.tokens.model().encode_word(text.view().substr(word.begin, word.end - word.begin), scratch.bpe,
                                     scratch.symbols);
    std::uint32_t begin = word.begin;
    for (const text::Symbol symbol : scratch.symbols) {
      encoding.ids.push_back(symbol.id);
      if (!with_offsets) continue;
      encoding.offsets.push_back(text.original(begin, begin + symbol.num_bytes));
      begin += symbol.num_bytes;
    }
  }
}

namespace {

/// The files of a tokenizer in an older form, and how to get tokenizer.json from them.
std::string other_tokenizer_files(const std::filesystem::path& folder) {
  std::string found;
  for (const char* name : {"vocab.json", "merges.txt", "tokenizer.model", "vocab.txt"}) {
    if (std::filesystem::exists(folder / name)) found += (found.empty() ? "" : ", ") + std::string(name);
  }
  if (found.empty()) return "; a model folder needs its tokenizer";
  return fmt::format(
      "; the folder has the tokenizer in an older form ({}); write tokenizer.json with "
      "AutoTokenizer.from_pretrained('{}').save_pretrained('{}') of transformers",
      found, folder.string(), folder.string());
}

}  // namespace

Tokenizer::Tokenizer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Tokenizer Tokenizer::from_file(const std::filesystem::path& tokenizer_json) {
  if (!std::filesystem::exists(tokenizer_json)) {
    throw Error(fmt::format("{}: no such file{}", tokenizer_json.string(),
                            other_tokenizer_files(tokenizer_json.parent_path())));
  }
  return from_json(file_text(tokenizer_json), tokenizer_json.string());
}

Tokenizer Tokenizer::from_json(const std::string& text, const std::string& name) {
  return from_document(parse_json<nlohmann::json>(text, name), name, {});
}

Tokenizer Tokenizer::from_document(const nlohmann::json& document, const std::string& name,
                                   const text::TokenChanges& changes, bool split_special_tokens) {
  return Tokenizer(
      std::make_unique<Impl>(text::read_tokenizer_json(document, name, changes), split_special_tokens));
}

Encoding Tokenizer::encode(std::string_view text, bool add_special_tokens, bool with_offsets) const {
  // When encoding throws, the scratch is dropped; the next call makes a fresh one.
  std::unique_ptr<Scratch> scratch = impl_->borrow_scratch();
  Encoding encoding;
  impl_->encode(text, add_special_tokens, with_offsets, *scratch, encoding);
  impl_->return_scratch(std::move(scratch));
  return encoding;
}

std::vector<Encoding> Tokenizer::encode_batch(std::span<const std::string> texts, bool add_special_tokens,
                                              bool with_offsets) const {
  std::vector<Encoding> encodings(texts.size());
  std::vector<std::exception_ptr> errors(texts.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < texts.size(); i = next++) {
      try {
        encodings[i] = encode(texts[i], add_special_tokens, with_offsets);
      } catch (...) {
        errors[i] = std::current_exception();
      }
    }
  };
  {
    const std::size_t num_threads = std::min<std::size_t>(std::thread::hardware_concurrency(), texts.size());
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < num_threads; ++i) threads.emplace_back(work);
    work();
  }
  // The first text's error, whichever thread met one first.
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  return encodings;
}

std::string Tokenizer::decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const {
  std::vector<std::string> tokens;
  tokens.reserve(ids.size());
  for (const std::int32_t id : ids) {
    const std::string* token = impl_->parts.tokens.token(id);
    if (token == nullptr || (skip_special_tokens && impl_->parts.tokens.is_special(*token))) continue;
    tokens.push_back(*token);
  }
  return impl_->parts.decoder.decode(std::move(tokens));
}

std::optional<std::int32_t> Tokenizer::token_to_id(std::string_view token) const {
  return impl_->parts.tokens.id(token);
}

std::string Tokenizer::id_to_token(std::int32_t id) const {
  const std::string* token = impl_->parts.tokens.token(id);
  if (token == nullptr) {
    throw Error(fmt::format("no token has the id {}; the vocabulary has {} tokens", id, vocab_size()));
  }
  return *token;
}

bool Tokenizer::is_added_token(std::int32_t id) const {
  return impl_->parts.tokens.is_added(id);
}

std::int32_t Tokenizer::vocab_size() const {
  return impl_->parts.tokens.size();
}

std::int64_t Tokenizer::highest_id() const {
  return impl_->parts.tokens.highest_id();
}

}  // namespace sift
