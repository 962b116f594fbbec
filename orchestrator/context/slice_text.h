// A slice as text for agents and people: what it is, then each file's lines with their numbers. Pure; any thread.
#pragma once

#include <string>

#include "orchestrator/context/context.h"

namespace baton {

// Markdown, a heading of level `level` a file; files in the order of their first piece, lines in the order of the file.
std::string slice_text(const ContextSlice& slice, int level = 3);

// "8 pieces of 5 files, 3,100 tokens instead of 21,400 for the whole files"
std::string slice_summary(const ContextSlice& slice);

}  // namespace baton
