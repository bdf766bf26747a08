#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sift::text {

/// A byte range [first, second) of the text the user gave.
using ByteRange = std::pair<std::uint32_t, std::uint32_t>;

/// A stretch of an AlignedText, in bytes.
struct Piece {
  std::uint32_t begin;
  std::uint32_t end;
};

/// Text on its way to the model that knows, while `tracked`, which bytes of the original each of its bytes
/// comes from. Unchanged text costs nothing: it is a view, and the ranges follow from character boundaries.
class AlignedText {
 public:
  /// Unchanged original text starting at byte `original_begin` of the original. The bytes are not copied.
  AlignedText(std::string_view text, std::uint32_t original_begin, bool tracked)
      : view_(text), original_begin_(original_begin), tracked_(tracked) {}
  AlignedText(AlignedText&& other) noexcept { *this = std::move(other); }
  AlignedText& operator=(AlignedText&& other) noexcept;

  std::string_view view() const { return view_; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(view_.size()); }
  bool tracked() const { return tracked_; }
  /// Bytes [begin, end) as a text of their own. Views this text's bytes, which must stay where they are.
  AlignedText part(std::size_t begin, std::size_t end) const;

  /// Original range of the byte at `pos` (needs tracked()).
  ByteRange original(std::size_t pos) const;
  /// Original range from the byte at `begin` to the one before `end`; needs tracked() and begin < end.
  ByteRange original(std::size_t begin, std::size_t end) const {
    return {original(begin).first, original(end - 1).second};
  }

 private:
  friend class TextEdit;
  std::string_view view_;
  std::string owned_;
  std::vector<ByteRange> ranges_;  // per byte of view_; empty while the text is unchanged
  std::uint32_t original_begin_ = 0;
  bool changed_ = false;  // ranges_ are in use if tracked
  bool owns_ = false;     // view_ is of owned_
  bool tracked_ = false;
};

/// Builds a changed copy of an AlignedText, front to back.
class TextEdit {
 public:
  explicit TextEdit(AlignedText& source);
  std::uint32_t size() const { return static_cast<std::uint32_t>(text_.size()); }
  /// Copies bytes [begin, end) of the source.
  void keep(std::size_t begin, std::size_t end);
  /// Appends new bytes that stand for the source's byte at `from`.
  void put(std::string_view bytes, std::size_t from);
  /// Appends new bytes that stand for nothing, at the start of the text.
  void put_at_start(std::string_view bytes);
  /// Replaces the source by what was built.
  void commit();

 private:
  AlignedText& source_;
  std::string text_;
  std::vector<ByteRange> ranges_;
};

}  // namespace sift::text
