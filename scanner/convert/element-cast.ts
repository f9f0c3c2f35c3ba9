/** Makes elements of one type of those of another. */
export interface ElementCast {
  /** Numbers so far that were too large for the target. */
  readonly saturated: number;
  /** Input comes in multiples of so many elements, where that is not 1. */
  readonly elementsAtOnce?: number;
  /** The answer holds until the next call. */
  convert(input: Uint8Array): Buffer;
}
