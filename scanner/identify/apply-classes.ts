import { type BaseId, baseRecord, type ClassFacts, factsOfClass, type KnownBase } from '../bases/index.ts';
import type { Confidence, Identity, Statement } from './types.ts';

/** One step down, and no further. */
const LOWER: Readonly<Record<Confidence, Confidence>> = { certain: 'high', high: 'medium', medium: 'low', low: 'low' };
/** Classes that are looked at: a folder names some ten. */
const MAX_CLASSES = 64;

/**
 * Reads the classes that configurations name as evidence. Of bases that the tensors allow they select one; what the
 * tensors do not allow they never make, and a class that contradicts the tensors is said and makes it less certain.
 */
export function applyClasses(identity: Identity, classes: readonly Statement[] = [], source: Source = 'config'): void {
  if (identity.type === 'unknown') return;
  let isDoubtful = false;
  for (const { value, detail } of classes.slice(0, MAX_CLASSES)) {
    const facts = factsOfClass(value);
    if (facts !== undefined && !applyClass(identity, facts, { source, detail })) isDoubtful = true;
  }
  if (isDoubtful) identity.confidence = LOWER[identity.confidence];
}

/** Where a class is named: in a configuration beside the tensors, or in the metadata of their own file. */
type Source = 'config' | 'metadata';
interface Said {
  source: Source;
  detail: string;
}
const NAMED_IN: Readonly<Record<Source, string>> = { config: 'The configuration', metadata: 'The metadata' };

/** False where the class contradicts the tensors. */
function applyClass(identity: Identity, { types, bases, network }: ClassFacts, said: Said): boolean {
  const { problems } = identity;
  const { detail } = said;
  const who = NAMED_IN[said.source];
  if (types !== undefined && !types.includes(identity.type)) {
    problems.push(`${who} names another type of model (${detail}) than the weights are.`);
    return false;
  }
  if (network !== undefined) {
    if (identity.components.some((name) => network.test(name))) return confirm(identity, 'type', said);
    problems.push(`${who} names another encoder (${detail}) than the weights are (${identity.components.join(', ')}).`);
    return false;
  }
  return bases === undefined || applyBases(identity, bases, said);
}

function applyBases(identity: Identity, bases: readonly BaseId[], said: Said): boolean {
  const { detail } = said;
  const who = NAMED_IN[said.source];
  const allowed = listAllowed(identity);
  const common = bases.filter((base) => allowed.includes(base));
  const [only] = common;
  if (allowed.length === 0) {
    identity.problems.push(`${who} names a base model (${detail}), but nothing in the weights tells it.`);
    return true;
  }
  if (only === undefined) {
    identity.problems.push(
      `${who} names another base model (${detail}) than the weights are: ${allowed.map(labelOf).join(' or ')}.`,
    );
    return false;
  }
  if (common.length > 1) {
    // Of these it tells none; that it is one of them it confirms.
    if (identity.base !== 'unknown' && common.includes(identity.base)) confirm(identity, 'base', said);
    else if (allowed.length > common.length) identity.candidates = [...common];
    return true;
  }
  const isOpen = identity.base !== only || allowed.length > 1;
  if (identity.base !== only) {
    identity.base = only;
    identity.variant = null;
  }
  if (!isOpen) return confirm(identity, 'base', said);
  decide(identity, 'base', said);
  identity.problems = identity.problems.filter((problem) => !problem.endsWith(UNDETERMINED));
  // Every tensor is in the network of this base, and none is missing: what else could be it the class rules out.
  const { coverage } = identity;
  const isWhole = coverage?.missing === 0 && coverage.explained === coverage.total && coverage.unit === 'tensors';
  identity.confidence = isWhole ? 'certain' : 'high';
  return true;
}

/** How a sentence ends that says why a base stays open. */
export const UNDETERMINED = 'so the base model cannot be determined.';

/** The bases that the tensors allow: the one that is certain, or all that fit. */
function listAllowed({ base, candidates = [], confidence }: Identity): BaseId[] {
  const all: readonly KnownBase[] = confidence === 'certain' ? [base] : [base, ...candidates];
  return [...new Set(all)].filter((one) => one !== 'unknown');
}

/** Adds what decides a field: the last word on it. */
function decide(identity: Identity, field: 'type' | 'base', { source, detail }: Said): void {
  identity.evidence.push({ field, source, detail });
}

/** Adds what says the same as is known: the last word stays that of what told it. */
function confirm({ evidence }: Identity, field: 'type' | 'base', { source, detail }: Said): true {
  if (evidence.some((one) => one.field === field && one.detail === detail)) return true;
  const last = evidence.findLastIndex((one) => one.field === field);
  evidence.splice(Math.max(0, last), 0, { field, source, detail });
  return true;
}

function labelOf(base: BaseId): string {
  return baseRecord(base)?.label ?? base;
}
