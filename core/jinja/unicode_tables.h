#pragma once

#include <cstdint>
#include <span>

namespace sift::jinja {

/// Code points `first`, `first + stride`, ... `last` belong to a class.
struct ClassRun {
  std::uint32_t first, last, stride;
};

/// The same code points map to themselves plus `delta`.
struct CaseRun {
  std::uint32_t first, last, stride;
  std::int32_t delta;
};

/// A code point that maps to several; unused places are zero.
struct CaseSpecial {
  std::uint32_t from;
  std::uint32_t to[3];
};

struct CaseTable {
  std::span<const CaseRun> runs;
  std::span<const CaseSpecial> specials;
};

std::span<const ClassRun> alpha_runs();
std::span<const ClassRun> digit_runs();
std::span<const ClassRun> decimal_runs();
std::span<const ClassRun> numeric_runs();
std::span<const ClassRun> hidden_runs();  // what repr() escapes
std::span<const ClassRun> lower_runs();
std::span<const ClassRun> upper_runs();
std::span<const ClassRun> title_runs();  // str.istitle of the one character
CaseTable up_table();
CaseTable down_table();
CaseTable title_table();

}  // namespace sift::jinja
