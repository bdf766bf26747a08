#include "formats/torch_file.h"

#include <ATen/ATen.h>
#include <caffe2/serialize/inline_container.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <random>

#include <sift/error.h>
#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::TempFolder;
using testing::HasSubstr;
using Records = std::vector<std::pair<std::string, std::string>>;

c10::IValue two_tensors() {
  c10::impl::GenericDict dict(c10::AnyType::get(), c10::AnyType::get());
  dict.insert("a", at::arange(6, at::kFloat).view({2, 3}));
  dict.insert("half", at::full({3}, 0.5, at::kBFloat16));
  dict.insert("none", c10::IValue());
  return dict;
}

/// A file that TRL's torch.save wrote.
fs::path trl_optimizer() {
  return fs::path(SIFT_FIXTURES) / "parity/checkpoints/llama-resume/checkpoint-10/optimizer.pt";
}

fs::path write_zip(const TempFolder& folder, const Records& records) {
  std::string bytes;
  {
    caffe2::serialize::PyTorchStreamWriter zip([&](const void* data, std::size_t size) {
      bytes.append(static_cast<const char*>(data), size);
      return size;
    });
    for (const auto& [name, text] : records) zip.writeRecord(name, text.data(), text.size());
    zip.writeEndOfFile();
  }
  return folder.write("file.pt", bytes);
}

/// The pickle of a tensor of six floats, and its record.
Records one_tensor() {
  using namespace std::string_literals;
  const std::string pickle =
      "\x80\x02"
      "ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\n"s +
      "X\x01\x00\x00\x00"
      "0X\x03\x00\x00\x00"
      "cpuK\x06tQK\x00K\x06\x85K\x01\x85\x89"
      "ccollections\nOrderedDict\n)RtR."s;
  return {{"data.pkl", pickle}, {"byteorder", "little"}, {"data/0", std::string(24, '\0')}};
}

void read_root(const fs::path& path) {
  TorchFile file(path);
  file.read(file.root(), at::empty({6}));
}

TEST(TorchFile, WritesWhatItReads) {
  const TempFolder folder;
  write_torch_file(folder / "a.pt", two_tensors());
  write_torch_file(folder / "b.pt", two_tensors());
  EXPECT_TRUE(test::read_file(folder / "a.pt") == test::read_file(folder / "b.pt"));
  TorchFile file(folder / "a.pt");
  const at::Tensor a = at::empty({2, 3}), as_double = at::empty({2, 3}, at::kDouble);
  const at::Tensor turned = at::empty({3, 2}).t(), half = at::empty({3});
  for (const at::Tensor& target : {a, as_double, turned}) {
    file.read(file.root().at("a"), target);
    EXPECT_TRUE(target.to(at::kFloat).equal(at::arange(6, at::kFloat).view({2, 3})));
  }
  file.read(file.root().at("half"), half);
  EXPECT_TRUE(half.equal(at::full({3}, 0.5)));
}

TEST(TorchFile, ReadsWhatTorchSaveWrote) {
  TorchFile file(trl_optimizer());
  const auto state = file.root().at("state").by_number();
  ASSERT_EQ(state.size(), 21U);
  const at::Tensor step = at::empty({}), exp_avg = at::empty({1024, 64});
  file.read(state[0].second.at("step"), step);
  file.read(state[0].second.at("exp_avg"), exp_avg);
  EXPECT_EQ(step.item<float>(), 10.0F);
  EXPECT_TRUE(exp_avg.isfinite().all().item<bool>());
  EXPECT_GT(exp_avg.abs().sum().item<float>(), 0.0F);
  EXPECT_THAT(test::error_of([&] { file.read(state[0].second.at("exp_avg"), step); }),
              HasSubstr("optimizer.pt['state'][0]['exp_avg']: has shape [1024, 64], this run has []"));
}

TEST(TorchFile, RecordsThatDoNotFitAreErrors) {
  const TempFolder folder;
  ASSERT_NO_THROW(read_root(write_zip(folder, one_tensor())));
  const auto fault_without = [&](std::size_t index) {
    Records records = one_tensor();
    records.erase(records.begin() + static_cast<std::ptrdiff_t>(index));
    const fs::path file = write_zip(folder, records);
    return test::error_of([&] { read_root(file); });
  };
  EXPECT_THAT(fault_without(0),
              HasSubstr("file.pt: not a complete torch.save file: it has no record 'data.pkl'"));
  EXPECT_EQ(fault_without(1), "");  // old files have no byteorder
  EXPECT_THAT(fault_without(2), HasSubstr("it has no record 'data/0'"));
  Records records = one_tensor();
  records[2].second.resize(20);
  fs::path file = write_zip(folder, records);
  EXPECT_THAT(test::error_of([&] { read_root(file); }),
              HasSubstr("has 6 elements of 4 bytes, record 'data/0' has 20 bytes"));
  records = one_tensor();
  records[1].second = "big";
  file = write_zip(folder, records);
  EXPECT_THAT(test::error_of([&] { read_root(file); }), HasSubstr("not in little-endian order"));
  records = one_tensor();
  records[0].second =
      "\x80\x02"
      "cos\nsystem\nX\x02";
  file = write_zip(folder, records);
  EXPECT_THAT(test::error_of([&] { read_root(file); }), HasSubstr("the Python object 'os.system'"));
}

TEST(TorchFile, NoFileOrNoZipIsAnError) {
  const TempFolder folder;
  EXPECT_EQ(test::error_of([&] { TorchFile(folder / "no.pt"); }), (folder / "no.pt").string() + ": missing");
  for (const std::string& bytes : {std::string(), std::string("PK"), std::string(10'000, 'x')}) {
    const fs::path file = folder.write("odd.pt", bytes);
    EXPECT_THAT(test::error_of([&] { TorchFile{file}; }),
                HasSubstr("odd.pt: not a complete torch.save file: "));
  }
}

// Cut at any place and changed at any place: read, or an Error; never anything else.
TEST(TorchFile, DamagedFilesAreReadOrRefused) {
  const TempFolder folder;
  const std::string whole = test::read_file(write_zip(folder, one_tensor()));
  const auto is_refused = [&](const std::string& bytes) {
    const fs::path file = folder.write("damaged.pt", bytes);
    try {
      read_root(file);
      return false;
    } catch (const Error&) {
      return true;
    }
  };
  for (std::size_t size = 0; size < whole.size(); size += 7)
    EXPECT_TRUE(is_refused(whole.substr(0, size))) << size;
  std::mt19937 random(1);
  int refused = 0;
  for (int i = 0; i < 3'000; ++i) {
    std::string changed = whole;
    for (auto n = 1 + random() % 4; n > 0; --n)
      changed[random() % changed.size()] = static_cast<char>(random());
    refused += is_refused(changed) ? 1 : 0;
  }
  EXPECT_GT(refused, 500);
}

TEST(TorchFile, FullDiskIsAnErrorAndLeavesWhatStoodThere) {
  const TempFolder folder;
  const fs::path file = folder.write("optimizer.pt", "old");
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const std::string error = test::error_of([&] { write_torch_file(file, at::zeros({100'000})); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(error, file.string() + ": cannot be written: File too large");
  EXPECT_EQ(test::read_file(file), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

}  // namespace
}  // namespace sift
