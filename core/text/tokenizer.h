#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sift {

namespace text {
struct TokenChanges;
}

/// What a text was encoded into.
struct Encoding {
  std::vector<std::int32_t> ids;
  /// The bytes [first, second) of the original text that each token stands for; filled only when asked for. A
  /// token of part of a character has the whole character; tokens of the post-processor have (0, 0).
  std::vector<std::pair<std::uint32_t, std::uint32_t>> offsets;
};

/// A Hugging Face tokenizer.json with a BPE model, giving the ids, offsets and texts that the `tokenizers`
/// package gives. The file's `truncation` and `padding` are not applied: the length of a training example is
/// the data pipeline's decision, and a truncation saved by an earlier run would silently cut texts.
///
///   const auto tokenizer = sift::Tokenizer::from_file("model/tokenizer.json");
///   const sift::Encoding encoding = tokenizer.encode("Hello there", /*add_special_tokens=*/true);
///   const std::string text = tokenizer.decode(encoding.ids, /*skip_special_tokens=*/true);
///
/// Movable, not copyable. All const members may be called from any number of threads at once. Texts are UTF-8
/// of less than 4 GiB; malformed UTF-8 is a sift::Error that names the byte.
class Tokenizer {
 public:
  /// Throws sift::Error naming the file and the part of it that is missing, malformed or not supported.
  static Tokenizer from_file(const std::filesystem::path& tokenizer_json);
  /// The same from the file's content; `name` stands for the file in messages.
  static Tokenizer from_json(const std::string& text, const std::string& name);
  /// The same from the parsed content, with what other files change about the added tokens. With
  /// `split_special_tokens`, special tokens written in a text are text like any other, as with transformers'
  /// option of that name.
  static Tokenizer from_document(const nlohmann::json& document, const std::string& name,
                                 const text::TokenChanges& changes, bool split_special_tokens = false);

  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  /// `add_special_tokens` asks for what the file's post-processor adds, such as a begin-of-text token.
  /// Special tokens written in the text are found either way.
  Encoding encode(std::string_view text, bool add_special_tokens, bool with_offsets = false) const;

  /// encode() of every text, in order, on all cores. Throws what encode() throws for the first bad text.
  std::vector<Encoding> encode_batch(std::span<const std::string> texts, bool add_special_tokens,
                                     bool with_offsets = false) const;

  /// Ids that no token has are passed over, as `tokenizers` does. Bytes that are not UTF-8 become U+FFFD.
  std::string decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const;

  std::optional<std::int32_t> token_to_id(std::string_view token) const;
  /// The token as the vocabulary spells it. Throws sift::Error for an id that no token has.
  std::string id_to_token(std::int32_t id) const;
  /// Whether the token is matched in the text as a whole, as special tokens are.
  bool is_added_token(std::int32_t id) const;
  /// Number of tokens, added ones included. Ids can be higher when the vocabulary has gaps.
  std::int32_t vocab_size() const;
  /// -1 for a vocabulary without tokens.
  std::int64_t highest_id() const;

 private:
  struct Impl;
  explicit Tokenizer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sift
