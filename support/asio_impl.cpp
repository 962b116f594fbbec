// asio's own functions, compiled once (ASIO_SEPARATE_COMPILATION). What asio allocates with depends on whether a header of the
// standard library came first; who includes asio elsewhere has had one, and both must agree.
#include <version>

#include <asio/impl/src.hpp>
