export { fullLayout, LAYOUT_KINDS, type LayoutKind, slimLayout } from './layouts.ts';
export type { Fill, LayoutTensor } from './types.ts';
export { withPrefix } from './types.ts';
