# One static library per folder, one test program per folder of tests. Sources are globbed: a new file needs no edit here.
file(WRITE ${CMAKE_BINARY_DIR}/generated/empty.cpp.in "")
configure_file(${CMAKE_BINARY_DIR}/generated/empty.cpp.in ${CMAKE_BINARY_DIR}/generated/empty.cpp COPYONLY)

# What nearly every source includes, parsed once: a third off the time of a build. Every source still includes what it uses; the
# thread sanitizer's preset builds without this and proves it.
set(BATON_COMMON_HEADERS <algorithm> <array> <chrono> <cstdint> <filesystem> <functional> <map> <memory> <mutex> <optional> <set>
  <stop_token> <string> <string_view> <thread> <utility> <variant> <vector> <nlohmann/json.hpp>)

# baton_headers(<name> <options> <header...>): a precompiled header for targets that say REUSE_FROM <name>. Its own target has no
# macros but those of everyone, so that it fits whatever a folder defines besides.
function(baton_headers name options)
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/generated/empty.cpp)
  target_link_libraries(${name} PRIVATE nlohmann_json::nlohmann_json baton_flags)
  target_compile_options(${name} PRIVATE ${options})
  target_precompile_headers(${name} PRIVATE ${ARGN})
endfunction()
baton_headers(baton_common_headers "" ${BATON_COMMON_HEADERS})
# What waits for other programs gains nothing from -O2, which takes as long as all the rest of its compilation.
set(BATON_LIGHT $<$<CONFIG:Release>:-O1>)
baton_headers(baton_light_headers "${BATON_LIGHT}" ${BATON_COMMON_HEADERS})

# Sources of a folder compiled eight at a time: nearly half the time of a first build, and names in unnamed namespaces are then
# shared by them. For the gate, whose build folder is used once, and for folders that say TOGETHER.
option(BATON_UNITY "Compile the sources of a folder together" OFF)

# baton_together(<folder> [SESSION file...] SOURCES file...): a program that links one source of a group has all of the group, with
# the libraries that it needs. So what a session links (SESSION, without folder and ending) is a group of its own. The others' is
# chosen by their name: a new source changes one group, and its names meet those of few.
function(baton_together folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SESSION;SOURCES")
  list(TRANSFORM arg_SESSION REPLACE "(.+)" "${PROJECT_SOURCE_DIR}/${folder}/\\1.cpp")
  list(REMOVE_ITEM arg_SOURCES ${arg_SESSION})
  set_source_files_properties(${arg_SESSION} PROPERTIES UNITY_GROUP session)
  list(LENGTH arg_SOURCES count)
  foreach(source IN LISTS arg_SOURCES)
    get_filename_component(name ${source} NAME_WE)
    string(MD5 hash ${name})
    string(SUBSTRING ${hash} 0 4 hash)
    math(EXPR group "0x${hash} % 32 * ((${count} + 7) / 8) / 32")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
  # A private type of an included source is no type of a header.
  set_target_properties(baton_${folder} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  target_compile_options(baton_${folder} PRIVATE -Wno-subobject-linkage)
endfunction()

# baton_folder(<folder> [LIGHT] [TOGETHER [SESSION file...]] [EXCLUDE file...] [PUBLIC target...] [PRIVATE target...]): library
# baton_<folder>.
function(baton_folder folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "LIGHT;TOGETHER" "" "SESSION;EXCLUDE;PUBLIC;PRIVATE")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "^${PROJECT_SOURCE_DIR}/support/shim/")
  foreach(file IN LISTS arg_EXCLUDE)
    list(REMOVE_ITEM sources ${PROJECT_SOURCE_DIR}/${folder}/${file})
  endforeach()
  # The empty source lets a folder without sources configure and link like any other.
  add_library(baton_${folder} STATIC ${CMAKE_BINARY_DIR}/generated/empty.cpp ${sources})
  target_include_directories(baton_${folder} PUBLIC ${PROJECT_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
  target_compile_definitions(baton_${folder} PUBLIC BATON_VERSION="${PROJECT_VERSION}")
  target_link_libraries(baton_${folder} PUBLIC ${arg_PUBLIC} PRIVATE baton_flags ${arg_PRIVATE})
  if(BATON_UNITY AND arg_TOGETHER)
    baton_together(${folder} SESSION ${arg_SESSION} SOURCES ${sources})
  endif()
  if(arg_LIGHT)
    target_compile_options(baton_${folder} PRIVATE ${BATON_LIGHT})
    target_precompile_headers(baton_${folder} REUSE_FROM baton_light_headers)
  else()
    target_precompile_headers(baton_${folder} REUSE_FROM baton_common_headers)
  endif()
endfunction()

# baton_embed(<folder> <file> <function>): std::string_view baton::<function>() answers with the file's text. Its declaration
# stands in a header of the folder.
function(baton_embed folder file function)
  set(source ${PROJECT_SOURCE_DIR}/${folder}/${file})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(READ ${source} text)
  set_source_files_properties(${CMAKE_BINARY_DIR}/generated/${function}.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON SKIP_UNITY_BUILD_INCLUSION ON)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/${function}.cpp CONTENT "#include <string_view>

namespace baton {

std::string_view @function@();
std::string_view @function@() { return R\"embedded(@text@)embedded\"; }

}  // namespace baton
" @ONLY)
  target_sources(baton_${folder} PRIVATE ${CMAKE_BINARY_DIR}/generated/${function}.cpp)
endfunction()

# baton_program(<name> SOURCES file... OUTPUT_DIRECTORY dir LINK target...)
function(baton_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OUTPUT_DIRECTORY" "SOURCES;LINK")
  set(sources ${arg_SOURCES})
  list(TRANSFORM sources PREPEND ${PROJECT_SOURCE_DIR}/)
  add_executable(${name} ${sources})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${arg_OUTPUT_DIRECTORY})
  target_link_libraries(${name} PRIVATE baton_flags ${arg_LINK})
  add_dependencies(${name} baton-shim)
endfunction()

# The shim starts every child, also inside sandboxes that hold another system: it is small, needs no library of ours, and is
# linked statically where the C library can be, so that nothing in a command's environment changes how it loads.
function(baton_shim)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/support/shim/*.cpp)
  add_executable(baton-shim ${sources})
  set_target_properties(baton-shim PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/libexec)
  target_include_directories(baton-shim PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(baton-shim PRIVATE -Wall -Wextra -Wpedantic $<$<BOOL:${BATON_WERROR}>:-Werror>)
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_LINK_OPTIONS -static)
  check_cxx_source_compiles("int main() { return 0; }" BATON_STATIC_LINKS)
  target_compile_options(baton-shim PRIVATE -fno-exceptions -fno-rtti -O2)
  set_target_properties(baton-shim PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_link_options(baton-shim PRIVATE
    $<IF:$<BOOL:${BATON_STATIC_LINKS}>,-static,-static-libstdc++;-static-libgcc>)
  install(TARGETS baton-shim RUNTIME DESTINATION libexec/baton)
endfunction()
