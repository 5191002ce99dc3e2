"""Which static files are served."""

from django.contrib.staticfiles import apps

# Of the folders of packages, only what pages load: ECharts comes in seven shapes with their maps, 50 MB of them.
NOT_SERVED = [
    "echarts.js",
    "echarts.min.js",
    "echarts.common.js",
    "echarts.simple*",
    "echarts.esm*",
    "echarts*.map",
    "extension",
]


class StaticFilesConfig(apps.StaticFilesConfig):
    ignore_patterns = [*apps.StaticFilesConfig.ignore_patterns, *NOT_SERVED]
