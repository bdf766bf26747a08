#include "base/home_path.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace sift {
namespace {

std::string home_of(const passwd* entry) {
  return entry != nullptr && entry->pw_dir != nullptr ? entry->pw_dir : "";
}

std::string home_of(const std::string& user) {
  if (!user.empty()) return home_of(::getpwnam(user.c_str()));
  const char* home = std::getenv("HOME");
  return home != nullptr && *home != '\0' ? home : home_of(::getpwuid(::getuid()));
}

}  // namespace

std::string expand_home(const std::string& path) {
  if (!path.starts_with('~')) return path;
  const std::size_t slash = path.find('/');
  const bool is_whole = slash == std::string::npos;
  std::string home = home_of(path.substr(1, is_whole ? slash : slash - 1));
  if (home.empty()) return path;
  if (is_whole) return home;
  // the home folder "/" needs no second slash
  if (home.ends_with('/')) home.pop_back();
  return home + path.substr(slash);
}

}  // namespace sift
