#pragma once

// A header of LibTorch's Python module, which needs Python's own. FakeProcessGroup.hpp includes it and uses
// nothing of it; for that file this one stands in.
