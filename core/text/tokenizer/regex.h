#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace sift::text {

/// The memory one thread needs to match: create one per thread and use it with any Regex.
class RegexScratch {
 public:
  RegexScratch();
  ~RegexScratch();
  RegexScratch(RegexScratch&&) noexcept;
  RegexScratch& operator=(RegexScratch&&) noexcept;

 private:
  friend class Regex;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A compiled regular expression (PCRE2, JIT where the machine has it). Shared freely between threads.
class Regex {
 public:
  struct Match {
    std::size_t begin;
    std::size_t end;
  };

  /// `pattern` is in Oniguruma's syntax. Throws sift::Error starting with `where` if it does not compile.
  Regex(std::string_view pattern, const std::string& where);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  /// Finds the first match that starts at byte `start` or later. `subject` must be well-formed UTF-8: it is
  /// not checked again. Throws sift::Error when the pattern needs more memory than matching is given.
  bool find(std::string_view subject, std::size_t start, RegexScratch& scratch, Match& match) const;

 private:
  struct Code;
  std::unique_ptr<Code> code_;
};

}  // namespace sift::text
