#define PCRE2_CODE_UNIT_WIDTH 8
#include "text/tokenizer/pcre.h"

#include <fmt/format.h>
#include <pcre2.h>

#include <utility>
#include <vector>

#include <sift/error.h>
#include "base/utf8.h"

namespace sift::text {
namespace {

constexpr std::size_t kJitStackStartBytes = 32UL * 1024UL;
constexpr std::size_t kJitStackMaxBytes = 8UL * 1024UL * 1024UL;

std::string error_text(int code) {
  PCRE2_UCHAR buffer[256];
  pcre2_get_error_message(code, buffer, sizeof(buffer));
  return reinterpret_cast<const char*>(buffer);
}

template <auto kFree>
struct Deleter {
  template <typename T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
template <typename T, auto kFree>
using Handle = std::unique_ptr<T, Deleter<kFree>>;

}  // namespace

struct RegexScratch::Impl {
  // One pair is enough: groups are never read.
  Handle<pcre2_match_data, pcre2_match_data_free> data{pcre2_match_data_create(1, nullptr)};
  Handle<pcre2_jit_stack, pcre2_jit_stack_free> stack{
      pcre2_jit_stack_create(kJitStackStartBytes, kJitStackMaxBytes, nullptr)};
  Handle<pcre2_match_context, pcre2_match_context_free> context{pcre2_match_context_create(nullptr)};

  Impl() { pcre2_jit_stack_assign(context.get(), nullptr, stack.get()); }
};

RegexScratch::RegexScratch() : impl_(std::make_unique<Impl>()) {}
RegexScratch::~RegexScratch() = default;
RegexScratch::RegexScratch(RegexScratch&&) noexcept = default;
RegexScratch& RegexScratch::operator=(RegexScratch&&) noexcept = default;

struct PcreCode::Code {
  Handle<pcre2_code, pcre2_code_free> compiled;
  bool has_jit = false;
  std::string where;
};

PcreCode::PcreCode(const std::string& translated, std::string_view pattern, std::string where)
    : code_(std::make_unique<Code>()) {
  const Handle<pcre2_compile_context, pcre2_compile_context_free> context{
      pcre2_compile_context_create(nullptr)};
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  int error = 0;
  PCRE2_SIZE error_offset = 0;
  // MULTILINE because Oniguruma's ^ and $ always match at line breaks.
  code_->compiled.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                                      PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C,
                                      &error, &error_offset, context.get()));
  if (!code_->compiled) {
    throw Error(fmt::format("{}: cannot compile the regular expression '{}': {} (at byte {} of '{}')", where,
                            pattern, error_text(error), error_offset, translated));
  }
  code_->has_jit = pcre2_jit_compile(code_->compiled.get(), PCRE2_JIT_COMPLETE) == 0;
  code_->where = std::move(where);
}

PcreCode::~PcreCode() = default;
PcreCode::PcreCode(PcreCode&&) noexcept = default;
PcreCode& PcreCode::operator=(PcreCode&&) noexcept = default;

bool PcreCode::find(std::string_view subject, std::size_t start, RegexScratch& scratch, Match& match) const {
  RegexScratch::Impl& memory = *scratch.impl_;
  const auto call = code_->has_jit ? pcre2_jit_match : pcre2_match;
  const int result = call(code_->compiled.get(), reinterpret_cast<PCRE2_SPTR>(subject.data()), subject.size(),
                          start, PCRE2_NO_UTF_CHECK, memory.data.get(), memory.context.get());
  if (result == PCRE2_ERROR_NOMATCH) return false;
  if (result < 0) {
    throw Error(fmt::format("{}: matching the regular expression failed in a text of {} bytes: {}",
                            code_->where, subject.size(), error_text(result)));
  }
  const PCRE2_SIZE* bounds = pcre2_get_ovector_pointer(memory.data.get());
  match = {bounds[0], bounds[1]};
  return true;
}

std::optional<CodePointSet> pcre_members(const std::string& name) {
  const std::string pattern = fmt::format("\\p{{{}}}+", name);
  std::optional<PcreCode> code;
  try {
    code.emplace(pattern, pattern, "PCRE2");
  } catch (const Error&) {
    return std::nullopt;
  }
  constexpr char32_t kBlock = 0x8000;  // the surrogates lie in one
  RegexScratch scratch;
  PcreCode::Match match{};
  std::vector<CodePointRange> ranges;
  for (char32_t first = 0; first <= kLastCodePoint; first += kBlock) {
    std::string text;
    for (char32_t c = first; c < first + kBlock; ++c) {
      if (c < kFirstSurrogate || c > kLastSurrogate) append_utf8(text, c);
    }
    for (std::size_t at = 0; code->find(text, at, scratch, match); at = match.end) {
      const std::size_t last = previous_utf8(text, match.end);
      ranges.push_back({decode_utf8(text, match.begin).code_point, decode_utf8(text, last).code_point});
    }
  }
  return CodePointSet(std::move(ranges));
}

}  // namespace sift::text
