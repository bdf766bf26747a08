#include "formats/safetensors.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <string>

#include "support/temp_folder.h"

namespace sift {
namespace {

using test::error_of;
using test::read_file;
using test::TempFolder;

std::string with_header(const std::string& header, const std::string& data, std::uint64_t length) {
  std::string file;
  for (int i = 0; i < 8; ++i) file += static_cast<char>((length >> (8 * i)) & 0xff);
  return file + header + data;
}

std::string with_header(const std::string& header, const std::string& data) {
  return with_header(header, data, header.size());
}

void expect_refused(const std::string& bytes, const std::vector<std::string>& parts) {
  const TempFolder folder;
  const auto file = folder.write("bad.safetensors", bytes);
  const std::string text = error_of([&] { SafetensorsFile opened(file); });
  EXPECT_NE(text.find("bad.safetensors"), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  for (const std::string& part : parts)
    EXPECT_NE(text.find(part), std::string::npos) << part << " in: " << text;
}

std::vector<NamedTensor> sample() {
  return {{"z", at::arange(6, at::kFloat).view({2, 3})},
          {"half", at::arange(5, at::kFloat).to(at::kBFloat16)},
          {"a", at::arange(4, at::kFloat).view({2, 2}).t()},
          {"ids", at::arange(3, at::kLong)},
          {"flags", at::tensor({1, 0, 1}, at::kInt).to(at::kBool)},
          {"scalar", at::scalar_tensor(2.5)},
          {"none", at::empty({0, 7})}};
}

TEST(Safetensors, ReadsWhatItWrote) {
  const TempFolder folder;
  write_safetensors(folder / "x.safetensors", sample(), {{"format", "pt"}});
  at::Tensor kept;
  {
    const SafetensorsFile file(folder / "x.safetensors");
    EXPECT_EQ(file.names(), (std::vector<std::string>{"ids", "a", "none", "scalar", "z", "half", "flags"}));
    for (const auto& [name, tensor] : sample()) {
      EXPECT_EQ(file.shape(name), tensor.sizes().vec()) << name;
      EXPECT_EQ(file.tensor(name).scalar_type(), tensor.scalar_type()) << name;
      EXPECT_TRUE(at::equal(file.tensor(name), tensor)) << name;
    }
    kept = file.tensor("z");
  }
  EXPECT_TRUE(at::equal(kept, sample()[0].tensor)) << "the map outlives the file object";
}

// The bytes of safetensors.torch.save_file (package version 0.8.0) for the same tensors.
TEST(Safetensors, WritesTheBytesOfThePythonPackage) {
  const TempFolder folder;
  write_safetensors(folder / "x.safetensors",
                    {{"b", at::ones({1}, at::kByte)}, {"w", at::tensor({1.0F, 2.0F})}}, {{"format", "pt"}});
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
      R"("b":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}})";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  const std::string data("\0\0\x80\x3f\0\0\0\x40\x01", 9);
  EXPECT_EQ(read_file(folder / "x.safetensors"), with_header(padded, data));
}

TEST(SafetensorsWriter, TakesTensorsInAnyOrder) {
  const TempFolder folder;
  write_safetensors(folder / "x.safetensors", sample(), {{"format", "pt"}});
  std::vector<NamedTensor> shapes = sample();
  for (NamedTensor& tensor : shapes) tensor.tensor = tensor.tensor.to(at::kMeta);
  SafetensorsWriter out(folder / "y.safetensors", shapes, {{"format", "pt"}});
  std::vector<NamedTensor> tensors = sample();
  std::reverse(tensors.begin(), tensors.end());
  for (const auto& [name, tensor] : tensors) out.write(name, tensor);
  EXPECT_FALSE(std::filesystem::exists(folder / "y.safetensors"));
  out.commit();
  EXPECT_EQ(test::read_file(folder / "y.safetensors"), test::read_file(folder / "x.safetensors"));
}

TEST(Safetensors, AWriteToATensorStaysOutOfTheFile) {
  const TempFolder folder;
  write_safetensors(folder / "x.safetensors", sample(), {});
  const std::string before = read_file(folder / "x.safetensors");
  const SafetensorsFile file(folder / "x.safetensors");
  file.tensor("z").fill_(9);
  EXPECT_EQ(read_file(folder / "x.safetensors"), before);
}

TEST(Safetensors, ReadsAnUnalignedFile) {
  const TempFolder folder;
  const std::string header = R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]} })";
  ASSERT_NE(header.size() % 4, 0U);
  const SafetensorsFile file(
      folder.write("x.safetensors", with_header(header, std::string("\0\0\x80\x3f", 4))));
  EXPECT_EQ(file.tensor("w").item<float>(), 1.0F);
}

TEST(Safetensors, RefusesEveryTruncation) {
  const TempFolder folder;
  write_safetensors(folder / "x.safetensors", sample(), {});
  const std::string whole = read_file(folder / "x.safetensors");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto file = folder.write("bad.safetensors", whole.substr(0, length));
    EXPECT_NE(error_of([&] { SafetensorsFile opened(file); }), "") << length;
  }
  expect_refused(whole.substr(0, whole.size() - 1), {"tensor", "truncated"});
  expect_refused(whole + "x", {"the tensors take", "the file has"});
}

TEST(Safetensors, RefusesBadHeaders) {
  expect_refused("", {"0 bytes"});
  expect_refused(with_header("{}", "", 0xffffffffffffffff), {"header"});
  expect_refused(with_header("{}", "", 1000), {"truncated", "1000"});
  expect_refused(with_header("{", ""), {"JSON"});
  expect_refused(with_header("[]", ""), {"JSON object"});
  expect_refused(with_header(R"({"w":3})", ""), {"tensor 'w'", "JSON object"});
  expect_refused(with_header(R"({"w":{"shape":[],"data_offsets":[0,4]}})", "abcd"),
                 {"'w'", "'dtype' is missing"});
  expect_refused(with_header(R"({"w":{"dtype":"Q4","shape":[],"data_offsets":[0,4]}})", "abcd"), {"\"Q4\""});
  expect_refused(with_header(R"({"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "abcd"), {"-1"});
  expect_refused(
      with_header(R"({"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}})", "abcd"),
      {"2^63"});
  expect_refused(with_header(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", "abcd"),
                 {"takes 4 bytes", "need 8"});
  expect_refused(with_header(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", "abcd"),
                 {"[begin, end]"});
}

TEST(Safetensors, RefusesOverlapsAndGaps) {
  const std::string data(12, 'x');
  expect_refused(with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                             R"("b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
                             data),
                 {"tensor 'b'", "byte 4", "expected 8", "overlap"});
  expect_refused(with_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                             R"("b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})",
                             data),
                 {"tensor 'b'", "byte 8", "expected 4", "gap"});
}

TEST(Safetensors, AFailedWriteLeavesTheOldFile) {
  const TempFolder folder;
  write_safetensors(folder / "x.safetensors", sample(), {});
  const std::string before = read_file(folder / "x.safetensors");

  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string text = error_of([&] {
    write_safetensors(folder / "x.safetensors", {{"w", at::zeros({4096})}}, {});
  });
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, old_handler);

  EXPECT_NE(text.find("x.safetensors: cannot be written: File too large"), std::string::npos) << text;
  EXPECT_EQ(read_file(folder / "x.safetensors"), before);
  EXPECT_FALSE(std::filesystem::exists(folder / "x.safetensors.partial"));
  EXPECT_NE(
      error_of([&] { write_safetensors(folder / "none/x.safetensors", {}, {}); }).find("cannot be created"),
      std::string::npos);
}

TEST(ModelTensors, ReadsShardsThroughTheIndex) {
  const TempFolder folder;
  write_safetensors(folder / "one.safetensors", {{"a", at::ones({2})}}, {});
  write_safetensors(folder / "two.safetensors", {{"b", at::zeros({3})}}, {});
  folder.write("model.safetensors.index.json",
               R"({"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}})");
  const ModelTensors tensors(folder.path());
  EXPECT_EQ(tensors.names(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(tensors.shape("b"), (std::vector<std::int64_t>{3}));
  EXPECT_TRUE(at::equal(tensors.tensor("a"), at::ones({2})));
}

TEST(ModelTensors, NamesWhatIsWrongWithAnIndex) {
  const TempFolder folder;
  write_safetensors(folder / "one.safetensors", {{"a", at::ones({2})}, {"c", at::ones({1})}}, {});
  const auto fault = [&](const std::string& index) {
    folder.write("model.safetensors.index.json", index);
    return error_of([&] { ModelTensors tensors(folder.path()); });
  };
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos ? std::string() : "'" + part + "' is not in: " + text;
  };
  EXPECT_EQ(has(fault("{"), "not valid JSON"), "");
  EXPECT_EQ(has(fault("{}"), "'weight_map' is missing"), "");
  EXPECT_EQ(has(fault(R"({"weight_map": 3})"), "'weight_map' is 3"), "");
  EXPECT_EQ(has(fault(R"({"weight_map": {"a": 3}})"), "tensor 'a'"), "");
  EXPECT_EQ(has(fault(R"({"weight_map": {"a": "../one.safetensors"}})"), "not the name of a file"), "");
  EXPECT_EQ(has(fault(R"({"weight_map": {"a": "gone.safetensors"}})"), "gone.safetensors: cannot be opened"),
            "");
  EXPECT_EQ(
      has(fault(R"({"weight_map": {"b": "one.safetensors"}})"), "tensor 'b' is listed in 'one.safetensors'"),
      "");
  EXPECT_EQ(has(fault(R"({"weight_map": {"a": "one.safetensors"}})"), "tensor 'c' of 'one.safetensors'"), "");
}

TEST(ModelTensors, SaysWhatAFolderLacks) {
  const TempFolder folder;
  EXPECT_NE(error_of([&] { ModelTensors tensors(folder.path()); }).find("neither model.safetensors"),
            std::string::npos);
  folder.write("pytorch_model.bin", "x");
  EXPECT_NE(error_of([&] { ModelTensors tensors(folder.path()); }).find("save_pretrained"),
            std::string::npos);
}

}  // namespace
}  // namespace sift
