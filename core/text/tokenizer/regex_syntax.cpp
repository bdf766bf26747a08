#include "text/tokenizer/regex_syntax.h"

#include <fmt/format.h>

#include <cctype>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "text/tokenizer/char_class.h"

namespace sift::text {
namespace {

class Translator {
 public:
  Translator(std::string_view pattern, const std::string& where, bool by_table)
      : pattern_(pattern), reader_(pattern, where), by_table_(by_table) {}

  std::string run() {
    while (pos_ < pattern_.size()) {
      const char c = pattern_[pos_];
      if (c == '{') {
        interval();
        continue;
      }
      if (c != '?' && c != '*' && c != '+') atom_ = out_.size();
      if (c == '\\') {
        escape();
      } else if (c == '[') {
        bool negated = false;
        const CharSet set = reader_.read_class(pos_, negated);
        put_set(set, negated, true);
      } else if (c == '(') {
        open_group();
      } else if (c == ')') {
        close_group();
      } else {
        character();
      }
    }
    return std::move(out_);
  }

  const CodePointSet& disputed() const { return disputed_; }
  bool pcre_suffices() const { return pcre_suffices_; }

 private:
  struct Group {
    std::size_t begin;  // in out_
    bool ignored_case;  // around it
  };

  std::string_view rest() const { return pattern_.substr(pos_); }

  void copy(std::size_t count) {
    out_ += pattern_.substr(pos_, count);
    pos_ += count;
  }

  // PCRE2 folds case by its own version of Unicode. Sets are therefore closed here, and matched with case.
  void put_set(const CharSet& set, bool negated, bool closes_under_case) {
    if (ignore_case_) {
      const CodePointSet members = closes_under_case ? closed_under_case(set.members) : set.members;
      out_ += fmt::format("(?-i:{})", class_of(members, negated));
    } else if (by_table_ || set.pcre.empty()) {
      out_ += class_of(set.members, negated);
    } else {
      out_ += fmt::format("[{}{}]", negated ? "^" : "", set.pcre);
      disputed_.add(set.disputed);
      pcre_suffices_ = pcre_suffices_ && set.pcre_has_it;
    }
  }

  void put_char(char32_t c) { put_set({{}, CodePointSet({{c, c}}), {}, true}, false, true); }

  void character() {
    const Utf8Char c = decode_utf8(pattern_, pos_);
    if (!ignore_case_ || c.code_point < 0x80) return copy(c.num_bytes);
    put_char(c.code_point);
    pos_ += c.num_bytes;
  }

  void escape() {
    CharSet set;
    if (reader_.read_shorthand(pos_, false, set)) {
      // Oniguruma closes only bracketed classes under case.
      return put_set(set, false, false);
    }
    const char kind = pos_ + 1 < pattern_.size() ? pattern_[pos_ + 1] : '\0';
    switch (kind) {
      case 'b':
      case 'B':
        return boundary(kind == 'B');
      case 'X':
        reader_.unsupported("\\X", pos_);
      case 'u':
      case 'x':
      case 'v':
        return escaped_char();
      default:
        return copy(1 + (pos_ + 1 < pattern_.size() ? utf8_length(kind) : 0));
    }
  }

  void escaped_char() {
    const char32_t c = reader_.read_char(pos_);
    if (ignore_case_ && c >= 0x80) return put_char(c);
    out_ += fmt::format("\\x{{{:x}}}", static_cast<std::uint32_t>(c));
  }

  void boundary(bool negated) {
    const std::string before = std::exchange(out_, {});
    put_set(reader_.word(), false, false);
    const std::string word = std::exchange(out_, before);
    out_ += negated ? fmt::format("(?:(?<={0})(?={0})|(?<!{0})(?!{0}))", word)
                    : fmt::format("(?:(?<={0})(?!{0})|(?<!{0})(?={0}))", word);
    pos_ += 2;
  }

  void interval() {
    std::size_t end = pos_ + 1;
    while (end < pattern_.size() &&
           (std::isdigit(static_cast<unsigned char>(pattern_[end])) != 0 || pattern_[end] == ',')) {
      ++end;
    }
    if (end >= pattern_.size() || pattern_[end] != '}' || end == pos_ + 1) return copy(1);
    const std::string_view counts = pattern_.substr(pos_ + 1, end - pos_ - 1);
    if (counts == ",") return copy(1);
    out_ += fmt::format("{{{}{}}}", counts.front() == ',' ? "0" : "", counts);
    pos_ = end + 1;
    const std::string_view next = rest().substr(0, 1);
    // After an interval Oniguruma reads + and, when the count is exact, ? as a second quantifier.
    if (next == "+") repeat_again("+");
    if (next == "?" && counts.find(',') == std::string_view::npos) repeat_again("?");
  }

  void repeat_again(std::string_view quantifier) {
    out_.insert(atom_, "(?:");
    out_ += ")";
    out_ += quantifier;
    ++pos_;
  }

  void open_group() {
    const std::size_t begin = out_.size();
    const bool around = ignore_case_;
    if (rest().substr(0, 2) != "(?" || !flags()) {
      copy(rest().substr(0, 2) == "(?" ? 2 : 1);
    } else if (out_.back() == ')') {
      return;  // (?i): until the group around it ends
    }
    groups_.push_back({begin, around});
  }

  void close_group() {
    if (!groups_.empty()) {
      atom_ = groups_.back().begin;
      ignore_case_ = groups_.back().ignored_case;
      groups_.pop_back();
    }
    copy(1);
  }

  // (?imx-imx: or (?imx-imx), if that is what is here. Ruby's m is "dot matches newline", PCRE2's s.
  bool flags() {
    std::size_t end = pos_ + 2;
    while (end < pattern_.size() && std::string_view("imx-").find(pattern_[end]) != std::string_view::npos) {
      ++end;
    }
    if (end >= pattern_.size() || (pattern_[end] != ':' && pattern_[end] != ')')) return false;
    bool on = true;
    for (; pos_ <= end; ++pos_) {
      const char c = pattern_[pos_];
      if (c == '-') on = false;
      if (c == 'i') ignore_case_ = on;
      out_ += c == 'm' ? 's' : c;
    }
    return true;
  }

  std::string_view pattern_;
  CharClassReader reader_;
  bool by_table_;
  std::size_t pos_ = 0;
  std::string out_;
  bool ignore_case_ = false;
  std::size_t atom_ = 0;  // where in out_ that begins which a quantifier would repeat
  std::vector<Group> groups_;
  CodePointSet disputed_;
  bool pcre_suffices_ = true;
};

}  // namespace

PcreForms to_pcre_syntax(std::string_view pattern, const std::string& where) {
  Translator pcre(pattern, where, false);
  PcreForms forms;
  forms.by_pcre = pcre.run();
  forms.by_table = Translator(pattern, where, true).run();
  forms.disputed = pcre.disputed();
  forms.pcre_suffices = pcre.pcre_suffices();
  return forms;
}

}  // namespace sift::text
