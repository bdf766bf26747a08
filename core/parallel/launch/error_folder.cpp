#include "parallel/launch/error_folder.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <sift/error.h>
#include "formats/json_fields.h"
#include "formats/json_text.h"
#include "parallel/error_file.h"

namespace sift {
namespace fs = std::filesystem;

ErrorFolder::ErrorFolder() {
  std::error_code no_folder;
  std::string pattern = (fs::temp_directory_path(no_folder) / "sift-launch-XXXXXX").string();
  if (no_folder || ::mkdtemp(pattern.data()) == nullptr)
    throw Error(fmt::format(
        "{}: this folder for the errors of the processes cannot be made: {}; set TMPDIR to a folder that can be written",
        pattern, no_folder ? no_folder.message() : std::strerror(errno)));
  path_ = pattern;
}

ErrorFolder::~ErrorFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path ErrorFolder::file_of(std::int64_t rank) const {
  return path_ / fmt::format("rank-{}.json", rank);
}

bool ErrorFolder::has_error_of(std::int64_t rank) const {
  std::error_code missing;
  return fs::exists(file_of(rank), missing);
}

std::string ErrorFolder::message_of(std::int64_t rank) const {
  if (!has_error_of(rank)) return {};
  try {
    const auto json = read_json_file<nlohmann::ordered_json>(file_of(rank));
    return JsonFields(json).at("message").text("message");
  } catch (const Error&) {
    return {};  // it was killed while it wrote
  }
}

void ErrorFolder::pass_on(std::int64_t rank) const {
  const std::string message = message_of(rank);
  if (!message.empty()) write_error_file(message);
}

}  // namespace sift
