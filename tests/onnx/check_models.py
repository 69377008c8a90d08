"""Checks ONNX models by ONNX's own checker: check_models.py FOLDER.

Checks the shapes of all values, too. Leaves out versions of the operators that
the checker does not know.
"""

import glob
import os
import sys

import onnx


def main(folder):
    newest = onnx.defs.onnx_opset_version()
    checked = 0
    failed = 0
    for path in sorted(glob.glob(os.path.join(folder, "*.onnx"))):
        model = onnx.load(path)
        if model.opset_import[0].version > newest:
            continue
        checked += 1
        try:
            onnx.checker.check_model(model, full_check=True)
        except Exception as error:  # The checker has several kinds of its own.
            failed += 1
            print(f"{path}: {error}")
    print(f"{checked} models checked, {failed} with errors")
    return 1 if failed or not checked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
