"""Chart.js, the script that draws a report's charts, as Debian packages it."""

_FILE = "chart.min.js"

def _chart_js_impl(repository_ctx):
    script = repository_ctx.path("/usr/share/javascript/chart.js/" + _FILE)
    if not script.exists:
        fail("\n\nChart.js is not installed. Run ./bazelw, or: apt-get install libjs-chart.js\n")
    repository_ctx.symlink(script, _FILE)
    repository_ctx.file("BUILD", """
exports_files(
    ["{}"],
    visibility = ["//visibility:public"],
)
""".format(_FILE))

chart_js = repository_rule(
    implementation = _chart_js_impl,
    local = True,
    doc = "One script, which starts with its license's name and its authors.",
)
