#include "text/tokenizer/bpe.h"

#include <fmt/format.h>

#include <algorithm>

#include <sift/error.h>
#include "base/utf8.h"
#include "text/tokenizer/byte_level.h"

namespace sift::text {
namespace {

constexpr std::string_view kMetaspace = "\xE2\x96\x81";

// The bytes that well-formed UTF-8 never holds.
bool is_possible_utf8(unsigned byte) {
  return byte < 0xC0 || (byte >= 0xC2 && byte <= 0xF4);
}

}  // namespace

Bpe::Bpe(BpeOptions options, std::string where) : options_(std::move(options)), where_(std::move(where)) {
  tokens_.reserve(options_.vocab.size());
  for (const auto& [token, id] : options_.vocab) tokens_.emplace(id, token);
  add_start_symbols();
  add_merges();
}

void Bpe::add_start_symbols() {
  byte_ids_.fill(-1);
  fallback_ids_.fill(-1);
  std::vector<std::pair<char32_t, std::int32_t>> chars;
  for (const auto& [token, id] : options_.vocab) {
    if (!token.empty() && utf8_length(token[0]) == token.size()) {
      chars.emplace_back(decode_utf8(token, 0).code_point, id);
    }
  }
  char_ids_ = FlatMap(chars.size());
  for (const auto& [c, id] : chars) {
    char_ids_.insert(c, static_cast<std::uint32_t>(id));
    if (c < 0x80) byte_ids_[c] = id;
  }
  if (!options_.byte_fallback) return;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const auto found = options_.vocab.find(fmt::format("<0x{:02X}>", byte));
    if (found != options_.vocab.end()) fallback_ids_[byte] = found->second;
  }
}

void Bpe::add_merges() {
  merges_ = MergeTable(options_.merges.size());
  // A text without pre-tokenizer is one long word, but it may be cut before a U+2581 that no merge can join
  // to what stands before it: then the parts are short and come from the cache. For this to hold every
  // character must become some token, and tokens that stand for something else than their own text (byte
  // fallback, unk) must not take part in merges.
  const bool keeps_all =
      options_.unk_token.has_value() ||
      std::none_of(fallback_ids_.begin(), fallback_ids_.end(), [](auto id) { return id < 0; });
  splits_at_metaspace_ = keeps_all && options_.vocab.contains(kMetaspace) && !options_.ignore_merges;
  std::uint32_t rank = 0;
  std::string merged;
  for (const auto& merge : options_.merges) {
    const auto& left = merge.first;
    const auto& right = merge.second;
    const auto id_of = [&](const std::string& token) {
      const auto found = options_.vocab.find(token);
      if (found == options_.vocab.end()) {
        throw Error(
            fmt::format("{}: merge {} ('{}' '{}') needs the token '{}', which is not in the vocabulary",
                        where_, rank + 1, left, right, token));
      }
      return found->second;
    };
    merged.assign(left).append(right);
    merges_.add(id_of(left), id_of(right), rank, id_of(merged));
    ++rank;
    if (left.empty() || right.empty()) {
      splits_at_metaspace_ = false;
      continue;
    }
    if (right.starts_with(kMetaspace)) joins_metaspace_[static_cast<unsigned char>(left.back())] = true;
    const auto stands_for_other = [&](const std::string& token) {
      return token == options_.unk_token || (options_.byte_fallback && token.starts_with("<0x"));
    };
    if (stands_for_other(left) || stands_for_other(right)) splits_at_metaspace_ = false;
  }
  options_.merges = {};
}

bool Bpe::take_bytes() {
  if (options_.byte_fallback) return false;
  std::array<std::int32_t, 256> ids{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    const auto found = options_.vocab.find(byte_to_utf8(static_cast<unsigned char>(byte)));
    ids[byte] = found == options_.vocab.end() ? -1 : found->second;
    if (ids[byte] < 0 && is_possible_utf8(byte)) return false;
  }
  byte_ids_ = ids;
  takes_bytes_ = true;
  splits_at_metaspace_ = false;
  if (!options_.ignore_merges) return true;
  byte_vocab_.reserve(options_.vocab.size());
  for (const auto& [token, id] : options_.vocab) {
    if (std::optional<std::string> bytes = byte_level_to_bytes(token))
      byte_vocab_.emplace(std::move(*bytes), id);
  }
  return true;
}

const std::string* Bpe::token(std::int32_t id) const {
  const auto found = tokens_.find(id);
  return found == tokens_.end() ? nullptr : &found->second;
}

void Bpe::encode_word(std::string_view word, BpeScratch& scratch, std::vector<Symbol>& out) const {
  if (!splits_at_metaspace_) return encode_unit(word, scratch, out);
  std::size_t begin = 0;
  for (std::size_t cut = word.find(kMetaspace, 1); cut != std::string_view::npos;
       cut = word.find(kMetaspace, cut + kMetaspace.size())) {
    // The byte before tells: 0x81 also ends U+2581 itself, so runs of it stay whole where they can merge.
    if (joins_metaspace_[static_cast<unsigned char>(word[cut - 1])]) continue;
    encode_unit(word.substr(begin, cut - begin), scratch, out);
    begin = cut;
  }
  encode_unit(word.substr(begin), scratch, out);
}

void Bpe::encode_unit(std::string_view word, BpeScratch& scratch, std::vector<Symbol>& out) const {
  if (word.size() > WordCache::kMaxBytes) {
    tokenize(word, scratch);
    out.insert(out.end(), scratch.symbols.begin(), scratch.symbols.end());
    return;
  }
  std::array<std::uint64_t, 3> key;
  WordCache::Slot& slot = scratch.cache.slot(word, key);
  if (WordCache::holds(slot, key)) {
    const std::size_t count = WordCache::num_tokens(slot);
    for (std::size_t i = 0; i < count; ++i) out.push_back({slot.ids[i], slot.num_bytes[i]});
    return;
  }
  tokenize(word, scratch);
  WordCache::store(slot, key, scratch.symbols);
  out.insert(out.end(), scratch.symbols.begin(), scratch.symbols.end());
}

void Bpe::tokenize(std::string_view word, BpeScratch& scratch) const {
  std::vector<Symbol>& symbols = scratch.symbols;
  symbols.clear();
  if (options_.ignore_merges) {
    const Vocab& whole = takes_bytes_ ? byte_vocab_ : options_.vocab;
    if (const auto found = whole.find(word); found != whole.end()) {
      symbols.push_back({found->second, static_cast<std::uint32_t>(word.size())});
      return;
    }
  }
  if (takes_bytes_) {
    for (const char c : word) symbols.push_back({byte_ids_[static_cast<unsigned char>(c)], 1});
  } else {
    add_char_symbols(word, symbols);
  }
  scratch.merger.merge(symbols, merges_);
}

std::int32_t Bpe::char_id(std::string_view word, std::size_t pos, std::uint32_t num_bytes) const {
  if (num_bytes == 1) return byte_ids_[static_cast<unsigned char>(word[pos])];
  const std::uint64_t found = char_ids_.find(decode_utf8(word, pos).code_point);
  return found == FlatMap::kMissing ? -1 : static_cast<std::int32_t>(found);
}

void Bpe::add_char_symbols(std::string_view word, std::vector<Symbol>& symbols) const {
  // As in HF tokenizers, an unk token is held back until the next known character, and past byte fallbacks.
  std::optional<Symbol> unk;
  const auto flush = [&] {
    if (unk) symbols.push_back(*unk);
    unk.reset();
  };
  for (std::size_t pos = 0; pos < word.size();) {
    const std::uint32_t num_bytes = utf8_length(word[pos]);
    const std::int32_t id = char_id(word, pos, num_bytes);
    if (id >= 0) {
      flush();
      symbols.push_back({id, num_bytes});
    } else if (!add_fallback(word.substr(pos, num_bytes), symbols) && options_.unk_token) {
      if (unk && options_.fuse_unk) {
        unk->num_bytes += num_bytes;
      } else {
        flush();
        unk = Symbol{unk_id(), num_bytes};
      }
    }
    pos += num_bytes;
  }
  flush();
}

bool Bpe::add_fallback(std::string_view character, std::vector<Symbol>& symbols) const {
  for (const char c : character) {
    if (fallback_ids_[static_cast<unsigned char>(c)] < 0) return false;
  }
  for (const char c : character) symbols.push_back({fallback_ids_[static_cast<unsigned char>(c)], 1});
  return true;
}

std::int32_t Bpe::unk_id() const {
  const auto found = options_.vocab.find(*options_.unk_token);
  if (found == options_.vocab.end()) {
    throw Error(
        fmt::format("{}: the text has a character without a token, and the unk_token '{}' is not in the "
                    "vocabulary either",
                    where_, *options_.unk_token));
  }
  return found->second;
}

}  // namespace sift::text
