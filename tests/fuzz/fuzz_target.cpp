#include "fuzz/fuzz_target.h"

#include <stdlib.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace sift::fuzz {
namespace fs = std::filesystem;
namespace {

class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "sift-fuzz-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    folder_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const fs::path& folder() const { return folder_; }

 private:
  fs::path folder_;
};

}  // namespace

const fs::path& scratch_folder() {
  static const Scratch scratch;
  return scratch.folder();
}

fs::path scratch_file(const std::string& name, std::string_view bytes) {
  fs::path file = scratch_folder() / name;
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream) throw std::runtime_error("cannot write " + file.string());
  return file;
}

std::string read_whole(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

}  // namespace sift::fuzz
