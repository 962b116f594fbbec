// `libexec/baton-engine`: the engine, and every verb but an editor's session.
#include "cli/command_line.h"

int main(int argc, char** argv) { return baton::command_line(argc, argv); }
