import TurndownService from 'turndown';

/** Above, a description is taken as no description: what makes it so large is not text. */
const MAX_HTML = 500_000;

/** The text of a page's description as Markdown: links, lists and emphasis stay, scripts, styles and images do not. */
export function htmlToMarkdown(html: string): string {
  if (html.length > MAX_HTML) return '';
  const service = new TurndownService({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-' });
  service.remove(['script', 'style', 'iframe', 'img', 'video', 'object', 'form']);
  return service.turndown(html).trim();
}
