#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sift {

/// What a file is that its reader cannot take, and what to do: "the file is a Git LFS pointer, not the
/// content itself; run 'git lfs pull' in its folder". `head` is the beginning of the file, 512 bytes suffice.
/// Nothing if it does not look like one of the usual mistakes: pointers, web pages, archives, other formats,
/// UTF-16, zeros.
std::optional<std::string> mistaken_content(std::string_view head);

/// Whether the bytes begin as those of a Parquet file do.
bool looks_like_parquet(std::string_view head);

/// Whether the bytes begin as those of a gzip, an xz or a zstd file do.
bool looks_like_gzip(std::string_view head);
bool looks_like_xz(std::string_view head);
bool looks_like_zstd(std::string_view head);

}  // namespace sift
