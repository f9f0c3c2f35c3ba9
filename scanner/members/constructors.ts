import { modelEnding } from '../model-files.ts';
import { classifyGlobal } from '../pickle/index.ts';
import type { ByteSource } from '../source.ts';
import { type DocumentVisitor, JsonWalk } from './json-walk.ts';
import { reachesInternals } from './templates.ts';
import { readText } from './text.ts';
import { MAX_YAML, walkYaml } from './yaml-walk.ts';

/** A Python object or an expression that a configuration has its loader call, import or evaluate. */
export interface NamedCode {
  /** `os.system`, an expression, or a tag of YAML. */
  name: string;
  /** Where it stands: `_target_`. */
  key: string;
  severity: 'suspicious' | 'dangerous';
}

export interface ConstructorSearch {
  found: NamedCode[];
  /** False where not all of it could be read. */
  whole: boolean;
}

/** Keys whose value a loader imports and calls (Hydra, LDM, LightningCLI, torchtune, jsonpickle, logging, MLflow). */
const CALL_KEYS: ReadonlySet<string> = new Set(
  `target _target_ __target__ class_path _class_path_ _component_ py/object py/type py/function py/class
  py/reduce py/repr loader_module entry_point entrypoint callable factory () instantiate _call_ _obj_ __import__ import_path
  custom_objects __reduce__ func function fn cls __class__ _class_`.split(/\s+/),
);
/** Keys that hold a class in some files and a mere word in others. */
const TYPE_KEYS: ReadonlySet<string> = new Set(['type', 'class', 'activation_function', 'handler', 'object']);
/** Transformers and diffusers load Python files of the model's own folder for these. */
const REMOTE_CODE_KEYS: ReadonlySet<string> = new Set(['auto_map', 'custom_pipelines']);
/** What SymPy reads with `eval` (PyTorch `torch/_export/serde/serialize.py`). */
const EXPRESSION_KEYS: ReadonlySet<string> = new Set(['expr_str', 'sympy_expr']);

const MODULE_KEYS: readonly string[] = [
  'module',
  '__module__',
  '_module',
  'module_name',
  'module_path',
  'package',
  'library',
];
const CLASS_KEYS: readonly string[] = [
  'class_name',
  '__class__',
  '_class_name',
  'class',
  'cls',
  'qualname',
  'function',
];
/** These stand next to many a `module` that is none of Python's: only what is dangerous counts. */
const LOOSE_CLASS_KEYS: readonly string[] = ['name', 'method', 'attr', '__name__', 'func', 'type'];

const DOTTED = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/;
const CLASS_NAME = /\.[A-Z]\w*$/;
/** Code of models that configurations name and pickles do not. */
const KNOWN =
  /^(?:cldm|taming|k_diffusion|open_clip|sentence_transformers|sklearn|nemo\.(?:collections|core)|torchvision\.transforms|main\.[A-Z]\w*$|(?:tf_)?keras(?:_\w+)?\.)/;
/** The operators of a graph that torch.export writes. */
const OPERATORS =
  /^(?:torch\.ops\.(?:aten|prims?|quantized|quantized_decomposed)\.\w+(?:\.\w+)*|_operator\.(?:add|sub|mul|truediv|floordiv|mod|pow|neg|pos|eq|ne|lt|le|gt|ge|and_|or_|not_|getitem)|math\.(?:ceil|floor|trunc|sqrt)|torch\.sym_\w+)$/;
/** Modules that are named for one reason alone, whatever the key. */
const RUNS =
  /^(?:builtins|__builtin__|posix|nt|os|subprocess|pty|runpy|importlib|ctypes|shutil|pickle|marshal|webbrowser)\.[A-Za-z_]\w*(?:\.\w+)*$/;
const PLAIN_EXPRESSION = /^[\w\s+\-*/%(),.<>=!&|~]*$/;
const PLAIN_CALLS =
  /^(?:Symbol|Integer|Rational|Max|Min|Mod|PythonMod|FloorDiv|CleanDiv|CeilDiv|ModularIndexing|Eq|Ne|Lt|Le|Gt|Ge|And|Or|Not|Pow|Abs|Where|oo|int_oo|ceiling|floor|TruncToInt|FloatTrueDiv|IntTrueDiv|FloatPow|PowByNatural|ToFloat|RoundToInt|LShift|RShift|Float|Add|Mul)$/;
/** PyYAML's own tags that only make values. */
const HARMLESS_TAG = /python\/(?:none|bool|int|long|float|complex|str|unicode|bytes|list|tuple|dict)$/;
const MAX_FOUND = 20;
/** A configuration named like any text: what it would call stands at the beginning of a line, or in braces. */
const LOOSE =
  /(?:^|[\s{,[-])["']?(_target_|__target__|target|class_path|_component_|__class__|loader_module|py\/\w+)["']?\s*[:=]\s*["']?([A-Za-z_]\w*(?:\.\w+)+)/g;
const LOOSE_TAG = /(?:!!|tag:yaml\.org,2002:|!)python\/(?:object|name|module)[\w/]*:([\w.]+)/g;
/** Characters of one piece that are searched again with the next: a name may stand across both. */
const OVERLAP = 1000;

/** Finds what a text would have its loader call: as YAML where its name says so, as JSON where it is, else by its words. */
export function findConstructors(source: ByteSource, isYaml: boolean): ConstructorSearch {
  const search = findNamed(source, isYaml);
  if (hasReachingTemplate(source))
    search.found.push({
      key: 'template',
      name: "a template that reaches into Python's internals",
      severity: 'suspicious',
    });
  return search;
}

function hasReachingTemplate(source: ByteSource): boolean {
  let carried = '';
  for (const piece of readText(source)) {
    const text = carried + (piece ?? '');
    if (reachesInternals(text)) return true;
    carried = text.slice(-OVERLAP);
  }
  return false;
}

function findNamed(source: ByteSource, isYaml: boolean): ConstructorSearch {
  if (isYaml) return findInYaml(source);
  const first = Buffer.from(source.read(0, 256))
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()[0];
  if (first === '{' || first === '[') {
    const search = new Search();
    const walk = new JsonWalk(search);
    for (const piece of readText(source)) if (piece === null || !walk.push(piece)) break;
    // What Python's reader refuses may be for a more patient one.
    return walk.end() ? { found: search.found, whole: true } : findLoose(source, search);
  }
  return findLoose(source);
}

function findInYaml(source: ByteSource): ConstructorSearch {
  let text = '';
  for (const piece of readText(source, Math.min(source.size, MAX_YAML + 1))) text += piece ?? '';
  const search = new Search();
  if (source.size > MAX_YAML) return { ...findLoose(source), whole: false };
  const whole = walkYaml(text, search, (tag) => search.tag(tag));
  return { found: whole ? search.found : [...search.found, ...findLoose(source).found], whole };
}

function findLoose(source: ByteSource, search = new Search()): ConstructorSearch {
  let carried = '';
  for (const piece of readText(source)) {
    const text = carried + (piece ?? '');
    for (const [, key = '', name = ''] of text.matchAll(LOOSE))
      if (isDangerousName(name)) search.add(key, name, 'suspicious');
    for (const [tag] of text.matchAll(LOOSE_TAG)) search.add('tag', tag, 'suspicious');
    carried = text.slice(-OVERLAP);
  }
  return { found: search.found, whole: true };
}

/** Judges each entry as it comes. */
class Search implements DocumentVisitor {
  readonly found: NamedCode[] = [];
  readonly #seen = new Set<string>();

  add(key: string, name: string, severity: NamedCode['severity']): void {
    const id = `${severity} ${name}`;
    if (this.#seen.has(id) || this.found.length >= MAX_FOUND) return;
    this.#seen.add(id);
    this.found.push({ key, name, severity });
  }

  tag(tag: string): void {
    if (/python/i.test(tag) && !HARMLESS_TAG.test(tag)) {
      const name = tag.slice(tag.indexOf('python'));
      this.add('tag', name, /object|name|module/i.test(name) ? 'dangerous' : 'suspicious');
    }
  }

  container(key: string): void {
    if (REMOTE_CODE_KEYS.has(key)) this.add(key, key, 'suspicious');
  }

  entry(key: string, value: string | readonly [string, string]): void {
    if (typeof value !== 'string') {
      const name = value.join('.');
      if (RUNS.test(name) && isDangerousName(name)) this.add(key, name, 'suspicious');
      return;
    }
    const folded = key.trim().toLowerCase();
    if (EXPRESSION_KEYS.has(folded) && !isPlainExpression(value)) this.add(key, value, 'dangerous');
    else if (key === 'class_name' && value === '__lambda__') this.add(key, 'a function of a Lambda layer', 'dangerous');
    else if (key === 'class_name' && value === 'Lambda') this.add(key, 'a Lambda layer', 'suspicious');
    // `ext://` is how logging's configurations name an object, and a colon how entry points do.
    const name = value
      .trim()
      .replace(/^(?:ext|cfg):\/\//, '')
      .replace(/^([\w.]+):([\w.]+)$/, '$1.$2');
    if (!DOTTED.test(name)) return;
    if (CALL_KEYS.has(folded)) this.#judge(key, name);
    else if (TYPE_KEYS.has(folded) && (CLASS_NAME.test(name) || isDangerousName(name))) {
      if (modelEnding(name) === null && !isFileName(name)) this.#judge(key, name);
    } else if (RUNS.test(name) && isDangerousName(name) && !isFileName(name)) this.add(key, name, 'suspicious');
  }

  object(entries: ReadonlyMap<string, string>): void {
    for (const moduleKey of MODULE_KEYS) {
      const module = entries.get(moduleKey);
      if (module === undefined || !/^[A-Za-z_][\w.]*$/.test(module)) continue;
      for (const key of CLASS_KEYS) {
        const own = entries.get(key);
        if (own !== undefined && /^[A-Za-z_][\w.]*$/.test(own)) this.#judge(`${moduleKey}, ${key}`, `${module}.${own}`);
      }
      for (const key of LOOSE_CLASS_KEYS) {
        const own = entries.get(key);
        if (own !== undefined && isDangerousName(`${module}.${own}`) && RUNS.test(`${module}.${own}`))
          this.add(`${moduleKey}, ${key}`, `${module}.${own}`, 'dangerous');
      }
    }
  }

  #judge(key: string, name: string): void {
    if ((KNOWN.test(name) && CLASS_NAME.test(name)) || OPERATORS.test(name)) return;
    const dot = name.lastIndexOf('.');
    const { class: kind } = classifyGlobal(name.slice(0, dot), name.slice(dot + 1));
    if (kind === 'dangerous') this.add(key, name, 'dangerous');
    else if (kind === 'unknown' || (kind === 'known-class' && !CLASS_NAME.test(name)))
      this.add(key, name, 'suspicious');
  }
}

function isDangerousName(name: string): boolean {
  const dot = name.lastIndexOf('.');
  return dot > 0 && classifyGlobal(name.slice(0, dot), name.slice(dot + 1)).class === 'dangerous';
}

function isFileName(name: string): boolean {
  return /\.(?:json|txt|md|ya?ml|png|jpe?g|webp|csv|html?|log|zip|index|py)$/i.test(name);
}

/** Numbers, symbols and the functions that PyTorch writes. */
function isPlainExpression(text: string): boolean {
  if (text.length > 300 || !PLAIN_EXPRESSION.test(text) || text.includes('__') || /\.\s*[A-Za-z_]/.test(text))
    return false;
  return [...text.matchAll(/([A-Za-z_]\w*)\s*\(/g)].every(([, name = '']) => PLAIN_CALLS.test(name));
}
