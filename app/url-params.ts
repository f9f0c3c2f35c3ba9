/** What a page is given of its URL, as URLSearchParams. */
export function toUrlParams(given: Record<string, string | string[] | undefined>): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) params.append(name, one);
  }
  return params;
}
