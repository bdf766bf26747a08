#include "text/tokenizer.h"
#include "text/tokenizer/tokenizer_json.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include <sift/error.h>
#include "support/temp_folder.h"

namespace sift {
namespace {

using nlohmann::json;

const std::filesystem::path kFolder = std::filesystem::path(SIFT_FIXTURES) / "tokenizers";

json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return json::parse(file);
}

// A tokenizer.json with the smallest model that has something to merge, and `changes` laid over it.
json small(const json& changes = json::object()) {
  json document = {{"model",
                    {{"type", "BPE"},
                     {"vocab", {{"a", 0}, {"b", 1}, {"ab", 2}, {"c", 3}}},
                     {"merges", json::array({json::array({"a", "b"})})}}}};
  document.merge_patch(changes);
  return document;
}

Tokenizer load(const json& document) {
  return Tokenizer::from_json(document.dump(), "tok.json");
}

std::vector<std::int32_t> ids(const Tokenizer& tokenizer, std::string_view text) {
  return tokenizer.encode(text, false).ids;
}

template <typename Call>
std::string error_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string load_error(const json& changes) {
  return error_of([&] { load(small(changes)); });
}

class TokenizerGoldens : public testing::TestWithParam<const char*> {};

TEST_P(TokenizerGoldens, EqualTheTokenizersPackage) {
  static const json goldens = read_json(kFolder / "goldens.json");
  const json& golden = goldens.at(GetParam());
  const Tokenizer tokenizer = Tokenizer::from_file(kFolder / (std::string(GetParam()) + ".json"));
  EXPECT_EQ(tokenizer.vocab_size(), golden.at("vocab_size").get<int>());
  std::vector<std::string> texts;
  for (const json& one : golden.at("cases")) {
    const auto text = one.at("text").get<std::string>();
    const bool add_special_tokens = one.at("add_special_tokens").get<bool>();
    SCOPED_TRACE(one.at("text").dump() + (add_special_tokens ? " with special tokens" : ""));
    const Encoding encoding = tokenizer.encode(text, add_special_tokens, true);
    EXPECT_EQ(json(encoding.ids), one.at("ids"));
    EXPECT_EQ(json(encoding.offsets), one.at("offsets"));
    EXPECT_EQ(tokenizer.encode(text, add_special_tokens).ids, encoding.ids);
    EXPECT_TRUE(tokenizer.encode(text, add_special_tokens).offsets.empty());
    const auto decoded = one.at("decoded").get<std::string>();
    EXPECT_EQ(tokenizer.decode(encoding.ids, false), decoded);
    EXPECT_EQ(tokenizer.decode(encoding.ids, true), one.value("decoded_without_special", decoded));
    texts.push_back(text);
  }
  // The batch gives the same, however the threads share the texts out.
  const std::vector<Encoding> batch = tokenizer.encode_batch(texts, true, true);
  ASSERT_EQ(batch.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Encoding alone = tokenizer.encode(texts[i], true, true);
    EXPECT_EQ(batch[i].ids, alone.ids);
    EXPECT_EQ(batch[i].offsets, alone.offsets);
  }
}

INSTANTIATE_TEST_SUITE_P(Families, TokenizerGoldens,
                         testing::Values("gpt2", "smollm2", "llama3", "deepseek", "qwen", "llama2", "mistral",
                                         "gemma", "oddities"),
                         [](const auto& param) { return std::string(param.param); });

TEST(Tokenizer, NamesAndIds) {
  const Tokenizer tokenizer =
      load(small({{"added_tokens", json::array({{{"id", 4}, {"content", "<s>"}, {"special", true}}})}}));
  EXPECT_EQ(tokenizer.vocab_size(), 5);
  EXPECT_EQ(tokenizer.token_to_id("ab"), 2);
  EXPECT_EQ(tokenizer.token_to_id("<s>"), 4);
  EXPECT_EQ(tokenizer.token_to_id("none"), std::nullopt);
  EXPECT_EQ(tokenizer.id_to_token(4), "<s>");
  EXPECT_EQ(error_of([&] { static_cast<void>(tokenizer.id_to_token(9)); }),
            "no token has the id 9; the vocabulary has 5 tokens");
  EXPECT_EQ(tokenizer.decode(std::vector<std::int32_t>{0, 9, 4, -1}, true), "a");
}

TEST(Tokenizer, ReadsMergesInBothSpellings) {
  json document = small();
  document["model"]["merges"] = json::array({"#version: 0.2", "a b"});
  EXPECT_EQ(ids(load(document), "abc"), (std::vector<std::int32_t>{2, 3}));
}

TEST(Tokenizer, LongAndShortWordsMergeAlike) {
  const Tokenizer tokenizer = load(small());
  std::string text;
  std::vector<std::int32_t> expected;
  for (int i = 0; i < 5000; ++i) {
    text += i % 7 == 0 ? "aab" : "abc";
    const std::vector<std::int32_t> part = ids(tokenizer, i % 7 == 0 ? "aab" : "abc");
    expected.insert(expected.end(), part.begin(), part.end());
  }
  EXPECT_EQ(ids(tokenizer, text), expected);
}

TEST(Tokenizer, CharactersWithoutTokenNeedUnk) {
  EXPECT_EQ(ids(load(small()), "axb"), (std::vector<std::int32_t>{2}));  // HF tokenizers drops them, too
  EXPECT_EQ(ids(load(small({{"model", {{"unk_token", "c"}}}})), "axxb"),
            (std::vector<std::int32_t>{0, 3, 3, 1}));
  const json fused = {{"model", {{"unk_token", "c"}, {"fuse_unk", true}}}};
  EXPECT_EQ(ids(load(small(fused)), "axxb"), (std::vector<std::int32_t>{0, 3, 1}));
  const Tokenizer tokenizer = load(small({{"model", {{"unk_token", "<unk>"}}}}));
  EXPECT_EQ(
      error_of([&] { tokenizer.encode("x", false); }),
      "tok.json: model: the text has a character without a token, and the unk_token '<unk>' is not in the "
      "vocabulary either");
}

TEST(Tokenizer, SpecialTokensMaySplit) {
  const json special = {{"id", 4}, {"content", "<ab>"}, {"special", true}, {"normalized", false}};
  const json plain = {{"id", 5}, {"content", "bc"}, {"special", false}, {"normalized", false}};
  const json document =
      small({{"added_tokens", json::array({special, plain})}, {"model", {{"unk_token", "c"}}}});
  const std::vector<std::int32_t> found{4, 5}, split{3, 2, 3, 5};
  EXPECT_EQ(ids(load(document), "<ab>bc"), found);
  EXPECT_EQ(ids(Tokenizer::from_document(json::parse(document.dump()), "tok.json", {},
                                         /*split_special_tokens=*/true),
                "<ab>bc"),
            split);
}

// As HF tokenizers gives them.
TEST(Tokenizer, StripsAccentsAndSplitsAsBert) {
  const json document = small({{"normalizer", {{"type", "StripAccents"}}},
                               {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
                               {"model", {{"unk_token", "c"}}}});
  EXPECT_EQ(ids(load(document), "a\u0301b a\u3000b!a"), (std::vector<std::int32_t>{2, 0, 1, 3, 0}));
  const json delimiter = small({{"pre_tokenizer", {{"type", "CharDelimiterSplit"}, {"delimiter", "c"}}}});
  EXPECT_EQ(ids(load(delimiter), "cacbab"), (std::vector<std::int32_t>{0, 1, 2}));
}

TEST(Tokenizer, EncodesFromManyThreads) {
  const Tokenizer tokenizer = Tokenizer::from_file(kFolder / "qwen.json");
  const std::vector<std::int32_t> expected = ids(tokenizer, "The river had risen.");
  std::vector<int> num_equal(4);
  {
    std::vector<std::jthread> threads;
    for (int& count : num_equal) {
      threads.emplace_back([&tokenizer, &expected, &count] {
        for (int i = 0; i < 200; ++i) count += ids(tokenizer, "The river had risen.") == expected ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(num_equal, (std::vector<int>{200, 200, 200, 200}));
}

TEST(Tokenizer, SaysWhichByteIsNotUtf8) {
  const Tokenizer tokenizer = load(small());
  const std::string message =
      "cannot encode a text that is not UTF-8: byte 3 is 0xC3; convert the text to UTF-8 first";
  EXPECT_EQ(error_of([&] { tokenizer.encode("abc\xC3", false); }), message);
  EXPECT_EQ(error_of([&] {
              tokenizer.encode_batch(std::vector<std::string>{"a", "abc\xC3(", "\xFF"}, false);
            }),
            message);
  for (const char* text : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80", "\xE2\x82"}) {
    EXPECT_NE(error_of([&] { tokenizer.encode(text, false); }).find("byte 0 is"), std::string::npos);
  }
}

TEST(TokenizerErrors, AnOlderFormSaysHowToConvertIt) {
  const test::TempFolder folder;
  folder.write("vocab.json", "{}");
  folder.write("merges.txt", "");
  const std::string path = folder.path().string();
  EXPECT_EQ(error_of([&] { Tokenizer::from_file(folder / "tokenizer.json"); }),
            path +
                "/tokenizer.json: no such file; the folder has the tokenizer in an older form (vocab.json, "
                "merges.txt); write tokenizer.json with AutoTokenizer.from_pretrained('" +
                path + "').save_pretrained('" + path + "') of transformers");
}

TEST(TokenizerErrors, NameTheFile) {
  EXPECT_EQ(error_of([] { Tokenizer::from_file("/no/such/tokenizer.json"); }),
            "/no/such/tokenizer.json: no such file; a model folder needs its tokenizer");
  EXPECT_NE(
      error_of([] { Tokenizer::from_json("{\"model\":", "tok.json"); }).find("tok.json: not valid JSON: "),
      std::string::npos);
  EXPECT_EQ(error_of([] { Tokenizer::from_json("{}", "tok.json"); }), "tok.json: 'model' is missing");
  EXPECT_EQ(error_of([] { Tokenizer::from_json("[]", "tok.json"); }),
            "tok.json: expected a JSON object, found []");
}

TEST(TokenizerErrors, NameWhatIsNotSupported) {
  EXPECT_EQ(load_error({{"model", {{"type", "Unigram"}}}}),
            "tok.json: model: the model 'Unigram' is not supported; supported: BPE");
  EXPECT_EQ(load_error({{"normalizer", {{"type", "BertNormalizer"}}}}),
            "tok.json: normalizer: the normalizer 'BertNormalizer' is not supported; supported: Sequence, "
            "NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Prepend, Replace, Strip");
  const json nested = {{"type", "Sequence"}, {"pretokenizers", json::array({{{"type", "UnicodeScripts"}}})}};
  EXPECT_NE(load_error({{"pre_tokenizer", nested}})
                .find("tok.json: pre_tokenizer.pretokenizers[0]: the pre-tokenizer 'UnicodeScripts' is not"),
            std::string::npos);
  EXPECT_NE(load_error({{"post_processor", {{"type", "BertProcessing"}}}})
                .find("the post-processor 'BertProcessing'"),
            std::string::npos);
  EXPECT_NE(load_error({{"decoder", {{"type", "CTC"}}}}).find("the decoder 'CTC' is not supported"),
            std::string::npos);
  EXPECT_EQ(load_error({{"model", {{"dropout", 0.1}}}}),
            "tok.json: 'model.dropout' is 0.1; BPE dropout is not supported: set it to null");
  EXPECT_NE(load_error({{"model", {{"end_of_word_suffix", "</w>"}}}}).find("end_of_word_suffix '</w>'"),
            std::string::npos);
}

TEST(TokenizerErrors, NameWhatIsWrong) {
  EXPECT_EQ(load_error({{"model", {{"merges", json::array({"a b c"})}}}}),
            "tok.json: 'model.merges[0]' is \"a b c\"; expected \"a b\" or [\"a\", \"b\"]");
  EXPECT_EQ(load_error({{"model", {{"merges", json::array({"a c"})}}}}),
            "tok.json: model: merge 1 ('a' 'c') needs the token 'ac', which is not in the vocabulary");
  EXPECT_NE(
      load_error({{"model", {{"vocab", {{"a", -1}}}}}}).find("the id of 'a' is -1, expected an integer"),
      std::string::npos);
  EXPECT_NE(load_error({{"added_tokens", json::array({{{"id", 9}, {"content", "<s>"}}})}})
                .find("added token '<s>' has id 9, but its place in the vocabulary is 4"),
            std::string::npos);
  const auto split = [](const char* regex) {
    return json{
        {"pre_tokenizer", {{"type", "Split"}, {"pattern", {{"Regex", regex}}}, {"behavior", "Isolated"}}}};
  };
  EXPECT_NE(
      load_error(split("a(")).find("pre_tokenizer.pattern.Regex: cannot compile the regular expression 'a('"),
      std::string::npos);
}

}  // namespace
}  // namespace sift
