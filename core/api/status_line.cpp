#include <sift/status_line.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <mutex>

namespace sift {
namespace {

constexpr const char* kClearLine = "\r\x1b[2K";

std::mutex status_mutex;
std::string status_text;

void write_now(const std::string& bytes) {
  std::fwrite(bytes.data(), 1, bytes.size(), stderr);
  std::fflush(stderr);
}

/// A line that wraps cannot be rewritten in place, so it ends one column before the edge.
std::string cut_to_terminal(const std::string& text) {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return text;
  return text.substr(0, static_cast<std::size_t>(size.ws_col) - 1);
}

}  // namespace

void set_status_line(const std::string& text) {
  const std::lock_guard lock(status_mutex);
  if (text.empty() && status_text.empty()) return;
  status_text = cut_to_terminal(text);
  write_now(kClearLine + status_text);
}

StatusLinePause::StatusLinePause() {
  status_mutex.lock();
  if (!status_text.empty()) write_now(kClearLine);
}

StatusLinePause::~StatusLinePause() {
  if (!status_text.empty()) write_now(status_text);
  status_mutex.unlock();
}

}  // namespace sift
