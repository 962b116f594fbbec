// A test program that a runner (CTest) runs as one test: its own cases, read from what it printed. Pure.
#pragma once

#include <string>
#include <string_view>

#include "analyzers/readers/reader.h"

namespace baton {

// Adds the program's test to `tally`: its cases as "program::case" where they are told, the program itself where they are not, or
// where it stands for cases that are counted and not named.
void add_program(Reading& reading, Tally& tally, TestCase program, std::string_view printed, size_t line);

}  // namespace baton
