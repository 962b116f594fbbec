# Fetches the grammars by the lock file in third_party/grammars, once per lock file and machine, and builds them.
#
# The registry is npm's own setting; the lock file names no host and pins every package by its integrity.
# -DBATON_GRAMMARS_SOURCE=<node_modules> builds without network; -DBATON_CACHE_DIR=<dir> moves the shared cache.
set(BATON_GRAMMARS_SOURCE "" CACHE PATH "An existing node_modules folder with the grammars")
if(NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
  set(default_cache "$ENV{XDG_CACHE_HOME}/baton-build")
elseif(NOT "$ENV{HOME}" STREQUAL "")
  set(default_cache "$ENV{HOME}/.cache/baton-build")
else()
  set(default_cache ${CMAKE_BINARY_DIR}/cache)
endif()
set(BATON_CACHE_DIR ${default_cache} CACHE PATH "Downloads shared by all build folders")
set(BATON_GRAMMARS_LOCK ${CMAKE_CURRENT_LIST_DIR}/../third_party/grammars)

# Sets <result> to a node_modules folder that holds what the lock file names.
function(baton_fetch_grammars result)
  if(BATON_GRAMMARS_SOURCE)
    if(NOT EXISTS ${BATON_GRAMMARS_SOURCE}/tree-sitter/package.json)
      message(FATAL_ERROR "BATON_GRAMMARS_SOURCE=${BATON_GRAMMARS_SOURCE} holds no tree-sitter package; "
                          "give the node_modules folder of an `npm ci` in third_party/grammars.")
    endif()
    set(${result} ${BATON_GRAMMARS_SOURCE} PARENT_SCOPE)
    return()
  endif()

  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${BATON_GRAMMARS_LOCK}/package-lock.json)
  file(SHA256 ${BATON_GRAMMARS_LOCK}/package-lock.json hash)
  string(SUBSTRING ${hash} 0 16 hash)
  set(cache ${BATON_CACHE_DIR})
  execute_process(COMMAND ${CMAKE_COMMAND} -E make_directory ${cache} RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
  if(NOT failed)
    file(LOCK ${cache}/lock GUARD FUNCTION RESULT_VARIABLE lock TIMEOUT 600)
  endif()
  if(failed OR NOT lock STREQUAL "0")
    set(cache ${CMAKE_BINARY_DIR}/cache)
    file(MAKE_DIRECTORY ${cache})
  endif()

  set(folder ${cache}/grammars-${hash})
  if(NOT EXISTS ${folder}/node_modules)
    baton_npm_ci(${folder})
  endif()
  set(${result} ${folder}/node_modules PARENT_SCOPE)
endfunction()

# Installs into a folder beside <folder> and renames it when complete: <folder> itself is the stamp.
function(baton_npm_ci folder)
  find_program(BATON_NPM npm)
  mark_as_advanced(BATON_NPM)
  if(NOT BATON_NPM)
    message(FATAL_ERROR "npm is missing and the grammars are fetched with it: install Node.js, "
                        "or give an existing folder with -DBATON_GRAMMARS_SOURCE=<node_modules>.")
  endif()
  message(STATUS "Fetching the tree-sitter grammars into ${folder}")
  file(REMOVE_RECURSE ${folder}.part ${folder})
  # Not configure_file: it makes the lock file a dependency a second time, which Ninja refuses.
  foreach(file .npmrc package.json package-lock.json)
    file(COPY ${BATON_GRAMMARS_LOCK}/${file} DESTINATION ${folder}.part)
  endforeach()
  execute_process(COMMAND ${BATON_NPM} ci --no-progress WORKING_DIRECTORY ${folder}.part TIMEOUT 900
                  RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(failed)
    message(FATAL_ERROR "npm ci could not fetch the grammars; mend what it says (${failed}) and configure again.\n${output}")
  endif()
  # Prebuilt binaries and bindings for other runtimes are two thirds of the size and never used.
  file(GLOB_RECURSE binaries ${folder}.part/node_modules/*.node ${folder}.part/node_modules/*.wasm)
  file(REMOVE ${binaries})
  file(RENAME ${folder}.part ${folder})
endfunction()

# baton_grammar(<language> <folder> [QUERIES package...]) adds a parser to baton_grammars. Uses `modules` of the caller.
function(baton_grammar language folder)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "QUERIES")
  set(src ${modules}/${folder}/src)
  set(sources ${src}/parser.c)
  if(EXISTS ${src}/scanner.c)
    list(APPEND sources ${src}/scanner.c)
  endif()
  add_library(grammar_${language} OBJECT ${sources})
  target_include_directories(grammar_${language} PRIVATE ${src})
  target_compile_options(grammar_${language} PRIVATE -w)
  target_sources(baton_grammars PRIVATE $<TARGET_OBJECTS:grammar_${language}>)

  set(queries)
  foreach(package IN LISTS arg_QUERIES)
    list(APPEND queries ${modules}/${package}/queries/tags.scm)
  endforeach()
  # What the packages lack (references in C and C++, whole languages) is ours and comes after theirs.
  file(GLOB ours CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/analyzers/queries/${language}/tags.scm)
  list(APPEND queries ${ours})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${queries})
  set_property(GLOBAL APPEND PROPERTY BATON_TAG_LANGUAGES ${language})
  set_property(GLOBAL PROPERTY BATON_TAG_QUERIES_${language} ${queries})
endfunction()

# Writes analyzers/tag_queries.h's definition with the text of every language's queries.
function(baton_embed_tag_queries)
  get_property(languages GLOBAL PROPERTY BATON_TAG_LANGUAGES)
  set(branches)
  foreach(language IN LISTS languages)
    get_property(files GLOBAL PROPERTY BATON_TAG_QUERIES_${language})
    set(text)
    foreach(file IN LISTS files)
      file(READ ${file} content)
      string(APPEND text "${content}\n")
    endforeach()
    if(NOT text STREQUAL "")
      string(APPEND branches "  if (language == \"${language}\") return R\"scm(${text})scm\";\n")
    endif()
  endforeach()
  set(file ${CMAKE_BINARY_DIR}/generated/tag_queries.cpp)
  file(CONFIGURE OUTPUT ${file} CONTENT "#include \"analyzers/tag_queries.h\"

namespace baton {

std::string_view tag_query(std::string_view language) {
@branches@  return {};
}

}  // namespace baton
" @ONLY)
  target_sources(baton_grammars PRIVATE ${file})
endfunction()
