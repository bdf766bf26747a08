#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sift::jinja {

/// A syntax error at a byte offset of the source that the lexer normalised.
class SyntaxFault {
 public:
  SyntaxFault(std::size_t offset, std::string message) : offset_(offset), message_(std::move(message)) {}
  std::size_t offset() const { return offset_; }
  const std::string& message() const { return message_; }

 private:
  std::size_t offset_;
  std::string message_;
};

enum class TokenKind {
  kData,
  kVariableBegin,
  kVariableEnd,
  kBlockBegin,
  kBlockEnd,
  kName,
  kString,
  kInteger,
  kFloat,
  kOperator,
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::size_t offset = 0;
  std::string text;  // of a string, with its escapes resolved; of a number, without underscores
};

/// Line ends become \n and one line end at the very end is dropped, as jinja2 reads templates.
std::string normalize_source(std::string_view source);

/// Cuts a normalised source into tokens; white space control is applied to the data tokens here.
std::vector<Token> tokenize(std::string_view source);

/// The text of a string literal between its quotes, as Python's unicode-escape codec reads it.
std::string unescape_literal(std::string_view literal, std::size_t offset);

}  // namespace sift::jinja
