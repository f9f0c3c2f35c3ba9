/** An address without what may be a secret in it, for logs and pages. What is no address stays as it is. */
export function withoutQuery(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return text;
  url.search = '';
  url.hash = '';
  url.username = '';
  url.password = '';
  return url.href;
}
