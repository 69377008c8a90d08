"""Finds the source of what the operating system installed."""

# Keeps separate lists of sources, since systems usually list only binaries.
_FETCH = """
set -eu
source=$1
version=$2
mkdir -p apt/lists/partial apt/cache/archives/partial apt/parts
apt-get indextargets 'Created-By: Packages' --format \
    'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(REPO_URI) $(RELEASE) $(COMPONENT)' |
  grep /debian | sort -u > apt/parts/sources.list
get="apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=$PWD/apt/parts
  -o Dir::State::Lists=$PWD/apt/lists -o Dir::Cache=$PWD/apt/cache -o APT::Sandbox::User="
$get update
# Another Debian revision of the same release has the same interface. A mirror's
# lists may name revisions that it does not have.
{
  echo "$version"
  apt-cache -o Dir::State::Lists="$PWD/apt/lists" -o Dir::Cache="$PWD/apt/cache" \\
      -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$PWD/apt/parts" \\
      showsrc --only-source "$source" |
    sed -n 's/^Version: //p' | grep -F "${version%-*}-"
} | while read -r revision; do
  if $get source --download-only "$source=$revision"; then break; fi
done
dpkg-source --no-check -x "$source"_*.dsc source
# Its own build would hide the folders from ours.
find source -name BUILD -delete
find source -name BUILD.bazel -delete
rm -rf apt "$source"_*
"""

def _debian_source_impl(repository_ctx):
    package = repository_ctx.attr.package
    version = repository_ctx.execute(
        ["dpkg-query", "-W", "-f", "${source:Version}", package],
    )
    if version.return_code != 0:
        fail("\n\n{name}: {package} is not installed. Run ./bazelw, or: apt-get install {package}\n".format(
            name = repository_ctx.name,
            package = package,
        ))
    fetched = repository_ctx.execute(
        ["sh", "-c", _FETCH, "sh", repository_ctx.attr.source, version.stdout],
    )
    if fetched.return_code != 0:
        fail("\n\n{name}: the source {source} {version} could not be fetched: {stderr}Run ./bazelw, or: apt-get install dpkg-dev\n".format(
            name = repository_ctx.name,
            source = repository_ctx.attr.source,
            stderr = fetched.stderr,
            version = version.stdout,
        ))
    repository_ctx.symlink(repository_ctx.attr.build_file, "BUILD")

debian_source = repository_rule(
    implementation = _debian_source_impl,
    attrs = {
        "build_file": attr.label(mandatory = True),
        "package": attr.string(
            mandatory = True,
            doc = "An installed binary package of the source.",
        ),
        "source": attr.string(
            mandatory = True,
            doc = "The source package.",
        ),
    },
    doc = """The source of an installed Debian package, in the folder source/.

For what must be compiled anew: Debian's static libraries cannot become parts of
shared libraries, as they are not position-independent.""",
)
