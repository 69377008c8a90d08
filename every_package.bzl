"""What a package_group calls every package of every workspace."""

# Bazel 7 has native.repo_name, and takes "//..." for those of one workspace.
EVERY_PACKAGE = "public" if hasattr(native, "repo_name") else "//..."
