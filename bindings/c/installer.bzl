"""A program that installs files."""

def _installer_impl(ctx):
    program = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.expand_template(
        template = ctx.file.script,
        output = program,
        substitutions = {
            "{%s}" % name: file.short_path
            for file, name in [
                (target.files.to_list()[0], name)
                for target, name in ctx.attr.files.items()
            ]
        },
        is_executable = True,
    )
    return [DefaultInfo(
        executable = program,
        runfiles = ctx.runfiles(files = ctx.files.files),
    )]

installer = rule(
    implementation = _installer_impl,
    attrs = {
        "files": attr.label_keyed_string_dict(
            allow_files = True,
            mandatory = True,
            doc = "Files, and the names that the script has for their paths.",
        ),
        "script": attr.label(
            allow_single_file = True,
            mandatory = True,
            doc = "A script with {NAME} in place of the path of each file. It is run in the folder that the paths start from.",
        ),
    },
    executable = True,
    doc = "A program for \"bazel run\": a script with files.",
)
