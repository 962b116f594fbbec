#include "cli/command_line.h"

int main(int argc, char** argv) { return baton::command_line(argc, argv); }
