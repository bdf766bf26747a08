#include "formats/file_kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sift {
namespace {

using namespace std::string_view_literals;
using testing::HasSubstr;

TEST(FileKind, MistakesAreNamedWithWhatToDo) {
  const auto mistake = [](std::string_view head) { return mistaken_content(head).value_or("none"); };
  EXPECT_EQ(mistake("version https://git-lfs.github.com/spec/v1\n"),
            "the file is a Git LFS pointer, not the content itself; run 'git lfs pull' in its folder, or "
            "download the file again");
  EXPECT_THAT(mistake("\n <!DOCTYPE html><html>"),
              HasSubstr("the file is a web page or XML; download it again"));
  EXPECT_THAT(mistake("<HTML>"), HasSubstr("a web page"));
  EXPECT_THAT(mistake("\0\0\0"sv), HasSubstr("the file holds zero bytes"));
  EXPECT_THAT(mistake("\xFF\xFE{\0"sv), HasSubstr("the file is UTF-16 text; write it as UTF-8"));
  EXPECT_THAT(mistake("\xFE\xFF\0{"sv), HasSubstr("UTF-16"));
  EXPECT_THAT(mistake("{\0\"\0a\0"sv), HasSubstr("UTF-16"));
  EXPECT_THAT(mistake("\0{\0\"\0a"sv), HasSubstr("UTF-16"));
  EXPECT_THAT(mistake("\xFF\xFE\0\0{\0\0\0"sv), HasSubstr("UTF-32"));
  EXPECT_THAT(mistake("PAR1"), HasSubstr("a Parquet file; give it a name that ends with .parquet"));
  EXPECT_THAT(mistake("PK\x03\x04"), HasSubstr("a zip archive; unpack it"));
  EXPECT_THAT(mistake("ARROW1\0\0"sv), HasSubstr("an Arrow file; write the data set with to_json()"));
  EXPECT_THAT(mistake("\xFF\xFF\xFF\xFF\x10\x02\0\0"sv), HasSubstr("an Arrow stream"));
  EXPECT_THAT(mistake("BZh9"), HasSubstr("compressed with bzip2; decompress it with bunzip2"));
  EXPECT_THAT(mistake(std::string(257, 'a') + "ustar"), HasSubstr("a tar archive"));
}

TEST(FileKind, RowsAreNoMistake) {
  for (const std::string_view head :
       {"{\"a\": 1}"sv, "\xEF\xBB\xBF[{}]"sv, ""sv, "prompt,completion\n"sv, "{"sv})
    EXPECT_EQ(mistaken_content(head), std::nullopt);
}

}  // namespace
}  // namespace sift
