import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import { loadedLater } from '../loaded-later.ts';
import type { DocumentVisitor } from './json-walk.ts';

/** Bytes. Configurations of models have some thousands; what takes the parser long is quadratic in it. */
export const MAX_YAML = 64 * 1024;
/** To find the anchor of each, the whole document is searched. */
const MAX_ALIASES = 100;

const require = createRequire(import.meta.url);
/** It takes 40 milliseconds, and few files have YAML in them. */
const loadYaml = loadedLater(() => require('yaml') as typeof Yaml);

/**
 * Walks through all YAML documents of a text. `onTag` is told of each tag that is not one of YAML's own. False where they
 * cannot be read: other readers may do better.
 */
export function walkYaml(text: string, visitor: DocumentVisitor, onTag: (tag: string) => void): boolean {
  const { parseAllDocuments, visit, isAlias, isMap, isPair, isScalar, isSeq } = loadYaml();
  let documents: ReturnType<typeof parseAllDocuments>;
  try {
    // PyYAML reads version 1.1, and takes a key that stands there twice.
    documents = parseAllDocuments(text, { version: '1.1', uniqueKeys: false, logLevel: 'silent' });
  } catch {
    return false;
  }
  if (!Array.isArray(documents)) return true;
  let isWhole = true;
  for (const document of documents) {
    if (document.errors.length > 0) isWhole = false;
    let aliases = 0;
    const follow = (node: unknown): unknown => {
      if (!isAlias(node)) return node;
      aliases += 1;
      if (aliases <= MAX_ALIASES) return node.resolve(document);
      isWhole = false;
      return undefined;
    };
    const readText = (node: unknown): string | null => {
      const target = follow(node);
      return isScalar(target) && typeof target.value === 'string' ? target.value : null;
    };
    visit(document, {
      Node(_, node) {
        if (!isAlias(node) && node.tag !== undefined) onTag(node.tag);
      },
      Map(_, map) {
        const texts = new Map<string, string>();
        for (const pair of map.items) {
          if (!isPair(pair)) continue;
          const key = readText(pair.key);
          if (key === null) continue;
          const target = follow(pair.value);
          const value = readText(target);
          if (value !== null) {
            visitor.entry(key, value);
            texts.set(key, value);
          } else if (isMap(target) || isSeq(target)) {
            visitor.container(key);
            if (!isSeq(target)) continue;
            const items = target.items.map(readText);
            for (const item of items) if (item !== null) visitor.entry(key, item);
            const [first, second] = items;
            if (items.length === 2 && typeof first === 'string' && typeof second === 'string')
              visitor.entry(key, [first, second]);
          }
        }
        visitor.object(texts);
      },
    });
  }
  return isWhole;
}
