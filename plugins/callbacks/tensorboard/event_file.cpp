#include "event_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <system_error>
#include <vector>

#include <sift/error.h>

namespace fs = std::filesystem;

namespace {

const std::string kPrefix = "events.out.tfevents.";
const std::string kSuffix = ".sift";

/// CRC-32C (Castagnoli), bit by bit reversed: the table of a byte.
constexpr std::array<std::uint32_t, 256> make_table() {
  constexpr std::uint32_t kPolynomial = 0x82f63b78;
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1U ^ (value & 1U ? kPolynomial : 0U);
    table[byte] = value;
  }
  return table;
}

/// A checksum as it is stored: a CRC of data that contains CRCs is weak, so it is rotated and offset.
std::uint32_t masked_crc(const std::string& bytes) {
  static constexpr std::array<std::uint32_t, 256> kTable = make_table();
  std::uint32_t crc = ~0U;
  for (const char byte : bytes) crc = crc >> 8U ^ kTable[(crc ^ static_cast<unsigned char>(byte)) & 0xffU];
  crc = ~crc;
  constexpr std::uint32_t kDelta = 0xa282ead8;
  return (crc >> 15U | crc << 17U) + kDelta;
}

std::string little_endian(std::uint64_t value, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8U * i);
  return bytes;
}

std::vector<fs::path> event_files(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code failed;
  fs::directory_iterator entries(folder, failed);
  for (; !failed && entries != fs::directory_iterator(); entries.increment(failed)) {
    if (entries->path().filename().string().compare(0, kPrefix.size(), kPrefix) == 0)
      found.push_back(entries->path());
  }
  return found;
}

/// Seconds since 1970, or one more than in the name of the newest file in the folder.
std::int64_t next_time(const fs::path& folder) {
  std::int64_t time = static_cast<std::int64_t>(std::time(nullptr));
  for (const fs::path& file : event_files(folder)) {
    const std::int64_t other = std::atoll(file.filename().string().c_str() + kPrefix.size());
    if (other >= time) time = other + 1;
  }
  return time;
}

}  // namespace

EventFile::EventFile(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0 || host[0] == '\0') host = {'l', 'o', 'c', 'a', 'l'};
  path_ =
      folder / fmt::format("{}{:010}.{}.{}{}", kPrefix, next_time(folder), host.data(), ::getpid(), kSuffix);
  out_.open(path_, std::ios::binary | std::ios::trunc);
  if (!out_)
    throw sift::Error(fmt::format("{} cannot be written; choose another logging_dir", path_.string()));
}

bool EventFile::write(const std::string& record) {
  const std::string length = little_endian(record.size(), sizeof(std::uint64_t));
  out_ << length << little_endian(masked_crc(length), sizeof(std::uint32_t)) << record
       << little_endian(masked_crc(record), sizeof(std::uint32_t));
  return static_cast<bool>(out_.flush());
}

void remove_event_files(const fs::path& folder) {
  std::error_code failed;
  for (const fs::path& file : event_files(folder)) {
    if (file.extension() == kSuffix) fs::remove(file, failed);
  }
}
