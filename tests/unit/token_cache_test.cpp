#include "data/token_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "data/content_hash.h"
#include "support/small_run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::TempFolder;

class TokenCacheTest : public testing::Test {
 protected:
  TokenCacheTest() {
    ::setenv("SIFT_CACHE", cache_folder().c_str(), 1);
    options_.packing = true;
    options_.max_length = 64;
    write("one two three four five six seven eight");
  }
  ~TokenCacheTest() override { ::setenv("SIFT_CACHE", "off", 1); }

  fs::path cache_folder() const { return folder_ / "cache"; }
  void write(const std::string& text) {
    folder_.write("rows.jsonl", "{\"text\": \"" + text + "\"}\n{\"text\": \"more\"}\n");
  }
  PrepareRequest request() const {
    return {files_, options_, test::SmallRun::model_folder(),
            text_,  1024,     Arrangement::of_train(options_, 42)};
  }
  std::string key() const { return TokenCache::key_of(request()); }
  fs::path cached_file() const { return TokenCache(cache_folder()).file_of(key()); }

  TempFolder folder_;
  DataOptions options_;
  TextProcessor text_ = TextProcessor::from_folder(test::SmallRun::model_folder(), {});
  std::vector<std::string> files_{(folder_ / "rows.jsonl").string()};
};

void expect_same(const PreparedData& found, const PreparedData& expected) {
  const auto a = found.dataset.buffers(), b = expected.dataset.buffers();
  EXPECT_TRUE(std::ranges::equal(a.input_ids, b.input_ids));
  EXPECT_TRUE(std::ranges::equal(a.labels, b.labels));
  EXPECT_TRUE(std::ranges::equal(a.document_ends, b.document_ends));
  EXPECT_TRUE(std::ranges::equal(a.row_ends, b.row_ends));
  EXPECT_EQ(found.counts.to_string(), expected.counts.to_string());
}

TEST_F(TokenCacheTest, TheSecondStartPreparesNothing) {
  const PreparedData first = prepare_cached(request());
  EXPECT_FALSE(first.from_cache);
  EXPECT_GT(first.dataset.num_documents(), first.dataset.num_rows());
  PreparedData second = prepare_cached(request());
  EXPECT_TRUE(second.from_cache);
  expect_same(second, first);
  // what lies in the file can be put into another order in memory
  second.dataset.reorder(std::vector<std::int64_t>{0});
  expect_same(second, first);
  const auto entries = fs::directory_iterator(cache_folder());
  EXPECT_EQ(std::distance(fs::begin(entries), fs::end(entries)), 1) << "nothing half written is left";
}

TEST_F(TokenCacheTest, WhateverTheDataDependsOnIsInTheKey) {
  const std::string before = key();
  EXPECT_EQ(key(), before);
  fs::copy(folder_ / "rows.jsonl", folder_ / "same.jsonl");
  files_ = {(folder_ / "same.jsonl").string()};
  EXPECT_EQ(key(), before) << "the content counts, not the name";
  options_.packing_strategy = "bfd_split";
  EXPECT_NE(key(), before);
  options_.packing_strategy = "bfd";
  options_.shuffle_dataset = true;
  EXPECT_NE(key(), before);
  options_.shuffle_dataset = false;
  options_.chat_template_path = folder_.write("own.jinja", "{{ messages }}").string();
  const std::string with_template = key();
  EXPECT_NE(with_template, before);
  folder_.write("own.jinja", "{{ messages[0] }}");
  EXPECT_NE(key(), with_template);
  options_.chat_template_path.clear();
  EXPECT_EQ(key(), before);
  files_ = {(folder_ / "rows.jsonl").string()};
  write("one two three four five six seven nine");
  EXPECT_NE(key(), before);
}

TEST_F(TokenCacheTest, ADamagedFileIsPreparedAgain) {
  const PreparedData first = prepare_cached(request());
  const std::string whole = test::read_file(cached_file());
  for (const std::size_t at : {std::size_t{3}, std::size_t{20}, std::size_t{90}, whole.size() - 1}) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    folder_.write("cache/" + cached_file().filename().string(), damaged);
    const PreparedData again = prepare_cached(request());
    EXPECT_FALSE(again.from_cache) << "byte " << at;
    expect_same(again, first);
    EXPECT_EQ(test::read_file(cached_file()), whole) << "it is mended";
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, whole.size() - 4}) {
    folder_.write("cache/" + cached_file().filename().string(), whole.substr(0, size));
    EXPECT_FALSE(prepare_cached(request()).from_cache) << size << " bytes";
  }
  EXPECT_TRUE(prepare_cached(request()).from_cache);
}

TEST_F(TokenCacheTest, AFolderThatCannotBeWrittenCostsNothingElse) {
  folder_.write("file", "");
  ::setenv("SIFT_CACHE", (folder_ / "file").c_str(), 1);
  EXPECT_EQ(prepare_cached(request()).counts.rows_read, 2);
  ::setenv("SIFT_CACHE", "off", 1);
  EXPECT_EQ(prepare_cached(request()).counts.rows_read, 2);
}

TEST(ContentHash, IsMurmur) {
  EXPECT_EQ(content_hash("The quick brown fox jumps over the lazy dog"), "e34bbc7bbc071b6c7a433ca9c49a9347");
  EXPECT_EQ(content_hash(""), "00000000000000000000000000000000");
}

}  // namespace
}  // namespace sift
