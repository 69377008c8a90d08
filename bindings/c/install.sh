#!/bin/sh
# Installs the C library:
#   bazel run //:install -- PREFIX [LIBDIR]
# PREFIX is an absolute path, such as /usr/local. Libraries go to PREFIX/LIBDIR;
# LIBDIR is lib by default. If DESTDIR is set, the files go below $DESTDIR, but
# say that they are below PREFIX: for packages. Prints each file that it writes;
# a file that is there already with the same content is not touched.
set -eu

usage() {
  echo "install: $1" >&2
  echo "usage: [DESTDIR=FOLDER] bazel run //:install -- PREFIX [LIBDIR]" >&2
  exit 2
}

# Paths become parts of pkg-config's and CMake's files, where other characters
# would need quotes.
check_path() {
  case "$2" in
    *[!A-Za-z0-9/._+~-]*)
      usage "$1 is \"$2\"; expected letters, digits and / . _ + ~ - in it"
      ;;
    */../* | ../* | */.. | .. | */./* | ./* | */. | .)
      usage "$1 is \"$2\"; expected a path without . and .."
      ;;
    *//*) usage "$1 is \"$2\"; expected a path without //" ;;
  esac
}

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
  usage "expected one or two words, PREFIX and LIBDIR, and got $#"
fi
prefix=${1%/}
libdir=${2-lib}
case "$1" in
  /?*) ;;
  *) usage "PREFIX is \"$1\"; expected an absolute path other than /" ;;
esac
case "$libdir" in
  /* | */ | '') usage "LIBDIR is \"$libdir\"; expected a relative path" ;;
esac
check_path PREFIX "$prefix"
check_path LIBDIR "$libdir"
case "${DESTDIR-/}" in
  /*) ;;
  *) usage "DESTDIR is \"$DESTDIR\"; expected an absolute path" ;;
esac

target=${DESTDIR-}
target=${target%/}$prefix
version=$(sed -n 's/.*kVersion\[\] = "\(.*\)".*/\1/p' '{version}')
abi=$(sed -n 's/^#define LENSLET_ABI_VERSION \([0-9]*\)$/\1/p' '{header}')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# put FILE NAME: installs a file as $target/NAME, as a whole or not at all.
put() {
  if cmp -s "$1" "$target/$2"; then
    echo "there already: $target/$2"
    return
  fi
  mkdir -p "$(dirname "$target/$2")"
  cp "$1" "$target/$2.new"
  chmod 644 "$target/$2.new"
  mv -f "$target/$2.new" "$target/$2"
  echo "wrote $target/$2"
}

put '{library}' "$libdir/liblenslet.so.$abi"
if [ "$(readlink "$target/$libdir/liblenslet.so")" = "liblenslet.so.$abi" ]; then
  echo "there already: $target/$libdir/liblenslet.so"
else
  ln -sfn "liblenslet.so.$abi" "$target/$libdir/liblenslet.so"
  echo "wrote $target/$libdir/liblenslet.so"
fi
put '{header}' include/lenslet_c.h

cat > "$work/lenslet.pc" <<END
prefix=$prefix
includedir=\${prefix}/include
libdir=\${prefix}/$libdir

Name: lenslet
Description: Runs and trains small convolutional networks on a CPU
Version: $version
Cflags: -I\${includedir}
Libs: -L\${libdir} -llenslet
END
put "$work/lenslet.pc" "$libdir/pkgconfig/lenslet.pc"

# From LIBDIR/cmake/lenslet up to PREFIX, so that the folder can be moved.
up=$(echo "$libdir/cmake/lenslet" | sed 's#[^/]*#..#g')
cat > "$work/config" <<END
# find_package(lenslet) defines the target lenslet::lenslet.
if(NOT TARGET lenslet::lenslet)
  get_filename_component(_lenslet "\${CMAKE_CURRENT_LIST_DIR}/$up" ABSOLUTE)
  add_library(lenslet::lenslet SHARED IMPORTED)
  set_target_properties(lenslet::lenslet PROPERTIES
    IMPORTED_LOCATION "\${_lenslet}/$libdir/liblenslet.so.$abi"
    IMPORTED_SONAME "liblenslet.so.$abi"
    INTERFACE_INCLUDE_DIRECTORIES "\${_lenslet}/include")
  unset(_lenslet)
endif()
END
put "$work/config" "$libdir/cmake/lenslet/lensletConfig.cmake"
cat > "$work/version" <<END
set(PACKAGE_VERSION "$version")
if(PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE FALSE)
else()
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
  if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
  endif()
endif()
END
put "$work/version" "$libdir/cmake/lenslet/lensletConfigVersion.cmake"
