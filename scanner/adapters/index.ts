/** What the names in LoRA files and their kin say: one table for those that identify, merge and render. */

export { type AdapterNetwork, otherPathsOf, placeAdapterModule } from './prefixes.ts';
export { type AdapterKind, type AdapterPart, splitAdapterName } from './suffixes.ts';
