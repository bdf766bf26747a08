#include "data/token_cache.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "data/content_hash.h"
#include "data/prepare_row.h"
#include "support/row_order.h"
#include "support/same_dataset.h"
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
    return {files_, options_, text_, 1024, Arrangement::of_train(options_, 42)};
  }
  std::string key() const { return TokenCache::key_of(request()); }
  fs::path cached_file() const { return TokenCache(cache_folder()).file_of(key()); }

  TempFolder folder_;
  DataOptions options_;
  TextProcessor text_ = TextProcessor::from_folder(test::SmallRun::model_folder(), {});
  std::vector<std::string> files_{(folder_ / "rows.jsonl").string()};
};

void expect_same(const PreparedData& found, const PreparedData& expected) {
  test::expect_same(found.dataset, expected.dataset);
  EXPECT_EQ(found.files, expected.files);
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
  second.dataset = reordered(second.dataset, test::row_order({0}));
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
  text_ = text_processor(test::SmallRun::model_folder(), options_);
  const std::string with_template = key();
  EXPECT_NE(with_template, before);
  folder_.write("own.jinja", "{{ messages[0] }}");
  text_ = text_processor(test::SmallRun::model_folder(), options_);
  EXPECT_NE(key(), with_template);
  options_.chat_template_path.clear();
  text_ = text_processor(test::SmallRun::model_folder(), options_);
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

TEST_F(TokenCacheTest, TheOptionGoesBeforeTheEnvironment) {
  options_.token_cache = "off";
  EXPECT_FALSE(TokenCache::of(options_));
  options_.token_cache = (folder_ / "own").string();
  EXPECT_EQ(TokenCache::of(options_)->file_of("key"), folder_ / "own/key.tokens");
  prepare_cached(request());
  EXPECT_TRUE(prepare_cached(request()).from_cache);
  EXPECT_FALSE(fs::exists(cache_folder()));
  const std::string before = key();
  options_.token_cache = "auto";
  options_.token_cache_max_gb = 1;
  EXPECT_EQ(key(), before) << "where data is kept does not change it";
  EXPECT_EQ(TokenCache::of(options_)->file_of("key"), cache_folder() / "key.tokens");
  ::setenv("SIFT_CACHE", "off", 1);
  EXPECT_FALSE(TokenCache::of(options_));
}

/// Files of the cache, each with its own bytes, used one after the other.
class TokenCacheBound : public testing::Test {
 protected:
  static constexpr std::size_t kSize = 1000;

  std::string key(char digit) const { return std::string(32, digit); }
  fs::path file(char digit) const { return folder_ / fmt::format("{}.tokens", key(digit)); }
  void write(char digit, std::chrono::hours age) {
    folder_.write(file(digit).filename().string(), std::string(kSize, 'x'));
    fs::last_write_time(file(digit), fs::file_time_type::clock::now() - age);
  }
  std::string left() const {
    std::string digits;
    for (const char digit : std::string("abcd"))
      digits += fs::exists(file(digit)) ? std::string(1, digit) : "";
    return digits;
  }

  TempFolder folder_;
};

TEST_F(TokenCacheBound, WhatWasNotUsedForLongestGoesFirst) {
  for (const auto& [digit, hours] : {std::pair{'a', 3}, {'b', 4}, {'c', 1}, {'d', 2}})
    write(digit, std::chrono::hours(hours));
  TokenCache(folder_.path()).evict();
  EXPECT_EQ(left(), "abcd") << "without a bound";
  TokenCache(folder_.path(), 4 * kSize).evict();
  EXPECT_EQ(left(), "abcd") << "at the bound";
  TokenCache(folder_.path()).use(key('b'));  // until now
  TokenCache(folder_.path(), 3 * kSize).evict();
  EXPECT_EQ(left(), "bcd");
  TokenCache(folder_.path(), 2 * kSize - 1).evict();
  EXPECT_EQ(left(), "b");
}

TEST_F(TokenCacheBound, WhatIsInUseStays) {
  write('a', std::chrono::hours(2));
  write('b', std::chrono::hours(1));
  const TokenCache cache(folder_.path(), kSize);
  {
    const auto used = cache.use(key('a'));
    fs::last_write_time(file('a'), fs::file_time_type::clock::now() - std::chrono::hours(5));
    cache.evict();
    EXPECT_EQ(left(), "a");
    TokenCache(folder_.path(), 1).evict();
    EXPECT_EQ(left(), "a") << "even beyond the bound";
  }
  TokenCache(folder_.path(), 1).evict();
  EXPECT_EQ(left(), "");
  EXPECT_EQ(cache.use(key('a')), nullptr);
}

TEST_F(TokenCacheBound, OnlyWhatIsItsOwnIsRemoved) {
  const auto old = [](const fs::path& path) {
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(48));
    return path;
  };
  const fs::path killed = folder_ / fmt::format(".{}-123.tmp", key('a')),
                 running = folder_ / fmt::format(".{}-124.tmp", key('b'));
  folder_.write((killed.filename() / "half.tokens").string(), "half");
  folder_.write((running.filename() / "half.tokens").string(), "half");
  folder_.write(".git/HEAD", "x");
  const fs::path others = old(folder_.write("my.tokens", "xx"));
  old(folder_ / ".git");
  old(killed);
  TokenCache(folder_.path(), 1).evict();
  EXPECT_FALSE(fs::exists(killed));
  EXPECT_TRUE(fs::exists(running));
  EXPECT_TRUE(fs::exists(folder_ / ".git/HEAD"));
  EXPECT_TRUE(fs::exists(others));
}

TEST_F(TokenCacheTest, ThePreparedDataOfARunIsInUse) {
  options_.token_cache_max_gb = 1e-9;
  const PreparedData first = prepare_cached(request());
  const fs::path file = cached_file();
  EXPECT_TRUE(fs::exists(file));
  write("something else");
  const PreparedData second = prepare_cached(request());
  EXPECT_TRUE(fs::exists(file)) << "the first still lives";
  EXPECT_TRUE(fs::exists(cached_file()));
}

TEST(ContentHash, IsMurmur) {
  EXPECT_EQ(content_hash("The quick brown fox jumps over the lazy dog"), "e34bbc7bbc071b6c7a433ca9c49a9347");
  EXPECT_EQ(content_hash(""), "00000000000000000000000000000000");
}

}  // namespace
}  // namespace sift
