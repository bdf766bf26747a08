#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <c10/core/ScalarType.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include "ops/cpu/attention.h"
#include "ops/cpu/blas.h"
#include "ops/cpu/vector.h"

// Shape suffixes: n tokens with queries, l tokens with keys, a heads, k key/value heads, d head_dim, r
// queries of a tile, c keys of a tile.

namespace sift::cpu {
namespace {

// A tile of scores, and a second one in backward, stay in the cache of a core.
constexpr std::int64_t kQueries = 128;
constexpr std::int64_t kKeys = 256;
// Queries of one unit of work forward.
constexpr std::int64_t kForwardQueries = 2 * kQueries;
// In backward, the maximum number of parts of a document's keys and the minimum size of a part. They must not
// depend on the number of threads, since results depend on them.
constexpr std::int64_t kMaxParts = 4;
constexpr std::int64_t kPartKeys = 1024;

/// Tokens from `begin` up to `end`, counted in the batch.
struct Span {
  std::int64_t begin, end;
  std::int64_t size() const { return end - begin; }
};

/// Work of one thread; no two units write to the same memory.
template <class T>
struct Unit {
  Span document, span;  ///< of the queries forward, of the keys backward
  std::int64_t head;    ///< a key/value head backward
  T* grad_q_nad;        ///< this part's gradient of q, from the document's first query on
  double cost;
};

/// Expensive units first, each on the next free thread; the result of a unit does not depend on its thread.
template <class T, class Work>
void run_units(std::vector<Unit<T>>& units, std::int64_t scratch_size, const Work& work) {
  std::ranges::stable_sort(units, [](const Unit<T>& a, const Unit<T>& b) { return a.cost > b.cost; });
  const std::int64_t threads = at::get_num_threads();
  const at::Tensor scratch = at::empty({threads, scratch_size}, c10::CppTypeToScalarType<T>::value);
  T* const buffer = scratch.data_ptr<T>();
  std::atomic<std::size_t> next = 0;
  at::parallel_for(0, threads, 1, [&](std::int64_t begin, std::int64_t) {
    const SerialProducts serial;
    for (std::size_t i = next++; i < units.size(); i = next++) work(units[i], buffer + begin * scratch_size);
  });
}

/// The tokens of a document that have queries.
Span queries_of(const AttentionShape& shape, const Span& document) {
  return {std::max(document.begin, shape.first_query), std::max(document.end, shape.first_query)};
}

/// The keys of a tile that begins at `key` which query `row` sees, as columns of that tile.
template <class T>
Span seen(const AttentionShape& shape, const Unit<T>& unit, std::int64_t row, const Span& keys) {
  const std::int64_t first =
      shape.window == 0 ? unit.document.begin : std::max(unit.document.begin, row + 1 - shape.window);
  return {std::clamp<std::int64_t>(first - keys.begin, 0, keys.size()),
          std::clamp<std::int64_t>(row + 1 - keys.begin, 0, keys.size())};
}

/// The keys that any of these queries sees.
Span reach(const AttentionShape& shape, const Span& document, const Span& queries) {
  const std::int64_t first =
      shape.window == 0 ? document.begin : std::max(document.begin, queries.begin + 1 - shape.window);
  return {first, queries.end};
}

template <class T>
T max_of(const T* x, std::int64_t size) {
  return at::vec::reduce_all<T>([](const Vec<T>& a, const Vec<T>& b) { return at::vec::maximum(a, b); }, x,
                                size);
}

/// x = exp(x - shift) of `size` numbers; returns their sum.
template <class T>
T exponentials(T* x, std::int64_t size, T shift) {
  const Vec<T> shift_v(shift);
  Vec<T> sum(T(0));
  for (std::int64_t i = 0; i < size; i += kLanes<T>) {
    const int count = lanes<T>(i, size);
    const Vec<T> e = exp_of(Vec<T>::loadu(x + i, count) - shift_v);
    e.store(x + i, count);
    sum = sum + (count == kLanes<T> ? e : Vec<T>::set(Vec<T>(0), e, count));
  }
  return sum_of(sum);
}

template <class T>
void scale_by(T* x, std::int64_t size, T factor) {
  at::vec::map<T>([factor](const Vec<T>& v) { return v * Vec<T>(factor); }, x, x, size);
}

template <class T>
T dot(const T* a, const T* b, std::int64_t size) {
  return at::vec::map2_reduce_all<T>([](const Vec<T>& x, const Vec<T>& y) { return x * y; },
                                     [](const Vec<T>& x, const Vec<T>& y) { return x + y; }, a, b, size);
}

template <class T>
void clear_unseen(T* row, const Span& visible, std::int64_t size) {
  std::fill(row, row + visible.begin, T(0));
  std::fill(row + visible.end, row + size, T(0));
}

/// One tile of queries forward, over all keys that they see. FlashAttention: sums are kept relative to the
/// largest score so far.
template <class T>
void forward_tile(const AttentionShape& shape, const Unit<T>& unit, const Span& queries, const T* q_nad,
                  const T* k_lkd, const T* v_lkd, T* out_nad, T* lse_an, T* scratch) {
  const std::int64_t d = shape.head_dim, stride = shape.heads * d, kv_stride = shape.kv_heads * d;
  const std::int64_t kv_head = unit.head / (shape.heads / shape.kv_heads);
  T *const scores_rc = scratch, *const max_r = scores_rc + kQueries * kKeys, *const sum_r = max_r + kQueries;
  std::fill(max_r, max_r + queries.size(), -std::numeric_limits<float>::infinity());
  std::fill(sum_r, sum_r + queries.size(), T(0));
  const std::int64_t row = queries.begin - shape.first_query, here = row * stride + unit.head * d;
  const Rows<T> q_rd = {q_nad + here, stride};
  const OutRows<T> out_rd = {out_nad + here, stride};
  const Span all = reach(shape, unit.document, queries);
  for (std::int64_t key = all.begin; key < all.end; key += kKeys) {
    const Span keys = {key, std::min(key + kKeys, all.end)};
    const Rows<T> k_cd = {k_lkd + key * kv_stride + kv_head * d, kv_stride};
    const Rows<T> v_cd = {v_lkd + key * kv_stride + kv_head * d, kv_stride};
    product_nt(queries.size(), keys.size(), d, static_cast<T>(shape.scale), q_rd, k_cd, T(0),
               {scores_rc, kKeys});
    for (std::int64_t r = 0; r < queries.size(); ++r) {
      T* const scores_c = scores_rc + r * kKeys;
      const Span visible = seen(shape, unit, queries.begin + r, keys);
      clear_unseen(scores_c, visible, keys.size());
      if (visible.size() <= 0) continue;
      const T max = std::max(max_r[r], max_of(scores_c + visible.begin, visible.size()));
      if (key != all.begin && max != max_r[r]) {
        const T shrink = std::exp(max_r[r] - max);
        sum_r[r] *= shrink;
        scale_by(out_rd.data + r * stride, d, shrink);
      }
      max_r[r] = max;
      sum_r[r] += exponentials(scores_c + visible.begin, visible.size(), max);
    }
    product_nn(queries.size(), d, keys.size(), T(1), {scores_rc, kKeys}, v_cd, key == all.begin ? T(0) : T(1),
               out_rd);
  }
  for (std::int64_t r = 0; r < queries.size(); ++r) {
    scale_by(out_rd.data + r * stride, d, T(1) / sum_r[r]);
    lse_an[unit.head * shape.num_queries() + row + r] = max_r[r] + std::log(sum_r[r]);
  }
}

/// One head's tile of queries backward, over those keys of the unit that they see.
template <class T>
void backward_tile(const AttentionShape& shape, const Unit<T>& unit, const Span& queries, std::int64_t head,
                   const AttentionSaved<T>& saved, const T* grad_nad, const AttentionGrads<T>& grads,
                   T* scratch) {
  const std::int64_t d = shape.head_dim, stride = shape.heads * d, kv_stride = shape.kv_heads * d;
  const std::int64_t row = queries.begin - shape.first_query, here = row * stride + head * d;
  const std::int64_t rows = queries.size(), first_row = queries_of(shape, unit.document).begin;
  T *const p_rc = scratch, *const ds_rc = p_rc + kQueries * kKeys, *const delta_r = ds_rc + kQueries * kKeys;
  const Rows<T> q_rd = {saved.q_nad + here, stride}, grad_rd = {grad_nad + here, stride};
  const OutRows<T> grad_q_rd = {unit.grad_q_nad + (queries.begin - first_row) * stride + head * d, stride};
  const T* const lse_r = saved.lse_an + head * shape.num_queries() + row;
  for (std::int64_t r = 0; r < rows; ++r) {
    delta_r[r] = dot(grad_rd.data + r * stride, saved.out_nad + here + r * stride, d);
  }
  const Span all = reach(shape, unit.document, queries);
  const std::int64_t first = std::max(all.begin, unit.span.begin), last = std::min(all.end, unit.span.end);
  if (first >= last) {
    for (std::int64_t r = 0; r < rows; ++r) std::fill_n(grad_q_rd.data + r * stride, d, T(0));
  }
  for (std::int64_t key = first; key < last; key += kKeys) {
    const Span keys = {key, std::min(key + kKeys, last)};
    const std::int64_t there = key * kv_stride + unit.head * d;
    const Rows<T> k_cd = {saved.k_lkd + there, kv_stride}, v_cd = {saved.v_lkd + there, kv_stride};
    product_nt(rows, keys.size(), d, static_cast<T>(shape.scale), q_rd, k_cd, T(0), {p_rc, kKeys});
    product_nt(rows, keys.size(), d, T(1), grad_rd, v_cd, T(0), {ds_rc, kKeys});
    for (std::int64_t r = 0; r < rows; ++r) {
      T *const p = p_rc + r * kKeys, *const ds = ds_rc + r * kKeys;
      const Span visible = seen(shape, unit, queries.begin + r, keys);
      clear_unseen(p, visible, keys.size());
      clear_unseen(ds, visible, keys.size());
      const Vec<T> lse(lse_r[r]), delta(delta_r[r]);
      for (std::int64_t c = visible.begin; c < visible.end; c += kLanes<T>) {
        const int count = lanes<T>(c, visible.end);
        const Vec<T> p_v = exp_of(Vec<T>::loadu(p + c, count) - lse);
        p_v.store(p + c, count);
        (p_v * (Vec<T>::loadu(ds + c, count) - delta)).store(ds + c, count);
      }
    }
    const OutRows<T> grad_k_cd = {grads.k_lkd + there, kv_stride},
                     grad_v_cd = {grads.v_lkd + there, kv_stride};
    product_tn(keys.size(), d, rows, T(1), {p_rc, kKeys}, grad_rd, T(1), grad_v_cd);
    product_tn(keys.size(), d, rows, static_cast<T>(shape.scale), {ds_rc, kKeys}, q_rd, T(1), grad_k_cd);
    product_nn(rows, d, keys.size(), static_cast<T>(shape.scale), {ds_rc, kKeys}, k_cd,
               key == first ? T(0) : T(1), grad_q_rd);
  }
}

/// One part of the keys of a document and key/value head, for all queries and heads that see them.
template <class T>
void backward_unit(const AttentionShape& shape, const Unit<T>& unit, const AttentionSaved<T>& saved,
                   const T* grad_nad, const AttentionGrads<T>& grads, T* scratch) {
  const std::int64_t d = shape.head_dim, kv_stride = shape.kv_heads * d;
  const std::int64_t sharing = shape.heads / shape.kv_heads;
  const Span all = queries_of(shape, unit.document);
  for (std::int64_t key = unit.span.begin; key < unit.span.end; ++key) {
    std::fill_n(grads.k_lkd + key * kv_stride + unit.head * d, d, T(0));
    std::fill_n(grads.v_lkd + key * kv_stride + unit.head * d, d, T(0));
  }
  for (std::int64_t head = unit.head * sharing; head < (unit.head + 1) * sharing; ++head) {
    for (std::int64_t row = all.begin; row < all.end; row += kQueries) {
      const Span queries = {row, std::min(row + kQueries, all.end)};
      backward_tile(shape, unit, queries, head, saved, grad_nad, grads, scratch);
    }
  }
}

std::int64_t parts_of(std::int64_t tokens) {
  return std::clamp<std::int64_t>(tokens / kPartKeys, 1, kMaxParts);
}

}  // namespace

template <class T>
void attention(const AttentionShape& shape, const T* q_nad, const T* k_lkd, const T* v_lkd, T* out_nad,
               T* lse_an) {
  std::vector<Unit<T>> units;
  for (std::size_t i = 0; i + 1 < shape.starts.size(); ++i) {
    const Span document = {shape.starts[i], shape.starts[i + 1]}, queries = queries_of(shape, document);
    for (std::int64_t head = 0; head < shape.heads; ++head) {
      for (std::int64_t row = queries.begin; row < queries.end; row += kForwardQueries) {
        const Span span = {row, std::min(row + kForwardQueries, queries.end)};
        const double cost = static_cast<double>(span.size() * reach(shape, document, span).size());
        units.push_back({document, span, head, nullptr, cost});
      }
    }
  }
  run_units(units, kQueries * (kKeys + 2), [&](const Unit<T>& unit, T* scratch) {
    for (std::int64_t row = unit.span.begin; row < unit.span.end; row += kQueries) {
      const Span queries = {row, std::min(row + kQueries, unit.span.end)};
      forward_tile(shape, unit, queries, q_nad, k_lkd, v_lkd, out_nad, lse_an, scratch);
    }
  });
}

template <class T>
void attention_backward(const AttentionShape& shape, const AttentionSaved<T>& saved, const T* grad_nad,
                        const AttentionGrads<T>& grads) {
  const std::int64_t token = shape.heads * shape.head_dim;
  std::int64_t extra = 0;  // queries of all parts after the first
  for (std::size_t i = 0; i + 1 < shape.starts.size(); ++i) {
    const Span document = {shape.starts[i], shape.starts[i + 1]};
    extra += (parts_of(document.size()) - 1) * queries_of(shape, document).size();
  }
  const at::Tensor parts_nad = at::empty({extra, token}, c10::CppTypeToScalarType<T>::value);
  T* place = parts_nad.data_ptr<T>();
  struct Sum {
    T *total, *part;
    std::int64_t size;
  };
  std::vector<Sum> sums;
  std::vector<Unit<T>> units;
  for (std::size_t i = 0; i + 1 < shape.starts.size(); ++i) {
    const Span document = {shape.starts[i], shape.starts[i + 1]}, queries = queries_of(shape, document);
    const std::int64_t tokens = document.size(), parts = parts_of(tokens);
    T* const own = grads.q_nad + (queries.begin - shape.first_query) * token;
    for (std::int64_t part = 0; part < parts; ++part) {
      const Span span = {document.begin + tokens * part / parts,
                         document.begin + tokens * (part + 1) / parts};
      T* const grad_q = part == 0 ? own : place;
      if (part > 0) {
        sums.push_back({own, place, queries.size() * token});
        place += queries.size() * token;
      }
      const double cost = static_cast<double>(span.size()) * static_cast<double>(document.end - span.begin);
      for (std::int64_t head = 0; head < shape.kv_heads; ++head) {
        units.push_back({document, span, head, grad_q, cost});
      }
    }
  }
  run_units(units, kQueries * (2 * kKeys + 1), [&](const Unit<T>& unit, T* scratch) {
    backward_unit(shape, unit, saved, grad_nad, grads, scratch);
  });
  for (const Sum& sum : sums) {
    at::parallel_for(0, sum.size, 1 << 15, [&](std::int64_t begin, std::int64_t end) {
      at::vec::map2<T>([](const Vec<T>& a, const Vec<T>& b) { return a + b; }, sum.total + begin,
                       sum.total + begin, sum.part + begin, end - begin);
    });
  }
}

template void attention<float>(const AttentionShape&, const float*, const float*, const float*, float*,
                               float*);
template void attention<double>(const AttentionShape&, const double*, const double*, const double*, double*,
                                double*);
template void attention_backward<float>(const AttentionShape&, const AttentionSaved<float>&, const float*,
                                        const AttentionGrads<float>&);
template void attention_backward<double>(const AttentionShape&, const AttentionSaved<double>&, const double*,
                                         const AttentionGrads<double>&);

}  // namespace sift::cpu
