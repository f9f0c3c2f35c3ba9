"""Other scanners of model files on the same files, each through its own library, in one process. `peers.py list` names
those that are installed with their versions; `peers.py NAME SECONDS` ends itself where a file takes longer than that, reads one path a line and answers one line of JSON for each.
"""
import contextlib
import faulthandler
import importlib.metadata
import io
import json
import logging
import os
import sys
import time
import warnings

os.environ["PROMPTFOO_DISABLE_TELEMETRY"] = "1"
os.environ["NO_ANALYTICS"] = "1"
PEERS = ["picklescan", "modelscan", "fickling", "modelaudit"]


def picklescan_reader():
    from picklescan.scanner import SafetyLevel, scan_file_path

    def read(path):
        result = scan_file_path(path)
        if result.issues_count:
            return "dangerous"
        if any(found.safety == SafetyLevel.Suspicious for found in result.globals):
            return "suspicious"
        return "error" if result.scan_err else "clean" if result.scanned_files else "not scanned"

    return read


def modelscan_reader():
    from modelscan.modelscan import ModelScan

    def read(path):
        result = ModelScan().scan(path)
        if result["issues"]:
            return "dangerous"
        if result["errors"]:
            return "error"
        return "clean" if result["summary"]["scanned"]["total_scanned"] else "not scanned"

    return read


def fickling_reader():
    import zipfile

    from fickling import scan_file, scan_zip_archive
    from fickling.analysis import Severity

    def read(path):
        if zipfile.is_zipfile(path):
            results = list(scan_zip_archive(path, graceful=True).values())
        else:
            results = [scan_file(path, graceful=True)]
        if not results:
            return "not scanned"
        worst = max(result.severity for result in results)
        if worst >= Severity.LIKELY_UNSAFE:
            return "dangerous"
        if worst > Severity.LIKELY_SAFE:
            return "suspicious"
        return "error" if any(result.errors for result in results) else "clean"

    return read


def modelaudit_reader():
    from modelaudit.core import scan_model_directory_or_file

    def read(path):
        result = scan_model_directory_or_file(path, cache_enabled=False)
        severities = {getattr(issue.severity, "value", issue.severity) for issue in result.issues}
        if "critical" in severities:
            return "dangerous"
        if "warning" in severities:
            return "suspicious"
        if result.has_errors or not result.success:
            return "error"
        return "clean" if result.files_scanned else "not scanned"

    return read


def run(name, seconds_per_file):
    answers = sys.stdout
    read = globals()[name + "_reader"]()
    for line in sys.stdin:
        # Ends the whole process, for a scanner written in C or Rust cannot be interrupted otherwise.
        faulthandler.dump_traceback_later(seconds_per_file, exit=True)
        began = time.perf_counter()
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                verdict = read(line.rstrip("\n"))
        except Exception:
            verdict = "error"
        seconds = time.perf_counter() - began
        faulthandler.cancel_dump_traceback_later()
        answers.write(json.dumps({"verdict": verdict, "seconds": seconds}) + "\n")
        answers.flush()


def versions():
    found = {}
    for name in PEERS:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    if sys.argv[1] == "list":
        print(json.dumps(versions()))
    else:
        run(sys.argv[1], int(sys.argv[2]))
