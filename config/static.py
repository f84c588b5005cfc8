"""Hashed, compressed static files, imports of ES modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Rewrites `import … from "./x.js"` to the hashed name, so that modules cache for ever."""

    support_js_module_import_aggregation = True
