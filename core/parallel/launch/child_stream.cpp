#include "parallel/launch/child_stream.h"

#include <fcntl.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <utility>

namespace sift {
namespace {

constexpr std::size_t kLongestLine = std::size_t{1} << 16;
constexpr std::string_view kErrorSign = "sift: ";

}  // namespace

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      // another program made the pipe or terminal non-blocking
      ::pollfd room{descriptor, POLLOUT, 0};
      ::poll(&room, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
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
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
      show_pending();
      from_ = Descriptor();
      return;
    }
    pending_.append(bytes.data(), static_cast<std::size_t>(count));
    take_lines();
  }
}

void ChildStream::finish() {
  pass_on();
  // a process that the child started may still hold the other end
  show_pending();
  from_ = Descriptor();
}

void ChildStream::take_lines() {
  std::size_t begin = 0;
  for (std::size_t end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n', begin)) {
    show(std::string_view(pending_).substr(begin, end - begin));
    begin = end + 1;
  }
  pending_.erase(0, begin);
  if (pending_.size() > kLongestLine) show_pending();
}

void ChildStream::show_pending() {
  if (!pending_.empty()) show(pending_);
  pending_.clear();
}

void ChildStream::show(std::string_view line) {
  if (prefix_.empty() && line.starts_with(kErrorSign)) left_out_ |= !shown_->emplace(line).second;
  if (!left_out_) write_all(to_, prefix_ + std::string(line) + "\n");
}

}  // namespace sift
