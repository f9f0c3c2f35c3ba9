/** Bytes of memory that V8 needs for each kind of value. */
export const COST = {
  number: 72,
  container: 96,
  /** A container that begins empty: V8 reserves room for 17 items with the first. */
  growing: 240,
  /** An item of a list that grows, which has spare room; `fixed` is an item of a tuple, which has none. */
  item: 16,
  fixed: 8,
  text: 72,
  bytes: 200,
  global: 200,
  call: 104,
  /** What the first item added to the result of a call costs besides the item. */
  added: 184,
  persistent: 96,
  /** A list that grows is copied meanwhile. */
  mark: 24,
} as const;
