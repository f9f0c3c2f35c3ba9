import { withoutModelEnding } from '#scanner/model-files.ts';
import { CONFIG, parseWeightsName } from '#scanner/multi-file/client.ts';
import { readSidecarNames, type SidecarName } from '#scanner/sidecars/index.ts';

export interface Companion {
  filename: string;
  isPreview: boolean;
}

/**
 * Which companion files belong to which of the models of a folder, by name. `models` are names of model files, and of
 * folders that may be one model. `alone` are those that only programs for models write and that belong to none.
 */
export function matchCompanions(
  filenames: readonly string[],
  models: readonly string[],
): { of: Map<string, Companion[]>; alone: string[] } {
  const byStem = Map.groupBy(models, (model) => withoutModelEnding(model).toLowerCase());
  const of = new Map<string, Companion[]>();
  const alone: string[] = [];
  for (const filename of filenames) {
    const readings = readSidecarNames(filename);
    const found = readings.find(({ stem }) => byStem.has(stem));
    const configured = found === undefined && filename === CONFIG ? findConfigured(models) : undefined;
    if (configured !== undefined) {
      of.set(configured, [...(of.get(configured) ?? []), { filename, isPreview: false }]);
      continue;
    }
    if (found === undefined) {
      if (readings.some(({ isDistinct }) => isDistinct)) alone.push(filename);
      continue;
    }
    const companion = { filename, isPreview: found.kind === 'preview' };
    for (const model of owners(byStem.get(found.stem) ?? [], found)) {
      const others = of.get(model);
      if (others === undefined) of.set(model, [companion]);
      else others.push(companion);
    }
  }
  return { of, alone };
}

/** The only model whose file is called as programs call weights with a configuration beside them. */
function findConfigured(models: readonly string[]): string | undefined {
  const [own, other] = models.filter((model) => parseWeightsName(model) !== null);
  return other === undefined ? own : undefined;
}

/** Where two names differ in case alone, a companion belongs to the one that is written as it is. */
function owners(models: readonly string[], { base }: SidecarName): readonly string[] {
  const exact = models.filter((model) => withoutModelEnding(model) === base);
  return exact.length > 0 ? exact : models;
}
