"""Walks the sources of installed packages for callables that run what their arguments say, and writes their names.

A callable counts where a parameter of it (or the state of its object) flows into a call that starts a program, evaluates
text, imports a module by name, loads native code, unpickles, downloads, or writes and deletes files: directly, or through
other callables of these packages. Nothing is imported: the sources are read with `ast`.

`PACKAGE…` prints them as JSON, of which scripts/dangerous-names.ts makes scanner/pickle/dangerous-names.ts. `--explain NAME PACKAGE…` prints why
a name is in it. Run it with the Python whose packages are meant.
"""

import ast
import collections
import importlib.metadata
import importlib.util
import json
import os
import re
import sys
import warnings

warnings.filterwarnings("ignore")
sys.setrecursionlimit(10000)

# --- what runs something: full name → kind --------------------------------------------------------------------------

SEEDS = {}


def seed(kind, names):
    for name in names.split():
        SEEDS[name] = kind


seed("text", "builtins.exec builtins.eval builtins.compile code.InteractiveInterpreter types.FunctionType "
             "types.CodeType timeit.timeit timeit.repeat timeit.Timer pdb.run cProfile.run cProfile.runctx profile.run "
             "ast.parse@compile numexpr.evaluate pandas.eval sympy.sympify sympy.parse_expr sympy.lambdify "
             "sympy.core.sympify.sympify sympy.parsing.sympy_parser.parse_expr sympy.parsing.sympy_parser.eval_expr")
seed("import", "builtins.__import__ importlib.import_module importlib.__import__ importlib.reload runpy.run_path "
               "runpy.run_module imp.load_source imp.load_module importlib.util.spec_from_file_location "
               "importlib.util.module_from_spec importlib.machinery.SourceFileLoader pydoc.locate pkgutil.resolve_name "
               "importlib.machinery.ExtensionFileLoader zipimport.zipimporter site.addsitedir")
seed("program", "os.system os.popen os.execv os.execve os.execvp os.execvpe os.execl os.execlp os.spawnv os.spawnve "
                "os.spawnvp os.spawnl os.spawnlp os.startfile os.posix_spawn os.posix_spawnp subprocess.run "
                "subprocess.Popen subprocess.call subprocess.check_call subprocess.check_output subprocess.getoutput "
                "subprocess.getstatusoutput pty.spawn asyncio.create_subprocess_exec "
                "asyncio.create_subprocess_shell commands.getoutput popen2.popen2 webbrowser.open pexpect.spawn "
                "psutil.Popen distutils.spawn.spawn")
seed("native", "ctypes.CDLL ctypes.PyDLL ctypes.WinDLL ctypes.OleDLL ctypes.cdll.LoadLibrary "
               "ctypes.windll.LoadLibrary ctypes.util.find_library@no torch.ops.load_library "
               "torch.classes.load_library numpy.ctypeslib.load_library cffi.FFI")
seed("pickle", "pickle.load pickle.loads pickle.Unpickler _pickle.load _pickle.loads cPickle.load cPickle.loads "
               "marshal.load marshal.loads shelve.open dill.load dill.loads cloudpickle.load cloudpickle.loads "
               "joblib.load pandas.read_pickle torch.load torch.serialization.load torch.jit.load yaml.load "
               "yaml.unsafe_load yaml.full_load numpy.load jsonpickle.decode torch.hub.load "
               "torch.package.PackageImporter torch.storage._load_from_bytes")
seed("download", "urllib.request.urlopen urllib.request.urlretrieve urllib.urlopen urllib2.urlopen requests.get "
                 "requests.post requests.put requests.request requests.head requests.Session "
                 "httpx.get httpx.post httpx.stream httpx.request huggingface_hub.hf_hub_download "
                 "huggingface_hub.snapshot_download torch.hub.load_state_dict_from_url "
                 "torch.hub.download_url_to_file socket.create_connection http.client.HTTPConnection "
                 "http.client.HTTPSConnection ftplib.FTP urllib3.PoolManager")
seed("write", "shutil.rmtree shutil.move shutil.copy shutil.copy2 shutil.copyfile shutil.copytree "
              "shutil.unpack_archive os.remove os.unlink os.rename os.replace os.rmdir os.removedirs os.symlink os.link "
              "os.chmod os.chown os.truncate os.kill")
SEEDS = {name: kind for name, kind in SEEDS.items() if "@" not in name}

# Methods that are told by their name, whatever they are called on.
METHODS = {"extractall": "write", "exec_module": "import", "load_module": "import", "LoadLibrary": "native",
           "write_text": "write", "write_bytes": "write", "urlopen": "download", "hf_hub_download": "download",
           "snapshot_download": "download", "check_output": "program", "check_call": "program"}

# What pickled models are made of: programs keep their instances, and unpickling does not call `__init__`.
KEPT_BASES = re.compile(
    r"(^|\.)(Module|LightningModule|PreTrainedModel|PretrainedConfig|PreTrainedConfig|ModelMixin|SchedulerMixin|Optimizer|"
    r"LRScheduler|_LRScheduler|BaseEstimator|Dataset|IterableDataset|Exception|Enum|str|dict|list|tuple|NamedTuple|"
    r"ConfigMixin|PreTrainedTokenizer|PreTrainedTokenizerBase|PreTrainedTokenizerFast|ProcessorMixin|Metric|Tensor|"
    r"BaseModel|LightningDataModule|Callback|BaseModelOutput|ModelOutput|ndarray|TrainingArguments|Basic|Function)$")

SKIPPED_FOLDERS = re.compile(r"(^|/)(tests?|testing_samples|docs?|examples?|benchmarks?|__pycache__|node_modules)(/|$)")
MAX_FILE = 1_500_000


class Function:
    __slots__ = ("name", "module", "owner", "params", "calls", "sinks", "why", "is_static")

    def __init__(self, name, module, owner, params):
        self.name, self.module, self.owner, self.params = name, module, owner, params
        self.calls = []
        # Parameter → (kind, what it flows into).
        self.sinks = {}


class Klass:
    __slots__ = ("name", "module", "bases", "methods")

    def __init__(self, name, module, bases):
        self.name, self.module, self.bases, self.methods = name, module, bases, {}


class Module:
    __slots__ = ("name", "package", "symbols", "stars")

    def __init__(self, name, package):
        self.name, self.package, self.symbols, self.stars = name, package, {}, []


MODULES, FUNCTIONS, CLASSES = {}, {}, {}
BUILTINS = set(dir(__builtins__))


def dotted(node):
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        return ".".join([node.id, *reversed(parts)])
    return None


class Flow:
    """Which parameters flow into the arguments of which calls of one function."""

    def __init__(self, function, node, nested):
        self.function = function
        self.nested = nested
        self.taint = {name: {name} for name in function.params}
        # What defines a function inside is part of it: it can call it.
        for _ in range(2):
            function.calls.clear()
            for statement in node.body:
                self.statement(statement)

    def of(self, node):
        """Parameters that flow into an expression."""
        if node is None:
            return frozenset()
        if isinstance(node, ast.Name):
            return self.taint.get(node.id, frozenset())
        if isinstance(node, (ast.Lambda, ast.Constant)):
            return frozenset()
        if isinstance(node, ast.Compare):
            return frozenset()
        found = set()
        for child in ast.iter_child_nodes(node):
            found |= self.of(child)
        return found

    def assign(self, target, sources):
        if isinstance(target, ast.Name):
            if sources:
                self.taint[target.id] = set(self.taint.get(target.id, ())) | sources
        elif isinstance(target, (ast.Tuple, ast.List)):
            for item in target.elts:
                self.assign(item, sources)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, sources)

    def statement(self, node):
        for child in ast.walk(node):
            if isinstance(child, ast.Assign):
                sources = set(self.of(child.value))
                for target in child.targets:
                    self.assign(target, sources)
            elif isinstance(child, (ast.AugAssign, ast.AnnAssign, ast.NamedExpr)):
                self.assign(child.target, set(self.of(child.value)))
            elif isinstance(child, (ast.For, ast.AsyncFor, ast.comprehension)):
                self.assign(child.target, set(self.of(child.iter)))
            elif isinstance(child, (ast.With, ast.AsyncWith)):
                for item in child.items:
                    if item.optional_vars is not None:
                        self.assign(item.optional_vars, set(self.of(item.context_expr)))
        for child in ast.walk(node):
            if isinstance(child, ast.Call):
                self.call(child)

    def call(self, node):
        name = dotted(node.func)
        args = [(index, frozenset(self.of(arg))) for index, arg in enumerate(node.args)]
        args += [(keyword.arg, frozenset(self.of(keyword.value))) for keyword in node.keywords]
        receiver = frozenset(self.of(node.func.value)) if isinstance(node.func, ast.Attribute) else frozenset()
        if not receiver and not any(sources for _, sources in args):
            return
        method = node.func.attr if isinstance(node.func, ast.Attribute) else None
        note = None
        if name in ("open", "io.open", "codecs.open") or method == "open":
            modes = [arg for arg in node.args[1:2]] + [k.value for k in node.keywords if k.arg == "mode"]
            writes = any(not isinstance(mode, ast.Constant) or re.search("[wax+]", str(mode.value)) for mode in modes)
            note = "open-write" if writes and (name or "").endswith("open") else "open-read"
        elif (name or method or "").endswith("load"):
            options = {k.arg: k.value.value for k in node.keywords if isinstance(k.value, ast.Constant)}
            loader = [dotted(arg) or "" for arg in node.args[1:]] + [dotted(k.value) or "" for k in node.keywords]
            note = {"weights_only": options.get("weights_only"), "allow_pickle": options.get("allow_pickle"),
                    "safe": any("Safe" in text or "BaseLoader" in text for text in loader)}
        self.function.calls.append((name, method, args, receiver, note))


def visit_function(node, module, owner, prefix):
    arguments = node.args
    params = [a.arg for a in [*arguments.posonlyargs, *arguments.args]]
    keywords = [a.arg for a in arguments.kwonlyargs]
    if arguments.vararg:
        keywords.append(arguments.vararg.arg)
    if arguments.kwarg:
        keywords.append(arguments.kwarg.arg)
    name = f"{prefix}{node.name}"
    function = Function(name, module, owner, params + keywords)
    function.is_static = any(dotted(d) == "staticmethod" for d in node.decorator_list)
    Flow(function, node, None)
    FUNCTIONS.setdefault(f"{module.name}.{name}", function)
    return function


def visit_body(body, module, owner=None, prefix=""):
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            function = visit_function(node, module, owner, prefix)
            if owner is None:
                module.symbols.setdefault(node.name, ("def", f"{module.name}.{node.name}"))
            else:
                owner.methods.setdefault(node.name, function)
        elif isinstance(node, ast.ClassDef):
            klass = Klass(f"{prefix}{node.name}", module, [dotted(base) or "" for base in node.bases])
            CLASSES.setdefault(f"{module.name}.{prefix}{node.name}", klass)
            if owner is None:
                module.symbols.setdefault(node.name, ("def", f"{module.name}.{node.name}"))
            visit_body(node.body, module, klass, f"{prefix}{node.name}.")
        elif owner is None and isinstance(node, ast.Import):
            for alias in node.names:
                module.symbols[alias.asname or alias.name.split(".")[0]] = (
                    "ref", alias.name if alias.asname else alias.name.split(".")[0])
        elif owner is None and isinstance(node, ast.ImportFrom):
            base = module.name if module.package else module.name.rpartition(".")[0]
            for _ in range((node.level or 1) - 1):
                base = base.rpartition(".")[0]
            source = ".".join(part for part in [base if node.level else "", node.module or ""] if part)
            for alias in node.names:
                if alias.name == "*":
                    module.stars.append(source)
                else:
                    module.symbols[alias.asname or alias.name] = ("ref", f"{source}.{alias.name}")
        elif owner is None and isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], dotted(node.value)
            if isinstance(target, ast.Name) and value is not None:
                module.symbols.setdefault(target.id, ("ref", f"{module.name}.{value}"))
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            for part in ("body", "orelse", "finalbody"):
                visit_body(getattr(node, part, []), module, owner, prefix)
            for handler in getattr(node, "handlers", []):
                visit_body(handler.body, module, owner, prefix)


def local_imports(tree, module):
    """Imports inside functions: their names are told apart from globals by hardly any program."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                module.symbols.setdefault(alias.asname or alias.name.split(".")[0],
                                          ("local", alias.name if alias.asname else alias.name.split(".")[0]))
        elif isinstance(node, ast.ImportFrom):
            base = module.name if module.package else module.name.rpartition(".")[0]
            for _ in range((node.level or 1) - 1):
                base = base.rpartition(".")[0]
            source = ".".join(part for part in [base if node.level else "", node.module or ""] if part)
            for alias in node.names:
                module.symbols.setdefault(alias.asname or alias.name, ("local", f"{source}.{alias.name}"))


RESOLVED = {}


def resolve(module, name, depth=0):
    """The full name that a dotted name in a module stands for."""
    key = (module.name, name)
    if key in RESOLVED:
        return RESOLVED[key]
    RESOLVED[key] = name
    head, _, rest = name.partition(".")
    symbol = module.symbols.get(head)
    if symbol is None and depth < 12:
        for star in module.stars:
            other = MODULES.get(star)
            if other is not None and head in other.symbols:
                symbol = ("ref", f"{star}.{head}")
                break
    if symbol is None:
        full = f"builtins.{name}" if head in BUILTINS else name
    else:
        full = symbol[1] + (f".{rest}" if rest else "")
        if symbol[0] != "def":
            full = follow(full, depth + 1)
    RESOLVED[key] = full
    return full


def follow(full, depth=0):
    """Follows re-exports: `torch.load` → `torch.serialization.load`."""
    if depth > 12 or full in FUNCTIONS or full in CLASSES or full in SEEDS:
        return full
    parts = full.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        other = MODULES.get(".".join(parts[:cut]))
        if other is not None:
            rest = ".".join(parts[cut:])
            if parts[cut] in other.symbols or other.stars:
                return resolve(other, rest, depth + 1)
            return full
    return full


def methods_of(klass, name, depth=0):
    if name in klass.methods:
        return klass.methods[name]
    if depth < 8:
        for base in klass.bases:
            other = CLASSES.get(resolve(klass.module, base)) if base else None
            found = methods_of(other, name, depth + 1) if other is not None and other is not klass else None
            if found is not None:
                return found
    return None


def callee(function, name, method):
    """The function that a call runs, and how many of its parameters are given before the arguments."""
    if name is None:
        return None, None, 0
    head, _, rest = name.partition(".")
    if function.owner is not None and head in ("self", "cls") and rest and "." not in rest:
        return methods_of(function.owner, rest), None, 1
    full = resolve(function.module, name)
    if full in FUNCTIONS:
        target = FUNCTIONS[full]
        return target, full, 0
    if full in CLASSES:
        return methods_of(CLASSES[full], "__init__"), full, 1
    parts = full.rpartition(".")
    if parts[0] in CLASSES:
        target = methods_of(CLASSES[parts[0]], parts[2])
        return target, full, 0 if target is None or target.is_static else 1
    return None, full, 0


def seed_kind(full, method, note):
    if note == "open-write":
        return "write"
    kind = SEEDS.get(full)
    if kind == "pickle" and isinstance(note, dict):
        if note["weights_only"] is True or note["safe"]:
            return None
        if full == "numpy.load" and note["allow_pickle"] is not True:
            return None
    if kind is None and method in METHODS and note is None:
        return METHODS[method]
    return kind


def spread():
    """Sinks from what is called to what calls it, until nothing changes."""
    callers = collections.defaultdict(list)
    queue = []
    for function in FUNCTIONS.values():
        for name, method, args, receiver, note in function.calls:
            target, full, given = callee(function, name, method)
            kind = seed_kind(full, method, note)
            if kind is not None:
                sources = set().union(*(sources for _, sources in args)) if args else set()
                if method in METHODS and full not in SEEDS:
                    sources |= receiver
                for source in sources:
                    if is_worse(kind, function.sinks.get(source)):
                        function.sinks[source] = (kind, full or f".{method}")
                        queue.append(function)
            elif target is not None and target is not function:
                callers[id(target)].append((function, args, receiver, given))
    while queue:
        target = queue.pop()
        for function, args, receiver, given in callers[id(target)]:
            for position, sources in args:
                if isinstance(position, int):
                    index = position + given
                    param = target.params[index] if index < len(target.params) else None
                    param = param or (target.params[-1] if target.params else None)
                elif position is None:
                    param = next(iter(target.sinks))
                else:
                    param = position if position in target.params else target.params[-1] if target.params else None
                if param in target.sinks:
                    grow(function, sources, target, param, queue)
            if given and target.params and target.params[0] in target.sinks:
                grow(function, receiver, target, target.params[0], queue)


def is_worse(kind, known):
    """Whether this is more to say of a parameter than what is known: what only writes files runs nothing itself."""
    return known is None or (known[0] == "write" and kind != "write")


def grow(function, sources, target, param, queue):
    for source in sources:
        if is_worse(target.sinks[param][0], function.sinks.get(source)):
            function.sinks[source] = (target.sinks[param][0], f"{target.module.name}.{target.name}")
            queue.append(function)


def is_kept(klass, depth=0):
    for base in klass.bases:
        if KEPT_BASES.search(base):
            return True
        other = CLASSES.get(resolve(klass.module, base)) if base else None
        if depth < 10 and other is not None and other is not klass and is_kept(other, depth + 1):
            return True
    return False


def read(package):
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        print(f"{package}: not installed", file=sys.stderr)
        return
    if os.path.basename(spec.origin) != "__init__.py":
        return read_file(spec.origin, package, False)
    root = os.path.dirname(spec.origin)
    for folder, folders, files in os.walk(root):
        inside = os.path.relpath(folder, root)
        folders[:] = sorted(f for f in folders if not SKIPPED_FOLDERS.search(f))
        for file in sorted(files):
            if not file.endswith(".py"):
                continue
            parts = [package, *([] if inside == "." else inside.split(os.sep))]
            is_package = file == "__init__.py"
            name = ".".join(parts if is_package else [*parts, file[:-3]])
            read_file(os.path.join(folder, file), name, is_package)


def read_file(path, name, is_package):
    if os.path.getsize(path) > MAX_FILE:
        return
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            tree = ast.parse(file.read())
    except (SyntaxError, ValueError, RecursionError):
        return
    module = MODULES[name] = Module(name, is_package)
    try:
        visit_body(tree.body, module)
        local_imports(tree, module)
    except RecursionError:
        pass


def found_names():
    """(package, name, module, full name, why): functions, classes by `__init__` or `__setstate__`, methods, under every name they have."""
    own = {}
    for full, function in FUNCTIONS.items():
        if not function.sinks:
            continue
        why = min(function.sinks.values(), key=lambda sink: sink[0] == "write")
        last = function.name.rpartition(".")[2]
        if function.owner is None:
            own[full] = why
        elif last in ("__init__", "__new__", "__setstate__"):
            # Programs keep objects of their classes: a class counts where it runs something itself, not in the end.
            given = set(function.sinks) - {function.params[0] if function.params else None}
            if given and why[1] in SEEDS and not is_kept(function.owner):
                own[full.rpartition(".")[0]] = why
        elif not last.startswith("__"):
            own[full] = why
    for full, why in own.items():
        package = full.partition(".")[0]
        function = FUNCTIONS.get(full)
        name = function.name if function else CLASSES[full].name
        yield package, name, full[:-len(name) - 1], full, why
    # Under other names: `from subprocess import Popen as Start`, `load = torch.load`.
    for module in MODULES.values():
        for name, (kind, _) in module.symbols.items():
            if kind != "ref":
                continue
            full = resolve(module, name)
            if full in SEEDS or full in own:
                yield module.name.partition(".")[0], name, module.name, full, (SEEDS.get(full) or own[full][0], full)


def module_aliases():
    """`import subprocess as sp`: other names of modules that run things."""
    modules = {name.rpartition(".")[0] for name in SEEDS} - {"builtins"}
    found = collections.defaultdict(set)
    for module in MODULES.values():
        for name, (kind, _) in module.symbols.items():
            full = resolve(module, name)
            if kind == "ref" and full in modules and name.strip("_") != full.rpartition(".")[2]:
                found[full].add(name)
    return found


def main():
    arguments = sys.argv[1:]
    wanted = None
    if arguments[0] == "--explain":
        wanted, arguments = arguments[1], arguments[2:]
    for package in arguments:
        read(package)
        print(f"{package}: {len(MODULES)} modules, {len(FUNCTIONS)} functions", file=sys.stderr)
    spread()
    rows = sorted({(package, name, module, why[0]) for package, name, module, full, why in found_names()
                   if wanted is None or wanted in full})
    if wanted is not None:
        for package, name, module, full, why in found_names():
            if wanted in full:
                print(f"{module}.{name}", full, *why)
        return
    print(dict(collections.Counter(kind for *_, kind in rows)), file=sys.stderr)
    json.dump({"names": rows, "aliases": {module: sorted(names) for module, names in module_aliases().items()},
               "versions": versions(arguments)}, sys.stdout)


def versions(packages):
    owners = importlib.metadata.packages_distributions()
    found = {}
    for package in packages:
        for distribution in owners.get(package, []):
            found[distribution.lower()] = importlib.metadata.version(distribution)
    return found


if __name__ == "__main__":
    main()
