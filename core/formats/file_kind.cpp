#include "formats/file_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/ascii.h"

namespace sift {
namespace {

using namespace std::string_view_literals;

struct Kind {
  std::string_view begin;
  const char* what;
  const char* advice;
};

constexpr std::string_view kParquet = "PAR1", kGzip = "\x1F\x8B",
                           kXz =
                               "\xFD"
                               "7zXZ\0"sv,
                           kZstd = "\x28\xB5\x2F\xFD";

constexpr const char* kToUtf8 = "write it as UTF-8, for example with iconv -f UTF-16 -t UTF-8";
constexpr const char* kConvert = "convert it to JSON Lines, or name the file that was meant";
constexpr const char* kArrow =
    "write the data set with to_json() or to_parquet() of the datasets library and name that file";

constexpr Kind kKinds[] = {
    {"version https://git-lfs.github.com/spec/", "a Git LFS pointer, not the content itself",
     "run 'git lfs pull' in its folder, or download the file again"},
    {kParquet, "a Parquet file", "give it a name that ends with .parquet"},
    {"ARROW1"sv, "an Arrow file", kArrow},
    {"PK\x03\x04"sv, "a zip archive", "unpack it and name the file inside"},
    {kGzip, "compressed with gzip", "decompress it with gunzip"},
    {kXz, "compressed with xz", "decompress it with unxz"},
    {kZstd, "compressed with zstd", "decompress it with unzstd"},
    {"BZh"sv, "compressed with bzip2", "decompress it with bunzip2"},
    {"\x04\x22\x4D\x18"sv, "compressed with lz4", "decompress it with unlz4"},
    {"7z\xBC\xAF\x27\x1C"sv, "a 7z archive", "unpack it and name the file inside"},
    {"Rar!"sv, "a RAR archive", "unpack it and name the file inside"},
    {"%PDF-"sv, "a PDF document", kConvert},
    {"SQLite format 3\0"sv, "an SQLite database", kConvert},
    {"\x89HDF\r\n"sv, "an HDF5 file", kConvert},
    {"\x93NUMPY"sv, "an array of NumPy", kConvert},
    {"Obj\x01"sv, "an Avro file", kConvert},
    {"ORC"sv, "an ORC file", kConvert},
    {"GGUF"sv, "a GGUF model", "use the folder of safetensors that it was made from"},
    {"\xFF\xFE\0\0"sv, "UTF-32 text", "write it as UTF-8, for example with iconv -f UTF-32 -t UTF-8"},
    {"\xFF\xFE"sv, "UTF-16 text", kToUtf8},
    {"\xFE\xFF"sv, "UTF-16 text", kToUtf8},
};

std::string lower_case_start(std::string_view head) {
  const std::size_t begin = std::min(head.find_first_not_of(" \t\r\n"), head.size());
  return ascii_lower(head.substr(begin, 16));
}

bool is_web_page(std::string_view head) {
  constexpr std::string_view kBom = "\xEF\xBB\xBF";
  const std::string start = lower_case_start(head.starts_with(kBom) ? head.substr(kBom.size()) : head);
  return start.starts_with("<!doctype") || start.starts_with("<html") || start.starts_with("<?xml") ||
         start.starts_with("<head");
}

/// UTF-16 without a byte order mark: every second byte of ASCII is zero.
bool is_bare_utf16(std::string_view head) {
  if (head.size() < 4) return false;
  const bool little = head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0;
  const bool big = head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0;
  return little || big;
}

/// A mark, then the size of a schema in four bytes, the last of them zero.
bool is_arrow_stream(std::string_view head) {
  return head.starts_with("\xFF\xFF\xFF\xFF") && head.size() >= 8 && head[7] == 0;
}

std::string phrase(const char* what, const char* advice) {
  return fmt::format("the file is {}; {}", what, advice);
}

}  // namespace

std::optional<std::string> mistaken_content(std::string_view head) {
  for (const Kind& kind : kKinds) {
    if (head.starts_with(kind.begin)) return phrase(kind.what, kind.advice);
  }
  if (is_arrow_stream(head)) return phrase("an Arrow stream, as the datasets library keeps it", kArrow);
  if (is_web_page(head)) {
    return phrase("a web page or XML",
                  "download it again from the address of the file itself, signed in if needed");
  }
  if (!head.empty() && head.find_first_not_of('\0') == std::string_view::npos) {
    return "the file holds zero bytes: it was never written completely; copy or download it again";
  }
  if (is_bare_utf16(head)) return phrase("UTF-16 text", kToUtf8);
  if (head.size() >= 262 && head.substr(257, 5) == "ustar")
    return phrase("a tar archive", "unpack it and name the file inside");
  return std::nullopt;
}

bool looks_like_parquet(std::string_view head) {
  return head.starts_with(kParquet);
}

bool looks_like_gzip(std::string_view head) {
  return head.starts_with(kGzip);
}

bool looks_like_xz(std::string_view head) {
  return head.starts_with(kXz);
}

bool looks_like_zstd(std::string_view head) {
  // pzstd and seekable files begin with a frame that readers skip; its low four bits are arbitrary
  const bool is_skipped = head.size() >= 4 && (head[0] & 0xF0) == 0x50 && head.substr(1, 3) == "\x2A\x4D\x18";
  return is_skipped || head.starts_with(kZstd);
}

}  // namespace sift
