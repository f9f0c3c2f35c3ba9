import type { PickleLimits } from '../limits.ts';
import type { Finding, GlobalClass, RuleId, Severity, Where } from '../report/index.ts';
import { CONTAINER_CLASSES, canonicalModule, classifyGlobal, isStandardValue } from './globals.ts';
import type { IndexCheck } from './index-checks.ts';
import { isModuleSource, readStorage } from './persistent-ids.ts';
import {
  ALARM,
  attributeByName,
  type CallContext,
  isHarmlessOrKnownTree,
  isHarmlessTree,
  isMisuse,
  isTreeThatRunsNothing,
  type Misuse,
  PROOFS,
  type Proven,
  proveState,
  TOO_LARGE,
} from './proofs/index.ts';
import { printable, renderCall, renderValue } from './render.ts';
import {
  type CallValue,
  childrenOf,
  type GlobalValue,
  MISSING,
  NONE,
  type StorageReference,
  type TensorRecord,
  type Value,
} from './values.ts';

/** Findings of one kind beyond this many say nothing new. */
const MAX_FINDINGS_PER_RULE = 25;
/** Bytes of memory that a name, a storage, a tensor and one of its dimensions take as long as the pickle's report is needed. */
const NAME_COST = 1200;
const STORAGE_COST = 80;
const TENSOR_COST = 180;
const DIMENSION_COST = 16;
/** A pickle is taken to have at least so many bytes where they are compared with what its calls allocate. */
const SMALL_PICKLE = 64 * 1024;

/** Where the machine stands when something is judged. */
export interface Place {
  offset: number;
  opcode: string;
}

/** Applies the policy to what the machine sees, and keeps what it found. */
export class Judge {
  readonly findings: Finding[] = [];
  /** Every name brought in. Picklers bring a name in once and call it from the memo, so `count` is the larger of both. */
  readonly globals = new Map<string, { class: GlobalClass; count: number }>();
  /** Names that pickles inside this one's texts bring in. Nothing loads them by itself. */
  readonly nestedNames = new Set<string>();
  readonly #calls = new Map<string, number>();
  readonly tensors: TensorRecord[] = [];
  /** What must hold of the numbers in the storages. */
  readonly checks: IndexCheck[] = [];
  /** Every storage that is referred to, by key. */
  readonly storages = new Map<string, StorageReference>();
  /** Parts of storages by their keys: which storage, from where, how many elements. */
  readonly #views = new Map<string, string>();
  pickle = 0;
  readonly #counts = new Map<string, number>();
  /** The finding of a name that is not allowed, to which its first call is added. */
  readonly #named = new Map<string, Finding>();
  readonly #base: Where;
  readonly #limits: PickleLimits;
  readonly #reached = new Set<string>();
  /** Estimated bytes of memory that is kept beyond the one pickle. */
  held = 0;
  /** Bytes that the proven calls allocate, and how many they may. */
  #allocated = 0;
  readonly #allocatable: number;

  /** `size` is the number of bytes that the pickle stands in. */
  constructor(base: Where, limits: PickleLimits, size: number) {
    this.#base = base;
    this.#limits = limits;
    this.#allocatable = limits.allocation * Math.max(size, SMALL_PICKLE);
  }

  report(rule: RuleId, severity: Severity, place: Place, message: string, more: Partial<Finding> = {}): Finding {
    const where: Where = {
      ...this.#base,
      pickle: this.pickle,
      offset: (this.#base.offset ?? 0) + place.offset,
      opcode: place.opcode,
    };
    const finding: Finding = { rule, severity, where, message, ...more };
    const key = `${rule} ${severity}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if (count <= MAX_FINDINGS_PER_RULE) this.findings.push(finding);
    return finding;
  }

  /** A name is brought in. */
  importGlobal(module: string, attribute: string, place: Place): GlobalValue {
    const name = `${module}.${attribute}`;
    const rule = classifyGlobal(module, attribute);
    const entry = this.globals.get(name);
    if (entry !== undefined) entry.count += 1;
    else {
      if (this.globals.size < this.#limits.names) this.globals.set(name, { class: rule.class, count: 1 });
      else this.limit(place, `more than ${this.#limits.names} different Python objects`);
      this.held += NAME_COST;
      const shown = printable(name);
      if (rule.class === 'dangerous') {
        const message = `Loading this file imports ${shown}, which can run code or change files. Model weights do not need it. Do not load this file.`;
        this.#named.set(name, this.report('pickle/global-dangerous', 'dangerous', place, message, { global: shown }));
      } else if (rule.class === 'known-class') {
        const message = `The file uses the Python object ${shown}, which model weights do not need. It may be harmless; ask the author for a safetensors file.`;
        this.#named.set(
          name,
          this.report('pickle/global-known-class', 'suspicious', place, message, { global: shown }),
        );
      } else if (rule.class === 'unknown') {
        const message = `The file uses the Python object ${shown}, which is unknown in model files. Review it manually.`;
        this.#named.set(name, this.report('pickle/global-unknown', 'suspicious', place, message, { global: shown }));
      }
    }
    return { kind: 'global', name, module, canonical: `${canonicalModule(module)}.${attribute}`, ...rule };
  }

  /** A module or name that is not written in the file as a text but made while loading. */
  importComputed(module: Value, attribute: Value, place: Place): Value {
    const shown = `${renderValue(module)}.${renderValue(attribute)}`;
    this.report(
      'pickle/import-computed',
      'dangerous',
      place,
      'The file hides which Python object it imports: the name is computed while loading.',
      {
        global: shown,
      },
    );
    return { kind: 'opaque', what: 'a hidden object' };
  }

  /** Something is called. Answers what the loader would have in its place. */
  call(callee: Value, args: readonly Value[], place: Place): CallValue {
    const made: CallValue = {
      kind: 'call',
      callee,
      args,
      added: null,
      trusted: false,
      isData: false,
      sealed: false,
      made: null,
    };
    if (isMissing(callee)) return made;
    const attribute = readGetattr(callee);
    if (attribute !== null) {
      const [module, name] = attribute;
      return this.call(this.importGlobal(module, name, place), args, place);
    }
    if (callee.kind !== 'global') {
      this.report(
        'pickle/call-computed',
        'dangerous',
        place,
        'Loading this file calls an object that is computed while loading.',
        {
          call: renderCall(callee, args),
        },
      );
      return made;
    }
    this.#countCall(callee.name);
    const named = this.#named.get(callee.name);
    if (callee.class === 'dangerous') {
      const call = renderCall(callee, args);
      if (named !== undefined && named.call === undefined) {
        named.call = call;
        named.message = `Loading this file would run ${call}. Do not load it.`;
        named.where = { ...named.where, opcode: place.opcode };
      }
      return made;
    }
    const outcome = this.#prove(callee, args, place);
    made.isData = callee.class === 'allowed' && !(isMisuse(outcome) && outcome.severity === 'dangerous');
    if (!isMisuse(outcome)) {
      made.trusted = true;
      made.made = outcome.made ?? null;
      this.#keep(outcome, callee, args, place);
    } else if (named !== undefined && outcome.severity === 'suspicious') named.call ??= renderCall(callee, args);
    else this.#misused(outcome, callee, args, place);
    return made;
  }

  #misused(
    { rule = 'pickle/global-misused', severity, reason }: Misuse,
    callee: GlobalValue,
    args: readonly Value[],
    place: Place,
  ): void {
    const name = printable(callee.name);
    const more = { global: name, call: renderCall(callee, args) };
    this.report(rule, severity, place, `Loading this file calls ${name}. ${reason}`, more);
  }

  #countCall(name: string): void {
    const calls = (this.#calls.get(name) ?? 0) + 1;
    this.#calls.set(name, calls);
    const entry = this.globals.get(name);
    if (entry !== undefined) entry.count = Math.max(entry.count, calls);
  }

  /** BUILD: a state is put on a value. */
  build(target: Value, state: Value, place: Place): void {
    if (isMissing(target)) return;
    if (target.kind === 'global') {
      this.#alarm(
        'pickle/build-misused',
        place,
        `The file changes ${printable(target.name)} itself instead of a copy.`,
      );
      return;
    }
    if (target.kind !== 'call') {
      this.report(
        'pickle/build-misused',
        target.kind === 'opaque' ? 'dangerous' : 'suspicious',
        place,
        'The file sets attributes on an object that has none.',
      );
      return;
    }
    const name = target.callee.kind === 'global' ? target.callee.canonical : '';
    const isProven = target.trusted && target.callee.kind === 'global' && target.callee.class === 'allowed';
    const slots = state.kind === 'tuple' && state.items.length === 2 && state.items[1]?.kind === 'dict';
    const states = slots ? childrenOf(state) : [state];
    if (states.some((part) => attributesOf(part).some(([key, value]) => replacesMethod(key, value, isProven)))) {
      const message = `The file replaces methods of ${printable(name) || 'an object'}, so that loading it runs other code.`;
      this.#alarm('pickle/build-misused', place, message);
    } else if (slots && target.trusted)
      this.#alarm('pickle/build-misused', place, `The file overwrites attributes of ${printable(name)}.`);
    else if (isProven) this.#proveState(target, state, place);
    else {
      for (const part of states) {
        if (part.kind === 'none' || part.kind === 'dict' || isDictCall(part)) continue;
        // What such a class makes of its state is its own affair, and it has a finding of its own.
        if (!target.trusted && target.callee.kind === 'global' && isTreeThatRunsNothing(part)) continue;
        this.report(
          'pickle/build-misused',
          isHarmlessOrKnownTree(part) ? 'suspicious' : 'dangerous',
          place,
          `The file sets an unexpected state on ${printable(name)}.`,
        );
      }
    }
  }

  /** The state of what an allowed name made is one that model files give to it, or nothing is proven of it any more. */
  #proveState(target: CallValue, state: Value, place: Place): void {
    if (!isProvenCall(target)) return;
    const { callee } = target;
    const outcome = proveState(target, state);
    if (outcome !== null && !isMisuse(outcome)) {
      target.made = outcome.made ?? target.made;
      this.#keep(outcome, callee, [], place);
      return;
    }
    target.trusted = false;
    // What a dictionary of attributes names has findings of its own.
    const severity = outcome?.severity ?? (state.kind === 'dict' || isHarmlessTree(state) ? 'suspicious' : 'dangerous');
    target.isData = severity !== 'dangerous';
    const reason = outcome?.reason ?? 'Model files do not set such a state on it.';
    this.report(
      outcome?.rule ?? 'pickle/build-misused',
      severity,
      place,
      `The file sets the state of ${printable(callee.name)}. ${reason}`,
    );
  }

  /** SETITEM(S), APPEND(S) or ADDITEMS on something that is no dictionary, list or set. */
  addItems(target: Value, wanted: 'dict' | 'list' | 'set', place: Place): void {
    if (isMissing(target)) return;
    if ('sealed' in target && target.sealed === true) {
      this.#alarm('pickle/item-misused', place, `The file changes ${renderValue(target)} after it was used.`);
      return;
    }
    if (target.kind === wanted) return;
    if (target.kind === 'call' && target.callee.kind === 'global') {
      const name = target.callee.canonical;
      if (Object.hasOwn(CONTAINER_CLASSES, name) ? CONTAINER_CLASSES[name] === wanted : !target.trusted) return;
    }
    this.#alarm(
      'pickle/item-misused',
      place,
      `The file adds entries to ${renderValue(target)}, which cannot have entries.`,
    );
  }

  /** BINPERSID. Only the ids of storages are what a tensor file has. */
  persistent(id: Value, place: Place): Value {
    const storage = readStorage(id);
    if (storage === null && !(id.kind === 'int' || isModuleSource(id))) {
      this.report(
        'pickle/persistent-id',
        isHarmlessTree(id) ? 'suspicious' : 'dangerous',
        place,
        `The file refers to external data that is not a tensor: ${renderValue(id)}.`,
      );
    } else if (storage === null) {
      this.report(
        'pickle/persistent-id',
        'suspicious',
        place,
        'The file contains the source code of a Python class, or an old storage number.',
      );
      // PyTorch compares the source with that of the installed class, and answers the class.
      const type = childrenOf(id)[1];
      if (type?.kind === 'global') return type;
    }
    if (storage !== null) {
      if (this.#isAnother(storage)) {
        const message = `The file describes storage ${printable(storage.key)} in two ways. A loader would use one of them for both.`;
        this.report('pickle/persistent-id', 'suspicious', place, message);
      }
      if (!this.storages.has(storage.key)) this.held += STORAGE_COST;
      this.storages.set(storage.key, storage);
    }
    return { kind: 'persistent', id, storage };
  }

  /** True where the same key, of a storage or of a part of one, stands for something else already. */
  #isAnother({ key, type, elements, view }: StorageReference): boolean {
    const known = this.storages.get(key);
    if (known !== undefined && (known.type !== type || known.elements !== elements)) return true;
    if (view === null) return false;
    const part = `${key} ${view.offset} ${view.elements}`;
    const other = this.#views.get(view.key);
    if (other === undefined) {
      this.held += STORAGE_COST;
      this.#views.set(view.key, part);
    }
    return other !== undefined && other !== part;
  }

  #prove(callee: GlobalValue, args: readonly Value[], place: Place): Proven | Misuse {
    if (callee.proof !== undefined) {
      const { requires, prove } = PROOFS[callee.proof];
      const context: CallContext = {
        callee,
        at: place.offset,
        prove: (inner, innerArgs) => this.#prove(inner, innerArgs, place),
      };
      const outcome = prove(args, context) ?? misuse(`Model files call it with ${requires}.`);
      if (!isMisuse(outcome) || outcome.severity !== 'suspicious' || callee.class === 'known-class') return outcome;
      return escalate(outcome, args);
    }
    if (callee.class === 'reference-only') return escalate(misuse('Model files refer to it but never call it.'), args);
    return misuse('Model weights do not need it.');
  }

  /** Keeps what a proven call or state says, for what must be compared with the bytes of the file. */
  #keep({ allocates = 0, tensors, checks }: Proven, callee: GlobalValue, args: readonly Value[], place: Place): void {
    this.#allocated += allocates;
    if (allocates > 0 && this.#allocated > this.#allocatable) this.#misused(TOO_LARGE, callee, args, place);
    for (const tensor of tensors ?? []) {
      if (this.tensors.length >= this.#limits.tensors) {
        this.limit(place, `more than ${this.#limits.tensors} tensors`);
        return;
      }
      this.held += TENSOR_COST + DIMENSION_COST * tensor.shape.length;
      this.tensors.push(tensor);
    }
    for (const check of checks ?? []) {
      this.held += TENSOR_COST;
      this.checks.push(check);
    }
  }

  addNestedName(name: string, place: Place): void {
    if (this.nestedNames.has(name)) return;
    if (this.nestedNames.size >= this.#limits.names) {
      this.limit(place, `more than ${this.#limits.names} different Python objects`);
      return;
    }
    this.held += NAME_COST;
    this.nestedNames.add(name);
  }

  /** Says once that a limit was hit which does not end the reading. */
  limit(place: Place, what: string): void {
    if (this.#reached.has(what)) return;
    this.#reached.add(what);
    this.report('pickle/limit', 'incomplete', place, `The file was not checked to its end: it has ${what}.`);
  }

  #alarm(rule: RuleId, place: Place, message: string): void {
    this.report(rule, 'dangerous', place, message);
  }
}

/** What a broken stream failed to provide: a loader stops there, and the break has its own finding. */
function isMissing(value: Value): boolean {
  return value.kind === 'opaque' && value.what === MISSING;
}

/** Dangerous instead of suspicious where something that is neither data nor of a known program is among the arguments. */
function escalate(found: Misuse, args: readonly Value[]): Misuse {
  return args.every(isHarmlessOrKnownTree) ? found : ALARM;
}

function misuse(reason: string): Misuse {
  return { severity: 'suspicious', reason };
}

/** Special methods, and those by which programs read what allowed classes hold. */
const REPLACING =
  /^(?:__.*__|items|keys|values|get|update|pop|popitem|setdefault|clear|copy|fromkeys|move_to_end|elements|most_common|subtract|total|append|extend|forward|state_dict|load_state_dict)$/;

function isProvenCall(value: CallValue): value is CallValue & { callee: GlobalValue } {
  return value.callee.kind === 'global';
}

function isDictCall(value: Value): boolean {
  return (
    value.kind === 'call' && value.callee.kind === 'global' && CONTAINER_CLASSES[value.callee.canonical] === 'dict'
  );
}

/** The method that is called where the result of `getattr` is, if it is one that makes a value of the standard library. */
function readGetattr(callee: Value): [module: string, name: string] | null {
  if (callee.kind !== 'call' || callee.callee.kind !== 'global') return null;
  const attribute = callee.callee.canonical === 'builtins.getattr' ? attributeByName(callee.args) : null;
  return attribute !== null && isStandardValue(...attribute) ? attribute : null;
}

/** Keys and values of a state. */
function attributesOf(state: Value): [Value, Value][] {
  const items = state.kind === 'dict' ? state.items : [];
  return Array.from({ length: Math.floor(items.length / 2) }, (_, index) => [
    items[2 * index] ?? NONE,
    items[2 * index + 1] ?? NONE,
  ]);
}

/** An object of a program may keep data under a name with underscores. Nothing can call data. */
function replacesMethod(key: Value, value: Value, isTrusted: boolean): boolean {
  if (key.kind !== 'str') return true;
  return isTrusted ? REPLACING.test(key.text) : /^__.*__$/.test(key.text) && !isHarmlessTree(value);
}
