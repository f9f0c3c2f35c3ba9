import type { Statement } from './types.ts';

/** Letters of a class's name; longer ones are none. */
const MAX_NAME = 100;
/** Classes of one configuration: transformers lists those that its weights were saved from, mostly one. */
const MAX_NAMES = 8;

/**
 * The classes that a configuration names: `_class_name` of diffusers, `architectures` and, where there are none,
 * `model_type` of transformers. Whatever else stands there says nothing.
 */
export function listClasses(filename: string, config: Readonly<Record<string, unknown>>): Statement[] {
  const own = (key: string) => (Object.hasOwn(config, key) ? config[key] : undefined);
  const architectures = own('architectures');
  const named: (readonly [string, unknown])[] = [
    ['_class_name', own('_class_name')],
    ...(Array.isArray(architectures) ? architectures.slice(0, MAX_NAMES) : []).map(
      (name: unknown) => ['architectures', name] as const,
    ),
  ];
  const classes = named.flatMap(([key, value]) => readName(filename, key, value));
  return classes.length > 0 ? classes : readName(filename, 'model_type', own('model_type'));
}

function readName(filename: string, key: string, value: unknown): Statement[] {
  if (typeof value !== 'string' || value.length > MAX_NAME || !/^[A-Za-z]\w*$/.test(value)) return [];
  return [{ value, detail: `${filename}: ${key} = ${value}` }];
}
