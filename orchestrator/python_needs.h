// What a Python project needs in its virtual environment to run its tests, read from the files that say so: pyproject.toml (PEP
// 621, 735, poetry, pdm, hatch, uv), setup.cfg, setup.py, requirements files, tox.ini, noxfile.py. Private to discovery.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "orchestrator/file_source.h"

namespace baton {

struct PythonNeeds {
  bool installable = false;               // has a build system or a setup.py
  bool builds_extensions = false;         // compiles or generates files in the source tree
  std::vector<std::string> extras;        // of the project itself
  std::vector<std::string> requirement_files;  // relative to the project's folder
  std::vector<std::string> packages;      // requirement specifiers
  std::vector<std::string> inputs;        // files that decided all this, relative to the project's folder
};

PythonNeeds python_needs(const FileSource& files, const std::string& folder, const nlohmann::json& pyproject);

// Name of a requirement in its normal form: "Pytest_Cov[x]>=1; python_version<'4'" -> "pytest-cov".
std::string requirement_name(std::string_view requirement);

}  // namespace baton
