import { isRunningName } from '../denied.ts';
import type { Value } from '../values.ts';
import { isHarmlessTree, textOf } from './forms.ts';
import { ALARM, type Misuse, type Outcome } from './types.ts';

/** Names that are usual somewhere and do no harm in one form: a person must look all the same. */
export const ODD_BUT_USUAL: Misuse = { severity: 'suspicious', reason: 'Model weights do not need it.' };

function oddIf(condition: boolean): Outcome {
  return condition ? ODD_BUT_USUAL : ALARM;
}

/** `getattr(class, 'method')` of pickled YOLO models. */
export function proveGetattr(args: readonly Value[]): Outcome {
  return oddIf(attributeByName(args) !== null);
}

/** The dotted name that `getattr(object, 'name')` stands for where the object is one of a known program, or null. */
export function attributeByName([target, name, ...rest]: readonly Value[]): [module: string, name: string] | null {
  const text = textOf(name);
  if (target?.kind !== 'global' || text === null || rest.length > 0) return null;
  if (target.class !== 'known-class' && target.class !== 'reference-only') return null;
  if (!/^\w+$/.test(text) || /^__/.test(text) || isRunningName(text)) return null;
  return [target.module, `${target.name.slice(target.module.length + 1)}.${text}`];
}

/** `type(None)`. */
export function proveTypeOfNone([value, ...rest]: readonly Value[]): Outcome {
  return oddIf(value?.kind === 'none' && rest.length === 0);
}

/** `copyreg._reconstructor(class, object, None)`. */
export function proveReconstructor([cls, base, state, ...rest]: readonly Value[]): Outcome {
  return oddIf(
    cls?.kind === 'global' &&
      cls.class !== 'dangerous' &&
      base?.kind === 'global' &&
      /^builtins\.(object|dict|list|set|tuple|int|float|str|unicode)$/.test(base.canonical) &&
      (state === undefined || isHarmlessTree(state)) &&
      rest.length === 0,
  );
}

/** `functools.partial` of an optimizer. */
export function provePartial([callee, ...rest]: readonly Value[]): Outcome {
  const isOptimizer = callee?.kind === 'global' && /^torch\.optim\./.test(callee.canonical);
  return oddIf(isOptimizer && rest.every((value) => isHarmlessTree(value)));
}

/** A type of the standard library by its name: `CodeType`. */
export function proveLoadType([name, ...rest]: readonly Value[]): Outcome {
  return oddIf(/^[A-Z][A-Za-z]*Type$/.test(textOf(name) ?? '') && rest.length === 0);
}
