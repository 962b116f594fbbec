# Compiler settings that hold for every target of ours.
option(BATON_TESTS "Build the tests" ON)
option(BATON_WERROR "Treat warnings as errors" OFF)
set(BATON_SANITIZE "" CACHE STRING "Value for -fsanitize=, for example address,undefined")

get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(NOT multi_config AND NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
# -Og keeps traces readable and costs a third less test time than -O0.
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g")

if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(BATON_CCACHE ccache)
  mark_as_advanced(BATON_CCACHE)
  if(BATON_CCACHE)
    # What ccache asks for before it caches what uses a precompiled header.
    set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${BATON_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  endif()
endif()

add_library(baton_flags INTERFACE)
target_compile_options(baton_flags INTERFACE
  -pthread  # everywhere, or a precompiled header fits only half of the sources
  -Wall -Wextra -Wpedantic
  # Designated initialisers leave out what has a good default.
  -Wno-missing-field-initializers
  # g++ 12 warns about its own std::string (PR 105651), std::optional and std::stop_token; more so from a precompiled header.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread>
  $<$<BOOL:${BATON_WERROR}>:-Werror>)

if(BATON_SANITIZE)
  # Traces need lines, not variables: -g1 takes a quarter of the time off a sanitizer build. The null and alignment checks
  # take another quarter and find little here: address sanitizer traps on null, and nothing reads numbers out of raw buffers.
  target_compile_options(baton_flags INTERFACE
    -fsanitize=${BATON_SANITIZE} -fno-sanitize=null,alignment -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  target_link_options(baton_flags INTERFACE -fsanitize=${BATON_SANITIZE})
  # Thread sanitizer knows no fences; asio's are a second belt beside its locks.
  if(BATON_SANITIZE MATCHES thread)
    target_compile_definitions(baton_flags INTERFACE ASIO_DISABLE_FENCED_BLOCK)
  endif()
else()
  include(CheckPIESupported)
  check_pie_supported(LANGUAGES CXX)
  include(CheckCXXCompilerFlag)
  check_cxx_compiler_flag(-fcf-protection BATON_HAS_CF_PROTECTION)
  target_compile_options(baton_flags INTERFACE
    $<$<CONFIG:Release>:-fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
      -D_GLIBCXX_ASSERTIONS $<$<BOOL:${BATON_HAS_CF_PROTECTION}>:-fcf-protection>>)
  target_link_options(baton_flags INTERFACE $<$<CONFIG:Release>:LINKER:-z,relro,-z,now,--as-needed>)
endif()
