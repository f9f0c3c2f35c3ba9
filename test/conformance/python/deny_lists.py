"""Names that other scanners deny, read from their installed sources, to see which of them we take more lightly.

Prints one JSON line a name: `[scanner, module, name]`. Where one denies a whole module, the name is `*`. Nothing of theirs
is kept in this project.
"""

import ast
import importlib.util
import json
import os
import re

FILES = {
    "picklescan": ["scanner.py"],
    "modelscan": ["settings.py"],
    "fickling": ["fickle.py", "analysis.py"],
    "modelaudit": ["detectors/suspicious_symbols.py", "scanners/pickle_scanner.py"],
}
DENIED = re.compile(r"unsafe|danger|suspicious|block|deny|always", re.IGNORECASE)
MODULE = re.compile(r"^[A-Za-z_]\w*(\.\w+)*$")


def texts(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, (ast.Set, ast.List, ast.Tuple)):
        return [text for item in node.elts for text in texts(item)]
    if isinstance(node, ast.Dict):
        return [text for key in node.keys if key is not None for text in texts(key)]
    if isinstance(node, ast.Call):
        return [text for item in node.args for text in texts(item)]
    return []


def from_dict(node):
    for key, value in zip(node.keys, node.values):
        for module in texts(key) if key is not None else []:
            if not MODULE.match(module):
                continue
            if isinstance(value, ast.Dict) and module.isupper():
                yield from from_dict(value)
            elif isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield module, "*"
            else:
                for name in texts(value):
                    if name == "*" or MODULE.match(name):
                        yield module, name


def is_module(name):
    """False for words that stand in a list for something else. Modules of Python 2 are in none of these lists alone."""
    return name == "__builtin__" or importlib.util.find_spec(name) is not None


def main():
    for scanner, files in FILES.items():
        spec = importlib.util.find_spec(scanner)
        for file in files if spec is not None else []:
            path = os.path.join(os.path.dirname(spec.origin), file)
            if not os.path.exists(path):
                continue
            with open(path, encoding="utf-8") as source:
                tree = ast.parse(source.read())
            found = set()
            for node in ast.walk(tree):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
                names = [target.id for target in targets if isinstance(target, ast.Name)]
                if any(DENIED.search(name) for name in names) and node.value is not None:
                    for inner in ast.walk(node.value):
                        if isinstance(inner, ast.Dict):
                            found.update(from_dict(inner))
                elif isinstance(node, ast.Dict) and any(text == "unsafe_globals" for text in texts(node)):
                    for key, value in zip(node.keys, node.values):
                        if texts(key) == ["unsafe_globals"] and isinstance(value, ast.Dict):
                            found.update(from_dict(value))
            for module, name in sorted(found):
                if is_module(module.partition(".")[0]):
                    print(json.dumps([scanner, module, name]))


if __name__ == "__main__":
    main()
