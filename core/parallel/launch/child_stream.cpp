#include "parallel/launch/child_stream.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <utility>

#include "base/write_all.h"

namespace sift {
namespace {

constexpr std::size_t kLongestLine = std::size_t{1} << 16;
constexpr std::string_view kErrorSign = "sift: ";

}  // namespace

bool ShownErrors::add(std::string_view line) {
  std::string words;
  std::ranges::copy_if(line, std::back_inserter(words), [](char c) { return c < '0' || c > '9'; });
  return lines.insert(words).second;
}

ChildStream::ChildStream(Descriptor from, int to, std::string prefix, ShownErrors& shown)
    : from_(std::move(from)), to_(to), prefix_(std::move(prefix)), shown_(&shown) {
  ::fcntl(from_.get(), F_SETFL, O_NONBLOCK);
}

void ChildStream::pass_on() {
  std::array<char, 1 << 14> bytes;
  while (is_open()) {
    const ssize_t count = ::read(from_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) break;
    if (count <= 0) {
      from_ = Descriptor();
    } else {
      pending_.append(bytes.data(), static_cast<std::size_t>(count));
      take_lines();
    }
  }
  take_lines();
  if (!is_open() && !waits()) show_pending();
}

void ChildStream::finish() {
  pass_on();
  from_ = Descriptor();  // a process that the child started may still hold the other end
  show_pending();
}

/// Whether an error must not be shown yet.
bool ChildStream::waits() const {
  return shown_->wait_for_first && prefix_.empty() && pending_.starts_with(kErrorSign);
}

void ChildStream::take_lines() {
  for (std::size_t end = pending_.find('\n'); end != std::string::npos && !waits();
       end = pending_.find('\n')) {
    show(std::string_view(pending_).substr(0, end));
    pending_.erase(0, end + 1);
  }
  if (pending_.size() > kLongestLine && !waits()) show_pending();
}

void ChildStream::show_pending() {
  if (!pending_.empty()) show(pending_);
  pending_.clear();
}

void ChildStream::show(std::string_view line) {
  if (prefix_.empty() && line.starts_with(kErrorSign)) left_out_ |= !shown_->add(line);
  if (!left_out_) write_all(to_, prefix_ + std::string(line) + "\n");
}

}  // namespace sift
