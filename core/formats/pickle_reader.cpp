#include <fmt/format.h>

#include <unordered_map>

#include <sift/error.h>
#include "formats/pickle.h"
#include "formats/pickle_bytes.h"
#include "formats/pickle_graph.h"
#include "formats/pickle_objects.h"

namespace sift {
namespace {

// An optimizer of a hundred thousand parameters needs about half of this.
constexpr std::size_t kMaxValues = std::size_t{1} << 22;

/// The opcodes of protocol 2 that torch.save writes; Lib/pickletools.py of Python describes each.
enum class Op : unsigned char {
  kMark = '(',
  kStop = '.',
  kFloat = 'G',
  kInt = 'J',
  kByte = 'K',
  kShort = 'M',
  kNone = 'N',
  kPersistentId = 'Q',
  kReduce = 'R',
  kText = 'X',
  kEmptyList = ']',
  kAppend = 'a',
  kGlobal = 'c',
  kAppends = 'e',
  kGet = 'h',
  kLongGet = 'j',
  kPut = 'q',
  kLongPut = 'r',
  kSetItem = 's',
  kTuple = 't',
  kSetItems = 'u',
  kEmptyDict = '}',
  kEmptyTuple = ')',
  kProtocol = 0x80,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kTrue = 0x88,
  kFalse = 0x89,
  kLong = 0x8a,
};

/// The printable part of an untrusted name.
std::string printable(std::string_view name) {
  std::string text(name.substr(0, 100));
  for (char& c : text) c = c < ' ' || c > '~' ? '?' : c;
  return text;
}

/// The stack machine that executes a pickle.
class Machine {
 public:
  Machine(std::string_view bytes, const std::string& where)
      : bytes_(bytes), where_(where), graph_(std::make_shared<PickleGraph>()) {}

  PickleValue run() {
    try {
      while (step()) {
      }
      return {graph_, pop(), where_};
    } catch (const PickleFault& fault) {
      throw Error(fmt::format("{}: not a pickle that Sift reads: {} (at byte {}); use another checkpoint",
                              where_, fault.what(), bytes_.position()));
    }
  }

 private:
  [[noreturn]] static void fail(const std::string& what) { throw PickleFault(what); }

  // the stack

  void push_node(std::uint32_t node) {
    if (++pushed_ > kMaxValues) fail(fmt::format("it has more than {} values", kMaxValues));
    stack_.push_back(node);
  }

  void push(PickleNode node) {
    push_node(static_cast<std::uint32_t>(graph_->nodes.size()));
    graph_->nodes.push_back(std::move(node));
  }

  std::uint32_t pop() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back()))
      fail("it pops more values than the stack holds");
    const std::uint32_t node = stack_.back();
    stack_.pop_back();
    return node;
  }

  std::vector<std::uint32_t> pop_many(std::size_t count) {
    std::vector<std::uint32_t> nodes(count);
    for (std::size_t i = count; i-- > 0;) nodes[i] = pop();
    return nodes;
  }

  std::vector<std::uint32_t> pop_to_mark() {
    if (marks_.empty()) fail("it closes a mark that it has not opened");
    auto nodes = pop_many(stack_.size() - marks_.back());
    marks_.pop_back();
    return nodes;
  }

  /// The value on top of the stack after popping, as a `Node`.
  template <class Node>
  Node& top(const char* what) {
    const std::uint32_t node = pop();
    stack_.push_back(node);
    auto* found = std::get_if<Node>(&graph_->nodes[node]);
    if (found == nullptr) fail(fmt::format("it appends to a value that is not {}", what));
    return *found;
  }

  template <class Node>
  const Node& as(std::uint32_t node, const char* what) const {
    const auto* found = std::get_if<Node>(&graph_->nodes[node]);
    if (found == nullptr) fail(fmt::format("there is no {} where one must be", what));
    return *found;
  }

  void append(const std::vector<std::uint32_t>& nodes) {
    auto& list = top<PickleSequence>("a list");
    if (list.is_tuple) fail("it appends to a value that is not a list");
    list.items.insert(list.items.end(), nodes.begin(), nodes.end());
  }

  void set_items(const std::vector<std::uint32_t>& nodes) {
    if (nodes.size() % 2 != 0) fail("a key without a value");
    auto& dict = top<PickleDict>("a dict");
    for (std::size_t i = 0; i < nodes.size(); i += 2) dict.entries.emplace_back(nodes[i], nodes[i + 1]);
  }

  void put(std::uint32_t slot) {
    const std::uint32_t node = pop();
    stack_.push_back(node);
    memo_[slot] = node;
  }

  void get(std::uint32_t slot) {
    const auto found = memo_.find(slot);
    if (found == memo_.end()) fail(fmt::format("it asks for value {}, which it has not stored", slot));
    push_node(found->second);
  }

  // objects

  void push_global() {
    const std::string_view module = bytes_.line();
    const std::string name = fmt::format("{}.{}", module, bytes_.line());
    const auto global = known_global(name);
    if (!global) {
      throw Error(
          fmt::format("{}: asks for the Python object '{}' (at byte {}), which no tensor needs; it was not "
                      "created and no code was run; use another checkpoint",
                      where_, printable(name), bytes_.position()));
    }
    push(*global);
  }

  void push_storage() {
    graph_->storages.push_back(make_storage(*graph_, pop()));
    push(PickleStorage{static_cast<std::uint32_t>(graph_->storages.size() - 1)});
  }

  void push_tensor(const std::vector<std::uint32_t>& arguments) {
    graph_->tensors.push_back(make_tensor(*graph_, arguments));
    push(PickleTensorRef{static_cast<std::uint32_t>(graph_->tensors.size() - 1)});
  }

  void reduce() {
    const std::uint32_t arguments = pop();
    const std::uint32_t function = pop();
    const auto& items = as<PickleSequence>(arguments, "tuple of arguments").items;
    switch (as<PickleGlobal>(function, "function").kind) {
      case PickleGlobal::Kind::kOrderedDict:
        if (!items.empty()) fail("an OrderedDict with arguments");
        push(PickleDict{});
        return;
      case PickleGlobal::Kind::kRebuildTensor:
        push_tensor(items);
        return;
      case PickleGlobal::Kind::kStorageType:
        break;
    }
    fail("it calls a type of storage");
  }

  /// Whether another opcode follows.
  bool step() {
    const auto code = bytes_.number<std::uint8_t>();
    switch (static_cast<Op>(code)) {
      case Op::kStop:
        return false;
      case Op::kProtocol:
        if (const auto protocol = bytes_.number<std::uint8_t>(); protocol != 2)
          fail(fmt::format("its protocol is {}, expected 2, which torch.save writes", protocol));
        return true;
      case Op::kMark:
        if (marks_.size() >= kMaxValues) fail("it is nested too deep");
        marks_.push_back(stack_.size());
        return true;
      default:
        if (!step_number(static_cast<Op>(code)) && !step_container(static_cast<Op>(code)))
          fail(fmt::format("opcode {:#04x} is not used for tensors", code));
        return true;
    }
  }

  bool step_number(Op code) {
    switch (code) {
      case Op::kNone:
        push(std::monostate{});
        return true;
      case Op::kTrue:
        push(true);
        return true;
      case Op::kFalse:
        push(false);
        return true;
      case Op::kByte:
        push(std::int64_t{bytes_.number<std::uint8_t>()});
        return true;
      case Op::kShort:
        push(std::int64_t{bytes_.number<std::uint16_t>()});
        return true;
      case Op::kInt:
        push(std::int64_t{bytes_.number<std::int32_t>()});
        return true;
      case Op::kLong:
        push(bytes_.long_integer());
        return true;
      case Op::kFloat:
        push(bytes_.big_endian_double());
        return true;
      case Op::kText:
        push(std::string(bytes_.take(bytes_.number<std::uint32_t>())));
        return true;
      default:
        return false;
    }
  }

  bool step_container(Op code) {
    switch (code) {
      case Op::kEmptyList:
        push(PickleSequence{});
        return true;
      case Op::kEmptyDict:
        push(PickleDict{});
        return true;
      case Op::kEmptyTuple:
        push(PickleSequence{{}, true});
        return true;
      case Op::kTuple1:
      case Op::kTuple2:
      case Op::kTuple3:
        push(PickleSequence{pop_many(static_cast<std::size_t>(code) - 0x84), true});
        return true;
      case Op::kTuple:
        push(PickleSequence{pop_to_mark(), true});
        return true;
      case Op::kAppend:
        append(pop_many(1));
        return true;
      case Op::kAppends:
        append(pop_to_mark());
        return true;
      case Op::kSetItem:
        set_items(pop_many(2));
        return true;
      case Op::kSetItems:
        set_items(pop_to_mark());
        return true;
      default:
        return step_object(code);
    }
  }

  bool step_object(Op code) {
    switch (code) {
      case Op::kGlobal:
        push_global();
        return true;
      case Op::kReduce:
        reduce();
        return true;
      case Op::kPersistentId:
        push_storage();
        return true;
      case Op::kPut:
        put(bytes_.number<std::uint8_t>());
        return true;
      case Op::kLongPut:
        put(bytes_.number<std::uint32_t>());
        return true;
      case Op::kGet:
        get(bytes_.number<std::uint8_t>());
        return true;
      case Op::kLongGet:
        get(bytes_.number<std::uint32_t>());
        return true;
      default:
        return false;
    }
  }

  PickleBytes bytes_;
  const std::string& where_;
  std::shared_ptr<PickleGraph> graph_;
  std::size_t pushed_ = 0;
  std::vector<std::uint32_t> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint32_t, std::uint32_t> memo_;
};

}  // namespace

PickleValue read_pickle(std::string_view bytes, const std::string& where) {
  return Machine(bytes, where).run();
}

}  // namespace sift
