#include "formats/byte_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <sift/error.h>
#include "support/temp_folder.h"

namespace sift {
namespace {

using testing::HasSubstr;

std::string content(const std::filesystem::path& file, std::size_t step = 1000) {
  const auto source = open_bytes(file);
  std::string text, piece(step, '\0');
  for (std::size_t count = step; count == step;) {
    count = source->read(piece);
    text += piece.substr(0, count);
  }
  return text;
}

std::string gzip(const std::string& text) {
  ::z_stream stream{};
  ::deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string result(text.size() + 1000, '\0');
  stream.next_in = reinterpret_cast<::Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<unsigned>(text.size());
  stream.next_out = reinterpret_cast<::Bytef*>(result.data());
  stream.avail_out = static_cast<unsigned>(result.size());
  ::deflate(&stream, Z_FINISH);
  result.resize(stream.total_out);
  ::deflateEnd(&stream);
  return result;
}

std::string xz(const std::string& text) {
  std::string result(text.size() + 1000, '\0');
  std::size_t size = 0;
  EXPECT_EQ(::lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr,
                                      reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                                      reinterpret_cast<std::uint8_t*>(result.data()), &size, result.size()),
            LZMA_OK);
  result.resize(size);
  return result;
}

std::string zstd(const std::string& text) {
  std::string result(::ZSTD_compressBound(text.size()), '\0');
  result.resize(::ZSTD_compress(result.data(), result.size(), text.data(), text.size(), 3));
  return result;
}

std::string long_text() {
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += "{\"number\": " + std::to_string(i * 7919 % 10'007) + "}\n";
  return text;
}

using Compress = std::string (*)(const std::string&);
const std::pair<const char*, Compress> kFormats[] = {{"gzip", gzip}, {"xz", xz}, {"zstd", zstd}};

TEST(ByteSource, PlainFilesAreReadAsTheyAre) {
  const test::TempFolder folder;
  EXPECT_EQ(content(folder.write("a.gz", "plain\n")), "plain\n");
  EXPECT_EQ(content(folder.write("b", "")), "");
  EXPECT_THAT(test::error_of([&] { open_bytes(folder / "c"); }),
              HasSubstr("c: cannot be opened: No such file"));
}

TEST(ByteSource, CompressedFilesAreDecompressedWhateverTheirName) {
  const test::TempFolder folder;
  const std::string text = long_text();
  for (const auto& [name, compress] : kFormats) {
    SCOPED_TRACE(name);
    EXPECT_EQ(content(folder.write("rows", compress(text))), text);
    EXPECT_EQ(content(folder.write("rows", compress(text)), std::size_t{1} << 22), text);
    EXPECT_EQ(content(folder.write("rows", compress("a\n") + compress("") + compress("b\n"))), "a\nb\n");
  }
}

TEST(ByteSource, ZstdFramesToBeSkippedAreSkipped) {
  const test::TempFolder folder;
  const std::string index("\x5E\x2A\x4D\x18\x03\0\0\0idx", 11), size("\x50\x2A\x4D\x18\x01\0\0\0s", 9);
  const std::string text = long_text();
  EXPECT_EQ(content(folder.write("rows", size + zstd(text) + size + zstd("b\n") + index)), text + "b\n");
  EXPECT_EQ(content(folder.write("rows", zstd("a\n") + index + size + zstd("b\n"))), "a\nb\n");
  EXPECT_EQ(content(folder.write("rows", index)), "");
  EXPECT_THAT(test::error_of([&] { content(folder.write("rows", zstd("a\n") + index.substr(0, 9))); }),
              HasSubstr("the zstd data end early"));
}

TEST(ByteSource, ZerosMayFollowPartsAndNothingElse) {
  const test::TempFolder folder;
  const std::string zeros(512, '\0');
  EXPECT_EQ(content(folder.write("rows", gzip("a\n") + zeros + gzip("b\n") + zeros)), "a\nb\n");
  EXPECT_EQ(content(folder.write("rows", xz("a\n") + zeros + xz("b\n") + zeros)), "a\nb\n");
  for (const auto& [name, compress] : kFormats) {
    SCOPED_TRACE(name);
    EXPECT_EQ(test::error_of([&] { content(folder.write("rows", compress("a\n") + "b: not compressed\n")); }),
              std::string("the ") + name + " data are damaged; copy or download the file again");
  }
}

TEST(ByteSource, FilesThatAreCutOrDamagedAreErrors) {
  const test::TempFolder folder;
  for (const auto& [name, compress] : kFormats) {
    SCOPED_TRACE(name);
    std::string bytes = compress(long_text());
    const auto error = [&](const std::string& found) {
      const auto file = folder.write("rows", found);
      return test::error_of([&] { content(file); });
    };
    for (const std::size_t kept : {bytes.size() - 1, bytes.size() / 2, std::size_t{20}}) {
      EXPECT_EQ(error(bytes.substr(0, kept)), std::string("the ") + name +
                                                  " data end early: the file is incomplete; copy or download "
                                                  "it again");
    }
    for (std::size_t i = bytes.size() / 2; i < bytes.size() / 2 + 200; ++i)
      bytes[i] = static_cast<char>(~bytes[i]);
    EXPECT_EQ(error(bytes),
              std::string("the ") + name + " data are damaged; copy or download the file again");
  }
}

}  // namespace
}  // namespace sift
