#include "formats/pickle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include <sift/error.h>
#include "support/temp_folder.h"

namespace sift {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

std::string text(const std::string& value) {
  std::string bytes = "X";
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value.size() >> shift & 0xff);
  return bytes + value;
}

const std::string kBegin = "\x80\x02";

/// ('storage', torch.FloatStorage, '0', 'cpu', NUMEL)
std::string storage(const std::string& numel = "K\x06", const std::string& name = "0") {
  return "(" + text("storage") + "ctorch\nFloatStorage\n" + text(name) + text("cpu") + numel + "tQ";
}

/// A tensor of that storage; `shape` is its offset, sizes and strides.
std::string tensor(const std::string& shape = "K\x00K\x02K\x03\x86K\x03K\x01\x86"s,
                   const std::string& of = storage()) {
  return "ctorch._utils\n_rebuild_tensor_v2\n(" + of + shape + "\x89"s + "ccollections\nOrderedDict\n)RtR";
}

PickleValue read(const std::string& bytes) {
  return read_pickle(bytes, "optimizer.pt");
}

std::string fault(const std::string& bytes) {
  return test::error_of([&] { read(bytes); });
}

TEST(Pickle, ReadsNumbersTextAndContainers) {
  // {"a": [1, 300, -2, 2**40, 0.5, (True, None)], 7: {}}
  const PickleValue root = read(kBegin + "}q\x00("s + text("a") +
                                "](K\x01M\x2c\x01J\xfe\xff\xff\xff\x8a\x06\x00\x00\x00\x00\x00\x01"s +
                                "G\x3f\xe0\x00\x00\x00\x00\x00\x00\x88N\x86"s + "eK\x07}u.");
  const auto items = root.at("a").items();
  ASSERT_EQ(items.size(), 6U);
  EXPECT_EQ(items[0].to_int(), 1);
  EXPECT_EQ(items[1].to_int(), 300);
  EXPECT_EQ(items[2].to_int(), -2);
  EXPECT_EQ(items[3].to_int(), std::int64_t{1} << 40);
  EXPECT_EQ(items[4].to_double(), 0.5);
  EXPECT_EQ(items[0].to_double(), 1.0);
  EXPECT_TRUE(items[5].items().at(0).to_bool());
  EXPECT_TRUE(root.has("a"));
  EXPECT_FALSE(root.has("b"));
}

TEST(Pickle, ReadsTensorsAndWhatIsRememberedOfThem) {
  const PickleValue root = read(kBegin + "}(K\x03" + tensor() + "q\x05K\x04h\x05u.");
  const auto entries = root.by_number();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[1].first, 4);
  const PickledTensor& found = entries[1].second.to_tensor();
  EXPECT_EQ(found.storage, "0");
  EXPECT_EQ(found.storage_numel, 6);
  EXPECT_EQ(found.sizes, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(found.strides, (std::vector<std::int64_t>{3, 1}));
  EXPECT_EQ(found.dtype, at::kFloat);
}

TEST(Pickle, MakesNoOtherObject) {
  EXPECT_EQ(fault(kBegin + "cos\nsystem\n" + text("touch pwned") + "\x85R."),
            "optimizer.pt: asks for the Python object 'os.system' (at byte 13), which no tensor needs; it "
            "was not created and no code was run; use another checkpoint");
  EXPECT_THAT(fault(kBegin + "cbuiltins\neval\n" + text("1") + "\x85R."), HasSubstr("'builtins.eval'"));
  EXPECT_THAT(fault(kBegin + "ctorch\nload\n."), HasSubstr("'torch.load'"));
  EXPECT_THAT(fault(kBegin + "c\x1b[2J\nx\n."), HasSubstr("'?[2J.x'"));
  EXPECT_THAT(fault(kBegin + "ctorch\nFloatStorage\n)R."), HasSubstr("it calls a type of storage"));
  EXPECT_THAT(fault(kBegin + "ccollections\nOrderedDict\n]\x85R."),
              HasSubstr("an OrderedDict with arguments"));
  for (const char code : {'b', 'i', 'o', '\x81', '\x93', 'P', 'I', 'F', 'S', 'B', 'C', 'd', 'l', '\x82'}) {
    EXPECT_THAT(fault(kBegin + code + "."), HasSubstr("is not used for tensors")) << code;
  }
}

TEST(Pickle, TensorsStayInsideTheirStorage) {
  const auto shape_fault = [](const std::string& shape) { return fault(kBegin + tensor(shape) + "."); };
  const std::string beyond = "a tensor reaches beyond its 6 stored elements";
  EXPECT_THAT(shape_fault("K\x01K\x02K\x03\x86K\x03K\x01\x86"), HasSubstr(beyond));
  EXPECT_THAT(shape_fault("K\x07))"s), HasSubstr(beyond));
  EXPECT_THAT(shape_fault("K\x00K\x03K\x03\x86K\x03K\x01\x86"s), HasSubstr(beyond));
  // sizes whose product has more than 64 bits
  const std::string huge = "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f";
  EXPECT_THAT(shape_fault("K\x00"s + huge + huge + "\x86" + huge + huge + "\x86"), HasSubstr(beyond));
  EXPECT_THAT(shape_fault("J\xff\xff\xff\xffK\x02\x85K\x01\x85"), HasSubstr("a tensor of negative size"));
  EXPECT_THAT(shape_fault("K\x00J\xff\xff\xff\xff\x85K\x01\x85"s), HasSubstr("a tensor of negative size"));
  EXPECT_THAT(shape_fault("K\x00K\x02\x85)"s), HasSubstr("a different number of sizes and strides"));
  EXPECT_THAT(shape_fault("K\x00("s + std::string(40, ')') + "t)"), HasSubstr("a tensor of 40 dimensions"));
  EXPECT_EQ(read(kBegin + tensor("K\x06K\x00\x85K\x01\x85"s) + ".").to_tensor().sizes.at(0), 0);  // empty
  EXPECT_THAT(fault(kBegin + tensor("K\x00))"s, storage("K\x06", std::string(1000, 'x'))) + "."),
              HasSubstr("a storage with an invalid name"));
}

TEST(Pickle, DamageIsAnError) {
  EXPECT_THAT(fault(""), HasSubstr("it is truncated (at byte 0)"));
  EXPECT_THAT(fault(kBegin), HasSubstr("it is truncated"));
  EXPECT_THAT(fault(kBegin + "."), HasSubstr("it pops more values than the stack holds"));
  EXPECT_THAT(fault("\x80\x04."), HasSubstr("its protocol is 4, expected 2"));
  EXPECT_THAT(fault(kBegin + "X\xff\xff\xff\xff"
                             "a."),
              HasSubstr("it is truncated"));
  EXPECT_THAT(fault(kBegin + "h\x05."), HasSubstr("it asks for value 5"));
  EXPECT_THAT(fault(kBegin + "e."), HasSubstr("it closes a mark that it has not opened"));
  EXPECT_THAT(fault(kBegin + "](K\x01"
                             "a."),
              HasSubstr("more values than the stack holds"));
  EXPECT_THAT(fault(kBegin + ")K\x01"
                             "a."),
              HasSubstr("not a list"));
  EXPECT_THAT(fault(kBegin + "]K\x01K\x01s."), HasSubstr("not a dict"));
  EXPECT_THAT(fault(kBegin + "}(K\x01u."), HasSubstr("a key without a value"));
  EXPECT_THAT(fault(kBegin + "\x8a\x09"
                             "123456789."),
              HasSubstr("an integer of more than 8 bytes"));
  EXPECT_THAT(fault(kBegin + "cos"), HasSubstr("it is truncated"));
  EXPECT_THAT(fault(kBegin + "NQ."), HasSubstr("there is no tuple where one must be"));
  EXPECT_THAT(fault(kBegin + std::string(5'000'000, '}') + "."),
              HasSubstr("it has more than 4194304 values"));
}

TEST(Pickle, NestingAndLoopsDoNoHarm) {
  // a list in a list in a list, a million deep, and one that holds itself
  std::string deep = kBegin;
  for (int i = 0; i < 1'000'000; ++i) deep += ']';
  deep += std::string(999'999, 'a') + ".";
  EXPECT_EQ(read(deep).items().size(), 1U);
  EXPECT_EQ(read(kBegin + "]q\x00h\x00"
                          "a."s)
                .items()
                .at(0)
                .items()
                .size(),
            1U);
}

TEST(Pickle, ErrorNamesTheWayToTheValue) {
  const PickleValue root = read(kBegin + "}" + text("groups") +
                                "]K\x01"
                                "as.");
  EXPECT_EQ(test::error_of([&] { root.at("groups").items().at(0).to_tensor(); }),
            "optimizer.pt['groups'][0]: found an integer, expected a tensor; the file is damaged or belongs "
            "to another kind of run");
  EXPECT_THAT(test::error_of([&] { root.at("state"); }), HasSubstr("optimizer.pt: has no 'state'"));
  EXPECT_THAT(test::error_of([&] { root.by_number(); }), HasSubstr("found text, expected an integer"));
}

// Whatever the bytes are, there is a value or an Error.
TEST(Pickle, RandomChangesAreReadOrRefused) {
  const std::string whole = kBegin + "}q\x00("s + text("state") + "}(K\x00"s + tensor() + "q\x05K\x01h\x05u" +
                            text("param_groups") + "](K\x01\x88N\x86" + "eu.";
  ASSERT_NO_THROW(read(whole));
  std::mt19937 random(1);
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string changed = whole;
    for (auto n = 1 + random() % 3; n > 0; --n)
      changed[random() % changed.size()] = static_cast<char>(random());
    if (random() % 8 == 0) changed.resize(random() % changed.size());
    try {
      read(changed);
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 10'000);
}

}  // namespace
}  // namespace sift
