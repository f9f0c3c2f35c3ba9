/** Above, a description is taken as no description: what makes it so large is not text. */
const MAX_HTML = 500_000;

/** The text of a page's description as Markdown: links, lists and emphasis stay, scripts, styles and images do not. */
export async function htmlToMarkdown(html: string): Promise<string> {
  if (html === '' || html.length > MAX_HTML) return '';
  // With its parser of HTML it is wanted by few imports.
  const { default: TurndownService } = await import('turndown');
  const service = new TurndownService({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-' });
  service.remove(['script', 'style', 'iframe', 'img', 'video', 'object', 'form']);
  return service.turndown(html).trim();
}
