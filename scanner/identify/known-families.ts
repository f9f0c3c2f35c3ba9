/** Published files that a family descends from, by the SHA-256 of the whole file. */
export const KNOWN_FAMILIES: ReadonlyMap<string, { family: string; name: string }> = new Map([
  [
    '67ab2fd8ec439a89b3fedb15cc65f54336af163c7eb5e4f2acc98f090a29b0b3',
    { family: 'pony', name: 'Pony Diffusion V6 XL' },
  ],
]);
