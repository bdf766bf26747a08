#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/code_point_set.h"

namespace sift::text {

/// The memory one thread needs to match: create one per thread and use it with any pattern.
class RegexScratch {
 public:
  RegexScratch();
  ~RegexScratch();
  RegexScratch(RegexScratch&&) noexcept;
  RegexScratch& operator=(RegexScratch&&) noexcept;

 private:
  friend class PcreCode;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A pattern compiled by PCRE2, with JIT where the machine has it. Shared freely between threads.
class PcreCode {
 public:
  struct Match {
    std::size_t begin;
    std::size_t end;
  };

  /// `translated` is in PCRE2's syntax. Throws sift::Error if it does not compile; the message starts with
  /// `where` and shows `pattern`, as the file has it.
  PcreCode(const std::string& translated, std::string_view pattern, std::string where);
  ~PcreCode();
  PcreCode(PcreCode&&) noexcept;
  PcreCode& operator=(PcreCode&&) noexcept;

  /// Finds the first match that starts at byte `start` or later. `subject` must be well-formed UTF-8: it is
  /// not checked again. Throws sift::Error when the pattern needs more memory than matching is given.
  bool find(std::string_view subject, std::size_t start, RegexScratch& scratch, Match& match) const;

 private:
  struct Code;
  std::unique_ptr<Code> code_;
};

/// The code points that PCRE2's own \p{NAME} matches, surrogates left out; nothing if it has no such
/// property.
std::optional<CodePointSet> pcre_members(const std::string& name);

}  // namespace sift::text
