#include "jinja/lexer.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "base/utf8.h"
#include "jinja/characters.h"
#include "jinja/number_lexer.h"

namespace sift::jinja {
namespace {

enum class Tag { kVariable, kBlock, kComment, kRaw };

struct TagStart {
  Tag tag;
  std::size_t at;    // of the opening brace
  std::size_t body;  // after the sign; after the whole tag for raw
  char sign;         // '-', '+' or 0
};

constexpr std::array<std::string_view, 23> kOperators = {"//", "**", "==", "!=", ">=", "<=", "+", "-",
                                                         "/",  "*",  "%",  "~",  "[",  "]",  "(", ")",
                                                         "{",  "}",  ">",  "<",  "=",  ".",  ":"};
constexpr std::array<std::string_view, 3> kMoreOperators = {"|", ",", ";"};

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  std::vector<Token> run() {
    while (at_ < source_.size()) {
      std::optional<TagStart> start = find_tag(at_);
      if (!start) {
        add(TokenKind::kData, at_, std::string(source_.substr(at_)));
        break;
      }
      add_data(at_, start->at, *start);
      at_ = start->body;
      line_starting_ = at_ > 0 && source_[at_ - 1] == '\n';
      read_tag(*start);
      line_starting_ = at_ > 0 && source_[at_ - 1] == '\n';
    }
    add(TokenKind::kEnd, source_.size(), "");
    return std::move(tokens_);
  }

 private:
  void add(TokenKind kind, std::size_t offset, std::string text) {
    if (kind == TokenKind::kData && text.empty()) return;
    tokens_.push_back({kind, offset, std::move(text)});
  }

  bool looking_at(std::string_view what, std::size_t at) const {
    return source_.substr(at).starts_with(what);
  }

  std::size_t skip_space(std::size_t at) const {
    return source_.size() - strip_space_left(source_.substr(at)).size();
  }

  static bool is_word(char32_t c) { return c == '_' || is_alnum(c); }

  std::size_t skip_word(std::size_t at) const {
    while (at < source_.size()) {
      std::size_t next = at;
      if (!is_word(next_code_point(source_, next))) break;
      at = next;
    }
    return at;
  }

  std::optional<TagStart> find_tag(std::size_t from) const {
    for (std::size_t at = source_.find('{', from); at != std::string_view::npos;
         at = source_.find('{', at + 1)) {
      if (at + 1 >= source_.size()) break;
      char kind = source_[at + 1];
      if (kind != '{' && kind != '%' && kind != '#') continue;
      std::size_t body = at + 2;
      char sign =
          body < source_.size() && (source_[body] == '-' || source_[body] == '+') ? source_[body] : '\0';
      if (sign != 0) ++body;
      if (kind == '%') {
        if (auto end = raw_end(body)) return TagStart{Tag::kRaw, at, *end, sign};
      }
      return TagStart{kind == '{'   ? Tag::kVariable
                      : kind == '%' ? Tag::kBlock
                                    : Tag::kComment,
                      at, body, sign};
    }
    return std::nullopt;
  }

  /// Behind `raw %}` when that is what stands at `at`.
  std::optional<std::size_t> raw_end(std::size_t at) const {
    at = skip_space(at);
    if (!looking_at("raw", at)) return std::nullopt;
    at = skip_space(at + 3);
    if (looking_at("-%}", at)) return skip_space(at + 3);
    if (looking_at("%}", at)) return at + 2;
    return std::nullopt;
  }

  /// The text before a tag, without the white space that the tag takes away.
  void add_data(std::size_t from, std::size_t to, const TagStart& tag) {
    std::string_view text = source_.substr(from, to - from);
    if (tag.sign == '-') {
      text = strip_space_right(text);
    } else if (tag.sign != '+' && tag.tag != Tag::kVariable) {
      std::size_t line = text.rfind('\n') + 1;  // npos + 1 is 0
      if ((line > 0 || line_starting_) && strip_space_left(text.substr(line)).empty())
        text = text.substr(0, line);
    }
    add(TokenKind::kData, from, std::string(text));
  }

  /// The end of a block or comment tag, or nothing: its own sign, and the line end that trim_blocks eats.
  std::optional<std::size_t> tag_end(std::string_view end, std::size_t at) const {
    if (at >= source_.size()) return std::nullopt;
    if (source_[at] == '+' && looking_at(end, at + 1)) return at + 1 + end.size();
    if (source_[at] == '-' && looking_at(end, at + 1)) return skip_space(at + 1 + end.size());
    if (!looking_at(end, at)) return std::nullopt;
    at += end.size();
    return at < source_.size() && source_[at] == '\n' ? at + 1 : at;
  }

  void read_tag(const TagStart& start) {
    // jinja2 lets a comment or raw block end with the template when nothing at all is in it.
    if (at_ >= source_.size() && (start.tag == Tag::kComment || start.tag == Tag::kRaw)) return;
    switch (start.tag) {
      case Tag::kComment:
        for (;; ++at_) {
          if (at_ >= source_.size()) throw SyntaxFault(start.at, "missing end of comment tag");
          if (auto end = tag_end("#}", at_)) {
            at_ = *end;
            return;
          }
        }
      case Tag::kRaw:
        read_raw(start);
        return;
      case Tag::kBlock:
        add(TokenKind::kBlockBegin, start.at, "");
        read_expression(start, TokenKind::kBlockEnd);
        return;
      case Tag::kVariable:
        add(TokenKind::kVariableBegin, start.at, "");
        read_expression(start, TokenKind::kVariableEnd);
        return;
    }
  }

  void read_raw(const TagStart& start) {
    for (std::size_t at = source_.find("{%", at_); at != std::string_view::npos;
         at = source_.find("{%", at + 1)) {
      std::size_t body = at + 2;
      char sign =
          body < source_.size() && (source_[body] == '-' || source_[body] == '+') ? source_[body] : '\0';
      std::size_t word = skip_space(sign != 0 ? body + 1 : body);
      if (!looking_at("endraw", word)) continue;
      auto end = tag_end("%}", skip_space(word + 6));
      if (!end) continue;
      add_data(at_, at, {Tag::kRaw, at, at, sign});
      at_ = *end;
      return;
    }
    throw SyntaxFault(start.at, "missing end of raw directive");
  }

  std::optional<std::size_t> expression_end(TokenKind kind) const {
    if (!open_.empty()) return std::nullopt;
    if (kind == TokenKind::kBlockEnd) return tag_end("%}", at_);
    if (looking_at("-}}", at_)) return skip_space(at_ + 3);
    if (looking_at("}}", at_)) return at_ + 2;
    return std::nullopt;
  }

  void read_expression(const TagStart& start, TokenKind end_kind) {
    while (at_ < source_.size()) {
      if (auto end = expression_end(end_kind)) {
        add(end_kind, at_, "");
        at_ = *end;
        return;
      }
      read_token();
    }
    throw SyntaxFault(start.at, "unexpected end of template inside a tag");
  }

  void read_token() {
    std::size_t after_space = skip_space(at_);
    if (after_space > at_) {
      at_ = after_space;
      return;
    }
    if (auto number = read_number(source_, at_)) {
      add(number->is_float ? TokenKind::kFloat : TokenKind::kInteger, at_, number->text);
      at_ = number->end;
      return;
    }
    std::size_t word = skip_word(at_);
    if (word > at_) {
      add_name(word);
      return;
    }
    if (source_[at_] == '\'' || source_[at_] == '"') {
      read_string();
      return;
    }
    read_operator();
  }

  void add_name(std::size_t end) {
    for (std::size_t at = at_; at < end;) {
      bool first = at == at_;
      char32_t c = next_code_point(source_, at);
      bool allowed = c == '_' || is_alpha(c) || (!first && is_decimal(c));
      if (!allowed) throw SyntaxFault(at_, "invalid character in identifier");
    }
    add(TokenKind::kName, at_, std::string(source_.substr(at_, end - at_)));
    at_ = end;
  }

  void read_string() {
    char quote = source_[at_];
    std::size_t end = at_ + 1;
    while (end < source_.size() && source_[end] != quote) end += source_[end] == '\\' ? 2 : 1;
    if (end >= source_.size()) throw SyntaxFault(at_, "string literal without an end");
    add(TokenKind::kString, at_, unescape_literal(source_.substr(at_ + 1, end - at_ - 1), at_));
    at_ = end + 1;
  }

  void read_operator() {
    std::string_view found;
    for (std::string_view op : kOperators) {
      if (found.empty() && looking_at(op, at_)) found = op;
    }
    for (std::string_view op : kMoreOperators) {
      if (found.empty() && looking_at(op, at_)) found = op;
    }
    if (found.empty()) {
      std::size_t next = at_;
      next_code_point(source_, next);
      throw SyntaxFault(at_, fmt::format("unexpected character '{}'", source_.substr(at_, next - at_)));
    }
    if (found == "(") open_ += ')';
    if (found == "[") open_ += ']';
    if (found == "{") open_ += '}';
    if (found == ")" || found == "]" || found == "}") {
      if (open_.empty()) throw SyntaxFault(at_, fmt::format("unexpected '{}'", found));
      if (open_.back() != found[0]) {
        throw SyntaxFault(at_, fmt::format("unexpected '{}', expected '{}'", found, open_.back()));
      }
      open_.pop_back();
    }
    add(TokenKind::kOperator, at_, std::string(found));
    at_ += found.size();
  }

  std::string_view source_;
  std::size_t at_ = 0;
  bool line_starting_ = true;
  std::string open_;  // the closing brackets that are still due
  std::vector<Token> tokens_;
};

}  // namespace

std::string normalize_source(std::string_view source) {
  std::string out;
  out.reserve(source.size());
  for (std::size_t at = 0; at < source.size(); ++at) {
    if (source[at] == '\r') {
      out += '\n';
      if (at + 1 < source.size() && source[at + 1] == '\n') ++at;
    } else {
      out += source[at];
    }
  }
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

std::vector<Token> tokenize(std::string_view source) {
  return Lexer(source).run();
}

}  // namespace sift::jinja
