#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "text/tokenizer.h"

namespace sift {

/// The text of tokens that come one by one, without special tokens. `on_text`, if set, gets it piece by
/// piece, each piece when its characters are complete.
class StreamedText {
 public:
  /// The tokenizer must outlive this.
  StreamedText(const Tokenizer& tokenizer, std::function<void(std::string_view)> on_text)
      : tokenizer_(tokenizer), on_text_(std::move(on_text)) {}

  void add(std::int32_t id);
  /// The whole text, once on_text has the rest.
  std::string finish();

 private:
  void show(std::size_t end);

  const Tokenizer& tokenizer_;
  std::function<void(std::string_view)> on_text_;
  std::vector<std::int32_t> ids_;
  std::string text_;
  std::string shown_;
};

}  // namespace sift
