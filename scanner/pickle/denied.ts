import { DANGEROUS_NAMES } from './dangerous-names.ts';
import { STDLIB_MODULES } from './stdlib.ts';

/** Packages outside the standard library that load, fetch, compile or run something. Each covers what is below it. */
const DANGEROUS_PREFIXES: ReadonlySet<string> = new Set([
  ...['pip', 'setuptools', 'pkg_resources', 'wheel', 'easy_install', 'virtualenv', 'fickling', 'cloudpickle', 'dill'],
  ...[
    'pandas.read_pickle',
    'pandas.eval',
    'pandas.io',
    'pandas.core.computation',
    'pandas.compat',
    'joblib.load',
    'joblib.externals',
    'joblib.memory',
    'joblib.parallel',
    'mlflow',
    'IPython',
    'ipykernel',
    'jupyter',
    'notebook',
    'nltk',
    'requests',
    'urllib3',
  ],
  ...['httpx', 'aiohttp', 'paramiko', 'fabric', 'invoke', 'sh', 'plumbum', 'pexpect', 'ptyprocess', 'psutil'],
  ...['pyautogui', 'win32api', 'win32con', 'pywin32', 'django', 'flask', 'tornado', 'yaml', 'jinja2', 'numexpr'],
  ...[
    'cffi',
    'pycparser',
    'cython',
    'Cython',
    'numba',
    'llvmlite',
    'triton',
    'keras',
    'tensorflow',
    'execnet',
    'pytest',
  ],
  ...['py', '_pytest', 'nose', 'hypothesis', 'twisted', 'celery', 'kombu', 'rpyc', 'pyro4', 'sympy', 'theano'],
  ...['numpy.testing', 'numpy.f2py', 'numpy.distutils', 'numpy.ctypeslib', 'numpy.lib', 'numpy.load', 'numpy.save'],
  ...['numpy.fromfile', 'numpy.memmap', 'numpy.genfromtxt', 'numpy.loadtxt', 'numpy.savetxt', 'numpy.savez'],
  ...['numpy.frompyfunc', 'numpy.vectorize', 'numpy.DataSource', 'numpy.compat', 'numpy.apply_along_axis', 'numpy.os'],
  ...[
    'torch.hub',
    'torch.jit',
    'torch.load',
    'torch.save',
    'torch.ops',
    'torch._ops',
    'torch.classes',
    'torch._classes',
  ],
  ...['torch._C', 'torch._inductor', 'torch._dynamo', 'torch._export', 'torch._higher_order_ops', 'torch._library'],
  ...['torch.utils.cpp_extension', 'torch.utils.bottleneck', 'torch.utils.collect_env', 'torch.utils.hipify'],
  ...['torch.utils.model_zoo', 'torch.utils.data.datapipes', 'torch.utils._config_module', 'torch.utils.checkpoint'],
  ...['torch.distributed.run', 'torch.distributed.launch', 'torch.distributed.launcher', 'torch.distributed.elastic'],
  ...[
    'torch.distributed.rpc',
    'torch.distributed.nn',
    'torch.distributed.remote_device',
    'torch.package',
    'torch.serialization',
    'torch.storage',
    'torch.fx',
  ],
  ...['torch.multiprocessing', 'torch.onnx', 'torch.export', 'torch.compile', 'torch.compiler', 'torch.library'],
  ...['torch.testing', 'torch.profiler', 'torch.autograd', 'torch.overrides', 'torch.cuda', 'torch.backends'],
  ...['torch._utils_internal', 'torch._utils._import_dotted_name', 'torch._weights_only_unpickler', 'torch._appdirs'],
  ...['torch.utils.benchmark', 'torch.utils.show_pickle', 'torch.utils._cpp_extension_versioner'],
  ...['torch.utils.tensorboard', 'torch.distributed.checkpoint', 'typing.get_type_hints', 'typing.ForwardRef'],
  ...['hydra', 'fsspec', 'smart_open', 'boto3', 'botocore', 's3fs', 'huggingface_hub', 'jsonpickle', 'srsly', 'hickle'],
  ...[
    'compress_pickle',
    'six.exec_',
    'six.moves',
    'past',
    'future',
    'gradio',
    'wandb',
    'ray',
    'dask',
    'zmq',
    'werkzeug',
  ],
  ...['cupy', 'transformers.dynamic_module_utils', 'transformers.utils.hub', 'transformers.pipeline'],
  ...[
    'transformers.pipelines',
    'ultralytics.utils.checks',
    'ultralytics.utils.downloads',
    'scipy.io',
    'torchvision.io',
  ],
  ...['torch.importlib', 'torch.os', 'torch.sys', 'torch.builtins', 'torch.ctypes', 'torch.torch', 'torch.functools'],
]);

/** Wherever they stand in a dotted name, what follows is the module itself. */
const REACHABLE_MODULES: ReadonlySet<string> = new Set(
  'os sys posix nt subprocess builtins __builtin__ importlib shutil ctypes pickle marshal socket'.split(' '),
);

/** Whatever package they come from, these open, fetch, load, write or run what their arguments name. */
const RUNNING_NAMES: ReadonlySet<string> = new Set(
  `
  system popen Popen spawn run call check_call check_output eval exec exec_ execfile compile open getattr setattr
  delattr globals locals load loads load_file load_url load_dataset load_state_dict_from_url load_file_from_url
  from_pretrained from_file fromfile tofile memmap to_pickle read_pickle read_gpickle unpickle pickle_loads
  import_module import_string locate _locate instantiate instantiate_from_config get_obj_from_str
  get_class_from_dynamic_module register_new_resolver write_text write_bytes unlink rmdir rmtree symlink_to
  hardlink_to chmod download download_file cached_file safe_download check_requirements urlopen urlretrieve
  hf_hub_download snapshot_download init_process_group load_hparams_from_yaml _load_from_bytes
`
    .trim()
    .split(/\s+/),
);

/**
 * Inside of what is dangerous as a whole: data, functions of numbers alone, and constructors of random number
 * generators.
 */
const HARMLESS_INSIDE = new RegExp(
  `^(?:${[
    'torch\\.distributed\\.checkpoint\\.metadata\\.(?:_?[A-Z]\\w*)(?:\\.[A-Z]\\w*)?',
    'torch\\.distributed\\.checkpoint\\.filesystem\\._StorageInfo',
    'torch\\._C\\.(?:_nn|_special|_linalg|_fft|_sparse|_nested)\\.\\w+',
    'torch\\._C\\.(?:Generator|_?TensorBase|_VariableFunctions(?:Class)?)(?:\\.\\w+)?',
    'numpy\\.random\\._pickle\\.__(?:randomstate|generator|bit_generator)_ctor',
  ].join('|')})$`,
);

/** Words of which programs make the names of functions that start programs, evaluate texts, import, unpickle or download. */
const RUNNING_WORDS = new RegExp(
  `^_*(?:${[
    '(?:a?run|exec(?:ute)?|spawn|start|open|call|launch|invoke)_(?:in_)?(?:sub)?(?:process(?:es)?|commands?|cmd|shell|program|script|code|python|module|path|string|file)(?:_\\w+)?',
    '\\w+_(?:eval|exec|execfile|popen|subprocess|cmd)',
    '(?:posix_)?spawn[lv]?p?e?|exec[lv]p?e?|startfile|getoutput|getstatusoutput|LoadLibrary|CDLL|PyDLL|WinDLL',
    '(?:\\w+_)?(?:un|full_|unsafe_)(?:safe_)?load(?:_all)?|torch_(?:safe_)?load|attempt_load(?:_\\w+)?',
    '(?:safe_|unsafe_|torch_)?load_(?:pickle|pkl|module|obj|object|class|library|url|plugin|extension|entry_point|dynamic|source)(?:_\\w+)?',
    '(?:dynamic_|sub|lazy_|re)import(?:_\\w+)?|import_(?:module|object|class|string|from|name|attr|file|path|by)(?:_\\w+)?',
    '(?:safe_|unsafe_|try_|do_)?(?:unpickle|depickle)_(?:file|bytes|objects?|obj|data|from\\w*)|(?:safe|unsafe)_unpickle|(?:pickle|dill|joblib|yaml|marshal)_loads?|from_pickle',
    '(?:\\w+_)?download(?:_\\w+)?|urlretrieve|fetch_url|extractall|unpack_archive|run_?source|run_?code',
  ].join('|')})$`,
);

/** True where the last part of a name is that of a function which opens, fetches, loads, writes or runs something. */
export function isRunningName(name: string): boolean {
  const last = name.slice(name.lastIndexOf('.') + 1);
  return RUNNING_NAMES.has(last) || RUNNING_WORDS.test(last);
}

/** Folders in which packages keep copies of others: what follows is the name of the copied package. */
const VENDOR_FOLDERS: ReadonlySet<string> = new Set(
  '_vendor vendor vendored _vendored externals extern third_party thirdparty _vendored_packages packages'.split(' '),
);
/** Packages that are dangerous wherever a copy of them lies. */
const COPIED_PACKAGES: ReadonlySet<string> = new Set(
  'cloudpickle dill jsonpickle pexpect subprocess _subprocesses'.split(' '),
);
/** What programs call the modules that run something (`import subprocess as sp`). */
const MODULE_ALIASES: Readonly<Record<string, string>> = {
  sp: 'subprocess',
  subproc: 'subprocess',
  mp: 'multiprocessing',
  pkl: 'pickle',
  cPickle: 'pickle',
  bltns: 'builtins',
  bl: 'builtins',
  ilm: 'importlib',
  np: 'numpy',
  pd: 'pandas',
  cp: 'cloudpickle',
};

/** The names of a package in the table that was made from the sources of packages. */
const tables = new Map<string, ReadonlySet<string>>();

function tableOf(name: string): ReadonlySet<string> | null {
  const listed = Object.hasOwn(DANGEROUS_NAMES, name) ? DANGEROUS_NAMES[name] : undefined;
  if (listed === undefined) return null;
  const table = tables.get(name) ?? new Set(listed.trim().split(/\s+/));
  tables.set(name, table);
  return table;
}

/** True where the table has the last attribute, or the last two: a method with its class. */
function isInTable(top: string, attributes: readonly string[]): boolean {
  const table = tableOf(top);
  if (table === null) return false;
  return table.has(attributes.at(-1) ?? '') || (attributes.length > 1 && table.has(attributes.slice(-2).join('.')));
}

/** True where a path of attributes leads through the module of another package to something dangerous in it. */
function leadsToDangerous(attributes: readonly string[]): boolean {
  return attributes.slice(0, -1).some((part, index) => {
    const plain = part.replace(/^_+/, '');
    const top = Object.hasOwn(MODULE_ALIASES, plain) ? MODULE_ALIASES[plain] : plain;
    if (top === undefined || !isPackage(top)) return false;
    return isDangerous([top, ...attributes.slice(index + 1, -1)].join('.'), attributes.at(-1) ?? '');
  });
}

function isPackage(name: string): boolean {
  return DANGEROUS_PREFIXES.has(name) || STDLIB_MODULES.has(name) || tableOf(name) !== null;
}

/** True where a copy of a package lies inside another and the name is dangerous in it. */
function isDangerousCopy(modules: readonly string[], name: string): boolean {
  if (modules.slice(1).some((part) => COPIED_PACKAGES.has(part))) return true;
  const vendor = modules.findIndex((part) => VENDOR_FOLDERS.has(part));
  return vendor >= 0 && vendor < modules.length - 1 && isDangerous(modules.slice(vendor + 1).join('.'), name);
}

/**
 * True where there is no honest reason for a model to bring in this name. It only chooses the stronger word: what is
 * neither allowed nor dangerous is suspicious.
 */
export function isDangerous(module: string, name: string): boolean {
  if (isDangerousByRule(module, name)) return true;
  const attributes = name.split('.');
  return !HARMLESS_INSIDE.test(`${module}.${name}`) && isInTable(module.split('.')[0] ?? '', attributes);
}

/** What `isDangerous` says without the table of names: the table leaves out what this knows. */
export function isDangerousByRule(module: string, name: string): boolean {
  const modules = module.split('.');
  const attributes = name.split('.');
  if (isRunningName(name)) return true;
  if (HARMLESS_INSIDE.test(`${module}.${name}`)) return false;
  if (STDLIB_MODULES.has(modules[0] ?? '')) return true;
  if (beginsWithDangerousName(`${module}.${name}`)) return true;
  if (modules.slice(1).some(isReachableModule)) return true;
  if (isDangerousCopy(modules, name)) return true;
  if (leadsToDangerous(attributes)) return true;
  if (attributes.some((part) => /^__.*__$/.test(part) || isReachableModule(part))) return true;
  // A dotted attribute is a class in a class, or a way through other modules.
  return attributes.length > 1 && attributes.some((part) => RUNNING_NAMES.has(part) || STDLIB_MODULES.has(part));
}

/** True where the name, or some of its first parts, stands in the list. */
function beginsWithDangerousName(name: string): boolean {
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
    if (DANGEROUS_PREFIXES.has(name.slice(0, dot))) return true;
  return DANGEROUS_PREFIXES.has(name);
}

/** Modules often import others under a name with an underscore before it. */
function isReachableModule(part: string): boolean {
  return REACHABLE_MODULES.has(part) || REACHABLE_MODULES.has(part.replace(/^_+/, ''));
}
